import { applyRecipe } from '../commands/index.ts'
import type { Cluster, Resources } from '../control/index.ts'
import { Recorder, Simulation } from '../dataplane/index.ts'
import type { Difference, DriftFinding, LoadedDump } from '../dumps/index.ts'
import type { FailureCode, Injection } from '../failures/index.ts'
import { type Input, loadResources, readTimeline, type TimelinePlan } from '../input/index.ts'
import {
  checkArgument,
  checkFunction,
  checkNetwork,
  checkOptions,
  checkText,
  frozen,
  type Network,
  type NetworkRecipe,
  type Note,
} from '../model/index.ts'
import type { PingOptions, TracerouteOptions } from '../programs/index.ts'
import { Process } from '../programs/index.ts'
import { drawn, type TimelineReport } from '../render/index.ts'
import { type Desk, type LabSnapshot, type Run, Shell } from '../shell/index.ts'
import { type Trace, type TraceEnds, type TraceOptions, traceOf } from '../trace/index.ts'
import { invalid } from './asked.ts'
import { Asking } from './asking.ts'
import { backendOf, choosing } from './backend.ts'
import { wholeResources } from './build.ts'
import { type Comparison, compared } from './compare.ts'
import { conduct, type Scene } from './conduct.ts'
import { drawnRun, drawnTimeline, drawnTrace, labBundle } from './drawing.ts'
import type { Endpoint } from './endpoint.ts'
import { type InjectOptions, inject } from './failures/inject.ts'
import { filesOf, fromDumps, textsOf } from './from-dumps.ts'
import { LabOverTime } from './lab-over-time.ts'
import { LabTime } from './lab-time.ts'
import {
  checkLabOptions,
  type DumpOptions,
  type LabOptions,
  type RawOptions,
  type TcpOptions,
  type UdpOptions,
} from './options.ts'
import { podNames } from './pods-of.ts'
import { askedPolicy } from './policy/asked-policy.ts'
import type { PolicyQuestion, PolicyReport } from './policy/policy-report.ts'
import type { NumberedPort, Transport } from './port-word.ts'
import { bare, builtStanding, type Remarks, type SavedMoment, type Standing } from './standing.ts'
import { runTimeline } from './timeline/run-timeline.ts'
import { type Probe, type Watch, Watches } from './timeline/watches.ts'

/**
 * The front desk: a network in which programs run. Build it from objects or from a Network, ping, change it, ping again, step
 * back.
 */
export class Lab extends LabOverTime implements Desk {
  /** The running network. */
  readonly simulation: Simulation
  /** Records of everything since the last run began; null when the lab does not record. */
  readonly recorder: Recorder | null
  /** The dumps it was made from; null for a network made by hand or from objects. */
  readonly dump: LoadedDump | null
  private readonly scene: Scene
  private readonly asking: Asking
  /** Null for a network that no objects made. @internal */
  protected readonly time: LabTime | null

  /** Moments of this lab: the next source port then, and what puts back its objects. */
  private readonly moments = new WeakMap<LabSnapshot, SavedMoment>()
  private shell: Shell | null = null
  private watches: Watches | null = null

  private constructor(network: Network, standing: Standing, options: LabOptions, dump: LoadedDump | null = null) {
    super()
    checkNetwork(network)
    const { seed = 1, backend } = options
    const { cluster } = standing
    const chosen = backend === undefined || cluster === null ? undefined : backendOf(cluster, backend)
    const choose = chosen === undefined ? {} : { choose: choosing(chosen) }
    const recorder = options.record === false ? null : new Recorder()
    const simulation = new Simulation(network, { seed, recorder, ...choose })
    this.simulation = simulation
    this.recorder = recorder
    this.dump = dump
    this.scene = { simulation, recorder, dump, standing, ignore: new Set(options.ignore) }
    this.asking = new Asking(this.scene)
    const { built } = standing
    const type = (host: string, line: string): unknown => this.sh(host, line)
    this.time = built === undefined ? null : new LabTime(this.scene, built, options, this.asking.ports, type)
    drawn(this, () => labBundle(this))
  }

  /** A lab of a network made by hand or from dumps. */
  static fromNetwork(network: Network, options: LabOptions = {}): Lab {
    checkLabOptions(options)
    return new Lab(network, bare({ lines: [], notes: options.notes ?? [] }), options)
  }

  /**
   * A lab of a cluster. BGP sessions are up only where TCP 179 passes through the simulated network, so the cluster is built,
   * its sessions are tried, and it is built again until the answers repeat.
   * @param resources - what `loadResources` gives, or lists of objects by their kinds; what is not given is empty
   * @throws InputError when the objects contradict themselves
   */
  static fromResources(resources: Partial<Resources>, options: LabOptions = {}): Lab {
    return Lab.build(wholeResources(resources), options, { warnings: [], unread: [] })
  }

