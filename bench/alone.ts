import type { firstTrace } from './clusters.ts'
import type { Row } from './measure.ts'

/** What a module of benchmarks exports, as far as it is called by name. */
export interface Bench {
  readonly firstTrace?: typeof firstTrace
  readonly [name: string]: unknown
}

/** The rows of a group, by the name of its function. */
export function rowsOf(bench: Bench, name: string): Iterable<Row> {
  return (bench[name] as () => Iterable<Row>)()
}

/**
 * A process that measures one group and prints its rows as a line of JSON; or, started by {@link firstTrace}'s callers with
 * `first-trace NODES POLICIES SERVICES PODS`, what one cluster takes.
 */
export function runAlone(bench: Bench, name: string): void {
  const [what, ...numbers] = process.argv.slice(2)
  const [nodes = 0, policies = 0, services = 0, pods = 30] = numbers.map(Number)
  const alone = what === 'first-trace'
  console.log(
    JSON.stringify(alone ? bench.firstTrace?.(nodes, { policies, services, pods }) : [...rowsOf(bench, name)]),
  )
}
