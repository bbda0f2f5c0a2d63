import {
  type Interface,
  keptIn,
  type NetworkData,
  type Route,
  routeOf,
  type SharedEntry,
  type SharedTable,
  type SharedView,
  sees,
} from '../../model/index.ts'
import type { NodePart } from './node-part.ts'
import { routeKey } from './route-key.ts'
import { isSameDevice, tunnelsOf } from './viewed-devices.ts'

/** Who writes what a view of a shared table is. */
type SharedWriter = 'devices' | 'routes' | 'bird'

/** A view of a shared table, and the table. */
export interface Seen {
  readonly view: SharedView
  readonly table: SharedTable
  /** The table is what is left for this one node: no cluster has it. */
  readonly isOwn?: true
}

function writerOf({ as, origin }: SharedView): SharedWriter {
  if (as !== 'route') return 'devices'
  return origin?.component === 'bird' ? 'bird' : 'routes'
}

/** What a node as one cluster has it shares with others, of one writer, where it leads to devices that are there. */
function seenBy(part: NodePart | undefined, writer: SharedWriter, devices: Devices): Seen[] {
  if (part === undefined) return []
  const { facts, node } = part.source
  const isThere = (dev: string): boolean => leadsTo(part, dev, devices)
  return facts.routes
    .viewOf(node)
    .uses.filter((view) => writerOf(view) === writer && isThere(view.dev))
    .flatMap((view) => {
      const table = facts.routes.tables[view.table]
      return table === undefined ? [] : [{ view, table }]
    })
}

/** Interfaces by name. */
export type Devices = Readonly<Record<string, Interface>>

/** Whether a device is there by which a cluster has routes, and the one that it means: with a device all that leads there goes. */
export function leadsTo(part: NodePart, dev: string, devices: Devices): boolean {
  const there = devices[dev]
  if (there === undefined) return false
  const meant = tunnelsOf(part).find(({ name }) => name === dev)
  return meant === undefined || isSameDevice(meant, there)
}

/** What each part of a node shares with other nodes. */
interface SharingParts {
  readonly cni: NodePart | undefined
  readonly devices: NodePart | undefined
  readonly routes: NodePart | undefined
  readonly bird: NodePart | undefined
}

/** What a node shares with others whose parts have not seen the same. Of one key there is one route: to a pod, else Felix', else BIRD's. */
export function viewedShared(
  name: string,
  parts: SharingParts,
  interfaces: Devices,
  written: () => readonly Route[],
): readonly Seen[] {
  const felix = seenBy(parts.routes, 'routes', interfaces)
  const bird = seenBy(parts.bird, 'bird', interfaces)
  const ends = seenBy(parts.devices, 'devices', interfaces)
  const [cni, ofFelix, ofBird] = [parts.cni, parts.routes, parts.bird].map((part) => part?.source.facts.routes)
  // Who has seen the same routes agrees on who has which.
  if (ofFelix === ofBird && (cni ?? ofFelix) === ofFelix) return [...felix, ...bird, ...ends]
  const taken = keysOf(written())
  const mine = felix.flatMap((seen) => less(name, seen, taken))
  if (ofFelix !== ofBird) takeShared(name, felix, bird, taken)
  return [...mine, ...bird.flatMap((seen) => less(name, seen, taken)), ...ends]
}

/** Keys of routes by destination. */
type Keys = Map<string, Set<string>>

function take(keys: Keys, route: Route): void {
  keptIn(keys, route.dst, () => new Set()).add(routeKey(route))
}

function keysOf(routes: readonly Route[]): Keys {
  const keys: Keys = new Map()
  for (const route of routes) take(keys, route)
  return keys
}

/** The keys that Felix has where BIRD may want them: a shared table whose routes have a metric of their own meets none of BIRD's. */
function takeShared(name: string, felix: readonly Seen[], bird: readonly Seen[], keys: Keys): void {
  const metrics = new Set(bird.map(({ view }) => view.route?.metric))
  for (const { view, table } of felix) {
    if (!metrics.has(view.route?.metric)) continue
    for (const entry of table.entries) {
      const route = sees(view, name, entry) ? routeOf(entry, view) : undefined
      if (route !== undefined) take(keys, route)
    }
  }
}

/** What is left of a shared table where some keys are taken. */
function less(name: string, seen: Seen, taken: Keys): Seen[] {
  const { view, table } = seen
  const isLeft = (entry: SharedEntry): boolean => {
    const keys = entry.dst === undefined ? undefined : taken.get(entry.dst)
    const route = keys === undefined || !sees(view, name, entry) ? undefined : routeOf(entry, view)
    return route === undefined || keys?.has(routeKey(route)) !== true
  }
  const entries = table.entries.filter(isLeft)
  if (entries.length === table.entries.length) return [seen]
  return entries.some((entry) => sees(view, name, entry)) ? [{ view, table: { entries }, isOwn: true }] : []
}

/** The same as a namespace has it that shares with nobody: views by number, and what they are of. */
export function numbered(
  all: readonly Seen[],
): Pick<NetworkData, 'shared'> & { readonly views: readonly SharedView[] } {
  return {
    shared: Object.fromEntries(all.map(({ table }, i) => [String(i), table])),
    views: all.map(({ view }, i) => ({ ...view, table: String(i) })),
  }
}
