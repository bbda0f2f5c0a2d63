import { keptIn, once, pushTo } from '../../model/index.ts'
import type { Family, Ip } from '../../wire/index.ts'
import type { FilterFault } from '../bird/bgp-filter.ts'
import type { BirdNeighbour } from '../bird/configuration.ts'
import type { FilterFunction, FilterStatement } from '../bird/filter-program.ts'
import { type FilterRoute, type FilterVerdict, runFilter } from '../bird/filter-run.ts'
import type { BgpSession, BgpSpeaker, BgpWorld } from '../bird/speakers.ts'
import { exportBasis, filterFunctions, isSpeaking, routerIdOf } from './bird-configuration.ts'
import type { ConfdDatastore, ConfdNode } from './datastore.ts'
import { EXPORT_FUNCTION } from './export-policy.ts'
import {
  explicitNeighbours,
  type FilterFunctions,
  meshNeighbour,
  type NeighbourContext,
  ownAs,
  type SharedFilters,
} from './neighbours.ts'
import { NodeIndex, peerEntries } from './peer-entries.ts'

/** A router outside of the cluster that speaks BGP, as far as nodes can tell. */
export interface OutsideSpeaker {
  /** Name. */
  readonly name: string
  /** Its addresses. */
  readonly addresses: readonly Ip[]
  /** AS number. */
  readonly asNumber: number
  /** Addresses of other routers it has a session with; one side says so. */
  readonly peers: readonly Ip[]
  /** Cluster whose route reflector it is. */
  readonly clusterId?: string
}

/** What is known of sessions besides what both ends want: whether one end has what the other told. */
export type Hearing = (at: string, from: string) => boolean

/** What a node knows of its neighbours, made when it is first asked. */
interface NodeSpeaker {
  readonly node: ConfdNode
  readonly address: Ip
  readonly localAs: number
  /** Neighbours that BGPPeers give it, by address. */
  readonly explicit: () => ReadonlyMap<Ip, readonly BirdNeighbour[]>
  readonly meshTo: () => (peer: ConfdNode) => BirdNeighbour | undefined
}

/** Everybody who speaks BGP in a cluster and around it, and the sessions that both ends want and that carry routes. */
export function bgpWorld(
  datastore: ConfdDatastore,
  family: Family,
  routers: readonly OutsideSpeaker[],
  hears: Hearing,
): BgpWorld | FilterFault {
  const filters = filterFunctions(datastore, family)
  if ('fault' in filters) return filters
  const maker = new Sessions(datastore, family, routers, hears, filters)
  return {
    speakers: maker.speakers,
    sessionsOf: (name) => maker.sessionsOf(name),
    transitOf: (name) => maker.transitOf(name),
    between: (name, peer) => maker.between(name, peer),
  }
}

function byAddress(neighbours: readonly BirdNeighbour[]): ReadonlyMap<Ip, readonly BirdNeighbour[]> {
  const found = new Map<Ip, BirdNeighbour[]>()
  for (const one of neighbours) pushTo(found, one.address, one)
  return found
}

const ANYTHING = (route: FilterRoute): FilterVerdict => ({ verdict: 'accept', route })

/** Makes sessions as they are asked for: a mesh has more than anybody looks at. */
class Sessions {
  readonly speakers: ReadonlyMap<string, BgpSpeaker>
  readonly #nodes = new Map<string, NodeSpeaker>()
  readonly #nodeAt = new Map<Ip, NodeSpeaker>()
  readonly #routers: ReadonlyMap<string, OutsideSpeaker>
  readonly #routerAt = new Map<Ip, OutsideSpeaker>()
  readonly #hears: Hearing
  /** Whether two nodes of the mesh can be of different ASes. */
  readonly #isMixed: boolean
  readonly #all = new Map<string, readonly BgpSession[]>()
  readonly #transit = new Map<string, readonly BgpSession[]>()
  readonly #made = new Map<string, Map<string, BgpSession | undefined>>()
  readonly #runners = new WeakMap<readonly FilterStatement[], (route: FilterRoute) => FilterVerdict>()