  private static build(resources: Resources, options: LabOptions, remarks: Remarks): Lab {
    checkLabOptions(options)
    const standing = builtStanding(resources, options, remarks)
    return new Lab(standing.built.cluster.network, standing, options)
  }

  /** A lab from YAML or JSON: one text, or several with their names. @throws InputError with every fault and its place */
  static load(input: string | Input | readonly Input[], options: LabOptions = {}): Lab {
    const loaded = loadResources(textsOf(input))
    return Lab.build(loaded.resources, options, loaded)
  }

  /**
   * A lab from dumps of real machines, as the script of `packetwalk collect` gathers them. What they leave open makes answers
   * undecided, by name. With objects beside them pods and nodes have their names, and what no dump holds is as Calico would write
   * it; where a dump differs from that, `differences` says so.
   * @param files - by path: a folder a machine, or archives of such folders
   * @throws InputError when an archive is damaged, there is no dump at all, or the objects contradict themselves
   */
  static fromDumps(
    files: ReadonlyMap<string, Uint8Array> | Readonly<Record<string, Uint8Array>>,
    options: DumpOptions = {},
  ): Lab {
    checkLabOptions(options)
    const { dump, cluster, said } = fromDumps(filesOf(files), options)
    const { lines, notes } = said
    const all = { lines, notes: [...notes, ...(options.notes ?? [])] }
    return new Lab(dump.network, bare(all, cluster), options, dump)
  }

  /** The cluster of the objects, as they are now; null for a network made by hand or from dumps alone. */
  get cluster(): Cluster | null {
    return this.scene.standing.cluster
  }

  /** What the input asks for and is not modelled, and what was assumed, a line each. */
  get notes(): readonly string[] {
    return this.scene.standing.said.lines
  }

  /** What dumped nodes hold otherwise than Calico would have written it; empty without dumps and objects. */
  get differences(): readonly Difference[] {
    return this.dump?.differences ?? []
  }

  /** The same with rules of iptables and routes of others, by what likely caused it; empty without dumps and objects. */
  get drift(): readonly DriftFinding[] {
    return this.dump?.drift() ?? []
  }

  /** Names of the pods, as `ping` takes them. */
  get pods(): readonly string[] {
    return podNames(this.simulation.network, this.cluster)
  }

  /** The network as it is now. It cannot be written: `edit` changes it. */
  get network(): Network {
    return frozen(this.simulation.network)
  }

  /**
   * Changes the network; what packets have learned stays. A sysctl that is written changes what the kernel changes with it, and
   * routes that nodes share are there to be changed for one.
   * @throws InputError for a sysctl that nothing reads; then nothing is changed
   */
  edit(recipe: NetworkRecipe): this {
    checkFunction('recipe', recipe, 'a function that changes the network it is given')
    this.replace(applyRecipe(this.simulation.network, recipe))
    return this
  }

  /**
   * Asks something again and again while virtual time passes (`wait`, `quiet`, programs that run), from now on. Its packets are in the
   * traces of what runs meanwhile.
   * @param ms - between two times, in milliseconds of virtual time
   * @param probe - e.g. `{ ping: { from: 'default/web-0', to: 'default/db-0' } }`
   * @returns the watch: its `report` says which were lost and from when to when, `stop()` ends it
   * @throws InputError for what is no probe
   */
  every(ms: number, probe: Probe): Watch {
    this.watches ??= new Watches(this)
    return this.watches.add(ms, probe)
  }

  /**
   * Runs a timeline: events happen, probes are asked meanwhile, and the answer says which were lost, from when to when, where, and
   * because of what. The lab is as it is at the end then. The answer draws itself in notebooks.
   * @param timeline - YAML or JSON with an object of kind Timeline, or what `readTimeline` gives
   * @throws InputError with every fault and its place
   */
  timeline(timeline: string | TimelinePlan): TimelineReport {
    const plan = typeof timeline === 'string' ? readTimeline({ name: 'timeline', text: timeline }) : timeline
    return drawnTimeline(runTimeline(this, plan))
  }

  /**
   * Brings a failure of the catalogue about: each of its steps is an event now.
   * @param code - `F01` to `F91`; `FAILURES` lists what each is
   * @returns what was done, what shows it, and the commands that confirm it
   * @throws InputError for what the lab lacks; then nothing is changed
   */
  inject(code: FailureCode, options?: InjectOptions): Injection {
    return inject(this, code, options)
  }

  /**
   * Types a command line on a node, in a pod or in any other namespace: `ip`, `ping`, `sysctl`, `tcpdump`, `iptables`, and the
   * words of the shell. What is wrong with it is printed, as by the tool: see `ok`.
   * @throws InputError when there is no such namespace
   */
  sh(where: string, line: string): Run {
    checkText('line', line, 'a command line')
    const { netns } = this.asking.source(where)
    this.shell ??= new Shell(this)
    const { shell, time } = this
    const type = (): Run => shell.executeOn(netns as string, line)
    return drawnRun(time === null ? type() : time.running.byHand(type))
  }

