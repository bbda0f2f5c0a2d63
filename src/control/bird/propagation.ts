import { once } from '../../model/index.ts'
import { advertise, type Told, type WireRoutes } from './advertise.ts'
import { type BgpPath, bestPath, type OwnRoute, ownPath, samePath } from './paths.ts'
import type { BgpSession, BgpWorld } from './speakers.ts'

/** What everybody knows of a prefix once nothing changes any more. */
export interface Propagation {
  /** Paths by speaker, own ones first; who knows nothing is not in it. */
  readonly paths: ReadonlyMap<string, readonly BgpPath[]>
  /** The best path of a speaker. */
  readonly best: (name: string) => BgpPath | undefined
  /** Whether it came to rest: some policies have no stable answer. @rfc 3345 */
  readonly stable: boolean
}

const NOTHING: readonly BgpPath[] = []

/** A speaker is looked at this often at most before a prefix counts as never coming to rest. */
const MOST_TURNS = 64

/** What one speaker holds while paths spread. */
interface Table {
  readonly own: readonly BgpPath[]
  /** What each peer told. */
  readonly told: Map<string, readonly BgpPath[]>
  /** Whether peers that learn nothing of internal paths were told something. */
  toldAll: boolean
  turns: number
}

/**
 * Spreads the routes of a prefix until nobody learns anything new. Work is done only where something changes, and where
 * a path can go: an internal path is held against clients and external sessions only, so a mesh costs its size, not its
 * square.
 */
export function propagate(world: BgpWorld, routes: readonly OwnRoute[]): Propagation {
  const tables = new Map<string, Table>()
  const routerIdOf = (name: string): string => world.speakers.get(name)?.routerId ?? '0.0.0.0'
  const tableOf = (name: string): Table => {
    const known = tables.get(name)
    if (known !== undefined) return known
    const own = routes.filter(({ at }) => at === name).map(ownPath)
    const made: Table = { own, told: new Map(), toldAll: false, turns: 0 }
    tables.set(name, made)
    return made
  }
  const queue = [...new Set(routes.map(({ at }) => at))].filter((name) => world.speakers.has(name))
  const waiting = new Set(queue)
  const wire: WireRoutes = new WeakMap()
  let stable = true
  for (let i = 0; i < queue.length; i++) {
    const name = queue[i]!
    waiting.delete(name)
    const table = tableOf(name)
    if (++table.turns > MOST_TURNS) {
      stable = false
      continue
    }
    for (const peer of spread(world, name, table, tableOf, routerIdOf, wire)) {
      if (waiting.has(peer)) continue
      waiting.add(peer)
      queue.push(peer)
    }
  }
  const paths = new Map<string, readonly BgpPath[]>()
  for (const [name, table] of tables) {
    const all = pathsIn(table)
    if (all.length > 0) paths.set(name, all)
  }
  return { paths, best: (name) => bestPath(paths.get(name) ?? [], routerIdOf), stable }
}

function pathsIn({ own, told }: Table): BgpPath[] {
  const all = [...own]
  for (const paths of told.values()) for (const path of paths) all.push(path)
  return all
}

/** Tells a speaker's peers what it knows; those for whom that is news. */
function spread(
  world: BgpWorld,
  name: string,
  table: Table,
  tableOf: (name: string) => Table,
  routerIdOf: (name: string) => string,
  wire: WireRoutes,
): string[] {
  const all = pathsIn(table)
  // Nodes of a cluster tell each other all.
  const best = once(() => bestPath(all, routerIdOf))
  const goesToAll = all.some(({ told }) => told === undefined || told.by.localAs !== told.by.peerAs || told.by.clientOf)
  const sessions = goesToAll || table.toldAll ? world.sessionsOf(name) : world.transitOf(name)
  table.toldAll = goesToAll
  const changed: string[] = []
  for (const session of sessions) {
    const receiver = world.speakers.get(session.peer)
    const back = world.between(session.peer, name)
    if (receiver === undefined || back === undefined) continue
    const told: BgpPath[] = []
    for (const path of session.addPaths ? all : listOf(best())) {
      const one = advertise(path, session, receiver, back, wire)
      if ('path' in one) told.push(one.path)
    }
    const peer = tableOf(session.peer)
    const before = peer.told.get(name) ?? NOTHING
    if (isSame(before, told)) continue
    peer.told.set(name, told)
    changed.push(session.peer)
  }
  return changed
}

function listOf(path: BgpPath | undefined): readonly BgpPath[] {
  return path === undefined ? NOTHING : [path]
}

/** What a speaker tells over a session of a path; undefined where the other end has no session. */
export function tell(world: BgpWorld, name: string, session: BgpSession, path: BgpPath): Told | undefined {
  const receiver = world.speakers.get(session.peer)
  const back = world.between(session.peer, name)
  return receiver === undefined || back === undefined
    ? undefined
    : advertise(path, session, receiver, back, new WeakMap())
}

function isSame(a: readonly BgpPath[], b: readonly BgpPath[]): boolean {
  return a.length === b.length && a.every((path, i) => samePath(path, b[i]!))
}
