import { pushTo } from '../model/index.ts'
import { TCP_FLAG } from '../wire/index.ts'
import type { Opened } from './flows.ts'
import { conversationOf, endsOf, type FlowEnds } from './keys.ts'
import { ANY, placeName } from './places.ts'
import type { Missing, Place, Remark } from './report.ts'
import { directionOf, type SimulatedFlow } from './simulated.ts'
import { type CapturedSegment, readConnection } from './tcp-gaps.ts'

/** A packet of a flow at one place. */
interface Sighting {
  readonly number: number
  readonly way: 'request' | 'reply'
  readonly one: Opened
}

/** What is missing in one capture, and what of it is worth a word. */
export function exchangesIn(
  packets: readonly Opened[],
  flowOf: (packet: Opened) => number | undefined,
  flows: readonly SimulatedFlow[],
  place: Place | undefined,
): { readonly missing: Missing[]; readonly remarks: Remark[] } {
  const missing: Missing[] = []
  const remarks: Remark[] = []
  const errors = new Map<number, number>()
  const talks = new Map<string, { readonly flow: number; readonly seen: Sighting[] }>()
  for (const one of packets) {
    const flow = flowOf(one)
    if (flow === undefined) continue
    const { packet, raw } = one
    if (packet.quote !== undefined) {
      if (!errors.has(flow)) errors.set(flow, raw.number)
      continue
    }
    const ends = endsOf(packet)
    if (ends === undefined || packet.layers.at(-1)?.isLaterFragment === true) continue
    const way = flows[flow]!.ways.get(directionOf(ends)) ?? 'request'
    const talk = talkOf(flow, one, ends, place)
    const known = talks.get(talk) ?? { flow, seen: [] }
    known.seen.push({ number: raw.number, way, one })
    talks.set(talk, known)
  }
  for (const { flow, seen } of talks.values()) {
    const found = readTalk(seen, place?.dev === ANY)
    remarks.push(...found.remarks)
    const answered = errors.get(flow)
    for (const { what, after, way } of found.missing) {
      if (answered !== undefined && way === 'reply' && answered > after) {
        remarks.push({ number: after, what: `no answer comes, but the ICMP error of packet ${answered}` })
        continue
      }
      const one = flows[flow]!
      if (isElsewhere(one, way, place))
        remarks.push({ number: after, what: `${what} takes another way, as the simulation has it` })
      else missing.push(missed(one, flow, { what, after, way }, place))
    }
  }
  return { missing: missing.sort((a, b) => a.after - b.after), remarks: remarks.sort((a, b) => a.number - b.number) }
}

/**
 * What belongs together at a place. Where several devices are one, the same packet passes in a tunnel and without; at one device a way may be
 * in it and the other not. A UDP server may answer from another of its addresses.
 */
function talkOf(flow: number, { packet }: Opened, ends: FlowEnds, place: Place | undefined): string {
  const depth = place?.dev === ANY ? packet.layers.length : ''
  return `${flow} ${ends.protocol === 'udp' ? '' : conversationOf(ends)} ${depth}`
}

/** A packet that was not found, before the prediction was asked. */
interface Lack {
  readonly what: string
  readonly after: number
  readonly way: 'request' | 'reply'
}

function readTalk(seen: readonly Sighting[], isAny: boolean): { readonly missing: Lack[]; readonly remarks: Remark[] } {
  switch (seen[0]?.one.packet.upper?.protocol) {
    case 'icmp':
      return { missing: echoesMissing(seen), remarks: [] }
    case 'tcp':
      return segmentsMissing(seen, isAny)
    default:
      return { missing: datagramsMissing(seen), remarks: [] }
  }
}

/** Echoes are paired by identifier and number. */
function echoesMissing(seen: readonly Sighting[]): Lack[] {
  const pairs = new Map<string, Sighting[]>()
  for (const one of seen) pushTo(pairs, `${one.one.packet.upper?.from} ${one.one.packet.upper?.sequence}`, one)
  return [...pairs.values()].flatMap((list): Lack[] => {
    const sequence = list[0]?.one.packet.upper?.sequence ?? 0
    const request = list.find(({ way }) => way === 'request')
    const reply = list.find(({ way }) => way === 'reply')
    if (request !== undefined && reply === undefined) {
      return [{ what: `echo reply ${sequence}`, after: request.number, way: 'reply' }]
    }
    if (reply === undefined || request !== undefined) return []
    return [{ what: `echo request ${sequence}`, after: reply.number, way: 'request' }]
  })
}

