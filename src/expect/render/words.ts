import { type Confidence, confidenceText, printable } from '../../model/index.ts'
import type { Judged, Miss } from '../report.ts'

/** Pairs of one group, and assumptions, that are told. */
const MOST_NAMED = 5

/** Where an expectation stands: `expectations.yaml:12`; '' when nobody knows. */
export function placeText({ place }: Judged): string {
  return place === undefined ? '' : `${place.file}:${place.line}`
}

/** What is otherwise, in a line: `expected allow, found deny by NetworkPolicy default/x`. */
export function missText({ expected, found }: Miss): string {
  return printable(`expected ${expected}, found ${found}`)
}

/** The pairs of which something is otherwise, the first by name. */
function pairLines({ pairs }: Miss): readonly string[] {
  const shown = pairs.slice(0, MOST_NAMED).map(printable)
  return pairs.length > MOST_NAMED ? [...shown, `and ${pairs.length - MOST_NAMED} more`] : shown
}

/** What is to be said of an expectation, a line each, indented by how far it belongs to the line before. */
export function detailLines(one: Judged): readonly string[] {
  return [
    ...one.misses.flatMap((miss) => [
      missText(miss),
      ...pairLines(miss).map((line) => `  ${line}`),
      ...(miss.why === '' ? [] : [`  because: ${printable(miss.why)}`]),
    ]),
    ...one.remarks.map((remark) => `note: ${printable(remark)}`),
    ...confidenceLines(one.confidence),
  ]
}

/** What an answer rests on, a line each thing that was assumed. */
function confidenceLines({ kind, of }: Confidence): readonly string[] {
  if (of.length < 2) return [printable(confidenceText({ kind, of }))]
  const more = of.length > MOST_NAMED ? [`  and ${of.length - MOST_NAMED} more`] : []
  return [`${kind}:`, ...of.slice(0, MOST_NAMED).map((one) => `  ${printable(one)}`), ...more]
}

/** How many of what: `1 pair`, `2 pairs`. */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
