import { type DropCause, pushTo } from '../model/index.ts'
import { assertNever } from '../wire/index.ts'
import { ends, type Flow, isErrorFlow, isNeighbourDiscovery, isReplyTo, turnedEnds } from './flow.ts'
import type { Hop } from './hop.ts'
import { isHarmless } from './hops/packet.ts'
import type { HopReader } from './reader.ts'
import type { PacketEnd, PacketRole, TracePacket } from './trace.ts'

/** A packet while its story is put together. */
export interface PacketStory {
  /** Id. */
  readonly id: number
  /** Its hops. */
  readonly hops: readonly Hop[]
  /** Namespace it was made in, or first seen in. */
  readonly birthplace: string
  /** Packet it is a copy or a fragment of. */
  readonly parent: number | undefined
  /** Packet it answers. */
  readonly answers: number | undefined
  /** Flow where first seen. */
  readonly flow: Flow | undefined
  /** Flow where last seen: NAT may have changed it. */
  readonly lastFlow: Flow | undefined
  /** Address resolution. */
  readonly resolution: boolean
}

/** The hops sorted by packet, in the order the packets were first heard of. */
export function storiesOf(hops: readonly Hop[], reader: HopReader): readonly PacketStory[] {
  const byId = new Map<number, Hop[]>()
  for (const hop of hops) {
    if (hop.packet !== 0) pushTo(byId, hop.packet, hop)
  }
  const stories = [...byId].map(([id, own]) => storyOf(id, own, reader))
  const pieces = new Map<number, PacketStory>()
  for (const story of stories) {
    if (story.parent !== undefined && story.flow !== undefined && !pieces.has(story.parent))
      pieces.set(story.parent, story)
  }
  return stories.map((story) => (story.flow === undefined && !story.resolution ? withFlow(story, pieces) : story))
}

/** A packet no device saw whole: its first fragment tells what it was, or else the lookup made for it. */
function withFlow(story: PacketStory, pieces: ReadonlyMap<number, PacketStory>): PacketStory {
  const piece = pieces.get(story.id)
  const flow = piece?.flow ?? askedFlow(story.hops)
  return { ...story, flow, lastFlow: story.lastFlow ?? flow }
}

function askedFlow(hops: readonly Hop[]): Flow | undefined {
  const made = hops.find((hop) => hop.kind === 'create')
  const route = hops.find((hop) => hop.kind === 'route')
  if (made?.kind !== 'create' || route?.kind !== 'route') return undefined
  const protocol = PROTOCOLS[made.protocol] ?? String(made.protocol)
  return { protocol, source: route.source, destination: route.destination, from: '', to: '', type: -1, code: -1 }
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' }

function storyOf(id: number, hops: readonly Hop[], reader: HopReader): PacketStory {
  let parent: number | undefined
  let answers: number | undefined
  for (const hop of hops) {
    if (hop.kind === 'clone') parent = hop.original
    if (hop.kind === 'create') answers = hop.answers
  }
  const { first, last } = reader.of(id)
  const flow = first?.frame.flow
  return {
    id,
    hops,
    birthplace: hops[0]?.netns ?? '',
    parent,
    answers,
    flow,
    lastFlow: last?.frame.flow,
    resolution: first?.frame.isArp === true || (flow !== undefined && isNeighbourDiscovery(flow)),
  }
}

/** Who asks: the namespace given, or the one that made the first packet that is not about resolution and answers nothing. */
export function askerOf(stories: readonly PacketStory[], from: string | undefined): string {
  if (from !== undefined) return from
  const first = stories.find((story) => !story.resolution && story.answers === undefined && story.flow !== undefined)
  return first?.birthplace ?? ''
}

/** The part each packet plays. */
export function rolesOf(stories: readonly PacketStory[], asker: string): ReadonlyMap<number, PacketRole> {
  const roles = new Map<number, PacketRole>()
  const requests = new Map<string, Flow[]>()
  for (const story of stories) {
    const role = roleOf(story, asker, roles, requests)
    roles.set(story.id, role)
    if (role === 'request' && story.flow !== undefined) pushTo(requests, ends(story.flow), story.flow)
  }
  return roles
}

function roleOf(
  story: PacketStory,
  asker: string,
  roles: ReadonlyMap<number, PacketRole>,
  requests: ReadonlyMap<string, readonly Flow[]>,
): PacketRole {
  if (story.resolution) return 'resolution'
  const inherited = story.parent === undefined ? undefined : roles.get(story.parent)
  if (inherited !== undefined) return inherited
  const { flow, lastFlow } = story
  if (flow !== undefined && isErrorFlow(flow)) return 'error'
  const answered = story.answers === undefined ? undefined : roles.get(story.answers)
  const asked = lastFlow === undefined ? [] : (requests.get(turnedEnds(lastFlow)) ?? [])
  const isReply = asked.some((one) => lastFlow !== undefined && isReplyTo(lastFlow, one))
  if (isReply || answered === 'request') return 'reply'
  if (story.birthplace === asker && story.answers === undefined)
    return isOfTunnel(story, requests) ? 'other' : 'request'
  return answered === 'reply' && story.birthplace === asker ? 'request' : 'other'
}

/** What nobody asked for: a tunnel's own packet (a handshake of WireGuard), on account of what was asked before. */
function isOfTunnel({ hops }: PacketStory, requests: ReadonlyMap<string, readonly Flow[]>): boolean {
  return requests.size > 0 && !hops.some(({ kind }) => kind === 'create' || kind === 'clone')
}

/** A packet's story told short. */
export function packetOf(story: PacketStory, role: PacketRole, reader: HopReader): TracePacket {
  const frame = story.hops.find((hop) => hop.kind === 'tx' || hop.kind === 'rx')
  const { end, cause } = endOf(story, reader)
  return {
    id: story.id,
    ...(story.parent === undefined ? {} : { parent: story.parent }),
    ...(story.answers === undefined ? {} : { answers: story.answers }),
    role,
    line: frame?.kind === 'tx' || frame?.kind === 'rx' ? frame.line : (story.hops[0]?.reason ?? ''),
    end,
    ...(cause === undefined ? {} : { cause }),
    path: pathOf(story.hops),
  }
}

function pathOf(hops: readonly Hop[]): readonly string[] {
  const path: string[] = []
  for (const hop of hops) if (hop.netns !== '' && hop.netns !== path.at(-1)) path.push(hop.netns)
  return path
}

/** How a packet ended, and the cause when it was freed with one. A packet that did not end waits, or is under way. */
function endOf(story: PacketStory, reader: HopReader): { readonly end: PacketEnd; readonly cause?: DropCause } {
  const end = reader.of(story.id).end
  if (end === undefined) return { end: isWaiting(story, reader) ? 'waiting' : 'in flight' }
  switch (end.how) {
    case 'dropped': {
      if (!isHarmless(end.cause)) return { end: 'dropped', cause: end.cause }
      const isTaken = story.hops.some((hop) => hop.kind === 'deliver' && hop.taken)
      return isTaken ? { end: 'delivered' } : { end: 'consumed', cause: end.cause }
    }
    case 'merged':
      return { end: 'reassembled' }
    case 'delivered':
    case 'consumed':
    case 'fragmented':
    case 'swallowed':
      return { end: end.how }
    default:
      return assertNever(end)
  }
}

function isWaiting(story: PacketStory, reader: HopReader): boolean {
  const last = story.hops.at(-1)
  return reader.of(story.id).keeper !== undefined || (last?.kind === 'neighbour' && last.queued)
}
