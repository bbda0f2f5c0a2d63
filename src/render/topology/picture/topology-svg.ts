import type { TopologyView } from '../../../topology/index.ts'
import { escapeXml } from '../../escape.ts'
import { type Palette, type Theme, themedCss } from '../../palette.ts'
import { topologyText } from '../text.ts'
import { headline } from '../words.ts'
import { drawPools, drawSessions, drawWays } from './above-drawn.ts'
import { Drawing, LINE } from './drawing.ts'
import { frameOf, MARGIN } from './frame-of.ts'
import { type Branches, drawSegments } from './segments-drawn.ts'
import { drawMark, drawServices } from './services-drawn.ts'

/** What does not depend on colours. */
const SHAPES = `.pw-topology text{font:12px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;white-space:pre}.pw-topology .b{font-weight:700}.pw-topology path{fill:none;stroke-width:2}.pw-topology .wire{stroke-width:3}
.pw-topology .tunnel{stroke-dasharray:7 4}.pw-topology .t-vxlan{stroke-dasharray:2 3}.pw-topology .t-wireguard{stroke-dasharray:10 3 2 3}.pw-topology .again,.pw-topology .down{stroke-dasharray:4 3}`

/** Colours as they are: not every program that shows SVG knows variables of CSS. */
function colours({ paper, ink, quiet, lane, rule, card, request, reply, alarm, bad, layers }: Palette): string {
  const { link, network, tunnel, transport, payload } = layers
  const rules: readonly (readonly [selector: string, fill: string, stroke?: string])[] = [
    ['text', ink],
    ['.quiet', quiet],
    ['.pt', transport.ink],
    ['.paper', paper],
    ['.m', lane, rule],
    ['.m-node', network.fill, network.edge],
    ['.pod', transport.fill, transport.edge],
    ['.hub', card, request],
    ['.peer', card, request],
    ['.down', alarm, bad],
    ['.block', payload.fill, payload.edge],
    ['.wire', 'none', link.edge],
    ['.session', 'none', request],
    ['.tunnel', 'none', tunnel.edge],
    ['.t-wireguard', 'none', reply],
  ]
  return rules
    .map(
      ([selector, fill, stroke]) =>
        `.pw-topology ${selector}{fill:${fill}${stroke === undefined ? '' : `;stroke:${stroke}`}}`,
    )
    .join('')
}

/** A topology as SVG: Ethernets with their machines below each other, tunnels as dashed lines, then BGP and pools. */
export function topologySvg(topology: TopologyView, width: number, theme: Theme): string {
  const frame = frameOf(width, topology.tunnels)
  const drawing = new Drawing()
  const branches: Branches = { tops: [] }
  const title = headline(topology)
  drawing.text(MARGIN, MARGIN, title, width - 2 * MARGIN, 'b')
  let y = drawSegments(drawing, topology, frame, MARGIN + LINE + 10, branches)
  y = drawMark(drawing, topology, frame, y)
  y = drawWays(drawing, topology, frame, y, branches)
  y = drawSessions(drawing, topology, frame, y)
  y = drawServices(drawing, topology, frame, y)
  const height = Math.ceil(drawPools(drawing, topology, frame, y) + MARGIN)
  return `<svg xmlns="http://www.w3.org/2000/svg" class="pw-topology" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="pw-topology-title pw-topology-desc">
<title id="pw-topology-title">${escapeXml(title)}</title>
<desc id="pw-topology-desc">${escapeXml(topologyText(topology, 100))}</desc>
<style>${themedCss(theme, colours)}${SHAPES}</style>
<rect class="paper" width="${width}" height="${height}"/>
${drawing.toString()}
</svg>
`
}
