import { RESYNC_PARTS, type ResyncPart, resyncedNode, stateChanges } from '../control/index.ts'
import type { Simulation } from '../dataplane/index.ts'
import { changesOver, type Namespace, Network, once, withReplaced } from '../model/index.ts'
import { changedNames } from './changed-names.ts'
import type { Composer } from './composing.ts'
import { podsWithFallback } from './fallback-devices.ts'
import type { NodeState } from './follower-state.ts'
import type { Moment } from './following.ts'
import type { Actor, LogEntry } from './log-entry.ts'
import { nextLook, soon, WRITER_OF } from './resync-times.ts'
import { nodeAt, type RunningState } from './running-state.ts'
import type { Step } from './step.ts'
import type { StepQueue } from './step-queue.ts'
import { type HandWays, type WayTrier, waysAfter } from './tried-ways.ts'

/** What users edited by hand that is still so: events by where and what; and when Felix last wrote chains again, by node. */
export interface HandEdits {
  readonly events: ReadonlyMap<string, number>
  readonly rewritten: ReadonlyMap<string, number>
  /** Ways of BGP sessions that are closed or open by hand. */
  readonly ways: HandWays
}

/** Nobody edited anything. */
export const NO_HAND_EDITS: HandEdits = { events: new Map(), rewritten: new Map(), ways: new Map() }

/** A node as it was when somebody last looked what is to be put back on it. */
interface Known {
  readonly mine: Namespace
  readonly wanted: Namespace
  readonly node: NodeState
}

/** What is put back. */
export interface PutBack {
  readonly network: Network
  readonly entries: readonly LogEntry[]
  readonly edits: HandEdits
}

const keyOf = (netns: string, thing: string, what: string): string => `${netns}\n${thing} ${what}`

/** Programs that look again at what they wrote, where a user has changed it by hand: only then there is something to do for them. */
export class Resyncing {
  private readonly simulation: Simulation
  private readonly queue: StepQueue<Step>
  private readonly composer: Composer
  private readonly tryWays: WayTrier | undefined
  private readonly known = new Map<string, Known>()

  constructor(simulation: Simulation, queue: StepQueue<Step>, composer: Composer, tryWays: WayTrier | undefined) {
    this.tryWays = tryWays
    this.simulation = simulation
    this.queue = queue
    this.composer = composer
  }

  /** What a user has changed, on top of what is remembered. */
  withEdited(state: RunningState, was: Network, running: Network, event: number): HandEdits {
    const { edits } = state
    const events = new Map(edits.events)
    for (const name of changedNames(was, running, state.nodes.keys())) {
      if (running.namespaces[name]?.role !== 'node') continue
      events.set(name, event)
      for (const change of stateChanges(was, running, name)) {
        for (const what of [change.what, change.was]) {
          if (what !== undefined) events.set(keyOf(name, change.thing, what), event)
        }
      }
    }
    return { ...edits, events, ways: this.waysAfter(state, was, running) }
  }

  private waysAfter(state: RunningState, was: Network, running: Network): HandWays {
    return this.tryWays === undefined ? state.edits.ways : waysAfter(state, was, running, this.tryWays)
  }

  /** Another moment was restored. */
  forget(): void {
    this.known.clear()
  }

  /** Queues for each node that a user has edited what its programs will put back. @returns the names of these nodes */
  follow(state: RunningState, written: Network, moment: Moment): readonly string[] {
    const running = this.simulation.network
    const edited = running === written ? [] : [...changesOver(written.namespaces, running.namespaces)]
    const nodes = edited.flatMap(([name, mine]) => {
      const wanted = Object.hasOwn(written.namespaces, name) ? written.namespaces[name] : undefined
      return mine?.role === 'node' && wanted !== undefined ? [{ name, mine, wanted }] : []
    })
    const names = new Set(nodes.map(({ name }) => name))
    for (const name of this.known.keys()) {
      if (names.has(name)) continue
      this.known.delete(name)
      this.queue.cancel((step) => step.kind === 'resync' && step.node === name)
    }
    for (const { name, mine, wanted } of nodes)
      this.plan(name, { mine, wanted, node: nodeAt(state, name) }, state, written, moment)
    return [...names]
  }

