import { applyCommand } from '../commands/index.ts'
import { assumeNeighbours, type Recorder, SECOND, Simulation } from '../dataplane/index.ts'
import { type Issue, Network } from '../model/index.ts'
import { parseProgram } from '../programs/index.ts'
import { encodeUtf8, type PcapngFile, writePcapng } from '../wire/index.ts'
import { FrameCapture } from './capture.ts'
import { conntrackTables, flushConntrack, startHits, withRules } from './netfilter-tables.ts'
import { type ProbePrograms, probePrograms } from './probe-programs.ts'
import { parseScenario, type Scenario, type ScenarioFiles, type ScenarioProbe } from './scenario.ts'
import { type DropRow, dropRow, flushBridges, isTraced, neighbourTables, routeCaches } from './tables.ts'

/** How to replay. */
export interface ReplayOptions {
  /** Only this probe is written; those before it run all the same. */
  readonly probe?: number
  /** Seed of the simulation. */
  readonly seed?: number
  /** Where to record what happens. */
  readonly recorder?: Recorder
  /** Called before every probe. */
  readonly onProbe?: (probe: ScenarioProbe, scenario: Scenario) => void
}

/** What came of one probe, in the form of the captures. */
export interface ProbeResult {
  /** Number. */
  readonly n: number
  /** Path without extension: `probes/01-name`. */
  readonly file: string
  /** All frames. */
  readonly frames: PcapngFile
  /** What the program says came of it. */
  readonly outcome: string
  /** Its output. */
  readonly stdout: string
  /** Its errors. */
  readonly stderr: string
  /** Its exit status. */
  readonly exitCode: number
  /** Drops in order. */
  readonly drops: readonly DropRow[]
  /** Neighbour tables after it. */
  readonly neighAfter: Readonly<Record<string, unknown[]>>
  /** Route exceptions after it. */
  readonly routeCacheAfter: Readonly<Record<string, unknown[]>>
  /** Connections after it, `conntrack -L -o extended`. */
  readonly conntrackAfter: Readonly<Record<string, string>>
  /** Rules that matched, with packets and bytes. */
  readonly iptablesHits: Readonly<Record<string, string>>
}

/** What a replay gives. */
export interface Replay {
  /** The scenario. */
  readonly scenario: Scenario
  /** Files by path, as in the captures: `probes/01-name.json` and `.pcapng`. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The probes' results in order. */
  readonly results: readonly ProbeResult[]
  /** What could not be simulated: probe and the name of what is missing. */
  readonly notModelled: readonly { readonly probe: string; readonly what: string }[]
  /** Faults in the dumps. */
  readonly issues: readonly Issue[]
}

/** Time from the start of a probe to the first packet of ping or traceroute, while the program is loaded: the median of 1,006 captured pings. */
const LOADING = 0.039 * SECOND
/** The same for injected frames, until the other end of the wire has them: the median of 155 captured ones. */
const INJECTING = 0.00086 * SECOND
/**
 * How long before the first probe the network was built: IPv6 hosts ask after a router a minute after they got the route by
 * it. The captures, where it shows, say 12.0 to 13.4 s.
 */
const BUILT_BEFORE = 12.7 * SECOND
/** How long a program may run beyond the captured time before it is ended. */
const GRACE = 20 * SECOND
/** How long a probe's wake is watched when the captured time does not say. */
const SETTLE = 0.15 * SECOND

/**
 * Simulates the probes of a capture scenario in order and gives the result in the captures' own form.
 * @throws InputError when the scenario cannot be read
 */
export function replayScenario(files: ScenarioFiles, options: ReplayOptions = {}): Replay {
  const scenario = parseScenario(files)
  const run = new ReplayRun(scenario, options)
  const out = new Map<string, Uint8Array>()
  const results: ProbeResult[] = []
  for (const probe of scenario.probes) {
    if (options.probe !== undefined && probe.n > options.probe) break
    options.onProbe?.(probe, scenario)
    const result = run.probe(probe)
    if (result === null || (options.probe !== undefined && probe.n !== options.probe)) continue
    results.push(result)
    out.set(`${probe.file}.pcapng`, writePcapng(result.frames))
    out.set(`${probe.file}.json`, encodeUtf8(`${JSON.stringify(jsonOf(probe, result), null, 1)}\n`))
  }
  return { scenario, files: out, results, notModelled: run.notModelled, issues: scenario.issues }
}

function jsonOf(probe: ScenarioProbe, r: ProbeResult): Record<string, unknown> {
  const { n, outcome, exitCode, stdout, stderr, drops, neighAfter, routeCacheAfter, conntrackAfter, iptablesHits } = r
  const { name, kind, from, command } = probe
  return {
    n,
    name,
    kind,
    from,
    command,
    outcome,
    exit_code: exitCode,
    stdout,
    stderr,
    frames: r.frames.packets.length,
    drops,
    neighAfter,
    routeCacheAfter,
    conntrackAfter,
    iptablesHits,
  }
}

/** One scenario under way: the simulation that lives from probe to probe. */
class ReplayRun {
  readonly notModelled: { probe: string; what: string }[] = []
  private readonly scenario: Scenario
  private readonly sim: Simulation
  private readonly base: number
  private readonly switches: ReadonlySet<string>

