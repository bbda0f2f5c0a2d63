import type { Cluster, Resources } from '../control/index.ts'
import { withCniConfig } from '../controllers/index.ts'
import type { Simulation } from '../dataplane/index.ts'
import type { Network } from '../model/index.ts'
import { agentActed, agentState, isFollower, nodesMeant } from './agents.ts'
import { behindAt } from './behind.ts'
import type { BgpEvent } from './bgp/bgp-events.ts'
import { checkEvent, groundOf } from './check-event.ts'
import { writesTheSame } from './composing.ts'
import type { Agent, ClusterEvent } from './event.ts'
import type { ProgramState } from './follower-state.ts'
import { atOnce, type Moment } from './following.ts'
import { collects, garbageAfter } from './garbage.ts'
import { GivingBack } from './giving-back.ts'
import type { Ground } from './ground.ts'
import { Hand } from './hand.ts'
import { CALICO_NODE, CNI_CONFIG_FILE, calicoNodeAfter } from './installed.ts'
import { Journal } from './journal.ts'
import { leaksLeft, nodesWithoutEnd } from './leaks.ts'
import type { Actor, LogEntry } from './log-entry.ts'
import { CALICO_NODE_UP } from './machines/machine-deeds.ts'
import { Machines } from './machines/machines.ts'
import { Moments } from './moments.ts'
import { entriesByHand } from './network-log.ts'
import { programStepped } from './program-step.ts'
import { checkApi, refusedEntry } from './refusals.ts'
import { Resyncing } from './resyncing.ts'
import type { RunningOptions, SavedRunning, Witness } from './running-options.ts'
import { type Outcome, type RunningState, withNodesOf } from './running-state.ts'
import { type RunningView, viewOf } from './running-view.ts'
import { sessionEvents } from './session-events.ts'
import { nextOfSessions, withSessionsOf } from './sessions.ts'
import { forgetStale } from './stale-connections.ts'
import { startState } from './start-state.ts'
import type { Step } from './step.ts'
import { StepQueue } from './step-queue.ts'
import { applied, controllersLooked, deleted, type Stored, type Storing } from './storing.ts'
import { afterVisits, followed, followedForGood, stepsOfItsOwn } from './visiting.ts'
import { entriesOfAgent, entriesOfObjects } from './written-log.ts'
import { WrittenNetwork } from './written-network.ts'

/**
 * A cluster over time: the objects that are stored, the programs that follow them, each when it hears of them, and the network as
 * they have written it so far.
 */
export class Running {
  private readonly simulation: Simulation
  private readonly options: RunningOptions
  private readonly journal: Journal
  private readonly queue: StepQueue<Step>
  private readonly resyncing: Resyncing
  private readonly moments: Moments
  private readonly machines: Machines
  private readonly giving: GivingBack
  private readonly written: WrittenNetwork
  private readonly hand = new Hand()
  private state: RunningState
  private events = 0
  private lookedAt = -1

  constructor(simulation: Simulation, cluster: Cluster, options: RunningOptions) {
    this.simulation = simulation
    this.options = options
    this.journal = new Journal(options.history ?? 100_000)
    this.queue = new StepQueue(simulation.clock, (step) => this.take(step))
    this.moments = new Moments(simulation, options.moments ?? 0, options.besides)
    const ground: Ground = {
      queue: this.queue,
      isInstant: options.delays !== 'calico',
      state: () => this.state,
      moment: () => this.moment,
      log: (entries) => this.journal.add(entries),
    }
    this.giving = new GivingBack({
      ...ground,
      storing: (event) => this.storing(event),
      store: (stored, event) => this.store(stored, event),
    })
    this.machines = new Machines({
      ...ground,
      put: (state) => {
        this.state = state
      },
      visit: (node) => this.look(node, true),
      apply: (objects, event) => this.store({ ...applied(this.state, objects, this.storing(event)), asked: 0 }, event),
      advance: (state, event) => this.advance({ state, later: [] }, event, 'kernel'),
      act: (event, number) => this.actOn(event, number),
    })
    this.written = new WrittenNetwork(simulation, cluster.network, this.journal, options.delays !== 'calico')
    this.resyncing = new Resyncing(simulation, this.queue, this.written.composer, options.tryWays)
    this.state = startState(cluster, options, simulation.clock.now)
  }

  /** What is stored. */
  get objects(): Resources {
    return this.state.newest.resources
  }

