import { printed } from '../result.ts'
import type { Run } from '../run.ts'
import { table } from '../table.ts'
import { namespaceOf } from './cells.ts'
import type { OpenKube } from './kube.ts'
import { type Asked, isRun, secondsOf } from './options.ts'
import { type Found, type Selection, select } from './select.ts'
import { head, row, type TableForm } from './tables.ts'
import { stepBy } from './until.ts'

/** What is watched. */
interface Watched {
  readonly selection: Selection
  readonly form: TableForm
  /** Without what is there when it begins. */
  readonly isOnly: boolean
}

/** Steps after which a watch of a cluster that never comes to rest ends. */
const MOST_STEPS = 10_000
const SECOND = 1_000_000_000

/**
 * `kubectl get -w`: the table, and a row whenever an object changes, while virtual time runs: until nothing is left to happen, or
 * `--request-timeout` is over.
 */
export function watch(kube: OpenKube, asked: Asked, { selection, form, isOnly }: Watched): Run {
  const { clock } = kube.desk.simulation
  const limit = secondsOf(asked.text('request-timeout') ?? '0')
  const end = limit === undefined || limit === 0 ? Number.POSITIVE_INFINITY : clock.now + limit * SECOND
  const rows: (readonly string[])[] = []
  const [type] = selection.types
  const heads = type === undefined ? [] : head(type, form)
  const ages = new Set(heads.flatMap((one, i) => (one === 'AGE' || one === 'LAST SEEN' ? [i] : [])))
  let before = rowsOf(kube, selection.found, form)
  if (!isOnly) rows.push(...before.values())
  for (let step = 0; step < MOST_STEPS && stepBy(kube.desk, end); step++) {
    const again = select(kube.seen(), asked)
    const now = isRun(again) ? new Map<string, readonly string[]>() : rowsOf(kube, again.found, form)
    for (const [key, cells] of now) if (isOtherwise(before.get(key), cells, ages)) rows.push(cells)
    for (const [key, cells] of before) if (!now.has(key)) rows.push(cells)
    before = now
  }
  const isBare = form.bare || rows.length === 0
  const why = `packetwalk: ${!kube.desk.isQuiet ? 'the time is over' : 'nothing more will happen by itself'}; a watch ends here\n`
  return printed(table(isBare ? rows : [heads, ...rows]), why)
}

/** Whether a row says more than that time has passed. */
function isOtherwise(
  before: readonly string[] | undefined,
  now: readonly string[],
  ages: ReadonlySet<number>,
): boolean {
  return before === undefined || now.some((cell, i) => !ages.has(i) && cell !== before[i])
}

function rowsOf(kube: OpenKube, found: readonly Found[], form: TableForm): Map<string, readonly string[]> {
  const seen = kube.seen()
  return new Map(found.map((one) => [`${namespaceOf(one.object)}/${one.object.metadata.name}`, row(seen, one, form)]))
}
