import { keptIn } from '../../model/index.ts'
import { type Family, familyOf, type Ip } from '../../wire/index.ts'
import type { BirdNeighbour, NeighbourKind } from '../bird/configuration.ts'
import type { FilterFunction, FilterStatement } from '../bird/filter-program.ts'
import { type ConfdDatastore, type ConfdNode, globalAs, listenPortOf } from './datastore.ts'
import { exportFilter, importFilter, normalPriority } from './export-policy.ts'
import { isThere, type PeerEntries, type PeerEntry } from './peer-entries.ts'

/** The functions of a BGPFilter; of a direction without rules there is none. */
export type FilterFunctions = Partial<Readonly<Record<'import' | 'export', FilterFunction>>>

/** What the neighbours of a node are made from. */
export interface NeighbourContext {
  readonly datastore: ConfdDatastore
  readonly node: ConfdNode
  readonly family: Family
  /** Functions of BGPFilters by name. */
  readonly filters: ReadonlyMap<string, FilterFunctions>
  /** What decides about routes to neighbours after the BGPFilters. */
  readonly main: FilterFunction
  /** Filters made so far. */
  readonly shared: SharedFilters
}

const PREFIX: Readonly<Record<NeighbourKind, string>> = {
  mesh: 'Mesh',
  global: 'Global',
  node: 'Node',
  'local-workload': 'Local_Workload',
}

/** What a protocol is called in BIRD, whose names have neither dots nor colons. */
function protocolName(kind: NeighbourKind, address: Ip, port?: number): string {
  const name = `${PREFIX[kind]}_${address.replace(/[.:]/g, '_')}`
  return port === undefined ? name : `${name}_port_${port}`
}

/** AS number that a node has. */
export function ownAs({ datastore, node }: Pick<NeighbourContext, 'datastore' | 'node'>): number {
  return node.asNumber ?? globalAs(datastore)
}

/** The filters of a neighbour, and what they take it for. */
function filtersOf(
  { datastore, family, filters, main, shared }: NeighbourContext,
  names: readonly string[],
  internal: boolean,
): Pick<BirdNeighbour, 'filters' | 'import' | 'export' | 'internal'> {
  const normal = normalPriority(datastore, family)
  const of = (direction: 'import' | 'export'): FilterFunction[] =>
    names.flatMap((name) => filters.get(name)?.[direction] ?? [])
  const key = `${internal} ${names.join(' ')}`
  return keptIn(shared.of, key, () => {
    const [importing, exporting] = [of('import'), of('export')]
    return {
      internal,
      filters: { import: importing, export: exporting },
      // What comes in is judged alike by every node.
      import: keptIn(shared.imports, key, () => importFilter(importing, internal, normal)),
      export: exportFilter(exporting, main, internal, normal),
    }
  })
}

/** Filters that several neighbours have in common. */
export interface SharedFilters {
  /** Of one node, by the BGPFilters in them. */
  readonly of: Map<string, Pick<BirdNeighbour, 'filters' | 'import' | 'export' | 'internal'>>
  /** Import filters of all nodes. */
  readonly imports: Map<string, readonly FilterStatement[]>
}

/** The neighbours of a node in the mesh. */
export function meshNeighbours(context: NeighbourContext): BirdNeighbour[] {
  const toNode = meshNeighbour(context)
  return [...context.datastore.nodes.values()].flatMap((peer) => toNode(peer) ?? [])
}

/**
 * A node as neighbour of another in the mesh: every two but route reflectors are. Addresses are compared as text; the side
 * with the smaller one waits.
 *
 * @calico confd/pkg/backends/calico/bgp_processor.go processMeshPeers
 */
