import type { Layer } from '../wire/index.ts'
import { fieldNumber, fieldText } from './layers.ts'

/** A header was put in front of a packet or taken off. */
export interface HeaderChange {
  /** Which. */
  readonly kind: 'pushed' | 'pulled'
  /** Protocol of the header. */
  readonly layer: string
  /** The header in a few words. */
  readonly text: string
}

/** A field of a packet got another value. */
export interface FieldChange {
  /** Discriminant. */
  readonly kind: 'field'
  /** Protocol of the header. */
  readonly layer: string
  /** Field, by the name its RFC gives it. */
  readonly field: string
  /** Value before. */
  readonly from: string
  /** Value after. */
  readonly to: string
  /** Follows from other changes: a checksum or a length. */
  readonly derived: boolean
}

/** What became of a packet between two sightings. */
export type Change = HeaderChange | FieldChange

/** Fields that change because others do. */
const DERIVED: ReadonlySet<string> = new Set(['checksum', 'headerChecksum', 'length', 'payloadLength', 'totalLength'])

/** Where two lists of headers meet: those before `front` and those from `b` and `a` on are the same headers. */
interface Meeting {
  readonly front: number
  readonly b: number
  readonly a: number
}

/** What a header among others is matched by. */
type PartOf = (headers: readonly Layer[], i: number) => string

const protocolOf: PartOf = (headers, i) => headers[i]!.protocol

/** Headers are matched from the innermost outwards, so that an encapsulation reads as headers pushed, whatever it put in front. */
function meetingOf(before: readonly Layer[], after: readonly Layer[], partOf: PartOf): Meeting {
  let b = before.length
  let a = after.length
  while (b > 0 && a > 0 && partOf(before, b - 1) === partOf(after, a - 1)) {
    b -= 1
    a -= 1
  }
  let front = 0
  while (front < b && front < a && partOf(before, front) === partOf(after, front)) front += 1
  return { front, b, a }
}

/**
 * For every header of a sighting the same header at the sighting before; undefined where it was not there.
 * @param partOf - what a header is matched by; absent = its protocol
 */
export function headersBefore(
  before: readonly Layer[],
  after: readonly Layer[],
  partOf: (headers: readonly Layer[], i: number) => string = protocolOf,
): readonly (Layer | undefined)[] {
  const { front, b, a } = meetingOf(before, after, partOf)
  return after.map((_, i) => (i < front ? before[i] : i < a ? undefined : before[b + i - a]))
}

/** The named differences between two sightings of one packet. */
export function changesBetween(before: readonly Layer[], after: readonly Layer[]): readonly Change[] {
  const { front, b, a } = meetingOf(before, after, protocolOf)
  const pulled = before.slice(front, b).map((layer) => headerChange('pulled', layer))
  const pushed = after.slice(front, a).map((layer) => headerChange('pushed', layer))
  const outer = after.slice(0, front).flatMap((layer, i) => fieldChanges(before[i]!, layer))
  const inner = after.slice(a).flatMap((layer, i) => fieldChanges(before[b + i]!, layer))
  return [...pulled, ...pushed, ...outer, ...inner]
}

function headerChange(kind: HeaderChange['kind'], layer: Layer): HeaderChange {
  return { kind, layer: layer.protocol, text: brief(layer) }
}

function fieldChanges(before: Layer, after: Layer): Change[] {
  const changes: Change[] = []
  for (const { name, text } of after.fields) {
    const from = before.fields.find((field) => field.name === name)?.text
    if (from === undefined || from === text) continue
    changes.push({ kind: 'field', layer: after.protocol, field: name, from, to: text, derived: DERIVED.has(name) })
  }
  return changes
}

/** A change in words: `ipv4 ttl 64→63`, `+ipv4 10.0.0.1 > 10.0.0.2 ttl 63 protocol 4 (IPIP)`. */
export function describeChange(change: Change): string {
  if (change.kind === 'field') return `${change.layer} ${change.field} ${change.from}→${change.to}`
  return `${change.kind === 'pushed' ? '+' : '-'}${change.layer} ${change.text}`.trimEnd()
}

/** A header in a few words. */
function brief(layer: Layer): string {
  const text = (name: string): string => fieldText(layer, name)
  switch (layer.protocol) {
    case 'ethernet':
      return `${text('source')} > ${text('destination')}`
    case 'arp':
      return `${text('operation')} for ${text('targetProtocol')}`
    case 'ipv4': {
      const df = fieldNumber(layer, 'df') === 1 ? ' DF' : ''
      return `${text('source')} > ${text('destination')} ttl ${text('ttl')}${df} protocol ${text('protocol')}`
    }
    case 'ipv6':
      return `${text('source')} > ${text('destination')} hopLimit ${text('hopLimit')} nextHeader ${text('nextHeader')}`
    case 'udp':
    case 'tcp':
      return `${text('sourcePort')} > ${text('destinationPort')}`
    case 'icmp':
    case 'icmpv6':
      return `type ${text('type')} code ${text('code')}`
    case 'vxlan':
      return `vni ${text('vni')}`
    default:
      return text('length')
  }
}
