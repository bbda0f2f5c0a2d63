import type { Reach, ReachEnd, ReachOutcome, ReachVerdict } from '../reach.ts'
import { checkAnswer } from '../reach-form.ts'
import { endWords } from './text.ts'
import { footnotes, outcomeWords, patternWords, rowsOf } from './words.ts'

/** The answer as Markdown: a table. */
export function reachMarkdown(reach: Reach): string {
  checkAnswer('reach', reach)
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const lines = rowsOf(reach).flatMap(({ from, groups }) =>
    groups.flatMap(({ pattern, to }) =>
      patternWords(reach, reach.patterns[pattern] ?? []).map(({ headers, outcome }, i) => {
        const who = i === 0 ? endWords(reach.ends[from] as ReachEnd) : ''
        const whom = i === 0 ? to.map((one) => reach.ends[one]?.label).join(', ') : ''
        return `| ${[who, whom, headers, outcomeWords(outcome), outcome.how].map(cell).join(' | ')} |`
      }),
    ),
  )
  const head = ['| from | to | what | verdict | how |', '| --- | --- | --- | --- | --- |']
  return `${[...head, ...lines, '', ...footnotes(reach).map((line) => `- ${line}`)].join('\n')}\n`
}

const COLUMNS = [
  'from',
  'from_members',
  'to',
  'to_members',
  'family',
  'protocol',
  'low',
  'high',
  'verdict',
  'by',
  'code',
  'partly',
  'how',
  'certainty',
  'source',
  'why',
]

/** Cells that are written at once. */
const AT_ONCE = 1_000

/** The answer as CSV: a line for each interval of headers between two classes. A large answer is no one text: {@link reachCsvParts}. */
export function reachCsv(reach: Reach): string {
  return [...reachCsvParts(reach)].join('')
}

/**
 * The same in parts, whole lines each, to be written one after another: a million pairs of classes are more than a text may be long.
 * @throws InputError for what is no answer of `reachOf`, before the first part
 */
export function reachCsvParts(reach: Reach): Iterable<string> {
  checkAnswer('reach', reach)
  return partsOf(reach)
}

function* partsOf(reach: Reach): Generator<string> {
  yield csvLine(COLUMNS)
  for (let at = 0; at < reach.cells.length; at += AT_ONCE) {
    yield reach.cells
      .slice(at, at + AT_ONCE)
      .flatMap((cell) => linesOf(reach, cell))
      .join('')
  }
}

function linesOf(reach: Reach, { from, to, pattern }: Reach['cells'][number]): string[] {
  const [start, end] = [reach.ends[from], reach.ends[to]]
  return (reach.patterns[pattern] ?? []).map(({ headers, outcome }) => {
    const said = reach.outcomes[outcome] as ReachOutcome
    const { verdict, by = [], code = '', partly = '', how, certainty, from: source, why } = said
    const { family = '', protocol, low, high } = headers
    const ends = [start?.label, start?.members.length, end?.label, end?.members.length]
    return csvLine([
      ...ends,
      family,
      protocol,
      low,
      high,
      verdict,
      by.join('; '),
      code,
      partly,
      how,
      certainty,
      source,
      why,
    ])
  })
}

function csvLine(values: readonly (string | number | undefined)[]): string {
  return `${values.map(quoted).join(',')}\n`
}

/** @rfc 4180 §2 */
function quoted(value: string | number | undefined): string {
  const text = String(value ?? '')
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Colours of verdicts, told apart by those who see no red and green, too. */
export const COLOURS: Readonly<Record<ReachVerdict | 'mixed', string>> = {
  allowed: '#2a9d6f',
  denied: '#b8b8b8',
  broken: '#c8102e',
  partly: '#e69f00',
  undecided: '#8e6bbf',
  mixed: '#5aa9d6',
}

/** One word for what becomes of flows of several sorts: what is broken stands out. */
export function shown(verdicts: readonly ReachVerdict[]): ReachVerdict | 'mixed' {
  for (const one of ['broken', 'partly', 'undecided'] as const) if (verdicts.includes(one)) return one
  const [first = 'allowed'] = verdicts
  return verdicts.every((one) => one === first) ? first : 'mixed'
}
