import { describeChange, type FrameHop, headersBefore, headersOf } from '../../trace/index.ts'
import { dissectFrame, type Layer, type LayerField, parseHex } from '../../wire/index.ts'
import { protocolName } from '../layer-kind.ts'
import type { StepField, StepFrame, StepLayer } from './packet-step.ts'

/** Names that stand above a list of fields, where they are not those of the protocols. */
const HEADINGS: Readonly<Record<string, string>> = { data: 'Data', dns: 'DNS', vlan: '802.1Q' }

/** The name of a header for people. */
function layerName(protocol: string): string {
  return HEADINGS[protocol] ?? protocolName(protocol)
}

/** A frame with its headers open. @param before - the packet as it was last seen; undefined for the first sighting */
export function openFrame(hop: FrameHop, before: FrameHop | undefined): StepFrame {
  const bytes = bytesOf(hop)
  const known = before === undefined ? undefined : knownBefore(bytes, hop.linkType, before)
  return {
    linkType: hop.linkType,
    bytes: hop.bytes,
    layers: opened(dissectFrame(bytes, hop.linkType), known, 0),
    changes:
      before === undefined
        ? []
        : hop.changes.filter((change) => change.kind !== 'field' || !change.derived).map(describeChange),
  }
}

/** The same frame, nothing of it changed: what is shown where a packet ends. */
export function sameFrame(hop: FrameHop): StepFrame {
  return { ...openFrame(hop, hop), changes: [] }
}

function bytesOf({ bytes }: FrameHop): Uint8Array {
  return parseHex(bytes) ?? new Uint8Array(0)
}

/** The headers a packet had when it was last seen, by where they start now; one that is new has none. */
type Known = ReadonlyMap<number, Layer | undefined>

function knownBefore(bytes: Uint8Array, linkType: number, before: FrameHop): Known {
  const after = headersOf(bytes, linkType)
  const same = headersBefore(headersOf(bytesOf(before), before.linkType), after)
  return new Map(after.map((layer, i) => [layer.start, same[i]]))
}

/** Headers in one list, those inside behind those around them. What an ICMP error quotes is new or not as the error is. */
function opened(layers: readonly Layer[], known: Known | undefined, depth: number): StepLayer[] {
  return layers.flatMap((layer) => {
    const quotes = layer.protocol === 'icmp' || layer.protocol === 'icmpv6'
    const inner = layer.inner ?? []
    return [openLayer(layer, known, depth), ...opened(inner, quotes ? undefined : known, depth + 1)]
  })
}

function openLayer(layer: Layer, known: Known | undefined, depth: number): StepLayer {
  const { protocol, start, length, fault } = layer
  const before = known?.get(start)
  const isNew = known !== undefined && before === undefined
  const fields = layer.fields.map((field) => openField(field, before))
  const isChanged = fields.some((field) => field.change === 'changed')
  return {
    protocol,
    name: layerName(protocol),
    depth,
    start,
    length,
    change: isNew ? 'new' : isChanged ? 'changed' : 'same',
    ...(fault === undefined ? {} : { fault }),
    fields,
  }
}

function openField(field: LayerField, layer: Layer | undefined): StepField {
  const { name, text, start, length, bits } = field
  const before = layer?.fields.find((one) => one.name === name)?.text
  const isChanged = before !== undefined && before !== text
  return {
    name,
    value: text,
    start,
    length,
    bit: bits?.start ?? 0,
    bits: bits?.length ?? length * 8,
    change: isChanged ? 'changed' : 'same',
    ...(isChanged ? { before } : {}),
  }
}