  /** The cluster of what is stored, without pods that have no network yet. */
  get cluster(): Cluster {
    return this.state.newest.cluster
  }

  /** What has changed so far, in order. */
  get log(): readonly LogEntry[] {
    return this.journal.all
  }

  /** How many entries of the log are gone. */
  get forgotten(): number {
    return this.journal.dropped
  }

  /** Number of the last event. */
  get lastEvent(): number {
    return this.events
  }

  /** Whether programs have nothing left to do, and no event is to come. */
  get isQuiet(): boolean {
    return this.queue.size === 0
  }

  /** When the next event or step of a program comes, in nanoseconds; undefined when none does. */
  get nextAt(): number | undefined {
    return this.queue.nextAt
  }

  /** What a program does. @param node - where; absent = where the cluster has it once, or on nodes that nobody looks at */
  agentState(agent: Agent, node?: string): ProgramState {
    return agentState(this.state, agent, node)
  }

  /** What there is to see now beside the objects. */
  get view(): RunningView {
    return viewOf(this.state, this.moment.now)
  }

  /** What is known now of what has happened so far: it stays as it is while time goes on. */
  witness(): Witness {
    const { state } = this
    return { log: this.journal.witness(), behindAt: (program, node) => behindAt(state, program, node) }
  }

  /** Something happens now. @throws InputError for what is refused; then nothing is changed */
  occur(event: ClusterEvent): this {
    checkEvent(event, groundOf(this.cluster, this.simulation.network))
    this.moments.keep(() => this.save())
    try {
      this.happen(event, this.events + 1)
    } catch (error) {
      this.moments.drop()
      throw error
    }
    return this
  }

  /**
   * Something happens later, at a virtual time in nanoseconds.
   * @throws InputError for what it is about and is not there now
   */
  at(time: number, event: ClusterEvent): this {
    checkEvent(event, groundOf(this.cluster, this.simulation.network))
    this.queue.after(Math.max(0, time - this.simulation.clock.now), { kind: 'event', event })
    return this
  }

  /** What a user changes meanwhile by hand, if anything, is one event. */
  byHand<T>(act: () => T, number?: number): T {
    return this.hand.during(act, number)
  }

  /** A user changed the network by hand: it runs from now on, and the log says what is otherwise. */
  edited(network: Network): void {
    const { simulation } = this
    const running = simulation.network
    simulation.setNetwork(network)
    const event = this.hand.eventAfter(this.events)
    const entries = entriesByHand(running, network, this.state, { event, actor: 'user', at: this.moment.now })
    if (entries.length === 0) return
    this.journal.add(entries)
    this.countHand(event)
    this.written.edited(network, this.state)
    if (this.options.delays === 'calico') {
      const edits = this.resyncing.withEdited(this.state, running, network, event)
      this.advance({ state: { ...this.state, edits }, later: [] }, event, 'bird')
    }
  }

  private countHand(event: number): void {
    this.events = Math.max(this.events, event)
    this.hand.changed(event)
  }

  /** A user took the CNI configuration of a node away, or put one there: kubelet finds that. */
  writeCni(node: string, isThere: boolean): void {
    const memory = withCniConfig(this.state.memory, this.objects.pods, node, isThere)
    if (memory === this.state.memory) return
    const event = this.hand.eventAfter(this.events)
    this.state = { ...this.state, memory }
    const op = isThere ? 'add' : 'delete'
    this.journal.add([
      { at: this.moment.now, event, actor: 'user', netns: node, op, thing: 'file', what: CNI_CONFIG_FILE },
    ])
    this.countHand(event)
    this.store(controllersLooked(this.state, this.storing(event)), event)
  }

  /** Follows a node by itself from now on, as one that packets reach. @param isVisit - until what happens to it now is written */
  private look(node: string, isVisit = false): void {
    const { nodes, newest } = this.state
    if (nodes.has(node)) {
      if (!isVisit) this.state = followedForGood(this.state, node)
      return
    }
    if (!newest.cluster.nodes.some(({ name }) => name === node)) return
    this.state = followed(this.state, node, isVisit)
    this.queue.add(stepsOfItsOwn(this.queue, this.state, node))
  }

  /** Runs until programs have nothing left to do. @returns the time then, in nanoseconds */
  quiet(): number {
    for (let next = this.queue.nextAt; next !== undefined; next = this.queue.nextAt) this.simulation.run(next)
    return this.simulation.clock.now
  }

