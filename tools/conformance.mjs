// The kernel as judge: unpacks its captures, lets `packetwalk replay` simulate every probe, and has compare.py say
// which come out equal. Exit 1 when a probe that counts is not.
// usage: npm run conformance [-- [-v] [--all] [scenario …]]
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, must, nodeScript, root } from './setup.mjs'

/** The scenarios this storey answers for: no rules, no services. */
const PLAIN = [
  'seed-demo',
  'seed-demo-noencap',
  'seed-demo-vxlan',
  '01-same-node',
  '02-noencap',
  '03-ipip',
  '04-vxlan',
  '05-ipip-crosssubnet',
  '05b-ipip-always-across-router',
  '06-vxlan-crosssubnet',
  '06b-vxlan-always-across-router',
  '07a-noencap-router-ignorant',
  '07b-noencap-router-default',
  '07c-noencap-router-knows',
  '07d-router-same-subnet-redirect',
]
/** Kinds of probe that are simulated later: reported, not failed. */
const WAITING = ['tcp']

const scratch = join(root, '.packetwalk/conformance')
const [captures, simulated] = [join(scratch, 'captures'), join(scratch, 'simulated')]

function judge(scenario, flags) {
  const compare = ['compare.py', ...flags, captures, simulated, scenario]
  return spawnSync('python3', compare, { cwd: captures, encoding: 'utf8', maxBuffer: 1 << 28 }).stdout
}

/** Probes of one scenario as {name, kind, equal}. */
function verdicts(scenario) {
  const failed = new Set(JSON.parse(judge(scenario, ['--json'])).failed)
  const { probes } = JSON.parse(readFileSync(join(captures, scenario, 'scenario.json'), 'utf8'))
  return probes.map(({ file, kind }) => {
    const name = `${scenario}/${file.split('/')[1]}`
    return { name, kind, equal: !failed.has(name) }
  })
}

ensureInstalled()
ensureBuilt()
const args = process.argv.slice(2)
const named = args.filter((arg) => !arg.startsWith('-'))
rmSync(scratch, { recursive: true, force: true })
mkdirSync(simulated, { recursive: true })
nodeScript('tools/unpack-captures.mjs', [captures, ...(args.includes('--all') ? [] : named.length > 0 ? named : PLAIN)])
const scenarios = readdirSync(captures)
  .filter((name) => existsSync(join(captures, name, 'scenario.json')))
  .sort()
must(process.execPath, [
  'dist/packetwalk.mjs',
  'replay',
  ...scenarios.map((name) => join(captures, name)),
  '--out',
  simulated,
])

let missed = 0
const byKind = new Map()
for (const scenario of scenarios) {
  const probes = verdicts(scenario)
  for (const { kind, equal } of probes) {
    const row = byKind.get(kind) ?? { equal: 0, all: 0 }
    byKind.set(kind, { equal: row.equal + (equal ? 1 : 0), all: row.all + 1 })
  }
  const unequal = probes.filter(({ equal }) => !equal)
  const counted = unequal.filter(({ kind }) => !WAITING.includes(kind))
  missed += counted.length
  process.stdout.write(`${scenario.padEnd(36)} ${probes.length - unequal.length}/${probes.length} equal\n`)
  for (const { name, kind } of unequal) {
    process.stdout.write(`  ${WAITING.includes(kind) ? 'waits  ' : 'DIFFERS'} ${name} (${kind})\n`)
  }
  if (args.includes('-v') && counted.length > 0) process.stdout.write(judge(scenario, ['-v']))
}
for (const [kind, { equal, all }] of [...byKind].sort())
  process.stdout.write(`${kind.padEnd(18)} ${equal}/${all} frames equal\n`)
process.exit(missed === 0 ? 0 : 1)