  /**
   * Asks the same before and after a change, from one moment: nothing that the first answer taught the network is known to the
   * second. The lab is as before when it returns.
   * @param change - a recipe as for `edit`, or a command behind a prompt: `node01$ ip route del 10.0.0.0/26`
   * @param ask - e.g. `(lab) => lab.ping('default/web-0', 'default/db-0')`
   * @throws InputError when the command is refused or the lab does not record
   */
  compare(change: NetworkRecipe | string, ask: (lab: this) => Run): Comparison {
    return compared(this, change, ask)
  }

  /** Replaces the network, e.g. by an earlier one. */
  setNetwork(network: Network): this {
    checkNetwork(network)
    this.replace(network)
    return this
  }

  private replace(network: Network): void {
    if (this.time === null) this.simulation.setNetwork(network)
    else this.time.running.edited(network)
  }

  /**
   * An endpoint by kubectl's words: `NAMESPACE/POD`, `pod/NAMESPACE/POD`, `deploy/NAME`, `node/NAME`; or a network namespace, or an
   * address.
   * @param namespace - where names without a namespace are looked for; absent = everywhere
   * @throws InputError with the nearest right name
   */
  endpoint(name: string, namespace?: string): Endpoint {
    return this.asking.endpoint(name, namespace)
  }

  /** Pings from one endpoint to another; words of busybox in pods, of iputils elsewhere. */
  ping(from: string, to: string, options: Partial<PingOptions> = {}): Run {
    return this.asking.ping(from, to, options)
  }

  /** Traces the route from one endpoint to another. */
  traceroute(from: string, to: string, options: Partial<TracerouteOptions> = {}): Run {
    return this.asking.traceroute(from, to, options)
  }

  /** Sends UDP datagrams to a port; where the destination is in the network, an echo server answers there unless told otherwise. */
  udp(from: string, to: string, port: number | string, options: UdpOptions = {}): Run {
    return this.asking.udp(from, to, port, options)
  }

  /**
   * Opens a TCP connection to a port, sends a request, waits for the answer and closes; where the destination is in the network, a
   * server answers there unless told otherwise.
   */
  tcp(from: string, to: string, port: number | string, options: TcpOptions = {}): Run {
    return this.asking.tcp(from, to, port, options)
  }

  /**
   * Sends one IP packet of a protocol by its number, with nothing but data behind the IP header; where the destination is in the
   * network, a program takes it in unless told otherwise.
   * @throws InputError for protocols with a way of asking of their own: ping, tcp, udp
   */
  raw(from: string, to: string, protocol: number, options: RawOptions = {}): Run {
    return this.asking.raw(from, to, protocol, options)
  }

  /**
   * What policy makes of a flow (`{ from, to, port }`), of an endpoint (`{ of }`), or whom a policy selects (`{ selects }`): from
   * the calculation alone, no packet is sent.
   * @throws InputError when the lab has no objects, or knows no such name
   */
  policy<Q extends PolicyQuestion>(question: Q): PolicyReport<Q> {
    return askedPolicy(this, question)
  }

  /** The number and protocol of a port that a Service or a container names, TCP where nobody says it. @throws InputError with the names there are */
  port(to: string, port: number | string, protocol?: Transport): NumberedPort {
    return this.asking.port(to, port, protocol)
  }

  /**
   * Runs a program to its end and returns what it did.
   * @param title - what it is, for the trace
   * @param assumed - what was assumed for this run alone
   */
  run(program: Process, title = '', ends?: TraceEnds, assumed: readonly Note[] = []): Run {
    checkArgument(program instanceof Process, 'program', 'a program, such as new Ping(…)', program)
    return conduct(this.scene, program, title, ends, () => assumed)
  }

  /**
   * The life of the packets recorded since the last run began. Of what passes in the background for long, the first is forgotten: some
   * 16 MiB of frames, and of networks that there were meanwhile, are kept.
   */
  trace(options: TraceOptions = {}): Trace {
    checkOptions(options)
    return drawnTrace(traceOf(this.recorder ?? new Recorder(), this.simulation.network, options))
  }

  /** Saves this moment. */
  snapshot(): LabSnapshot {
    const moment = { network: this.simulation.network, simulation: this.simulation.snapshot() }
    const { standing } = this.scene
    this.moments.set(moment, { port: this.asking.ports.next, standing, putBack: this.time?.save() })
    return moment
  }

  /** Goes back to a saved moment of this lab, and to the objects of then. @throws InputError when it is no moment of this lab */
  restore(saved: LabSnapshot): this {
    const moment = this.moments.get(saved)
    if (moment === undefined) throw invalid('a moment that snapshot() of this lab gave', 'something else')
    this.simulation.setNetwork(saved.network)
    this.simulation.restore(saved.simulation)
    moment.putBack?.()
    this.asking.ports.next = moment.port
    this.scene.standing = moment.standing
    this.recorder?.clear()
    this.watches?.restored()
    return this
  }
}
