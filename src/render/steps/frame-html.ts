import { escapeXml } from '../escape.ts'
import { layerKindAt } from '../layer-kind.ts'
import type { StepField, StepFrame, StepLayer } from './packet-step.ts'

/** Bytes of data behind the headers that are shown. */
const MOST_DATA = 128

/** A frame: its headers as boxes, their fields, and its bytes; a field and its bytes are selected together. */
export function frameHtml(frame: StepFrame): string {
  const bytes = frame.bytes.match(/../g) ?? []
  return `<div class="boxes" aria-hidden="true">${boxes(frame, 0)}</div>
<div class="frame"><div class="fields" role="listbox" aria-label="Headers and fields; up and down go from one to the next">${frame.layers.map((_, i) => layerHtml(frame, i)).join('')}</div>
${hexHtml(frame, bytes)}</div>`
}

/** Headers inside each other, as the packet is: each holds what follows. */
function boxes(frame: StepFrame, at: number): string {
  const layer = frame.layers[at]
  if (layer === undefined) return ''
  const mark = layer.change === 'new' ? '+' : layer.change === 'changed' ? '*' : ''
  return `<span class="box k-${layerKindAt(frame.layers, at)}"><b>${mark}${escapeXml(layer.name)}</b>${boxes(frame, at + 1)}</span>`
}

const MARKS = { new: '<em>new</em>', changed: '<em>changed</em>', same: '' } as const

function layerHtml(frame: StepFrame, at: number): string {
  const layer = frame.layers[at]
  if (layer === undefined) return ''
  const { name, start, length, depth, change, fault, fields } = layer
  const wrong = fault === undefined ? '' : ` <em class="bad">${escapeXml(fault)}</em>`
  const where = `bytes ${start}–${start + Math.max(length, 1) - 1}`
  const head = `<div role="option" class="f h" tabindex="${at === 0 ? 0 : -1}" aria-selected="false" data-a="${start}" data-n="${length}"><span>${escapeXml(name)}</span><b>${MARKS[change]}${wrong}</b><small>${where}</small></div>`
  return `<div role="group" aria-label="${escapeXml(name)}" class="l k-${layerKindAt(frame.layers, at)} d${Math.min(depth, 4)}">${head}${fields.map(fieldHtml).join('')}</div>`
}

function fieldHtml(field: StepField): string {
  const { name, value, start, length, change, before } = field
  const was = before === undefined ? '' : ` <em>was ${escapeXml(before)}</em>`
  return `<div role="option" class="f${change === 'same' ? '' : ' c'}" tabindex="-1" aria-selected="false" data-a="${start}" data-n="${length}"><span>${escapeXml(fieldLabel(name))}</span><b>${escapeXml(value)}${was}</b><small>${placeOf(field)}</small></div>`
}

/** Short names that are written in capitals. */
const CAPITALS: ReadonlySet<string> = new Set(['df', 'dscp', 'ecn', 'ihl', 'mf', 'ttl', 'vni'])

/** A field's name as words: `header checksum`, `TTL`. */
function fieldLabel(name: string): string {
  return CAPITALS.has(name) ? name.toUpperCase() : name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** Where a field stands: `byte 22`, `bytes 26–29`, `byte 14, bits 4–7`. */
function placeOf({ start, length, bit, bits }: StepField): string {
  if (bits === length * 8) return length === 1 ? `byte ${start}` : `bytes ${start}–${start + length - 1}`
  const first = start + Math.floor(bit / 8)
  const from = bit % 8
  return bits === 1 ? `byte ${first}, bit ${from}` : `byte ${first}, bits ${from}–${from + bits - 1}`
}

/** A piece of the bytes that belongs to the same fields throughout. */
interface Run {
  readonly start: number
  readonly end: number
  readonly kind: string
  readonly isChanged: boolean
}

function runsOf({ layers, bytes }: StepFrame): Run[] {
  const total = bytes.length / 2
  const cuts = new Set([0, total])
  for (const { start, length, fields } of layers) {
    cuts.add(start).add(start + length)
    for (const field of fields) cuts.add(field.start).add(field.start + field.length)
  }
  const edges = [...cuts].filter((cut) => cut <= total).sort((a, b) => a - b)
  return edges.slice(0, -1).map((start, i) => {
    const end = edges[i + 1] ?? total
    const at = layers.findIndex((layer) => start >= layer.start && start < layer.start + layer.length)
    const isChanged = layers[at]?.fields.some((one) => covers(one, start) && one.change === 'changed') ?? false
    return { start, end, kind: at < 0 ? 'payload' : layerKindAt(layers, at), isChanged }
  })
}

function covers({ start, length }: Pick<StepLayer, 'start' | 'length'>, at: number): boolean {
  return at >= start && at < start + length
}

function hexHtml(frame: StepFrame, bytes: readonly string[]): string {
  const data = frame.layers.find(({ protocol }) => protocol === 'data')
  const end = data === undefined ? bytes.length : Math.min(bytes.length, data.start + MOST_DATA)
  const runs = runsOf(frame)
    .filter(({ start }) => start < end)
    .map(({ start, end: stop, kind, isChanged }) => {
      const text = bytes.slice(start, Math.min(stop, end)).join(' ')
      return `<i class="k-${kind}${isChanged ? ' c' : ''}" data-a="${start}" data-n="${stop - start}">${text}</i>`
    })
  const rest = bytes.length - end
  const more = rest === 0 ? '' : `<p>… ${rest} more bytes of data</p>`
  const lines = (each: number): string =>
    Array.from({ length: Math.ceil(end / each) }, (_, i) => (i * each).toString(16).padStart(4, '0')).join('\n')
  return `<div class="hex" tabindex="0" role="group" aria-label="Bytes in hex; up and down go from field to field"><pre class="o o16" aria-hidden="true">${lines(16)}</pre><pre class="o o8" aria-hidden="true">${lines(8)}</pre><div class="x">${runs.join(' ')}</div>${more}</div>`
}
