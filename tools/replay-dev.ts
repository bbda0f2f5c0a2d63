// For work on the dataplane: replays captured probes and prints how they differ from the kernel.
// usage: npx tsx tools/replay-dev.ts [-v] [--frames] [--probe NN] [--aspect frames,outcome,…] SCENARIO…   (no scenario: all)
//   -v        the first difference of every probe that differs, and its drops and rule hits
//   --frames  all simulated and captured frames of the probe side by side (with --probe)
import { parseArgs } from 'node:util'
import { replayScenario } from '../src/replay/replay.ts'
import { writePcapng } from '../src/wire/index.ts'
import { listScenarios, readScenario, scenarioText } from '../test/support/captures.ts'
import { ASPECTS, type Aspect, canonical, compareContext, compareProbe, framesOf } from '../test/support/compare.ts'

const { values, positionals } = parseArgs({
  options: {
    verbose: { type: 'boolean', short: 'v' },
    frames: { type: 'boolean' },
    probe: { type: 'string' },
    aspect: { type: 'string' },
    brief: { type: 'boolean' },
  },
  allowPositionals: true,
})
const all = listScenarios()
const names =
  positionals.length === 0
    ? all
    : positionals.flatMap((p) =>
        all.filter((n) => n === p || n.startsWith(`${p}-`) || (p.endsWith('*') && n.startsWith(p.slice(0, -1)))),
      )
const aspects = new Set<Aspect>((values.aspect?.split(',') as Aspect[] | undefined) ?? ASPECTS)
const total: Record<string, number> = { probes: 0 }
const probe = values.probe === undefined ? undefined : Number(values.probe)
const errors: string[] = []

for (const name of names) {
  const files = readScenario(name)
  const context = compareContext(scenarioText(files, 'scenario.json'), scenarioText(files, 'setup.txt'))
  let running = ''
  let replay: ReturnType<typeof replayScenario>
  try {
    replay = replayScenario(files, {
      ...(probe === undefined ? {} : { probe }),
      onProbe: (p) => {
        running = p.file
      },
    })
  } catch (error) {
    errors.push(
      `${name} ${running}: ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 8).join('\n    ') : String(error)}`,
    )
    console.log(`${name.padEnd(34)} FAILED at ${running}`)
    continue
  }
  const row: Record<string, number> = { probes: 0 }
  const lines: string[] = []
  for (const p of replay.scenario.probes) {
    if (probe !== undefined && p.n !== probe) continue
    row['probes'] = (row['probes'] ?? 0) + 1
    const r = replay.results.find((x) => x.n === p.n)
    const want = { json: p.raw, frames: framesOf(files.get(`${p.file}.pcapng`) ?? new Uint8Array()) }
    const got = {
      json: (r ?? {}) as Readonly<Record<string, unknown>>,
      frames: r ? framesOf(writePcapng(r.frames)) : [],
    }
    const differences = compareProbe(want, got, context)
    for (const aspect of ASPECTS) if (differences[aspect] === undefined) row[aspect] = (row[aspect] ?? 0) + 1
    const shown = (Object.keys(differences) as Aspect[]).filter((a) => aspects.has(a))
    if (shown.length > 0) {
      lines.push(`  ${p.file.slice(7)} [${p.kind}] ${p.command}`)
      for (const a of shown)
        lines.push(`    ${a}: ${values.brief ? '' : (differences[a] ?? '').replace(/^\s*\n?/, '').slice(0, 3000)}`)
      if (!aspects.has('outcome') || differences.outcome === undefined) continue
    }
    if (values.frames) {
      const a = canonical(want.frames, p.kind, context)
      const b = canonical(got.frames, p.kind, context)
      for (const key of [...new Set([...a.keys(), ...b.keys()])].sort()) {
        lines.push(`    == ${key}`)
        const n = Math.max(a.get(key)?.length ?? 0, b.get(key)?.length ?? 0)
        for (let i = 0; i < n; i++) {
          const [x, y] = [a.get(key)?.[i], b.get(key)?.[i]]
          if (x === y) lines.push(`       = ${x?.slice(0, 230)}`)
          else lines.push(`       - ${x?.slice(0, 330)}`, `       + ${y?.slice(0, 330)}`)
        }
      }
      if (r) lines.push(r.stdout, r.stderr, JSON.stringify(r.drops))
    }
  }
  for (const [k, v] of Object.entries(row)) total[k] = (total[k] ?? 0) + v
  const n = row['probes'] ?? 0
  console.log(`${name.padEnd(34)} ${ASPECTS.map((a) => `${a} ${row[a] ?? 0}/${n}`).join('  ')}`)
  for (const { probe: which, what } of replay.notModelled)
    if (values.verbose) lines.push(`  ${which}: not modelled: ${what}`)
  if (values.verbose || values.frames || values.aspect) console.log(lines.join('\n'))
}
console.log(`total: ${total['probes']} probes; equal: ${ASPECTS.map((a) => `${a} ${total[a] ?? 0}`).join(', ')}`)
if (errors.length > 0) console.log(errors.join('\n'))
