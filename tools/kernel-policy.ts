// The real kernel as a judge of policy, on the given cases and on random clusters: the namespaces of each cluster are made for
// real, iptables-restore, ip6tables-restore and ipset restore take the texts of its nodes, and the packets of the simulation are
// sent through. Verdicts, addresses and ports at arrival, and the counters of all rules must be the simulation's.
// usage: npm run kernel [-- CASE …]; PACKETWALK_POLICY_CLUSTERS: how many random clusters; exit 3 when this machine cannot.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { PolicyCase, PolicyProbe } from '../src/lab/index.ts'
import { connectionsOf, flowOf, preparations } from '../src/lab/probes/flow.ts'
import { numberOf, transportOf } from '../src/lab/probes/packet.ts'
import { PolicyProbes } from '../src/lab/probes/probe.ts'
import { ipsetSave, iptablesSave, routeLine } from '../src/linux/index.ts'
import { type Namespace, type Network, writtenOut } from '../src/model/index.ts'
import { toHex } from '../src/wire/index.ts'
import { randomCluster } from '../test/oracle/policy/clusters.ts'
import { policyCases } from '../test/support/policy-cases.ts'

const CLUSTERS = Number(process.env['PACKETWALK_POLICY_CLUSTERS'] ?? 100)
/** Seconds to wait for a packet that should arrive, and for one that should not. */
const WAIT = { arrives: 5, dropped: 0.03 }
/** How often counters are read at most, 0.3 seconds apart. */
const ROUNDS = 8

const TOOLS = ['ip', 'iptables', 'iptables-restore', 'ip6tables-restore', 'ipset', 'python3'] as const
const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
const isAble = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', 'pw-try']).status === 0
if (isAble) spawnSync('ip', ['netns', 'del', 'pw-try'])
if (missing.length > 0 || !isAble) {
  process.stderr.write(missing.length > 0 ? `not installed: ${missing.join(', ')}\n` : 'no network namespaces here\n')
  process.exit(3)
}

type Answer = { readonly errors?: readonly string[]; readonly error?: string; readonly text?: string } & Partial<Seen>

/** What arrived. */
interface Seen {
  readonly seen: boolean
  readonly source: string
  readonly head: string
}

/** The helper that does what only the kernel can. */
class World {
  private readonly child: ChildProcess
  private readonly lines: AsyncIterator<string>

  constructor() {
    const script = fileURLToPath(new URL('kernel-world.py', import.meta.url))
    this.child = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
  }

  async ask(job: object): Promise<Answer> {
    this.child.stdin?.write(`${JSON.stringify(job)}\n`)
    const { value, done } = await this.lines.next()
    if (done === true) throw new Error('kernel-world.py ended')
    return JSON.parse(value) as Answer
  }

  end(): void {
    this.child.stdin?.end()
  }
}

/** Names of real namespaces: short, and nobody else's. */
function realNames({ namespaces }: Network): ReadonlyMap<string, string> {
  return new Map(Object.keys(namespaces).map((name, i) => [name, `pw-k${i}`]))
}

const QUIET: readonly (readonly [string, string])[] = [
  ['net/ipv4/conf/all/rp_filter', '0'],
  ['net/ipv4/conf/default/rp_filter', '0'],
  ['net/ipv6/conf/all/accept_dad', '0'],
  ['net/ipv6/conf/default/accept_dad', '0'],
  ['net/ipv6/conf/default/router_solicitations', '0'],
  ['net/ipv4/icmp_ratelimit', '0'],
  ['net/ipv6/icmp/ratelimit', '0'],
  ['net/bridge/bridge-nf-call-iptables', '0'],
]

/** `ip -batch` for what a namespace has: addresses, routes that the kernel does not make itself, neighbours. */
function batchOf(ns: Namespace): string {
  const links = Object.values(ns.interfaces)
  const lines: string[] = []
  for (const link of links) {
    if (link.kind === 'bridge') lines.push(`link add ${link.name} address ${link.mac} type bridge mcast_snooping 0`)
    for (const { local, prefixlen, scope, family } of link.addresses) {
      if (link.kind === 'loopback') continue
      lines.push(`addr add ${local}/${prefixlen} dev ${link.name} scope ${scope}${family === 'inet6' ? ' nodad' : ''}`)
    }
  }
  for (const link of links) if (link.master !== undefined) lines.push(`link set ${link.name} master ${link.master}`)
  for (const link of links) if (link.up) lines.push(`link set ${link.name} up`)
  // A gateway must be there before what goes by it.
  const made = ns.routes.filter(({ protocol }) => protocol !== 'kernel')
  for (const route of [
    ...made.filter(({ via }) => via === undefined),
    ...made.filter(({ via }) => via !== undefined),
  ]) {
    // The assumed internet is not made.
    if (route.type === 'local' || route.dev === 'wan0') continue
    lines.push(`route replace ${routeLine(route).replace(/ pref \w+/, '')}`)
  }
  for (const one of ns.neighbours)
    if (one.lladdr !== undefined && one.state === 'PERMANENT')
      lines.push(`neigh replace ${one.dst} lladdr ${one.lladdr} dev ${one.dev} nud permanent`)
  for (const one of ns.proxyNeighbours) lines.push(`neigh add proxy ${one.dst} dev ${one.dev}`)
  return lines.map((line) => `${line}\n`).join('')
}