  constructor(
    datastore: ConfdDatastore,
    family: Family,
    routers: readonly OutsideSpeaker[],
    hears: Hearing,
    filters: ReadonlyMap<string, FilterFunctions>,
  ) {
    const index = new NodeIndex(datastore)
    const imports: SharedFilters['imports'] = new Map()
    const speakers = new Map<string, BgpSpeaker>()
    for (const node of datastore.nodes.values()) {
      const address = node.addresses[family]
      if (address === undefined || !isSpeaking(datastore, node, family)) continue
      const context = once((): NeighbourContext => {
        const made = once(() => exportBasis(datastore, node, family).policy.main.body)
        // What a node announces is looked at once it announces something.
        const main: FilterFunction = {
          name: EXPORT_FUNCTION,
          argument: 'internal_peer',
          get body() {
            return made()
          },
        }
        return { datastore, node, family, filters, main, shared: { of: new Map(), imports } }
      })
      const speaker: NodeSpeaker = {
        node,
        address,
        localAs: ownAs({ datastore, node }),
        explicit: once(() => byAddress(explicitNeighbours(context(), peerEntries(index, node)))),
        meshTo: once(() => meshNeighbour(context())),
      }
      this.#nodes.set(node.name, speaker)
      this.#nodeAt.set(address, speaker)
      speakers.set(node.name, { name: node.name, routerId: routerIdOf(datastore, node) ?? '0.0.0.0' })
    }
    for (const router of routers) {
      for (const ip of router.addresses) this.#routerAt.set(ip, router)
      const routerId = router.addresses.find((ip) => !ip.includes(':')) ?? '0.0.0.0'
      speakers.set(router.name, { name: router.name, routerId })
    }
    this.speakers = speakers
    this.#routers = new Map(routers.map((router) => [router.name, router]))
    this.#hears = hears
    this.#isMixed = [...datastore.nodes.values()].some(({ asNumber }) => asNumber !== undefined)
  }

  sessionsOf(name: string): readonly BgpSession[] {
    return keptIn(this.#all, name, () => {
      const node = this.#nodes.get(name)
      const mesh = node === undefined ? [] : this.#meshPeers(node).map((peer) => peer.node.name)
      const peers = new Set([...mesh, ...this.#explicitPeers(name)])
      return this.#toldTo(name, peers)
    })
  }

  transitOf(name: string): readonly BgpSession[] {
    return keptIn(this.#transit, name, () => {
      const isTransit = ({ localAs, peerAs, clientOf }: BgpSession): boolean =>
        localAs !== peerAs || clientOf !== undefined
      if (this.#isMixed) return this.sessionsOf(name).filter(isTransit)
      return this.#toldTo(name, this.#explicitPeers(name)).filter(isTransit)
    })
  }

  /** Sessions over which somebody tells what it knows, to those that have it. */
  #toldTo(name: string, peers: ReadonlySet<string>): BgpSession[] {
    const told: BgpSession[] = []
    for (const peer of peers) {
      const session = this.#hears(peer, name) ? this.between(name, peer) : undefined
      if (session !== undefined) told.push(session)
    }
    return told
  }

  between(name: string, peer: string): BgpSession | undefined {
    let of = this.#made.get(name)
    if (of === undefined) {
      of = new Map()
      this.#made.set(name, of)
    }
    if (!of.has(peer)) of.set(peer, this.#session(name, peer))
    return of.get(peer)
  }

  #session(name: string, peer: string): BgpSession | undefined {
    if (!this.#hears(name, peer) && !this.#hears(peer, name)) return undefined
    const [a, b] = [this.#nodes.get(name), this.#nodes.get(peer)]
    if (a !== undefined && b !== undefined) return this.#ofNodes(a, b)
    const [near, far] = [this.#routers.get(name), this.#routers.get(peer)]
    if (a !== undefined && far !== undefined) return this.#toRouter(a, far)
    if (near !== undefined && b !== undefined) return this.#toNode(near, b)
    return near !== undefined && far !== undefined ? this.#ofRouters(near, far) : undefined
  }

  /** Nodes with which a node may have a session of the mesh. */
  #meshPeers(node: NodeSpeaker): NodeSpeaker[] {
    const { meshTo } = node
    return [...this.#nodes.values()].filter((peer) => peer !== node && meshTo()(peer.node) !== undefined)
  }

  /** Names of those with whom somebody has a session that a BGPPeer or an Underlay asks for, or whom one asks for. */
  #explicitPeers(name: string): ReadonlySet<string> {
    const node = this.#nodes.get(name)
    const router = this.#routers.get(name)
    const names = new Set<string>()
    if (node !== undefined) {
      for (const address of node.explicit().keys()) {
        const peer = this.#nodeAt.get(address)?.node.name ?? this.#routerAt.get(address)?.name
        if (peer !== undefined) names.add(peer)
      }
    }
    if (router !== undefined) {
      for (const one of this.#nodes.values()) {
        if (router.addresses.some((ip) => one.explicit().has(ip))) names.add(one.node.name)
      }
      for (const other of this.#routers.values()) {
        if (other !== router && (isPeer(router, other) || isPeer(other, router))) names.add(other.name)
      }
    }
    return names
  }

  /** A node's neighbour at an address; of several the one whose protocol comes first. */
  #neighbour(node: NodeSpeaker, address: Ip, peer: ConfdNode | undefined): BirdNeighbour | undefined {
    const explicit = node.explicit().get(address) ?? []
    const mesh = peer === undefined ? undefined : node.meshTo()(peer)
    const all = mesh === undefined ? explicit : [...explicit, mesh]
    return all.length < 2 ? all[0] : [...all].sort((a, b) => (a.name < b.name ? -1 : 1))[0]
  }

  #ofNodes(a: NodeSpeaker, b: NodeSpeaker): BgpSession | undefined {
    const here = this.#neighbour(a, b.address, b.node)
    const there = this.#neighbour(b, a.address, a.node)
    if (here === undefined || there === undefined) return undefined
    const [localAs, peerAs] = [here.localAs ?? a.localAs, there.localAs ?? b.localAs]
    // Else BIRD says `Bad peer AS`.
    return here.as !== peerAs || there.as !== localAs ? undefined : this.#ofNeighbour(a, b.node.name, here, true)
  }