  constructor(scenario: Scenario, options: ReplayOptions) {
    this.scenario = scenario
    this.base = (scenario.probes[0]?.started ?? 0) - 1
    const seed = options.seed === undefined ? {} : { seed: options.seed }
    const { recorder = null } = options
    this.sim = new Simulation(scenario.network, { ...seed, recorder, epoch: this.base * 1000 })
    const { namespaces } = scenario.network
    const isSwitch = (name: string): boolean => namespaces[name]?.role === 'switch'
    this.switches = new Set(Object.keys(namespaces).filter(isSwitch))
    for (const name of Object.keys(namespaces)) this.sim.netns(name).ip6?.assumeAge(BUILT_BEFORE)
  }

  /** Runs one probe; null when it cannot be simulated. */
  probe(probe: ScenarioProbe): ProbeResult | null {
    const { sim } = this
    sim.run(Math.max(sim.clock.now, this.at(probe.started)))
    this.prepare(probe)
    const command = parseProgram(probe.kind, probe.command)
    const programs = typeof command === 'string' ? command : probePrograms(sim, probe, command)
    if (typeof programs === 'string') {
      this.notModelled.push({ probe: `${this.scenario.name}/${probe.name}`, what: programs })
      return null
    }
    return this.run(probe, programs)
  }

  private at(seconds: number): number {
    return Math.round((seconds - this.base) * 1e6) * 1000
  }

  /** Commands, flushes and the neighbour tables the kernel had right before. */
  private prepare(probe: ScenarioProbe): void {
    const { sim } = this
    if (Object.keys(probe.state).length > 0) {
      const { namespaces, wires, shared } = sim.network
      sim.setNetwork(new Network({ namespaces: { ...namespaces, ...probe.state }, wires, shared }))
    }
    for (const { netns, command } of probe.pre) {
      const bridge = /^ip link set (\S+) type bridge fdb_flush$/.exec(command.trim())?.[1]
      if (bridge !== undefined) sim.netns(netns).byName.get(bridge)?.bridge?.fdb.flush()
      else if (!Object.hasOwn(probe.state, netns)) this.apply(probe, netns, command)
    }
    const known = probe.raw['neighBefore'] !== undefined
    for (const name of Object.keys(sim.network.namespaces)) {
      const ns = sim.netns(name)
      if (probe.flushed.includes('neighbours')) {
        ns.neigh.flush()
        flushBridges(ns)
      }
      if (probe.flushed.includes('route cache')) {
        ns.cache4.flush()
        ns.ip6?.cache.flush()
      }
      if (probe.flushed.includes('conntrack')) flushConntrack(ns)
      if (known && !this.switches.has(name)) assumeNeighbours(ns, probe.neighboursBefore[name] ?? [])
    }
    sim.drain()
  }

  /** A command after which the namespace was not dumped again. */
  private apply(probe: ScenarioProbe, netns: string, command: string): void {
    const applied = applyCommand(this.sim.network, netns, command)
    if ('network' in applied) this.sim.setNetwork(applied.network)
    else this.notModelled.push({ probe: `${this.scenario.name}/${probe.name}`, what: `${command}: ${applied.refused}` })
  }

  private run(probe: ScenarioProbe, programs: ProbePrograms): ProbeResult {
    const { sim, scenario } = this
    const epoch = BigInt(Math.round(this.base * 1e6)) * 1000n
    const unseen = (name: string): boolean => !scenario.switchesCaptured && this.switches.has(name)
    const capture = new FrameCapture(sim, (name) => !unseen(name), epoch)
    const drops: DropRow[] = []
    sim.onDrop = (cause, skb) => {
      // The captures list what the kernel freed of IP and ARP only.
      if (cause !== 'llc_unwanted' && cause !== 'unknown_ethertype' && isTraced(cause)) drops.push(dropRow(cause, skb))
    }
    const hits = startHits(sim, withRules(scenario.network))
    this.execute(probe, programs)
    sim.onDrop = null
    const { client, servers } = programs
    return {
      n: probe.n,
      file: probe.file,
      frames: capture.stop(),
      outcome: client === null ? 'waited' : client.outcome,
      stdout: servers.map((s) => s.stdout).join('') + (client?.stdout ?? ''),
      stderr: client?.stderr ?? '',
      exitCode: client?.exitCode ?? 0,
      drops,
      neighAfter: neighbourTables(sim),
      routeCacheAfter: routeCaches(sim),
      conntrackAfter: conntrackTables(sim),
      iptablesHits: hits(),
    }
  }

  /** Lets the programs run for as long as the probe took, and to their end. */
  private execute(probe: ScenarioProbe, { client, servers }: ProbePrograms): void {
    const { sim } = this
    const start = sim.clock.now
    const ran = Math.max(0, probe.ended - probe.started) * SECOND
    for (const s of servers) s.start()
    if (client !== null) {
      const loading = loadingTime(probe.kind)
      sim.clock.after(loading, () => client.start())
    }
    sim.run(start + (ran > 0 ? ran : SETTLE))
    if (client !== null && client.exitCode === null) this.outlast(client)
    if (ran === 0) sim.run(sim.clock.now + SETTLE)
    for (const s of servers) s.exit(0)
  }

  /** The program takes longer than the captured one did. */
  private outlast(client: { exitCode: number | null; interrupt(): void }): void {
    const limit = this.sim.clock.now + GRACE
    while (client.exitCode === null && this.sim.clock.now < limit) this.sim.run(this.sim.clock.now + 0.01 * SECOND)
    if (client.exitCode === null) client.interrupt()
  }
}

/** How long a program takes until it sends. */
function loadingTime(kind: string): number {
  if (kind === 'inject') return INJECTING
  return kind === 'icmp-echo' || kind.startsWith('traceroute') ? LOADING : 0
}
