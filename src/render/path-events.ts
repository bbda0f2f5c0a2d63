import {
  type Decision,
  type DropHop,
  decisionWords,
  type FrameHop,
  type Hop,
  isDenial,
  type PacketRole,
  type ServiceDecision,
  type Trace,
} from '../trace/index.ts'
import { briefDecision } from './brief.ts'
import { type Section, sectionsOf } from './sections.ts'
import type { StoryOptions } from './story/story.ts'
import { isByService, serviceStation, shortLine, type Told, toldOf } from './told.ts'
import { answeredTargets, involvedIn, isIdle, switchesOf } from './visible.ts'

/** An end of an arrow. */
export interface PathPoint {
  /** Namespace. */
  readonly netns: string
  /** Interface; '' for the namespace itself. */
  readonly dev: string
}

/** Something a picture of the path shows, in reading order. */
export type PathEvent =
  | { readonly kind: 'section'; readonly role: PacketRole; readonly text: string }
  | {
      /** A frame crosses a wire, or a piece of Ethernet. */
      readonly kind: 'wire'
      readonly role: PacketRole
      readonly from: PathPoint
      readonly to: PathPoint
      readonly frame: FrameHop
    }
  | {
      /** A packet gets from one interface of a namespace to another, or is made there. */
      readonly kind: 'inside'
      readonly role: PacketRole
      readonly from: PathPoint
      readonly to: PathPoint
      readonly frame: FrameHop
      /** What was decided on the way, a line each. */
      readonly decisions: readonly string[]
    }
  | {
      /** A packet has to wait, for the neighbour's address. */
      readonly kind: 'note'
      readonly role: PacketRole
      readonly at: PathPoint
      /** What was decided on the way, a line each. */
      readonly decisions: readonly string[]
    }
  | {
      /** A Service is asked, and one of its endpoints is chosen. */
      readonly kind: 'service'
      readonly role: PacketRole
      readonly at: PathPoint
      /** The Service. */
      readonly name: string
      /** What was chosen, and from what. */
      readonly choice: string
    }
  | {
      /** A packet's way ends: taken in, or dropped. */
      readonly kind: 'end'
      readonly role: PacketRole
      readonly at: PathPoint
      readonly good: boolean
      readonly text: string
      /** What was decided on the way, a line each. */
      readonly decisions: readonly string[]
    }

/**
 * What a picture of a trace shows: frames between interfaces, decisions between frames, ends. Switches are wires unless asked
 * for, and stations that only overheard a broadcast are left out.
 */
export function pathEvents(trace: Trace, options: StoryOptions = {}): readonly PathEvent[] {
  const follower = new Follower(trace, options.switches === true ? new Set() : switchesOf(trace))
  for (const section of sectionsOf(trace)) follower.follow(section)
  return follower.events
}

class Follower {
  readonly events: PathEvent[] = []
  private readonly roles: ReadonlyMap<number, PacketRole>
  private readonly hidden: ReadonlySet<string>
  private readonly answered: ReadonlySet<string>
  private readonly main: ReadonlySet<string>
  private readonly lastTx = new Map<number, FrameHop>()
  private readonly at = new Map<number, PathPoint>()
  private readonly decisions = new Map<number, string[]>()
  private readonly told: Told

  constructor(trace: Trace, hidden: ReadonlySet<string>) {
    this.roles = new Map(trace.packets.map((packet) => [packet.id, packet.role]))
    this.hidden = hidden
    this.answered = answeredTargets(trace)
    this.main = involvedIn(trace)
    this.told = toldOf(trace)
  }

  follow(section: Section): void {
    const before = this.events.length
    for (const visit of section.visits) for (const hop of visit.hops) this.step(hop)
    if (this.events.length === before) return
    this.events.splice(before, 0, { kind: 'section', role: section.role, text: section.packet?.line ?? '' })
  }

  private step(hop: Hop): void {
    if (hop.packet === 0) return
    if (hop.kind === 'clone') {
      const sent = this.lastTx.get(hop.original)
      if (sent !== undefined) this.lastTx.set(hop.packet, sent)
    }
    if (this.hidden.has(hop.netns) || !this.main.has(hop.netns)) return
    if (hop.kind === 'tx') this.sent(hop)
    else if (hop.kind === 'rx') this.received(hop)
    else if (isEnd(hop)) this.ended(hop)
    else this.judged(hop)
  }