export function meshNeighbour(context: NeighbourContext): (peer: ConfdNode) => BirdNeighbour | undefined {
  const { datastore, node, family } = context
  const { settings } = datastore
  const own = node.addresses[family]
  if (settings?.mesh === false || node.clusterId !== undefined || own === undefined) return () => undefined
  const { meshPassword: password, meshRestartTime } = settings ?? {}
  const secured = password !== undefined && isThere(datastore, password) ? { password } : {}
  return (peer) => {
    const address = peer.addresses[family]
    if (address === undefined || address === own || peer.clusterId !== undefined) return undefined
    const as = peer.asNumber ?? (datastore.traits.meshTakesOwnAs ? ownAs(context) : globalAs(datastore))
    const internal = as === ownAs(context)
    const port = listenPortOf(datastore, peer.name)
    return {
      name: protocolName('mesh', address),
      kind: 'mesh',
      address,
      ...(port === undefined ? {} : { port }),
      as,
      sourceAddress: own,
      passive: address > own,
      ...secured,
      ...(meshRestartTime === undefined ? {} : { gracefulRestartTime: meshRestartTime }),
      ...filtersOf(context, [], internal),
    }
  }
}

/** The neighbours that BGPPeers give a node. @calico confd/pkg/backends/calico/bgp_processor.go buildPeerFromData */
export function explicitNeighbours(context: NeighbourContext, { global, ofNode }: PeerEntries): BirdNeighbour[] {
  const own = context.node.addresses[context.family]
  const of = (entries: readonly PeerEntry[], kind: 'global' | 'node'): BirdNeighbour[] =>
    entries
      .filter(({ ip }) => familyOf(ip) === context.family && ip !== own)
      .map((entry) => neighbourOf(context, entry, entry.isWorkload ? 'local-workload' : kind))
  return [...of(global, 'global'), ...of(ofNode, 'node')]
}

function neighbourOf(context: NeighbourContext, entry: PeerEntry, kind: NeighbourKind): BirdNeighbour {
  const { ip, port, asNumber, localAsNumber = 0, ttlSecurity = 0, numAllowedLocalAsNumbers = 0, peer } = entry
  const own = context.node.addresses[context.family]
  const localAs = localAsNumber === 0 ? ownAs(context) : localAsNumber
  const internal = asNumber === localAs
  const nextHop = nextHopOf(entry, internal)
  const clientOf = clientIdOf(context.node, entry, internal)
  return {
    name: protocolName(kind, ip, port),
    kind,
    peer: peer.name,
    address: ip,
    ...(port === undefined ? {} : { port }),
    as: asNumber,
    ...(localAsNumber === 0 ? {} : { localAs }),
    ...(entry.fromNodeIp && own !== undefined ? { sourceAddress: own } : {}),
    passive: entry.isWorkload || (kind === 'global' && entry.isNode && own !== undefined && ip > own),
    ...(ttlSecurity > 0 ? { ttlSecurity } : {}),
    ...(clientOf === undefined ? {} : { clientOf }),
    ...(entry.password === undefined ? {} : { password: entry.password }),
    ...(nextHop === undefined ? {} : { nextHop }),
    ...(entry.restartTime === undefined ? {} : { gracefulRestartTime: entry.restartTime }),
    ...(entry.keepaliveTime === undefined ? {} : { keepaliveTime: entry.keepaliveTime }),
    ...(numAllowedLocalAsNumbers > 0 ? { allowLocalAs: numAllowedLocalAsNumbers } : {}),
    ...filtersOf(context, peer.filters, internal),
  }
}

/** The next hop of what is passed on; the older field is heeded towards other ASes only, and where the newer one is not there. */
function nextHopOf({ peer, isWorkload }: PeerEntry, internal: boolean): 'self' | 'keep' | undefined {
  if (isWorkload) return undefined
  if (peer.nextHopMode === 'Self') return 'self'
  if (peer.nextHopMode === 'Keep') return 'keep'
  return peer.nextHopMode === undefined && peer.keepOriginalNextHop && !internal ? 'keep' : undefined
}

/** A route reflector has every neighbour of its AS as client, but for those of its own cluster. */
function clientIdOf({ clusterId }: ConfdNode, entry: PeerEntry, internal: boolean): string | undefined {
  return internal && clusterId !== undefined && entry.clusterId !== clusterId ? clusterId : undefined
}
