import { checkReport, confidenceText } from '../../model/index.ts'
import { escapeXml } from '../../render/index.ts'
import type { ExpectationReport, Judged } from '../report.ts'
import { EXPECTATIONS_FORM } from '../report-form.ts'
import { detailLines, missText } from './words.ts'

/**
 * The report as JUnit XML, as servers of continuous integration read it: an expectation is a test case, what nobody can tell is an error.
 * What an answer rests on is in `system-out`.
 */
export function renderExpectationsJunit(report: ExpectationReport): string {
  checkReport('report', report, EXPECTATIONS_FORM)
  const { name, file, expectations, failed, undecided } = report
  const counts = `tests="${expectations.length}" failures="${failed}" errors="${undecided}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="packetwalk" ${counts}>`,
    `  <testsuite name="${escapeXml(name)}" file="${escapeXml(file)}" ${counts}>`,
    ...expectations.flatMap((one) => caseLines(one, name)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function caseLines(one: Judged, suite: string): string[] {
  const { place } = one
  const where = place === undefined ? '' : ` file="${escapeXml(place.file)}" line="${place.line}"`
  const details = detailLines(one).map(escapeXml)
  const outcome = one.status === 'holds' ? [] : outcomeLines(one, details)
  return [
    `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(one.name)}"${where}>`,
    ...outcome,
    `      <system-out>${escapeXml(confidenceText(one.confidence))}</system-out>`,
    '    </testcase>',
  ]
}

function outcomeLines({ status, misses }: Judged, details: readonly string[]): string[] {
  const element = status === 'fails' ? 'failure' : 'error'
  const message = misses.map(missText).join('; ')
  const type = status === 'fails' ? 'expectation' : 'undecided'
  return [`      <${element} type="${type}" message="${escapeXml(message)}">${details.join('\n')}</${element}>`]
}
