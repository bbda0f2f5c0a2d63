import { dissectFrame, type Layer, type LayerField } from '../wire/index.ts'

/** The headers of a frame in one list, outermost first; what a tunnel carries follows its outer headers. */
export function headersOf(bytes: Uint8Array, linkType: number): readonly Layer[] {
  return flat(dissectFrame(bytes, linkType))
}

/** The headers an ICMP error quotes; undefined when the innermost message is none. */
export function quoteOf(headers: readonly Layer[]): readonly Layer[] | undefined {
  const inner = headers.find(isIcmp)?.inner
  return inner === undefined ? undefined : flat(inner)
}

function flat(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) =>
    layer.inner === undefined || isIcmp(layer) ? [layer] : [layer, ...flat(layer.inner)],
  )
}

function isIcmp(layer: Layer): boolean {
  return layer.protocol === 'icmp' || layer.protocol === 'icmpv6'
}

function fieldOf({ fields }: Layer, name: string): LayerField | undefined {
  for (const field of fields) if (field.name === name) return field
  return undefined
}

/** A field as text; '' when the header has none of that name. */
export function fieldText(layer: Layer, name: string): string {
  return fieldOf(layer, name)?.text ?? ''
}

/** A field as a number; -1 when the header has none of that name. */
export function fieldNumber(layer: Layer, name: string): number {
  const value = fieldOf(layer, name)?.value
  return typeof value === 'number' ? value : -1
}