/** Of datagrams nobody knows which answers which: only that there is none. */
function datagramsMissing(seen: readonly Sighting[]): Lack[] {
  const [request, reply] = (['request', 'reply'] as const).map((way) => seen.find((one) => one.way === way))
  if (request !== undefined && reply === undefined) return [{ what: 'an answer', after: request.number, way: 'reply' }]
  if (reply === undefined || request !== undefined) return []
  return [{ what: 'the request', after: reply.number, way: 'request' }]
}

function segmentsMissing(seen: readonly Sighting[], isAny: boolean): { missing: Lack[]; remarks: Remark[] } {
  const segments = seen.flatMap(({ number, way, one }): CapturedSegment[] => {
    const { upper } = one.packet
    return upper === undefined ? [] : [{ number, way, upper }]
  })
  const { gaps, remarks } = readConnection(segments)
  const missing: Lack[] = [...gaps]
  const opening = segments.find(({ way, upper }) => way === 'request' && (upper.flags & TCP_FLAG.SYN) !== 0)
  if (opening !== undefined && !segments.some(({ way }) => way === 'reply')) {
    missing.push({ what: 'SYN-ACK', after: opening.number, way: 'reply' })
  }
  return { missing, remarks: isAny ? [] : remarks }
}

/** Whether the simulation has packets of a way at a place. */
function isPredicted({ frames }: SimulatedFlow, way: 'request' | 'reply', place: Place | undefined): boolean {
  return frames.some((frame) => frame.role === way && isAt(frame.place, place))
}

/** Whether all is well, and packets of a way are nothing that comes through here. */
function isElsewhere(flow: SimulatedFlow, way: 'request' | 'reply', place: Place | undefined): boolean {
  return flow.told.ok && flow.frames.length > 0 && !isPredicted(flow, way, place)
}

/** What it means that a packet is missing: whether it was to be expected here, and where it may have ended. */
function missed(flow: SimulatedFlow, index: number, { what, after, way }: Lack, place: Place | undefined): Missing {
  const at = place === undefined ? 'this place' : placeName(place)
  if (flow.frames.length === 0) {
    return { flow: index, what, after, basis: 'packets', means: `it does not pass ${at}; the flow was not simulated` }
  }
  if (!isPredicted(flow, way, place)) {
    const means = `it is not expected at ${at}: ${flow.told.predicted}`
    return { flow: index, what, after, basis: 'prediction', means }
  }
  return { flow: index, what, after, basis: 'prediction', means: meaningOf(flow, way, place, at) }
}

function meaningOf(flow: SimulatedFlow, way: 'request' | 'reply', place: Place | undefined, at: string): string {
  if (way === 'request') {
    return `what answers it passes ${at}: it took another way, or the capture lost it or began later`
  }
  const path = pathOf(flow, 'request')
  const here = path.map((one) => isAt(one, place)).lastIndexOf(true)
  const beyond = path.slice(here + 1).filter((one) => one.netns !== place?.netns)
  const [next] = beyond
  const last = path.at(-1)
  if (here < 0 || next === undefined || last === undefined) {
    return `${at} is the last the request comes through: who is asked does not answer, or its own host drops the answer`
  }
  return `the request leaves ${at} and no answer comes: one of them ends beyond this place. Next on the way is ${placeName(next)}; capture there, or at ${placeName(last)}`
}

/** The places that packets of one way come through, in order. */
export function pathOf({ frames }: SimulatedFlow, way: 'request' | 'reply'): readonly Place[] {
  const seen = new Map<string, Place>()
  for (const { place, role } of frames)
    if (role === way && !seen.has(placeName(place))) seen.set(placeName(place), place)
  return [...seen.values()]
}

/** Whether a place is this one, or one of its devices. */
export function isAt(one: Place, place: Place | undefined): boolean {
  return place === undefined || (one.netns === place.netns && (place.dev === ANY || one.dev === place.dev))
}
