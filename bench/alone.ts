import type { firstTrace } from './clusters.ts'
import type { converge } from './control.ts'
import type { Row } from './measure.ts'
import type { readFile } from './read.ts'

/** What a module of benchmarks exports, as far as it is called by name. */
export interface Bench {
  readonly firstTrace?: typeof firstTrace
  readonly converge?: typeof converge
  readonly readFile?: typeof readFile
  readonly [name: string]: unknown
}

/** The rows of a group, by the name of its function. */
export function rowsOf(bench: Bench, name: string): Iterable<Row> {
  return (bench[name] as () => Iterable<Row>)()
}

/**
 * A process that measures one group and prints its rows as a line of JSON; or, started by {@link firstTrace}'s callers with
 * `first-trace NODES POLICIES SERVICES PODS`, what one cluster takes; with `converge NODES`
 * what its control plane takes; or with `read-file FILE` what reading a file does.
 */
export function runAlone(bench: Bench, name: string): void {
  const [what, ...words] = process.argv.slice(2)
  const [nodes = 0, policies = 0, services = 0, pods = 30] = words.map(Number)
  const alone =
    what === 'first-trace'
      ? bench.firstTrace?.(nodes, { policies, services, pods })
      : what === 'read-file'
        ? bench.readFile?.(words[0] ?? '')
        : what === 'converge'
          ? bench.converge?.(nodes)
          : [...rowsOf(bench, name)]
  console.log(JSON.stringify(alone))
}
