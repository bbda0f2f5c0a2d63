import {
  type Decision,
  type DeliverHop,
  type DropHop,
  type FrameHop,
  type Hop,
  headersOfHop,
  isDenial,
  type NeighbourHop,
  type PacketRole,
  type Trace,
} from '../../trace/index.ts'
import type { Layer } from '../../wire/index.ts'
import { chainOf } from '../hop-stays.ts'
import type { Section } from '../sections.ts'
import type { Told } from '../told.ts'
import type { Lanes } from './lanes.ts'
import { packetBoxes } from './packet-boxes.ts'
import { resolutionSentence } from './resolution.ts'
import { deliverySentence, dropSaid, saidOf } from './sentences.ts'
import type { ResolutionStep, StepBase, StoryDirection, StoryPlace, StoryStep } from './story.ts'

/** What is known of the whole trace while a chapter is told. */
export interface Telling {
  readonly trace: Trace
  readonly told: Told
  readonly lanes: Lanes
  /** Addresses somebody answered for. */
  readonly answered: ReadonlySet<string>
  readonly roles: ReadonlyMap<number, PacketRole>
  /** Index of every hop in the trace. */
  readonly indexOf: ReadonlyMap<Hop, number>
  /** Nobody asked anything but addresses: then their resolution is the story. */
  readonly onlyResolution: boolean
}

/** A step without its numbers, which are given when all are told. */
export type Draft = Unnumbered<Exclude<StoryStep, ResolutionStep>> | ResolutionDraft

type Unnumbered<S> = S extends StoryStep ? Omit<S, 'number' | 'chapter'> : never

/** A resolution whose steps have no numbers either. */
interface ResolutionDraft extends Omit<ResolutionStep, 'number' | 'chapter' | 'steps'> {
  readonly steps: readonly Draft[]
}

/** Where a packet is and what it looked like. */
interface Whereabouts {
  at?: StoryPlace
  netns?: string
  sent?: FrameHop
  /** When it was seen last, and when on a wire. */
  seen?: readonly Layer[]
  wired?: readonly Layer[]
}

/** An open question for a link-layer address. */
interface Question {
  readonly waiting: NeighbourHop | undefined
  readonly first: Hop
  readonly hops: Hop[]
  readonly steps: Draft[]
}

/** Tells the way of one packet, with what it waited for, step by step. */
export class ChapterTeller {
  readonly steps: Draft[] = []
  private readonly telling: Telling
  private readonly chain: ReadonlySet<number>
  private readonly whereabouts = new Map<number, Whereabouts>()
  private readonly section: Section
  private readonly outerLookups: ReadonlySet<Hop>
  private question: Question | undefined

  constructor(telling: Telling, section: Section) {
    this.telling = telling
    this.section = section
    this.outerLookups = outerLookupsIn(section)
    this.chain = section.packet === undefined ? new Set() : chainOf(telling.trace, section.packet.id)
  }

  /** All steps of the chapter, in time order. */
  tell(): readonly Draft[] {
    for (const visit of this.section.visits) for (const hop of visit.hops) this.take(hop)
    this.answer()
    return this.steps
  }

  private take(hop: Hop): void {
    if (hop.packet === 0) return
    if (hop.kind === 'clone') this.whereabouts.set(hop.packet, { ...this.of(hop.original) })
    if (!this.telling.lanes.has(hop.netns)) return
    const isResolution = this.telling.roles.get(hop.packet) === 'resolution' && !this.telling.onlyResolution
    if (isResolution) this.asked(hop)
    else if (this.chain.has(hop.packet) || this.telling.onlyResolution) this.told(hop)
  }

  /** Part of a resolution: kept aside, until the packet that waits goes on. */
  private asked(hop: Hop): void {
    // An answer that comes late is no news, nor what other pieces of the packet asked.
    if (this.question === undefined && !this.chain.has(hop.packet)) return
    this.question ??= { waiting: undefined, first: hop, hops: [], steps: [] }
    this.question.hops.push(hop)
    this.question.steps.push(...this.step(hop))
  }

  private told(hop: Hop): void {
    this.answer()
    if (isWaiting(hop)) this.question = { waiting: hop, first: hop, hops: [hop], steps: [] }
    else this.steps.push(...this.step(hop))
  }

  /** The question is answered, or given up: one step that holds all others. */
  private answer(): void {
    const { question } = this
    this.question = undefined
    if (question === undefined) return
    const { waiting, first, hops, steps } = question
    const said = resolutionSentence(this.telling.trace, waiting, hops)
    if (said === undefined) return
    const { target, sentence } = said
    const base = this.base(first, this.telling.lanes.place(first.netns, first.dev), sentence)
    const all = hops.flatMap((one) => this.telling.indexOf.get(one) ?? [])
    this.steps.push({ ...base, hops: all, kind: 'resolution', target, steps })
  }

  private step(hop: Hop): Draft[] {
    switch (hop.kind) {
      case 'tx':
        return [this.sent(hop)]
      case 'rx':
        return this.received(hop)
      case 'deliver':
        return this.delivered(hop)
      case 'drop':
        return this.freed(hop)
      default:
        return this.decided(hop)
    }
  }

  private sent(hop: FrameHop): Draft {
    const here = this.of(hop.packet)
    const before = here.netns === hop.netns ? here.at : undefined
    const step = this.move(hop, before ?? { ...this.place(hop), device: '' }, 'machine')
    here.sent = hop
    return step
  }