  /** Runs until the next event or step of a program has happened. @returns whether there was one */
  stepForward(): boolean {
    const next = this.queue.nextAt
    if (next !== undefined) this.simulation.run(next)
    return next !== undefined
  }

  /** Goes back to just before the last event. @returns whether that moment is kept */
  stepBack(): boolean {
    return this.moments.back((saved) => this.load(saved))
  }

  /** Nothing more happens, until a saved moment is restored. */
  standStill(): void {
    this.queue.cancel(() => true)
  }

  /** Saves this moment, but for what packets have changed. */
  save(): SavedRunning {
    const { state, events } = this
    const written = this.written.network
    return { state, written, pending: this.queue.pending(), journal: this.journal.save(), events }
  }

  /** Goes back to a moment, after the simulation did. */
  load({ state, written, pending, journal, events }: SavedRunning): void {
    this.state = state
    this.written.network = written
    this.events = events
    this.queue.load(pending)
    this.journal.load(journal)
    this.lookedAt = -1
    this.resyncing.forget()
    this.options.onStored?.(state.newest)
  }

  private get moment(): Moment {
    return { seed: this.options.seed ?? 1, now: this.simulation.clock.now }
  }

  private storing(event: number): Storing {
    const { make, delays } = this.options
    const keepsGarbage = !collects(this.state)
    const isInstant = delays !== 'calico'
    return { make, isInstant, keepsGarbage, moment: this.moment, epoch: this.simulation.epoch, event }
  }

  private happen(event: ClusterEvent, number: number): void {
    this.lookAround()
    this.state = afterVisits(this.state, this.simulation.network, this.queue)
    if (event.kind === 'release') checkApi(this.state)
    if (event.kind !== 'apply' && event.kind !== 'delete') this.events = number
    switch (event.kind) {
      case 'apply':
      case 'delete': {
        checkApi(this.state)
        // What is left of a pod that nobody takes down is of its node alone.
        if (event.kind === 'delete') for (const node of nodesWithoutEnd(this.state, event.objects)) this.look(node)
        const storing = this.storing(number)
        const stored =
          event.kind === 'apply'
            ? applied(this.state, event.objects, storing)
            : deleted(this.state, event.objects, storing)
        this.events = number
        const before = this.objects
        this.store(stored, number)
        this.followInstallation(before, number)
        return
      }
      case 'release':
        this.giving.release(event.addresses, number)
        return
      case 'agent':
        this.actOn(event, number)
        return
      case 'machine':
        this.machines.run(event, number)
        return
      case 'command':
        this.byHand(() => this.options.command?.(event.host, event.line), number)
        return
    }
  }

  private actOn({ agent, node, action }: ClusterEvent & { readonly kind: 'agent' }, event: number): void {
    for (const name of nodesMeant(this.state, agent, node)) this.look(name, true)
    const before = this.state
    const outcome = agentActed(before, agent, node, action, { ...this.moment, event })
    this.journal.add(entriesOfAgent(before, outcome.state, { agent, node, event, at: this.moment.now }))
    if (this.options.delays === 'calico') this.advance(outcome, event, 'kernel')
    else this.advance({ state: atOnce(outcome.state), later: [] }, event, agent)
    if (agent === 'api-server') this.machines.goOn()
    // Kubelets and controllers may have something to do now, or may know that they are not heard.
    if (!isFollower(agent)) this.store(controllersLooked(this.state, this.storing(event)), event)
  }

  /** Where calico-node is no longer wanted its programs end, and what they wrote stays; where it is wanted again they start. */
  private followInstallation(before: Resources, event: number): void {
    const action = calicoNodeAfter(before, this.objects)
    if (action === undefined) return
    const { nodes, newest, machines } = this.state
    if (action === 'start' && nodes.size === newest.cluster.nodes.length) {
      for (const name of nodes.keys()) if (!machines.has(name)) this.machines.later(name, CALICO_NODE_UP, event)
      return
    }
    for (const agent of CALICO_NODE) this.actOn({ kind: 'agent', agent, action }, event)
  }

