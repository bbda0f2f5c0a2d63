// The real kernel as a judge of rules, on the given policy cases, on random clusters with policies and on such with Services: the
// namespaces of each cluster are made for real, iptables-restore, ip6tables-restore and ipset restore take the texts of its nodes
// as they are printed (of Felix, kube-proxy and the portmap plugin), and the packets of the simulation are sent through. The kernel must
// print the rules as they were; verdicts, addresses and ports at arrival, answers, and the counters of all rules must be the
// simulation's.
// usage: npm run kernel [-- CASE …]; PACKETWALK_POLICY_CLUSTERS, PACKETWALK_SERVICE_CLUSTERS: how many random clusters;
// exit 3 when this machine cannot.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import fc from 'fast-check'
import type { PolicyCase } from '../../src/lab/index.ts'
import { randomCluster } from '../../test/oracle/policy/clusters.ts'
import { randomServices } from '../../test/oracle/services/clusters.ts'
import { policyCases } from '../../test/support/policy-cases.ts'
import { policyTrial } from './policy.ts'
import { servicesTrial } from './services.ts'
import { type Trial, tried } from './trial.ts'

const TOOLS = ['ip', 'bridge', 'iptables', 'iptables-restore', 'ip6tables-restore', 'ipset', 'python3'] as const

function whyNot(): string | undefined {
  const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`
  const isAble = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', 'pw-try']).status === 0
  if (!isAble) return 'no network namespaces here'
  spawnSync('ip', ['netns', 'del', 'pw-try'])
  return undefined
}

/** A run that was stopped may have left its namespaces. */
function removeLeftovers(): void {
  const listed = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout
  for (const [name] of listed.matchAll(/^pw-k[\d-]+/gm)) spawnSync('ip', ['netns', 'del', name])
}

const clustersOf = (variable: string): number => Number(process.env[variable] ?? 100)
const seed = Number(process.env['FC_SEED'] ?? 20201013)

/** What is tried: how, by its name. */
function everything(): Map<string, () => Trial> {
  const cases = policyCases() as unknown as PolicyCase[]
  const policies = fc.sample(randomCluster(), { numRuns: clustersOf('PACKETWALK_POLICY_CLUSTERS'), seed })
  const services = fc.sample(randomServices(), { numRuns: clustersOf('PACKETWALK_SERVICE_CLUSTERS'), seed })
  const random = policies.map((made, i) => ({ id: `random/${i}`, ...made }) as unknown as PolicyCase)
  return new Map([
    ...[...cases, ...random].map((one) => [one.id, () => policyTrial(one)] as const),
    ...services.map((made, i) => [`services/${i}`, () => servicesTrial(made)] as const),
  ])
}

const reason = whyNot()
if (reason !== undefined) {
  process.stderr.write(`${reason}\n`)
  process.exit(3)
}
removeLeftovers()
const began = performance.now()
const wanted = process.argv.slice(2)
const trials = [...everything()].filter(([id]) => wanted.length === 0 || wanted.some((word) => id.startsWith(word)))
const totals = { clusters: 0, packets: 0, differ: 0 }
await tried(new Map(trials), Math.min(2, availableParallelism()), ({ id, packets, faults }) => {
  totals.clusters += 1
  totals.packets += packets
  totals.differ += faults.length > 0 ? 1 : 0
  for (const fault of faults.slice(0, 5)) process.stdout.write(`${id}: ${JSON.stringify(fault)}\n`)
})
const { clusters, packets, differ } = totals
const seconds = ((performance.now() - began) / 1000).toFixed(0)
process.stdout.write(
  `${clusters} clusters, ${packets} packets through the kernel in ${seconds} s; ${differ} clusters differ\n`,
)
process.exitCode = differ === 0 ? 0 : 1