  private received(hop: FrameHop): Draft[] {
    const here = this.of(hop.packet)
    const { sent } = here
    if (here.netns === hop.netns && here.at !== undefined && sent?.netns !== hop.netns) {
      return [this.move(hop, here.at, 'machine')]
    }
    if (sent === undefined) {
      here.at = this.place(hop)
      here.netns = hop.netns
      return []
    }
    if (sent.netns === hop.netns) return [this.move(hop, this.place(sent), 'machine')]
    return [this.move(hop, this.place(sent), 'wire')]
  }

  private move(hop: FrameHop, from: StoryPlace, over: 'wire' | 'machine'): Draft {
    const here = this.of(hop.packet)
    const headers = headersOfHop(hop)
    const at = this.place(hop)
    const packet = packetBoxes(headers, over === 'wire' ? here.wired : here.seen)
    here.at = at
    here.netns = hop.netns
    here.seen = headers
    if (over === 'wire') here.wired = headers
    return { ...this.base(hop, at, moveSentence(hop, from, at, over)), kind: 'move', from, over, packet }
  }

  private decided(hop: Hop): Draft[] {
    const said = saidOf(this.telling.told, hop, this.telling.answered)
    if (said === undefined) return []
    const { about, sentence, origin } = said
    const base = this.base(hop, this.here(hop), `${this.outerLookups.has(hop) ? 'outer packet: ' : ''}${sentence}`)
    return [{ ...base, ...(origin === undefined ? {} : { origin }), kind: 'decision', about }]
  }

  private delivered(hop: DeliverHop): Draft[] {
    if (this.isOver()) return []
    return [{ ...this.base(hop, this.here(hop), deliverySentence(hop)), kind: 'delivery' }]
  }

  /** What the stack frees when its work is done is no loss; where nothing else says so, the packet was taken in there. */
  private freed(hop: DropHop): Draft[] {
    if (hop.harmless) {
      if (!hop.cause.startsWith('no_socket_icmp') || this.isOver()) return []
      return [{ ...this.base(hop, this.here(hop), 'takes it in'), kind: 'delivery' }]
    }
    const same = this.section.visits
      .flatMap((visit) => visit.hops)
      .filter((one) => one.packet === hop.packet && one.netns === hop.netns)
    const { cause, sentence, origin } = dropSaid(this.telling.told, hop, same)
    const denial = same.flatMap((one) => this.telling.told.by.get(one) ?? []).find(isDenial)
    const at = this.telling.lanes.place(hop.netns, deniedAt(denial) || hop.dev || this.here(hop).device)
    return [{ ...this.base(hop, at, sentence), ...(origin === undefined ? {} : { origin }), kind: 'drop', cause }]
  }

  private isOver(): boolean {
    return this.steps.some((step) => step.kind === 'delivery')
  }

  private base(hop: Hop, at: StoryPlace, sentence: string): Omit<StepBase, 'number' | 'chapter'> {
    const index = this.telling.indexOf.get(hop)
    return {
      packetId: hop.packet,
      time: hop.time,
      direction: this.directionOf(hop),
      at,
      sentence,
      hops: index === undefined ? [] : [index],
    }
  }

  private directionOf(hop: Hop): StoryDirection {
    const root = this.section.packet
    if (this.telling.onlyResolution) return hop.packet === root?.id ? 'request' : 'reply'
    return directionOf(root?.role ?? 'other')
  }

  private place(hop: FrameHop): StoryPlace {
    return this.telling.lanes.place(hop.netns, hop.dev)
  }

  /** Where the packet is, as far as it is in the hop's namespace. */
  private here(hop: Hop): StoryPlace {
    const { at, netns } = this.of(hop.packet)
    return at !== undefined && netns === hop.netns ? at : this.telling.lanes.place(hop.netns, hop.dev)
  }

  /** A fragment is where the whole was. */
  private of(packet: number): Whereabouts {
    const known = this.whereabouts.get(packet)
    if (known !== undefined) return known
    const parent = this.telling.trace.packets.find((one) => one.id === packet)?.parent
    const made: Whereabouts = parent === undefined ? {} : { ...this.of(parent) }
    this.whereabouts.set(packet, made)
    return made
  }
}

/** Lookups for the packet a tunnel is about to make, which are made before the headers are put in front. */
function outerLookupsIn(section: Section): ReadonlySet<Hop> {
  const last = new Map<number, Hop>()
  const found = new Set<Hop>()
  for (const hop of section.visits.flatMap((visit) => visit.hops)) {
    if (hop.kind === 'tx') last.delete(hop.packet)
    else if (hop.kind === 'route') last.set(hop.packet, hop)
    else if (hop.kind === 'encap') {
      const lookup = last.get(hop.packet)
      if (lookup?.kind === 'route' && lookup.destination === hop.destination) found.add(lookup)
    }
  }
  return found
}

/** A packet waits for an address. */
function isWaiting(hop: Hop): hop is NeighbourHop {
  return hop.kind === 'neighbour' && hop.queued
}

/** Whose way a packet of some part is told as. */
export function directionOf(role: PacketRole): StoryDirection {
  return role === 'resolution' ? 'other' : role
}

/** The interface of the endpoint that refuses; '' where none is known. */
function deniedAt(denial: Decision | undefined): string {
  return denial !== undefined && 'at' in denial ? denial.at.dev : ''
}

function moveSentence(hop: FrameHop, from: StoryPlace, at: StoryPlace, over: 'wire' | 'machine'): string {
  if (over === 'wire') return `reaches ${hop.netns} at ${at.device}`
  if (hop.kind === 'rx') return `goes on from ${from.device} to ${at.device}`
  if (from.device === '') return `is made and leaves by ${at.device}`
  return from.device === at.device ? `leaves by ${at.device}, the way it came` : `leaves by ${at.device}`
}