  private take(step: Step): void {
    this.lookAround()
    switch (step.kind) {
      case 'event':
        this.moments.keep(() => this.save(), step)
        this.happenLater(step.event)
        return
      case 'hear':
      case 'begin':
      case 'write':
      case 'done':
      case 'started': {
        const { outcome, event } = programStepped(this.state, step, this.moment)
        this.advance(outcome, event, step.program)
        return
      }
      case 'resync':
        this.resync(step)
        return
      case 'garbage':
        this.giving.collect(step.event)
        return
      case 'machine':
        this.machines.deed(step)
        this.giving.lookAgain(step.event)
        return
      case 'teardown':
        this.giving.tearDown(step.event)
        return
      case 'sessions': {
        const before = this.state
        this.befall([], step.event)
        if (this.state !== before) this.show(before, step.event, 'bird')
        return
      }
      case 'controllers':
        this.store(controllersLooked(this.state, this.storing(step.event)), step.event)
        return
    }
  }

  private happenLater(event: ClusterEvent): void {
    const number = this.events + 1
    try {
      this.happen(event, number)
    } catch (error) {
      this.events = number
      this.journal.add([refusedEntry(error, number, this.moment.now)])
    }
  }

  /** Controllers look again when they want to; `event` is what they want it for. */
  private lookLater(next: number | undefined, event: number): void {
    if (next === undefined) return
    const { now } = this.moment
    this.queue.cancel(({ kind }) => kind === 'controllers')
    this.queue.after(Math.max(0, next - now), { kind: 'controllers', event })
  }

  private store({ edit, asked, state: after, later, next }: Stored, event: number): void {
    const before = this.state
    const garbage = garbageAfter(before, after, edit.objects, this.storing(event))
    const state = { ...after, garbage, leaks: leaksLeft(after.leaks, after.newest.cluster) }
    this.lookLater(next, event)
    this.journal.add(entriesOfObjects(edit, asked, { event, at: this.moment.now }))
    if (state.newest === before.newest && state.leaks === before.leaks) {
      this.state = state
      this.giving.lookAgain(event)
      return
    }
    this.advance({ state: withNodesOf(state, before), later }, event, 'kernel')
    // What programs of a node were about to do goes with it.
    if (state.newest.cluster.nodes !== before.newest.cluster.nodes) {
      this.queue.cancel((step) => 'program' in step && step.node !== '' && !this.state.nodes.has(step.node))
    }
    this.options.onStored?.(this.state.newest)
    this.giving.lookAgain(event)
  }

  private advance({ state, later }: Outcome, event: number, actor: Actor): void {
    const before = this.state
    this.state = state
    for (const { delay, step } of later) this.queue.after(delay, step)
    this.befall(sessionEvents(before, state), event)
    if (!writesTheSame(before, this.state)) this.show(before, event, actor)
    this.journal.add(forgetStale(before, this.state, this.simulation, { event, at: this.moment.now }))
    this.watchHands()
  }

  /** Programs put back in their time what users have changed by hand. Where nothing takes time nobody looks again. */
  private watchHands(): void {
    if (this.options.delays !== 'calico') return
    for (const node of this.resyncing.follow(this.state, this.written.network, this.moment)) this.look(node)
  }

  private resync(step: Step & { kind: 'resync' }): void {
    const done = this.resyncing.look(step, this.state, this.written.network, this.moment)
    if (done === undefined) {
      this.watchHands()
      return
    }
    this.journal.add(done.entries)
    this.simulation.setNetwork(done.network)
    this.advance({ state: { ...this.state, edits: done.edits }, later: [] }, done.entries[0]?.event ?? 0, 'bird')
  }

  /** Something befalls BGP sessions, or is due with them. */
  private befall(events: readonly BgpEvent[], event: number): void {
    const { now } = this.moment
    const before = this.state.sessions
    this.state = withSessionsOf(this.state, events, now, event)
    const { sessions } = this.state
    if (sessions === before) return
    this.queue.cancel(({ kind }) => kind === 'sessions')
    const next = nextOfSessions(this.state)
    if (next !== undefined) this.queue.after(Math.max(0, next.at - now), { kind: 'sessions', event: next.event })
  }

  /** The network is as programs have written it by now. */
  private show(before: RunningState, event: number, actor: Actor): void {
    this.written.show(before, this.state, { event, actor, at: this.moment.now })
  }

  /** Follows by themselves the nodes that packets have reached: one that hears a broadcast it does not care about is none. */
  private lookAround(): void {
    const { simulation, state } = this
    if (state.nodes.size === state.newest.cluster.nodes.length) return
    if (simulation.woken === this.lookedAt) return
    this.lookedAt = simulation.woken
    for (const { name, dormant } of simulation.compiledNamespaces()) if (!dormant) this.look(name)
  }
}
