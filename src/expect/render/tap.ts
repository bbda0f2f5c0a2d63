import { yamlText } from '../../input/index.ts'
import { checkReport, confidenceText, printable } from '../../model/index.ts'
import type { ExpectationReport, Judged } from '../report.ts'
import { EXPECTATIONS_FORM } from '../report-form.ts'
import { placeText } from './words.ts'

/** The report in the Test Anything Protocol, version 14: what nobody can tell is not ok, and says so. */
export function renderExpectationsTap(report: ExpectationReport): string {
  checkReport('report', report, EXPECTATIONS_FORM)
  const { expectations } = report
  const lines = expectations.flatMap((one, i) => linesOf(one, i + 1))
  return `${['TAP version 14', `1..${expectations.length}`, ...lines].join('\n')}\n`
}

function linesOf(one: Judged, number: number): string[] {
  const { status, misses, remarks, confidence } = one
  const first = `${status === 'holds' ? 'ok' : 'not ok'} ${number} - ${printable(one.name).replaceAll('#', '\\#')}`
  const diagnostic = yamlText({
    ...(status === 'undecided' ? { message: 'undecided', severity: 'undecided' } : {}),
    at: placeText(one),
    confidence: confidenceText(confidence),
    ...(misses.length === 0 ? {} : { misses }),
    ...(remarks.length === 0 ? {} : { notes: remarks }),
  })
  const block = diagnostic.trimEnd().split('\n')
  return [first, '  ---', ...block.map((line) => `  ${printable(line)}`), '  ...']
}
