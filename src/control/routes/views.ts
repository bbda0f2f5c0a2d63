import { keptIn, type Origin, type SharedTable, type SharedView } from '../../model/index.ts'
import { type Family, type Ip, overlaps, type Prefix } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { preferredSource, protocolWord } from '../felix/route-protocol.ts'
import type { Transport } from '../prefixes-of-nodes.ts'
import { type ClusterRouteFacts, type Owner, type Situation, situationOf } from './situation.ts'
import { Standpoints } from './standpoint.ts'
import { RouteTables } from './tables.ts'
import { excludedOwners, type WrittenOut, writtenOut } from './written-out.ts'

/** How a node gets to the others: lists shared with other nodes, and what fits none of them. */
export interface NodeView {
  /** Uses of shared lists. */
  readonly uses: readonly SharedView[]
  /** Routes that no list can hold. */
  readonly writtenOut: readonly WrittenOut[]
}

/** The routes, neighbours and FDB entries between the nodes of a cluster. */
export interface ClusterRoutes {
  /** What nodes share, by name. */
  readonly tables: Readonly<Record<string, SharedTable>>
  /** What one node sees; nodes in the same situation get the same object. */
  readonly viewOf: (node: ClusterNode) => NodeView
}

/**
 * Computes how all nodes get to each other. Each entry is written once, in a list, and seen from every node through a use;
 * nothing here grows with nodes².
 */
export function clusterRoutes(facts: ClusterRouteFacts): ClusterRoutes {
  const tables = new RouteTables(facts)
  const bySituation = new Map<string, NodeView>()
  const byNode = new Map<string, NodeView>()
  const standpoints = new Standpoints(facts)
  const byStandpoint = new Map<string, NodeView>()
  const look = (node: ClusterNode): NodeView => {
    const situation = situationOf(node, facts)
    return keptIn(bySituation, JSON.stringify(situation), () => viewOf(situation, tables))
  }
  for (const node of facts.nodes)
    byNode.set(
      node.name,
      keptIn(byStandpoint, standpoints.keyOf(node), () => look(node)),
    )
  return { tables: tables.tables, viewOf: (node) => byNode.get(node.name)! }
}

/** What a node in this situation sees. */
function viewOf(situation: Situation, tables: RouteTables): NodeView {
  const uses: SharedView[] = []
  for (const family of [4, 6] as const) {
    for (const transport of ['vxlan', 'ipip', 'none'] as const) {
      for (const crossSubnet of transport === 'none' ? [false] : [false, true]) {
        uses.push(...transportUses(situation, tables, family, transport, crossSubnet))
      }
    }
    uses.push(...vtepUses(situation, tables, family), ...wireguardUses(situation, tables, family))
  }
  return { uses, writtenOut: [...writtenOut(situation, tables, 4), ...writtenOut(situation, tables, 6)] }
}

function transportUses(
  situation: Situation,
  tables: RouteTables,
  family: Family,
  transport: Transport,
  crossSubnet: boolean,
): readonly SharedView[] {
  const owner = situation.owners[transport]
  const { subnet, vtep } = situation.families[family]
  if (!owner || subnet === undefined) return []
  if (transport === 'none') {
    return owner === 'felix'
      ? nearUses(situation, family, tables.routeTable(owner, family, transport, false, 'node'))
      : resolved(situation, tables, family, transport)
  }
  if (transport === 'vxlan' && !vtep) return []
  const via = transport === 'vxlan' ? 'vtep' : 'node'
  const table = tables.routeTable(owner, family, transport, crossSubnet, via)
  const tunnels = table === undefined ? [] : [tunnelUse(situation, tables, family, transport, table, owner)]
  const ends = transport === 'vxlan' ? tables.routeTable(owner, family, transport, crossSubnet, 'nobody') : undefined
  if (ends !== undefined) tunnels.push(endUse(situation, tables, family, ends))
  if (!crossSubnet) return tunnels
  const near =
    owner === 'felix'
      ? nearUses(situation, family, tables.routeTable(owner, family, transport, true, 'node', subnet))
      : resolved(situation, tables, family, transport, subnet)
  const beside = (use: SharedView): SharedView => ({
    ...use,
    except: [...(use.except ?? []), ...tables.inside(subnet)],
  })
  return [...near, ...tunnels.map(beside)]
}

/** Everything through a tunnel device. */
function tunnelUse(
  situation: Situation,
  tables: RouteTables,
  family: Family,
  transport: 'ipip' | 'vxlan',
  table: string,
  owner: Owner,
): SharedView {
  const dev = transport === 'ipip' ? 'tunl0' : family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico'
  const { traits } = tables.facts.settings
  const metric = owner === 'bird' ? traits.routeMetric : family === 6 ? 1024 : undefined
  const except = owner === 'bird' ? excludedOwners(situation, tables, family) : []
  return {
    table,
    as: 'route',
    dev,
    ...(except.length > 0 ? { except } : {}),
    route: {
      protocol: owner === 'bird' ? 'bird' : felixProtocol(situation, transport === 'vxlan' ? 'device' : 'own'),
      onlink: true,
      ...(metric === undefined ? {} : { metric }),
      ...(owner === 'felix' && traits.routeMtu ? { mtu: situation.mtus[dev] } : {}),
      ...(owner === 'felix' ? preferredSource(family, situation) : {}),
    },
    origin: { component: owner, note: `${transport} tunnel to the node that owns the block` },
  }
}