  private plan(name: string, now: Known, state: RunningState, written: Network, moment: Moment): void {
    const before = this.known.get(name)
    const { mine, wanted, node } = now
    if (before !== undefined && before.mine === mine && before.wanted === wanted && before.node === node) return
    this.known.set(name, now)
    const views = this.composer.viewsAt(state, name)
    const running = this.simulation.network
    const isOtherwise = once(() => stateChanges(written, running, name).length > 0)
    for (const part of RESYNC_PARTS) {
      const own = node.programs[WRITER_OF[part]]
      const runs = (own.state === 'running' || own.state === 'cut') && views !== null
      const isWork = runs && isOtherwise() && resyncedNode(part, name, running, written, views) !== mine
      const [pending] = this.queue.pending((step) => step.kind === 'resync' && step.node === name && step.part === part)
      const at = isWork ? this.timeOf(part, name, now, before, state, moment) : undefined
      if (isWork && pending !== undefined && pending.at <= (at ?? Number.POSITIVE_INFINITY)) continue
      if (pending !== undefined) this.queue.cancel((step) => step === pending.step)
      if (at !== undefined) this.queue.after(at - moment.now, { kind: 'resync', part, node: name })
    }
  }

  private timeOf(
    part: ResyncPart,
    name: string,
    { mine, node }: Known,
    before: Known | undefined,
    state: RunningState,
    { seed, now }: Moment,
  ): number | undefined {
    const program = node.programs[WRITER_OF[part]]
    const event = state.edits.events.get(name) ?? 0
    const isFresh = before?.node.programs[WRITER_OF[part]].state === 'starting'
    // Who is up, and who is told that an interface is, does not wait for its next look.
    const isSoon = isFresh || (part === 'felix-routes' && hasCome(before?.mine, mine))
    if (isSoon) return now + soon(part, { seed, event, node: name })
    const { cluster } = program.seen
    const rewritten = state.edits.rewritten.get(name)
    return nextLook({ part, node: name, cluster, program, edited: mine, seed, rewritten }, now)
  }

  /** A program looks at a part of what it wrote on a node. @returns undefined when nothing is to be put back */
  look(step: Step & { kind: 'resync' }, state: RunningState, written: Network, { now }: Moment): PutBack | undefined {
    const { part, node } = step
    const running = this.simulation.network
    const mine = running.namespaces[node]
    const views = this.composer.viewsAt(state, node)
    const made = views === null ? mine : resyncedNode(part, node, running, written, views)
    if (made === undefined || made === mine) return undefined
    const pods = podsWithFallback(running, written, node, made)
    const network = withNamespaces(running, written, new Map([[node, made], ...pods]))
    const { events } = state.edits
    const told = (netns: string, by: Actor): LogEntry[] =>
      stateChanges(running, network, netns).map(({ was, ...change }) => {
        const event = events.get(keyOf(node, change.thing, was ?? change.what)) ?? events.get(node) ?? 0
        return { at: now, event, actor: by, netns, ...change, resync: true }
      })
    const entries = [...told(node, WRITER_OF[part]), ...[...pods.keys()].flatMap((netns) => told(netns, 'kernel'))]
    const edits = afterLook(state.edits, part, node, now, made === written.namespaces[node])
    // What programs put back opens ways that were closed by hand, and closes none.
    const ways = edits.ways.size === 0 ? edits.ways : this.waysAfter(state, running, network)
    return { network, entries, edits: { ...edits, ways } }
  }
}

/** Whether an interface is up that was not. */
function hasCome(was: Namespace | undefined, { interfaces }: Namespace): boolean {
  if (was === undefined || was.interfaces === interfaces) return false
  return Object.values(interfaces).some(({ name, up }) => up && was.interfaces[name]?.up !== true)
}

/** A network in which some namespaces are others; the written one where nothing is edited any more. */
function withNamespaces(running: Network, written: Network, changes: ReadonlyMap<string, Namespace>): Network {
  const { wires, shared } = running
  const namespaces = withReplaced(running.namespaces, changes)
  const isWritten =
    shared === written.shared &&
    changesOver(written.namespaces, namespaces).size === 0 &&
    isSameList(wires, written.wires)
  return isWritten ? written : new Network({ namespaces, wires, shared })
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((one, i) => one === b[i]))
}

function afterLook(
  { events, rewritten, ways }: HandEdits,
  part: ResyncPart,
  node: string,
  now: number,
  isWhole: boolean,
): HandEdits {
  const left = isWhole ? new Map([...events].filter(([key]) => key !== node && !key.startsWith(`${node}\n`))) : events
  return { ways, events: left, rewritten: part === 'felix-iptables' ? new Map(rewritten).set(node, now) : rewritten }
}
