import type { Hop } from '../trace/index.ts'
import { dissectFrame, hexDump, type Layer, parseHex } from '../wire/index.ts'
import type { Style } from './style.ts'

/** What only the deepest text shows of a hop: all candidates of a lookup, the tree of a frame's fields, its bytes. */
export function detailLines(hop: Hop, style: Style): string[] {
  if (hop.kind === 'tx' || hop.kind === 'rx') return frameLines(hop.bytes, hop.linkType, style)
  if (hop.kind === 'route') {
    return hop.candidates.map((one) => {
      const rule = one.rulePriority === undefined ? '' : `rule ${one.rulePriority}, `
      const text = `        ${one.won ? '*' : ' '} ${rule}table ${one.table}: ${one.text}: ${one.why}`
      return one.won ? text : style('minor', text)
    })
  }
  return []
}

function frameLines(hex: string, linkType: number, style: Style): string[] {
  const bytes = parseHex(hex) ?? new Uint8Array(0)
  const tree = layerLines(dissectFrame(bytes, linkType), '      ')
  return [...tree, ...hexDump(bytes).split('\n')].map((line) => style('minor', line.replace(/^\t/, '      ')))
}

/** A field tree: a line a header, what it carries one step further in. */
function layerLines(layers: readonly Layer[], indent: string): string[] {
  return layers.flatMap((layer) => {
    const fields = layer.fields.map((field) => `${field.name} ${field.text}`).join(', ')
    const fault = layer.fault === undefined ? '' : ` [${layer.fault}]`
    const line = `${indent}${layer.protocol}${fault}: ${fields}`
    return layer.inner === undefined ? [line] : [line, ...layerLines(layer.inner, `${indent}  `)]
  })
}