  private sent(hop: FrameHop): void {
    const from = this.at.get(hop.packet) ?? { netns: hop.netns, dev: '' }
    this.inside(hop, from)
    this.lastTx.set(hop.packet, hop)
  }

  private received(hop: FrameHop): void {
    const sent = this.lastTx.get(hop.packet)
    const place = { netns: hop.netns, dev: hop.dev }
    const before = this.at.get(hop.packet)
    if (before?.netns === hop.netns && sent?.netns !== hop.netns) {
      this.inside(hop, before)
      return
    }
    if (sent !== undefined) {
      const from = { netns: sent.netns, dev: sent.dev }
      this.events.push({ kind: 'wire', role: this.role(hop), from, to: place, frame: hop })
    }
    this.at.set(hop.packet, place)
  }

  private inside(hop: FrameHop, from: PathPoint): void {
    const to = { netns: hop.netns, dev: hop.dev }
    const decisions = this.decisions.get(hop.packet) ?? []
    this.decisions.delete(hop.packet)
    this.events.push({ kind: 'inside', role: this.role(hop), from, to, frame: hop, decisions })
    this.at.set(hop.packet, to)
  }

  private ended(hop: Hop): void {
    const good = hop.kind !== 'drop' || hop.harmless
    const role = this.role(hop)
    if (role === 'resolution' && good) return
    const denial = hop.kind === 'drop' ? this.denialOf(hop) : undefined
    const place = { netns: hop.netns, dev: devOf(denial) ?? this.at.get(hop.packet)?.dev ?? hop.dev }
    const decisions = this.decisions.get(hop.packet) ?? []
    this.decisions.delete(hop.packet)
    const text = good ? 'taken in' : denial === undefined ? `dropped: ${hop.reason}` : decisionWords(denial)
    this.events.push({ kind: 'end', role, at: place, good, text, decisions })
  }

  /** A rule that stands for something is told by what was decided, and not by its words. */
  private judged(hop: Hop): void {
    const decision = this.told.by.get(hop)
    if (decision !== undefined && isDenial(decision)) return
    const line = shortLine(this.told, hop)
    if (decision?.kind === 'service') this.asked(hop, decision)
    else if (line !== undefined) this.decided(hop, line)
    else if (!isToldOtherwise(hop, this.told) && !isIdle(hop, this.answered)) this.decided(hop, briefDecision(hop))
  }

  /** A station of its own: what is asked there is an address that nobody has. */
  private asked(hop: Hop, decision: ServiceDecision): void {
    const at = this.at.get(hop.packet) ?? { netns: hop.netns, dev: '' }
    const { name, choice } = serviceStation(decision)
    this.events.push({ kind: 'service', role: this.role(hop), at, name, choice })
  }

  private decided(hop: Hop, line: string): void {
    const known = this.decisions.get(hop.packet)
    if (known === undefined) this.decisions.set(hop.packet, [line])
    else known.push(line)
    if (hop.kind !== 'neighbour' || !hop.queued) return
    const decisions = this.decisions.get(hop.packet) ?? []
    this.decisions.delete(hop.packet)
    this.events.push({ kind: 'note', role: this.role(hop), at: { netns: hop.netns, dev: hop.dev }, decisions })
  }

  /** Who refused the packet, where it was policy, Felix or a Service. */
  private denialOf({ packet, netns }: DropHop): Decision | undefined {
    return this.told.all.find((one) => one.packet === packet && one.netns === netns && isDenial(one))
  }

  private role(hop: Hop): PacketRole {
    return this.roles.get(hop.packet) ?? 'other'
  }
}

/** The interface of the endpoint that refuses. */
function devOf(denial: Decision | undefined): string | undefined {
  const dev = denial !== undefined && 'at' in denial ? denial.at.dev : ''
  return dev === '' ? undefined : dev
}

/** Rules with a meaning lead to decisions, which are told; a translation is told, or undone on the way back. */
function isToldOtherwise(hop: Hop, told: Told): boolean {
  return (hop.kind === 'rule' && hop.meaning !== undefined) || (hop.kind === 'nat' && isByService(hop, told))
}

/** A packet is delivered once for a picture; what the stack frees afterwards, or overhears, is not shown. */
function isEnd(hop: Hop): boolean {
  return hop.kind === 'deliver' || (hop.kind === 'drop' && (!hop.harmless || hop.cause.startsWith('no_socket_icmp')))
}
