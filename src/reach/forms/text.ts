import type { Reach, ReachEnd } from '../reach.ts'
import { checkAnswer } from '../reach-form.ts'
import { footnotes, outcomeWords, patternWords, rowsOf } from './words.ts'

const COLUMNS = 100

/** An end as a heading. */
export function endWords({ kind, label, members, except = [] }: ReachEnd): string {
  const many = members.length > 1 && kind !== 'outside' ? ` (${members.length} ${kind})` : ''
  const without =
    except.length === 0 ? '' : ` without ${except.slice(0, 3).join(', ')}${except.length > 3 ? ', …' : ''}`
  return `${label}${many}${without}`
}

/** The answer for people: who is asked by whom, in groups of those that get the same answer. */
export function reachText(reach: Reach): string {
  checkAnswer('reach', reach)
  const lines = rowsOf(reach).flatMap(({ from, groups }) => [
    `from ${endWords(reach.ends[from] as ReachEnd)}`,
    ...groups.flatMap(({ pattern, to }) => {
      const said = patternWords(reach, reach.patterns[pattern] ?? [])
      const whom = to.map((one) => reach.ends[one]?.label ?? '').join(', ')
      return [
        ...wrapped(`to ${whom}`, '  ', '     '),
        ...said.flatMap(({ headers, outcome }) => wrapped(`${headers}: ${outcomeWords(outcome)}`, '    ', '      ')),
      ]
    }),
    '',
  ])
  return `${[...lines, ...footnotes(reach).flatMap((line) => wrapped(line, '# ', '#   '))].join('\n')}\n`
}

/** A text in lines of at most so many columns. */
function wrapped(text: string, first: string, others: string): string[] {
  const lines: string[] = []
  let line = first
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > COLUMNS && line.trim() !== '' && line !== others) {
      lines.push(line.trimEnd())
      line = others
    }
    line += line === first || line === others ? word : ` ${word}`
  }
  return [...lines, line.trimEnd()]
}
