// Benchmarks. Every figure is the best of short rounds, printed with its ratio to a yardstick timed in the same run:
// machines and moments differ, ratios less so. Nothing fails for being slow.
// usage: npm run bench [-- NAME… [--json]]     names: see GROUPS; `npm run --silent bench -- ping --json` prints one line
import { loadavg } from 'node:os'
import { build, buildWithRules, edit, firstTrace } from './clusters.ts'
import { cold } from './cold.ts'
import { printRow, type Row } from './measure.ts'
import { chains, hops, lpm, pingFigures, pings } from './packets.ts'
import { policies, policyEdit } from './policies.ts'
import { replay } from './replay.ts'

const GROUPS: Readonly<Record<string, () => Iterable<Row>>> = {
  ping: pings,
  hops,
  chains,
  lpm,
  edit,
  cold,
  build,
  policies,
  'policy-edit': policyEdit,
  'policy-build': buildWithRules,
  replay,
}

/** Minutes and gigabytes: run when they are named. */
const LONG: readonly string[] = ['policy-edit', 'policy-build']

const json = process.argv.includes('--json')
const names = process.argv.slice(2).filter((arg) => arg !== '--json' && arg !== '--')

function chosen(): (() => Iterable<Row>)[] {
  const wanted = names.length === 0 ? Object.keys(GROUPS).filter((name) => !LONG.includes(name)) : names
  const unknown = wanted.find((name) => !Object.hasOwn(GROUPS, name))
  if (unknown !== undefined) {
    console.error(`bench: no "${unknown}"; there are ${Object.keys(GROUPS).join(', ')}`)
    process.exit(2)
  }
  return wanted.flatMap((name) => GROUPS[name] ?? [])
}

function table(): void {
  const load = loadavg()[0] ?? 0
  const groups = chosen()
  if (!json)
    console.log(`node ${process.version}, load ${load.toFixed(1)}; × is the ratio to the yardstick of the same run\n`)
  if (!json && names.length === 0) console.log(`not run, name them to run them: ${LONG.join(', ')}\n`)
  const rows: Row[] = []
  for (const group of groups) {
    for (const row of group()) {
      rows.push(row)
      if (!json) printRow(row)
    }
  }
  if (json) console.log(JSON.stringify({ node: process.version, load, rows }))
}

if (names[0] === 'first-trace') {
  const [nodes = 0, many = 0, services = 0] = names.slice(1).map(Number)
  console.log(JSON.stringify(firstTrace(nodes, { policies: many, services })))
} else if (json && names.length === 1 && names[0] === 'ping') console.log(JSON.stringify(pingFigures()))
else table()