  #toRouter(a: NodeSpeaker, router: OutsideSpeaker): BgpSession | undefined {
    const here = router.addresses.map((ip) => this.#neighbour(a, ip, undefined)).find((one) => one !== undefined)
    return here?.as === router.asNumber ? this.#ofNeighbour(a, router.name, here, false) : undefined
  }

  #toNode(router: OutsideSpeaker, b: NodeSpeaker): BgpSession | undefined {
    const there = this.between(b.node.name, router.name)
    if (there === undefined) return undefined
    const { address, localAddress, localAs, peerAs } = there
    const ends = { peer: b.node.name, address: localAddress, localAddress: address, localAs: peerAs, peerAs: localAs }
    const client = clientOf(router, peerAs === localAs, b.node.clusterId)
    const peerRouterId = this.#routerId(b.node.name)
    return { ...ends, ...client, peerRouterId, addPaths: false, import: ANYTHING, export: ANYTHING }
  }

  #ofRouters(near: OutsideSpeaker, far: OutsideSpeaker): BgpSession | undefined {
    const address = near.peers.find((ip) => far.addresses.includes(ip))
    const localAddress = far.peers.find((ip) => near.addresses.includes(ip)) ?? near.addresses[0]
    if ((address === undefined && !isPeer(far, near)) || localAddress === undefined) return undefined
    const ends = { peer: far.name, address: address ?? far.addresses[0]!, localAddress }
    const numbers = { localAs: near.asNumber, peerAs: far.asNumber }
    const peerRouterId = this.#routerId(far.name)
    const client = clientOf(near, near.asNumber === far.asNumber, far.clusterId)
    return { ...ends, ...numbers, ...client, peerRouterId, addPaths: false, import: ANYTHING, export: ANYTHING }
  }

  #ofNeighbour(a: NodeSpeaker, peer: string, here: BirdNeighbour, addPaths: boolean): BgpSession {
    const { address, as, clientOf, nextHop, allowLocalAs } = here
    return {
      peer,
      address,
      peerRouterId: this.#routerId(peer),
      localAddress: here.sourceAddress ?? a.address,
      localAs: here.localAs ?? a.localAs,
      peerAs: as,
      ...(clientOf === undefined ? {} : { clientOf }),
      ...(nextHop === undefined ? {} : { nextHop }),
      ...(allowLocalAs === undefined ? {} : { allowLocalAs }),
      addPaths,
      import: this.#runner(here.import),
      export: this.#runner(here.export),
    }
  }

  /** A filter that judges the same route once. */
  #runner(filter: readonly FilterStatement[]): (route: FilterRoute) => FilterVerdict {
    const known = this.#runners.get(filter)
    if (known !== undefined) return known
    const verdicts = new WeakMap<FilterRoute, FilterVerdict>()
    const run = (route: FilterRoute): FilterVerdict => {
      const found = verdicts.get(route)
      if (found !== undefined) return found
      const made = runFilter(filter, route)
      verdicts.set(route, made)
      return made
    }
    this.#runners.set(filter, run)
    return run
  }

  #routerId(name: string): string {
    return this.speakers.get(name)?.routerId ?? '0.0.0.0'
  }
}

/** Under which cluster id a router has a peer of its AS as client: all but those of its own cluster. */
function clientOf(router: OutsideSpeaker, internal: boolean, other: string | undefined): Pick<BgpSession, 'clientOf'> {
  const { clusterId } = router
  return internal && clusterId !== undefined && clusterId !== other ? { clientOf: clusterId } : {}
}

function isPeer(router: OutsideSpeaker, other: OutsideSpeaker): boolean {
  return router.peers.some((ip) => other.addresses.includes(ip))
}
