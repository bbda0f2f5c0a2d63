import { causeLossOf, type Facts, factsOf, judged, type Loss, lossOf } from '../diagnose/index.ts'
import type { FailureCode } from '../failures/index.ts'
import type { Lab } from '../lab/index.ts'
import { type Finding, once } from '../model/index.ts'
import type { Run } from '../shell/index.ts'
import { type Decision, type DropHop, decisionsOf, type Trace } from '../trace/index.ts'
import { type Flow, flowText } from './flows.ts'

/** A flow of the simulation that failed, with all that is known of why. */
export interface Shown {
  readonly lab: Lab
  readonly flow: Flow
  readonly run: Run
  readonly trace: Trace
  /** The first cause. */
  readonly finding: Finding
  /** Where the cause is. */
  readonly loss: Loss
  /** Where the packet ended. */
  readonly end: Loss
  readonly facts: Facts
  /** The drop it goes back to; undefined where nobody dropped anything. */
  readonly drop: DropHop | undefined
  /** What policy, Services and NAT decided. */
  readonly decisions: () => readonly Decision[]
  /** Connections that a node knew before anything was tried, as `conntrack -L` prints them. */
  readonly before: (netns: string) => readonly string[]
  /** What it is a sign of, where that was known when it was tried. */
  readonly guesses?: readonly Guess[]
}

/** What a failing flow may be a sign of. */
export interface Guess {
  /** Its code in the catalogue; absent for what has none there. */
  readonly failure?: FailureCode
  /** What it is, for what has no code. */
  readonly title?: string
  /** 3: nothing else looks so. 2: what it most often is. 1: may be as well. */
  readonly fits: 1 | 2 | 3
  /** What tells it from others. */
  readonly because?: string
  /** Where the cause is, where that is neither where the packet ended nor where its finding is. */
  readonly loss?: Pick<Loss, 'stage' | 'code'>
  /** It is as somebody asked for (a policy, a default): no fault unless the flow was asked about. */
  readonly wanted?: true
}

/** What came of a flow. */
export interface Tried {
  readonly flow: Flow
  readonly text: string
  readonly run: Run
  readonly ok: boolean
}

/** How often a sender is told a smaller size on one way: by the card, in a tunnel, behind it. */
const TOLD = 3

/** Tries a flow in the simulation; one that the network tells to be shorter, again: that a first packet is lost is how it works. */
export function tryFlow(lab: Lab, flow: Flow): Tried {
  let run = runOf(lab, flow)
  for (let told = 0; told < TOLD && flow.kind !== 'tcp' && !run.ok && isTold(run); told++) run = runOf(lab, flow)
  return { flow, text: flowText(flow), run, ok: run.ok }
}

/** Whether the sender was told a smaller size. */
function isTold({ trace }: Run): boolean {
  return trace.hops.some((hop) => hop.kind === 'icmp-error' && hop.info > 0)
}

function runOf(lab: Lab, { kind, from, to, port = 0, size }: Flow): Run {
  switch (kind) {
    case 'ping':
      return lab.ping(from, to, size === undefined ? {} : { size })
    case 'tcp':
      return lab.tcp(from, to, port, size === undefined ? {} : { request: size, reply: size })
    case 'udp':
      return lab.udp(from, to, port, size === undefined ? {} : { size })
  }
}

/** Why a flow failed; undefined for one that did not. */
export function shownBy(lab: Lab, { flow, run }: Tried, before: Shown['before']): Shown | undefined {
  const facts = factsOf(lab.network, run.notes, lab.cluster, lab.dump?.dumped)
  const trace = run.trace.ok ? stalled(run.trace, facts) : run.trace
  const [finding] = trace.findings
  const end = lossOf(trace, facts)
  if (finding === undefined || end === undefined) return undefined
  const drops = dropsOf(trace)
  const { disposition } = trace
  const drop =
    disposition.kind === 'dropped'
      ? drops.find((hop) => hop.packet === disposition.packet && hop.cause === disposition.cause)
      : drops[0]
  const decisions = once(() => decisionsOf(trace))
  return { lab, flow, run, trace, finding, loss: causeLossOf(finding, end), end, facts, drop, decisions, before }
}

function dropsOf({ hops }: Trace): readonly DropHop[] {
  return hops.filter((hop): hop is DropHop => hop.kind === 'drop' && !hop.harmless)
}

/** A conversation that begins and does not go on: what of its data is lost first is the failure, not that the first packet was answered. */
function stalled(trace: Trace, facts: Facts): Trace {
  const roles = new Map(trace.packets.map(({ id, role }) => [id, role]))
  const drop = dropsOf(trace).find(({ packet }) => roles.get(packet) === 'request' || roles.get(packet) === 'reply')
  if (drop === undefined) return trace
  const { cause, netns, dev, packet } = drop
  const disposition = { kind: 'dropped', cause, netns, dev, packet, role: roles.get(packet) ?? 'request' } as const
  return judged({ ...trace, ok: false, disposition }, facts)
}