/** Sysctls as paths; those of an interface come when it is there. */
function sysctlsOf(ns: Namespace): { readonly early: [string, string][]; readonly late: [string, string][] } {
  const all = Object.entries(ns.sysctls).map(([key, value]): [string, string] => [key.replaceAll('.', '/'), value])
  const isOfLink = ([path]: [string, string]): boolean => /\/(conf|neigh)\/(?!all|default|lo)/.test(path)
  return { early: all.filter((one) => !isOfLink(one)), late: all.filter(isOfLink) }
}

/** The job that makes a network real. */
function setupJob(network: Network, names: ReadonlyMap<string, string>, nodes: readonly string[]): object {
  const real = (name: string): string => names.get(name)!
  const whole = Object.values(network.namespaces).map((ns) => writtenOut(network, ns))
  const wires = network.wires.map(({ ends: [a, b] }) => {
    const side = ({ netns, dev }: { readonly netns: string; readonly dev: string }): string => {
      const { mac, mtu } = network.namespaces[netns]!.interfaces[dev]!
      return `${dev} address ${mac} mtu ${mtu} netns ${real(netns)}`
    }
    return `link add ${side(a)} type veth peer name ${side(b)}`
  })
  const restore = (ns: Namespace): [string[], string][] => [
    [['ipset', 'restore'], ipsetSave(ns.ipsets)],
    [['iptables-restore'], iptablesSave(ns.iptables)],
    [['ip6tables-restore'], iptablesSave(ns.ip6tables, { family: 'inet6' })],
  ]
  const each = <T>(make: (ns: Namespace) => T): Record<string, T> =>
    Object.fromEntries(whole.map((ns) => [real(ns.name), make(ns)]))
  return {
    op: 'setup',
    names: whole.map(({ name }) => real(name)),
    wires,
    sysctls: each((ns) => [...QUIET, ...sysctlsOf(ns).early].filter(([path]) => !path.includes('bridge-nf'))),
    late: each((ns) => sysctlsOf(ns).late),
    batches: each(batchOf),
    restore: Object.fromEntries(nodes.map((name) => [real(name), restore(network.namespaces[name]!)])),
  }
}

/** A difference between kernel and simulation. */
type Fault = readonly [where: string, what: unknown]

/** Packets whose rules are counted; of UDP-Lite the kernel answers what nobody listens for, and a raw socket does not keep it. */
const isPlain = ({ protocol, via, state, icmpType }: PolicyProbe): boolean =>
  protocol !== 'UDPLite' && via === undefined && state === undefined && (icmpType === undefined || icmpType === 8)

async function judged(world: World, one: PolicyCase): Promise<Fault[]> {
  const probes = new PolicyProbes(one)
  const { cluster } = probes
  const names = realNames(cluster.network)
  const { errors = [] } = await world.ask(setupJob(cluster.network, names, cluster.nodes))
  const faults = errors.map((error): Fault => [one.id, error])
  const order = [...one.probes.filter(isPlain), ...one.probes.filter((probe) => !isPlain(probe))]
  let isCounted = false
  for (const probe of order) {
    if (!isPlain(probe) && !isCounted) {
      faults.push(...(await countersOf(world, one.id, probes, names)))
      isCounted = true
    }
    faults.push(...(await asked(world, one.id, probes, names, probe)))
  }
  if (!isCounted) faults.push(...(await countersOf(world, one.id, probes, names)))
  await world.ask({ op: 'clear' })
  return faults
}

