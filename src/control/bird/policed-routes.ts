import { keptIn } from '../../model/index.ts'
import { type Family, familyOf, type Prefix } from '../../wire/index.ts'
import type { BGPPeerResource } from '../calico-kinds.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Destination } from '../prefixes-of-nodes.ts'
import { type BgpPath, comparePaths, type OwnRoute } from './paths.ts'
import { type Propagation, propagate } from './propagation.ts'
import type { BgpWorld } from './speakers.ts'

/** Whether BGPPeers say more than who talks to whom: then paths are followed prefix by prefix, by every filter. */
export function arePoliced(peers: readonly BGPPeerResource[]): boolean {
  return peers.some(({ spec }) => {
    const { filters, nextHopMode, keepOriginalNextHop, reversePeering } = spec
    const { localASNumber, numAllowedLocalASNumbers } = spec as Readonly<Record<string, unknown>>
    const isSaid = [localASNumber, numAllowedLocalASNumbers].some(
      (one) => one !== undefined && one !== null && one !== 0,
    )
    const isOther = (nextHopMode ?? 'Auto') !== 'Auto' || keepOriginalNextHop === true || reversePeering === 'Manual'
    return (filters ?? []).length > 0 || isSaid || isOther
  })
}

/** How prefixes spread in both families, each followed once. */
export class PolicedPaths {
  readonly #worlds: Readonly<Record<Family, BgpWorld | undefined>>
  readonly #known = new Map<string, Propagation>()

  constructor(worlds: Readonly<Record<Family, BgpWorld | undefined>>) {
    this.#worlds = worlds
  }

  /** How a prefix spreads; undefined where there is no BGP to be told of. */
  of(prefix: Prefix, owners: readonly OwnRoute[]): Propagation | undefined {
    const world = this.#worlds[familyOf(prefix)]
    if (world === undefined) return undefined
    return keptIn(this.#known, `${prefix} ${owners.map(({ at }) => at).join(' ')}`, () => propagate(world, owners))
  }

  /** Paths of a speaker that are as good as its best one; those of somebody who has the prefix go before others. */
  bestOf(prefix: Prefix, owners: readonly OwnRoute[], name: string): readonly BgpPath[] {
    const spread = this.of(prefix, owners)
    const best = spread?.best(name)
    if (spread === undefined || best === undefined) return []
    // Router ids tell apart only what is equally good.
    const equal = (spread.paths.get(name) ?? []).filter((path) => isAsGood(path, best))
    const direct = equal.filter(({ told }) => told?.from.told === undefined)
    return direct.length > 0 ? direct : [best]
  }
}

function isAsGood(path: BgpPath, best: BgpPath): boolean {
  const { rule, order } = comparePaths(path, best, () => '0.0.0.0')
  return order === 0 || rule === 'cluster-list' || rule === 'address'
}

/** The route by which an owner has a destination in BIRD. */
export function ownRoute({ owner, dst, borrowed }: Destination): OwnRoute {
  return { at: owner, route: { prefix: dst, source: borrowed ? 'kernel' : 'static' } }
}

/** What nodes do not learn of others where filters decide. */
export interface Unlearned {
  /** For every node the owners of whom it learns nothing. */
  readonly owners: ReadonlyMap<string, readonly string[]>
  /** A node that learns some of an owner's prefixes and not others, if there is one: the routing table cannot tell them apart. */
  readonly parted?: { readonly node: string; readonly prefix: Prefix }
}

/** For every node the owners whose prefixes it does not learn. */
export function unlearnedByPolicy(
  paths: PolicedPaths,
  family: Family,
  nodes: readonly ClusterNode[],
  destinations: readonly Destination[],
): Unlearned {
  const missing = new Map<string, Map<string, number>>()
  const count = new Map<string, number>()
  let parted: Unlearned['parted']
  const announced = destinations.filter(({ pool, bird }) => pool.family === family && bird && !pool.disableBgpExport)
  for (const entry of announced) {
    count.set(entry.owner, (count.get(entry.owner) ?? 0) + 1)
    const spread = paths.of(entry.dst, [ownRoute(entry)])
    for (const { name } of nodes) {
      if (name === entry.owner || spread?.paths.has(name) === true) continue
      const of = keptIn(missing, name, () => new Map<string, number>())
      of.set(entry.owner, (of.get(entry.owner) ?? 0) + 1)
    }
  }
  const owners = new Map<string, string[]>()
  for (const [node, of] of missing) {
    for (const [owner, times] of of) {
      if (times === count.get(owner)) keptIn(owners, node, () => []).push(owner)
      else parted ??= { node, prefix: announced.find((entry) => entry.owner === owner)!.dst }
    }
  }
  return { owners, ...(parted === undefined ? {} : { parted }) }
}
