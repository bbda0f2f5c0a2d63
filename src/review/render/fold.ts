import { pushTo } from '../../model/index.ts'
import type { MachineChange } from '../review.ts'

/** Changes that differ in nothing but addresses and names of devices. */
export interface Fold {
  /** Those that are told. */
  readonly shown: readonly MachineChange[]
  /** How many more there are. */
  readonly more: number
  /** On how many machines these are. */
  readonly machines: number
}

/** Changes of one shape that are told one by one. */
const MOST_SHOWN = 4

const ADDRESS =
  /\b\d{1,3}(?:\.\d{1,3}){3}(?:\/\d+)?\b|\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b|(?:[0-9a-f]{0,4}:){2,}[0-9a-f]{0,4}(?:\/\d+)?/gi
const DEVICE = /\bcali[0-9a-f]{11}\b|\b(?:cali-[a-z]+-|KUBE-(?:SVC|SEP|EXT|FW)-)\S+/g

/** What of a text is the same wherever it is about somebody else. */
function shapeOf(text: string | undefined): string {
  return (text ?? '').replace(ADDRESS, '*').replace(DEVICE, '*')
}

/** Changes of the same shape in one, in the order of the first of each. */
export function folded(changes: readonly MachineChange[]): readonly Fold[] {
  const shapes = new Map<string, MachineChange[]>()
  for (const one of changes) {
    const { op, thing, of, was, now, parts, causes } = one
    const inside = parts && [parts.added, parts.removed].map((list) => list.map(shapeOf))
    pushTo(shapes, JSON.stringify([op, thing, of, shapeOf(was), shapeOf(now), inside, causes]), one)
  }
  return [...shapes.values()].map((all) => {
    const shown = all.length > MOST_SHOWN ? all.slice(0, MOST_SHOWN - 1) : all
    const rest = all.slice(shown.length)
    return { shown, more: rest.length, machines: new Set(rest.flatMap(({ on }) => on)).size }
  })
}
