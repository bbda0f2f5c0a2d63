// Benchmarks. Every figure is the best of short rounds, printed with its ratio to a yardstick timed in the same run:
// machines and moments differ, ratios less so. Nothing fails for being slow.
// usage: npm run bench [-- NAME… [--json]]                     names: see groups.ts; `npm run --silent bench -- ping --json` prints one line
//        npm run bench -- --compare REF [--rounds N] [NAME…]   an earlier revision and this one in turn
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type Bench, rowsOf } from './alone.ts'
import { compare } from './compare.ts'
import { chosenGroups, GROUPS } from './groups.ts'
import { printRow, type Row } from './measure.ts'
import { pingFigures } from './packets.ts'

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, compare: { type: 'string' }, rounds: { type: 'string', default: '5' } },
})
const { json = false } = values

async function table(): Promise<void> {
  const load = loadavg()[0] ?? 0
  const chosen = chosenGroups(names)
  const left = Object.keys(GROUPS).filter((name) => !chosen.includes(name))
  if (!json)
    console.log(`node ${process.version}, load ${load.toFixed(1)}; × is the ratio to the yardstick of the same run\n`)
  if (!json && names.length === 0) console.log(`not run, name them to run them: ${left.join(', ')}\n`)
  const rows: Row[] = []
  for (const { module, rows: name } of chosen.flatMap((one) => GROUPS[one] ?? [])) {
    const bench: Bench = await import(`./${module}`)
    for (const row of rowsOf(bench, name)) {
      rows.push(row)
      if (!json) printRow(row)
    }
  }
  if (json) console.log(JSON.stringify({ node: process.version, load, rows }))
}

if (values.compare !== undefined) process.exitCode = await compare(values.compare, names, Number(values.rounds))
else if (json && names.length === 1 && names[0] === 'ping') console.log(JSON.stringify(pingFigures()))
else await table()
