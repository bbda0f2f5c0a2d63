import { checkReport, printable } from '../../model/index.ts'
import type { ExpectationReport, Judged } from '../report.ts'
import { EXPECTATIONS_FORM } from '../report-form.ts'
import { detailLines } from './words.ts'

/** The report as workflow commands of GitHub Actions: what does not hold is marked at its line in the pull request. */
export function renderExpectationsGithub(report: ExpectationReport): string {
  checkReport('report', report, EXPECTATIONS_FORM)
  const { expectations, held, failed, undecided } = report
  const marked = expectations.filter(({ status }) => status !== 'holds').map(lineOf)
  const summary = `::notice title=packetwalk::${held} held, ${failed} failed, ${undecided} undecided`
  return `${[...marked, summary].join('\n')}\n`
}

function lineOf(one: Judged): string {
  const { place, status, name } = one
  const level = status === 'fails' ? 'error' : 'warning'
  const where = place === undefined ? [] : [`file=${property(place.file)}`, `line=${place.line}`]
  const properties = [...where, `title=${property(name)}`].join(',')
  return `::${level} ${properties}::${detailLines(one).map(printable).map(data).join('%0A')}`
}

/** @see https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(printable(text)).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
