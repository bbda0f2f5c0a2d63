import type { Failure, FailureAsk } from '../failures/index.ts'
import type { AskedFlow, InjectionReport } from '../lab/index.ts'
import { printable, printableLines } from '../model/index.ts'
import type { Style } from '../render/index.ts'

/** The catalogue, a failure a line, and below those that cannot be brought about the reason. */
export function failuresText(failures: readonly Failure[], style: Style): string {
  const lines = failures.map(({ code, title, sentence, notModelled }) => {
    const head = `${style(notModelled === undefined ? 'heading' : 'minor', code)}  ${title}. ${sentence}`
    return notModelled === undefined ? head : `${head}\n     ${style('minor', `not modelled: ${notModelled}`)}`
  })
  const count = failures.filter(({ notModelled }) => notModelled === undefined).length
  const end = failures.length === 1 ? '' : `\n${count} of ${failures.length} can be brought about.\n`
  return `${lines.join('\n')}\n${end}`
}

/** What was done, what shows it, and what confirms it. @param trace - the flow that shows it, as text */
export function injectionText(report: InjectionReport, trace: string, style: Style): string {
  const { failure, at, steps, flows, checks, mends } = report
  const head = [
    `${style('heading', `${failure.code} ${failure.title}`)}  at ${printable(at)}`,
    `    ${failure.sentence}`,
    `    from outside: ${failure.looks.join(', ')}; lost at: ${[failure.stage, ...(failure.also ?? [])].join(', ')}`,
  ]
  const parts = [
    head,
    [
      'Done',
      ...steps.flatMap(({ says, line }) => [`  - ${printable(says)}`, `      ${style('minor', printable(line))}`]),
    ],
    ...(flows.length === 0 ? [] : [['Seen', ...flows.map((flow) => `  ${flowLine(flow, style)}`)]]),
    ...(trace === '' ? [] : [[trace.trimEnd()]]),
    ['Confirmed', ...checks.flatMap((check) => checkLines(check, style))],
    ...(mends.length === 0 ? [] : [['Undone by', ...mends.map(({ line }) => `  ${printable(line)}`)]]),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function flowLine({ ask, before, after, fits, outcome }: AskedFlow, style: Style): string {
  const was = before === undefined ? '' : ` (before: ${before})`
  const look = style(after === 'works' ? 'good' : 'bad', after)
  return `${askWords(ask)}: ${look}${was}, ${printable(outcome)}${fits ? '' : '; the field sees it otherwise'}`
}

function askWords({ kind, from, to, port, size }: FailureAsk): string {
  const at = port === undefined ? '' : `:${port}${kind === 'udp' ? '/udp' : ''}`
  return `${kind} ${printable(from)} → ${printable(to)}${at}${size === undefined ? '' : `, ${size} bytes`}`
}

function checkLines({ host, line, output, because, fits }: InjectionReport['checks'][number], style: Style): string[] {
  const shown = output.trimEnd() === '' ? ['(nothing)'] : output.trimEnd().split('\n')
  return [
    `  ${style('node', printable(host))}$ ${printable(line)}`,
    ...shown.map((text) => `    ${printableLines(text)}`),
    `  ${fits ? because : `not as expected: ${because}`}`,
  ]
}