/** Addresses of ends of the VXLAN tunnel outside their nodes' own blocks: on the device itself. @calico felix/dataplane/linux/vxlan_mgr.go */
function endUse(situation: Situation, tables: RouteTables, family: Family, table: string): SharedView {
  const dev = family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico'
  return {
    table,
    as: 'route',
    dev,
    route: {
      protocol: felixProtocol(situation, 'device'),
      scope: family === 4 ? 'link' : 'global',
      noVia: true,
      ...(family === 6 ? { metric: 1024 } : {}),
      ...(tables.facts.settings.traits.routeMtu ? { mtu: situation.mtus[dev] } : {}),
    },
    origin: {
      component: 'felix',
      note: 'the other end of the tunnel has this address, and no block of its own around it',
    },
  }
}

/** Felix's direct routes: the peer's address is forced on-link. */
function nearUses(situation: Situation, family: Family, table: string | undefined): SharedView[] {
  const dev = situation.families[family].parent
  if (table === undefined || dev === undefined) return []
  const metric = family === 6 ? { metric: 1024 } : {}
  const note = 'CrossSubnet: the peer is in the same subnet, so nothing is encapsulated'
  const route = {
    protocol: felixProtocol(situation, 'own'),
    onlink: true,
    ...metric,
    ...preferredSource(family, situation),
  }
  return [{ table, as: 'route', dev, route, origin: { component: 'felix', note } }]
}

function felixProtocol({ routeProtocol }: Situation, of: 'device' | 'own'): string {
  return protocolWord(of, { deviceRouteProtocol: routeProtocol })
}

/**
 * BIRD's plain routes: the BGP next hop is looked up in the node's own routes. On-link → itself; behind a router → the
 * router. What cannot be resolved is left to {@link writtenOut}.
 */
function resolved(
  situation: Situation,
  tables: RouteTables,
  family: Family,
  transport: Transport,
  within?: Prefix,
): SharedView[] {
  const { ways, gateway } = situation.families[family]
  const uses: SharedView[] = []
  if (!tables.hasRoutes(family, transport)) return uses
  const done = new Set(excludedOwners(situation, tables, family))
  for (const { net, hops } of ways) {
    const [hop] = hops
    // CrossSubnet: only the peers of the node's own subnet are meant, whatever mask the link has.
    if (hop === undefined || (within !== undefined && !overlaps(net, within))) continue
    const near = tables.routeTable('bird', family, transport, within !== undefined, 'node', within ?? net)
    const note = hop.via === undefined ? 'the BGP next hop is on this link' : 'the BGP next hop is behind this gateway'
    // Several next hops fit no list: they are written out.
    if (near !== undefined && hops.length === 1) uses.push(birdUse(tables, family, near, hop.dev, done, note, hop.via))
    if (within !== undefined) return uses
    for (const name of tables.inside(net)) done.add(name)
  }
  const rest = within === undefined ? tables.routeTable('bird', family, transport, false, 'node') : undefined
  if (gateway && rest !== undefined && othersBeyond(situation, tables, family, done)) {
    const note = 'the BGP next hop is behind this router'
    uses.push(birdUse(tables, family, rest, gateway.dev, done, note, gateway.via))
  }
  return uses
}

function birdUse(
  tables: RouteTables,
  family: Family,
  table: string,
  dev: string,
  done: ReadonlySet<string>,
  note: string,
  via?: Ip,
): SharedView {
  const metric = tables.facts.settings.traits.routeMetric ?? (family === 6 ? 1024 : undefined)
  return {
    table,
    as: 'route',
    dev,
    ...(done.size > 0 ? { except: [...done] } : {}),
    route: {
      protocol: 'bird',
      ...(metric === undefined ? {} : { metric }),
      ...(via === undefined ? {} : { via }),
    },
    origin: { component: 'bird', note },
  }
}

/** Whether there are nodes besides these and the node itself, which counts among those on its own links. */
function othersBeyond(situation: Situation, tables: RouteTables, family: Family, done: ReadonlySet<string>): boolean {
  const { onLink, wireguard } = situation.families[family]
  const selfDone = onLink || (wireguard && tables.facts.settings.traits.birdSkipsWireguard)
  const beyond = tables.facts.nodes.reduce((count, { name }) => count + (done.has(name) ? 0 : 1), 0)
  return beyond > (selfDone ? 0 : 1)
}

/** Neighbour and FDB entries of the VXLAN device. */
function vtepUses(situation: Situation, tables: RouteTables, family: Family): SharedView[] {
  if (!situation.families[family].vtep) return []
  const table = tables.vtepTable(family)
  const dev = family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico'
  const origin: Origin = { component: 'felix', note: 'one entry a remote VTEP: nothing is learned, nothing floods' }
  return [
    { table, as: 'neighbour', dev, origin },
    { table, as: 'fdb', dev, origin },
  ]
}

/** Table 1: the prefixes of every peer that has a key. */
function wireguardUses(situation: Situation, tables: RouteTables, family: Family): SharedView[] {
  if (!situation.families[family].wireguard) return []
  const behind = [
    tables.wireguardTable(family),
    ...(situation.wireguardHosts ? [tables.wireguardHostTable(family)] : []),
  ]
  return behind.map((table) => ({
    table,
    as: 'route',
    dev: family === 4 ? 'wireguard.cali' : 'wg-v6.cali',
    route: {
      protocol: felixProtocol(situation, 'device'),
      table: '1',
      scope: family === 4 ? 'link' : 'global',
      noVia: true,
      ...(family === 6 ? { metric: 1024 } : {}),
    },
    origin: { component: 'felix', note: 'both ends have WireGuard keys' },
  }))
}