async function asked(
  world: World,
  id: string,
  probes: PolicyProbes,
  names: ReadonlyMap<string, string>,
  probe: PolicyProbe,
): Promise<Fault[]> {
  const { cluster, simulation } = probes
  const arrival = probes.follow(probe)
  simulation.runUntilIdle(simulation.clock.now + 1e9)
  const flow = flowOf(cluster, probe)
  const commands = preparations(cluster, flow).map(({ netns, line }) => [names.get(netns)!, line.split(' ')] as const)
  // The kernel sums up UDP-Lite with the number of UDP when it tracks it (nf_conntrack_proto_udp.c udplite_error): it must not look.
  const checks = probe.protocol === 'UDPLite' ? cluster.nodes.map((node) => names.get(node)!) : []
  const checking = (is: number): [string, string[]][] =>
    checks.map((name) => [name, ['sh', '-c', `echo ${is} >/proc/sys/net/netfilter/nf_conntrack_checksum`]])
  const seeds = cluster.nodes.flatMap((node) =>
    (connectionsOf(cluster, flow, node) ?? []).map((entry) => [names.get(node)!, entry]),
  )
  const answer = await world.ask({
    op: 'probe',
    from: names.get(flow.from.netns),
    to: names.get(flow.to.netns),
    family: flow.family === 'inet' ? 4 : 6,
    protocol: numberOf(probe),
    source: flow.source,
    target: flow.target,
    payload: toHex(transportOf(probe, flow.source, flow.target)).replaceAll(/[^0-9a-f]/g, ''),
    type: probe.icmpType ?? null,
    wait: arrival === undefined ? WAIT.dropped : WAIT.arrives,
    before: [...checking(0), ...commands],
    after: [
      ...commands.map(([name, words]) => [name, words.map((word) => (word === '-I' ? '-D' : word))]),
      ...checking(1),
    ],
    seeds,
  })
  if (answer.error !== undefined) return [[id, [probe, answer.error]]]
  if (answer.seen !== (arrival !== undefined)) return [[id, [probe, { kernel: answer.seen, simulation: !answer.seen }]]]
  if (arrival === undefined || flow.family === 'inet6') return []
  const own = {
    source: [...arrival.bytes.subarray(12, 16)].join('.'),
    head: toHex(arrival.bytes.subarray(arrival.transport, arrival.transport + 4)).replaceAll(/[^0-9a-f]/g, ''),
  }
  const isSame = own.source === answer.source && own.head === answer.head
  return isSame ? [] : [[id, [probe, { kernel: answer, simulation: own }]]]
}

/** Rules whose counters differ. */
async function countersOf(
  world: World,
  id: string,
  probes: PolicyProbes,
  names: ReadonlyMap<string, string>,
): Promise<Fault[]> {
  // On a busy machine packets may still be under way: what differs is looked at again.
  for (let round = 1; ; round++) {
    const faults = await countedOnce(world, id, probes, names, round === 1 ? 0.03 : 0.3)
    if (faults.length === 0 || round === ROUNDS) return faults
  }
}

async function countedOnce(
  world: World,
  id: string,
  { cluster, simulation }: PolicyProbes,
  names: ReadonlyMap<string, string>,
  wait: number,
): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const node of cluster.nodes) {
    const { text = '' } = await world.ask({ op: 'counters', name: names.get(node), wait })
    const { nf } = simulation.netns(node)
    if (nf === null) continue
    let table = ''
    const seen = new Map<string, number>()
    for (const line of text.split('\n')) {
      if (line.startsWith('*')) table = line.slice(1)
      const [, packets, chain = '', rule] = /^\[(\d+):\d+\] -A (\S+) (.*)/.exec(line) ?? []
      if (packets === undefined) continue
      const key = `${table} ${chain}`
      const at = seen.get(key) ?? 0
      seen.set(key, at + 1)
      const [own] = nf.counter('inet', table as 'filter', chain, at)
      if (own !== Number(packets))
        faults.push([id, { node, rule: `${key} ${rule}`, kernel: Number(packets), simulation: own }])
    }
  }
  return faults
}

/** A run that was stopped may have left its namespaces. */
function removeLeftovers(): void {
  const listed = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout
  for (const [name] of listed.matchAll(/^pw-k\d+/gm)) spawnSync('ip', ['netns', 'del', name])
}

removeLeftovers()
const world = new World()
const wanted = process.argv.slice(2)
const isWanted = ({ id }: { readonly id: string }): boolean =>
  wanted.length === 0 || wanted.some((word) => id.startsWith(word))
const random = fc
  .sample(randomCluster(), { numRuns: CLUSTERS, seed: Number(process.env['FC_SEED'] ?? 20201013) })
  .map((made, i) => ({ id: `random/${i}`, ...made }))
const cases = [...policyCases(), ...random].filter(isWanted) as unknown as PolicyCase[]
const faults: Fault[] = []
let done = 0
for (const one of cases) {
  try {
    const found = await judged(world, one)
    faults.push(...found)
    for (const [where, what] of found.slice(0, 5)) process.stdout.write(`${where}: ${JSON.stringify(what)}\n`)
  } catch (error) {
    faults.push([one.id, String(error)])
    process.stdout.write(`${one.id}: ${String(error)}\n`)
    await world.ask({ op: 'clear' })
  }
  done += one.probes.length
}
world.end()
const wrong = new Set(faults.map(([id]) => id)).size
process.stdout.write(`${cases.length} clusters, ${done} packets through the kernel; ${wrong} clusters differ\n`)
process.exitCode = faults.length === 0 ? 0 : 1
