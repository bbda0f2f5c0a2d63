import { checkFunction, checkReport, printable } from '../../model/index.ts'
import { plainStyle, type Style, type StyleRole } from '../../render/index.ts'
import type { ExpectationReport, Judged, Status } from '../report.ts'
import { EXPECTATIONS_FORM } from '../report-form.ts'
import { counted, detailLines, placeText } from './words.ts'

const LOOKS: Readonly<Record<Status, { readonly word: string; readonly role: StyleRole }>> = {
  holds: { word: 'ok       ', role: 'good' },
  fails: { word: 'FAIL     ', role: 'bad' },
  undecided: { word: 'undecided', role: 'change' },
}

/** The report for people: a line an expectation, what is otherwise below it, and how many hold. */
export function renderExpectationsText(report: ExpectationReport, style: Style = plainStyle): string {
  checkReport('report', report, EXPECTATIONS_FORM)
  checkFunction('style', style, 'a style: (role, text) => text')
  const { held, failed, undecided } = report
  const last = [`${held} held`, `${failed} failed`, ...(undecided > 0 ? [`${undecided} undecided`] : [])].join(', ')
  return `${[...report.expectations.flatMap((one) => linesOf(one, style)), last].join('\n')}\n`
}

function linesOf(one: Judged, style: Style): string[] {
  const { word, role } = LOOKS[one.status]
  const pairs = one.pairs > 1 ? ` (${counted(one.pairs, 'pair')})` : ''
  const place = placeText(one)
  const where = place === '' ? '' : `  ${style('origin', printable(place))}`
  const first = `${style(role, word)} ${printable(one.name)}${pairs}${where}`
  // What rests on nothing but the input is said where it is no news.
  const isPlain = one.status === 'holds' && one.remarks.length === 0 && one.confidence.kind !== 'assumed'
  const details = isPlain ? [] : detailLines(one)
  return [first, ...details.map((line) => `          ${style('minor', line)}`)]
}
