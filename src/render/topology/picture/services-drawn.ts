import type { TopologyView } from '../../../topology/index.ts'
import { counted, endpointWords, SELECTED, serviceWords } from '../words.ts'
import { drawChips, heading, paragraph } from './above-drawn.ts'
import { type Drawing, LINE } from './drawing.ts'
import { GAP, MARGIN, type PictureFrame } from './frame-of.ts'

/** Services that are drawn one by one, and endpoints of each. */
const MOST = { services: 8, endpoints: 8 } as const

/** What the mark of policies stands for, where the picture has one. */
export function drawMark(drawing: Drawing, { machines }: TopologyView, frame: PictureFrame, top: number): number {
  const isMarked = machines.some(
    ({ pods, hostEndpoints = [] }) =>
      pods.some(({ policies }) => policies !== undefined) || hostEndpoints.some(({ policies }) => policies.length > 0),
  )
  if (!isMarked) return top
  const words = `${SELECTED} some network policy selects it`
  return paragraph(drawing, words, MARGIN, top, frame.width - 2 * MARGIN).y + GAP
}

/** Services with the ways they are reached, and their endpoints as chips. */
export function drawServices(drawing: Drawing, { services }: TopologyView, frame: PictureFrame, top: number): number {
  if (services.length === 0) return top
  const width = frame.width - 2 * MARGIN
  let y = heading(drawing, 'Services and endpoints', top, frame)
  for (const service of services.slice(0, MOST.services)) {
    y = paragraph(drawing, `${service.name} ${serviceWords(service)}`, MARGIN, y, width).y + 4
    const all = service.endpoints
    const shown = all.length > MOST.endpoints ? all.slice(0, MOST.endpoints - 1) : all
    const chips = shown.map((one) => ({ text: endpointWords(one), kind: one.ready ? 'pod' : 'peer down' }))
    const more = all.length - shown.length
    const rest = more === 0 ? [] : [{ text: `and ${counted(more, 'more endpoint')}`, kind: 'pod' }]
    if (all.length > 0) y = drawChips(drawing, [...chips, ...rest], MARGIN + 12, y, frame.width - MARGIN) + 8
  }
  const more = services.length - MOST.services
  if (more <= 0) return y + GAP
  drawing.text(MARGIN, y, `and ${counted(more, 'more Service')}`, width, 'quiet')
  return y + LINE + GAP
}
