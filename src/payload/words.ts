import { CONFIDENCE_WORDS, confidenceText, pushTo } from '../model/index.ts'
import { assertNever } from '../wire/index.ts'
import type { Because, Cut, Measured, PayloadVerdict, PayloadWay } from './report.ts'

/** Verdicts for people. */
export const VERDICT_WORDS: Readonly<Record<PayloadVerdict, string>> = {
  fits: 'fits',
  told: 'cut and told',
  black_hole: 'BLACK HOLE',
  blocked: 'blocked',
  undecided: 'undecided',
}

/** What a way rests on, for people, in one line: the first reason. */
export function basisWords({ confidence: { kind, of } }: PayloadWay): string {
  return confidenceText({ kind, of: of.slice(0, 1) })
}

/** Something an answer rests on, with where: the first few places. */
export function becauseWords({ what, at }: Because): string {
  if (at.length === 0) return what
  const more = at.length > PLACES ? ` and ${at.length - PLACES} more devices` : ''
  return `${what} (${at.slice(0, PLACES).join(', ')}${more})`
}

/** Places that are named; there may be thousands. */
const PLACES = 6

/** Where a longer packet ends, and what its sender hears of it. */
export function cutWords({ netns, dev, mtu, source, cause, news }: Cut): string {
  const room = cause === 'veth_frame_too_long' ? ' and 4 more, the room for a VLAN tag' : ''
  const decided = mtu === source.mtu ? room : `, whose own MTU is ${source.mtu}`
  const where = `${netns} ${dev} takes ${mtu} bytes${decided} (${source.why}; ${CONFIDENCE_WORDS[source.confidence.kind]})`
  return `${where}; ${newsWords({ netns, news })}`
}

function newsWords({ news }: Pick<Cut, 'netns' | 'news'>): string {
  switch (news.kind) {
    case 'own':
      return 'the sender’s own host refuses more'
    case 'told': {
      const lost = news.after === 1 ? 'the first packet is lost' : `${news.after} packets are lost`
      return `ICMP tells the sender${news.mtu === 0 ? '' : ` (${news.mtu} bytes)`}: ${lost}, smaller ones follow`
    }
    case 'lost':
      return `ICMP does not reach the sender: ${news.why}${news.dev === '' ? '' : ` (${news.netns} ${news.dev})`}`
    case 'silent':
      return `the sender hears nothing: ${news.why}`
    default:
      return assertNever(news)
  }
}

/** What passes without DF, and where it is cut; '' when it was not asked. */
export function fragmentWords({ whole, fragmented, fragments = [] }: Measured): string {
  if (fragmented === undefined) return ''
  if (fragmented === null) return 'without DF nothing passes'
  if (fragmented === whole) return `without DF no more than with it: ${whole}`
  const places = fragments.map(({ netns, dev, mtu }) => `${netns} ${dev} (${mtu})`)
  return `without DF up to ${fragmented}, fragmented at ${places.join(', ')}`
}

/** Segments in words: what each side announces, and what passes. */
export function segmentWords({ tcp }: PayloadWay): string {
  if (tcp === undefined || tcp.largest === null) return ''
  const announced = `MSS ${tcp.announcedBySender ?? '?'} by the sender, ${tcp.announcedByReceiver ?? '?'} by the receiver`
  return `TCP announces ${announced}; segments of ${tcp.largest} pass${tcp.completes ? '' : ', and the transfer hangs'}`
}

/** What does not pass whatever its size, and why: protocols by reason, each judged for itself; '' where all pass. */
export function blockedWords({ ping, udp, tcp }: PayloadWay): string {
  const isAnswered = ping?.blocked === undefined && udp?.blocked === undefined && tcp?.blocked !== undefined
  const all = [
    ['ping', ping?.blocked],
    ['UDP', udp?.blocked],
    [isAnswered && (ping ?? udp) !== undefined ? 'TCP (requests of others arrive)' : 'TCP', tcp?.blocked],
  ] as const
  const byReason = new Map<string, string[]>()
  for (const [protocol, why] of all) if (why !== undefined) pushTo(byReason, why, protocol)
  return [...byReason].map(([why, protocols]) => `${listed(protocols)} blocked: ${why}`).join('; ')
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
