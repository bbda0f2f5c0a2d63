import { printable } from '../../model/index.ts'
import type { Reach, ReachEnd, ReachVerdict } from '../reach.ts'
import { checkAnswer } from '../reach-form.ts'
import { COLOURS, shown } from './tables.ts'
import { endWords } from './text.ts'
import { patternWords, rowsOf } from './words.ts'

/** What becomes of flows said by the line too, for those who see no colours. */
const LINES: Readonly<Record<ReachVerdict | 'mixed', string>> = {
  allowed: 'solid',
  denied: 'dashed',
  broken: 'bold',
  partly: 'solid',
  undecided: 'dotted',
  mixed: 'solid',
}

/**
 * The answer as a graph for dot, in three columns: who asks, what becomes of it, who is asked. An answer is one box for all that one
 * class gets it from.
 */
export function reachDot(reach: Reach): string {
  checkAnswer('reach', reach)
  const lines: string[] = []
  const asked = new Set<number>()
  for (const { from, groups } of rowsOf(reach)) {
    lines.push(`  f${from} [label=${quoted([`from ${endWords(reach.ends[from] as ReachEnd)}`])}]`)
    const answers = new Map<
      string,
      { readonly words: readonly string[]; readonly look: string; readonly to: number[] }
    >()
    for (const { pattern, to } of groups) {
      const said = patternWords(reach, reach.patterns[pattern] ?? [])
      const words = said.map(({ headers, outcome }) => `${headers}: ${outcome.verdict}`)
      const verdict = shown(said.map(({ outcome }) => outcome.verdict))
      const look = `color="${COLOURS[verdict]}", style=${LINES[verdict]}`
      const known = answers.get(words.join('\n'))
      if (known === undefined) answers.set(words.join('\n'), { words, look, to: [...to] })
      else known.to.push(...to)
    }
    for (const [i, { words, look, to }] of [...answers.values()].entries()) {
      const own = `a${from}_${i}`
      lines.push(`  ${own} [label=${quoted(words)}, ${look}]`, `  f${from} -> ${own} [${look}]`)
      for (const one of to) {
        asked.add(one)
        lines.push(`  ${own} -> t${one} [${look}]`)
      }
    }
  }
  const ends = [...asked]
    .sort((a, b) => a - b)
    .map((at) => `  t${at} [label=${quoted([`to ${endWords(reach.ends[at] as ReachEnd)}`])}]`)
  return `digraph reach {\n${HEAD}\n${[...lines, ...ends].join('\n')}\n}\n`
}

const HEAD = `  rankdir=LR; nodesep=0.12; ranksep=0.9; ordering=out
  node [shape=box, height=0.3, fontname="sans-serif", fontsize=11]; edge [arrowsize=0.6]`

/** Lines of text as one string of the language: a backslash begins what it would read. */
function quoted(lines: readonly string[]): string {
  return `"${lines.map((line) => printable(line).replace(/["\\]/g, (char) => `\\${char}`)).join('\\n')}"`
}
