import type { GoPattern } from '../../model/index.ts'
import { textPattern } from './pattern.ts'
import { inputsOf, linesOf, type TextTool } from './tool.ts'

/** What `grep` is asked. */
interface Asked {
  readonly expressions: readonly GoPattern[]
  readonly flags: string
  readonly before: number
  readonly after: number
  readonly most: number
  readonly names: readonly string[]
}

/** `grep [-ivEFwcnoqlhHx] [-A N] [-B N] [-C N] [-m N] [-e PATTERN] PATTERN [FILE…]`. */
export const grep: TextTool = (input, args) => {
  const asked = askedOf(args)
  if (asked === undefined) return undefined
  const { flags, names } = asked
  const { texts, stderr } = inputsOf('grep', input, names)
  const shows = flags.includes('H') || (texts.length > 1 && !flags.includes('h'))
  let found = 0
  let stdout = ''
  for (const { name, text } of texts) {
    const prefix = shows ? name : ''
    const { lines, count } = grepped(linesOf(text), asked, prefix)
    found += count
    if (flags.includes('q')) continue
    if (flags.includes('l')) stdout += count > 0 ? `${name}\n` : ''
    else if (flags.includes('c')) stdout += `${prefix === '' ? '' : `${prefix}:`}${count}\n`
    else stdout += lines
  }
  return { stdout, stderr, exitCode: stderr === '' ? (found > 0 ? 0 : 1) : 2 }
}

function askedOf(args: readonly string[]): Asked | undefined {
  const patterns: string[] = []
  const names: string[] = []
  const numbers: Record<string, number> = { A: 0, B: 0, m: Number.POSITIVE_INFINITY }
  let flags = ''
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    const [, letter, glued = ''] = /^-([ABCme])(.*)$/.exec(word) ?? []
    if (word.startsWith('--')) {
      if (!/^--colou?r/.test(word)) return undefined
    } else if (letter !== undefined) {
      const value = glued === '' ? args[++i] : glued
      if (value === undefined || (letter !== 'e' && !/^\d+$/.test(value))) return undefined
      if (letter === 'e') patterns.push(value)
      else if (letter === 'C') numbers['A'] = numbers['B'] = Number(value)
      else numbers[letter] = Number(value)
    } else if (/^-[a-zA-Z]+$/.test(word)) flags += word.slice(1)
    else names.push(word)
  }
  if ([...flags].some((flag) => !'ivEFwcnoqlhHxsr'.includes(flag)) || flags.includes('r')) return undefined
  const all = patterns.length > 0 ? patterns : names.splice(0, 1)
  const style = flags.includes('F') ? 'fixed' : flags.includes('E') ? 'extended' : 'basic'
  const expressions = all
    .flatMap((one) => one.split('\n'))
    .map((one) => textPattern(whole(one, flags, style), style, flags))
  if (expressions.length === 0 || expressions.includes(undefined)) return undefined
  const { A: after = 0, B: before = 0, m: most = 0 } = numbers
  return { expressions: expressions as GoPattern[], flags, before, after, most, names }
}

/** With `-x` the whole line is the pattern. */
function whole(pattern: string, flags: string, style: string): string {
  if (!flags.includes('x') || style === 'fixed') return pattern
  return style === 'extended' ? `^(${pattern})$` : `^\\(${pattern}\\)$`
}

function grepped(
  lines: readonly string[],
  asked: Asked,
  prefix: string,
): { readonly lines: string; readonly count: number } {
  const { expressions, flags, before, after, most } = asked
  const isWanted = (text: string): boolean => expressions.some((one) => one.test(text)) !== flags.includes('v')
  const hits = lines.flatMap((text, i) => (isWanted(text) ? [i] : [])).slice(0, most)
  const isHit = new Set(hits)
  const shown = new Set(hits.flatMap((at) => range(Math.max(0, at - before), Math.min(lines.length - 1, at + after))))
  let text = ''
  let last = -1
  for (const at of [...shown].sort((a, b) => a - b)) {
    if (last !== -1 && at > last + 1 && before + after > 0) text += '--\n'
    last = at
    const mark = isHit.has(at) ? ':' : '-'
    const head = `${prefix === '' ? '' : `${prefix}${mark}`}${flags.includes('n') ? `${at + 1}${mark}` : ''}`
    const line = lines[at] as string
    for (const part of flags.includes('o') && !flags.includes('v') ? parts(line, expressions) : [line])
      text += `${head}${part}\n`
  }
  return { lines: text, count: hits.length }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

/** `-o`: what was found, piece by piece. */
function parts(line: string, expressions: readonly GoPattern[]): string[] {
  const found: string[] = []
  for (let at = 0; at <= line.length; ) {
    const next = expressions
      .flatMap((one) => one.find(line, at) ?? [])
      .sort((a, b) => a.start - b.start || b.end - a.end)[0]
    if (next === undefined) break
    if (next.end > next.start) found.push(line.slice(next.start, next.end))
    at = Math.max(next.end, next.start + 1)
  }
  return found
}
