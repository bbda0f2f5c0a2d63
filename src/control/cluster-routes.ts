import type { FabricUse, Origin, Route } from '../model/index.ts'
import { type Family, familyOf, type Ip, overlaps, type Prefix, prefixLength, prefixOf } from '../wire/index.ts'
import { addressOfNode, type ClusterNode, defaultGateway, parentInterface, subnetOfNode } from './cluster-node.ts'
import { deviceMtu, type TunnelDevice } from './felix/mtu.ts'
import type { Transport } from './prefixes-of-nodes.ts'
import { type ClusterRouteFacts, type Owner, RouteFabrics } from './route-fabrics.ts'

/** How a node gets to the others: lists shared with other nodes, and what is its own. */
export interface NodeView {
  /** Uses of shared lists; one array for all nodes that see the cluster alike. */
  readonly uses: readonly FabricUse[]
  /** Routes that fit no shared list. */
  readonly routes: readonly Route[]
}

/**
 * The routes, neighbours and FDB entries between nodes. Each is written once, in a fabric, and seen from every node through
 * a use; nodes in the same situation share one list of uses. Nothing here grows with nodes².
 */
export class ClusterRoutes {
  /** The lists themselves. */
  readonly lists: RouteFabrics
  private readonly facts: ClusterRouteFacts
  private readonly views = new Map<string, NodeView>()

  constructor(facts: ClusterRouteFacts) {
    this.facts = facts
    this.lists = new RouteFabrics(facts)
  }

  /** What one node sees. */
  view(node: ClusterNode): NodeView {
    const key = this.situation(node)
    let view = this.views.get(key)
    if (!view) {
      view = { uses: this.uses(node), routes: this.ownRoutes(node) }
      this.views.set(key, view)
    }
    return view
  }

  /** All that decides how a node sees the others, as text: nodes with equal texts share their view. */
  private situation(node: ClusterNode): string {
    const { facts } = this
    const parts: unknown[] = [node.felix.ownsIpip, node.felix.ownsNoEncap, node.felix.wireguard, node.felix.wireguardV6]
    for (const family of [4, 6] as const) {
      const gateway = node.machine && defaultGateway(node.machine, family)
      parts.push(subnetOfNode(node, family), gateway?.via, gateway?.dev, parentInterface(node, family)?.name)
      parts.push(facts.vteps[family].has(node.name), facts.wireguard[family].has(node.name))
      parts.push(facts.unlearned[family].get(node.name)?.join(','))
    }
    for (const dev of node.machine?.interfaces ?? []) {
      parts.push(
        dev.name,
        dev.segment !== undefined,
        ...dev.addresses.map((cidr) => prefixOf(cidr.address, cidr.length)),
      )
    }
    for (const device of ['tunl0', 'vxlan.calico', 'vxlan-v6.calico'] as const) {
      parts.push(deviceMtu(device, node, facts.settings))
    }
    return parts.join('|')
  }

  /** Who programs a transport's routes on a node; undefined when nobody does. */
  owner(node: ClusterNode, transport: Transport): Owner | undefined {
    const { settings } = this.facts
    if (transport === 'vxlan') return 'felix'
    if (transport === 'ipip' ? node.felix.ownsIpip : node.felix.ownsNoEncap) return 'felix'
    const bird = transport === 'ipip' ? settings.birdProgramsIpip : settings.birdProgramsNoEncap
    return settings.backend === 'bird' && bird ? 'bird' : undefined
  }

  private uses(node: ClusterNode): FabricUse[] {
    const uses: FabricUse[] = []
    for (const family of [4, 6] as const) {
      for (const transport of ['vxlan', 'ipip', 'none'] as const) {
        for (const crossSubnet of transport === 'none' ? [false] : [false, true]) {
          uses.push(...this.transportUses(node, family, transport, crossSubnet))
        }
      }
      uses.push(...this.vtepUses(node, family), ...this.wireguardUses(node, family))
    }
    return uses
  }

  private transportUses(node: ClusterNode, family: Family, transport: Transport, crossSubnet: boolean): FabricUse[] {
    const owner = this.owner(node, transport)
    if (!owner || !addressOfNode(node, family)) return []
    if (transport === 'none')
      return owner === 'felix' ? this.direct(node, family, owner) : this.resolved(node, family, transport)
    const device: TunnelDevice = transport === 'ipip' ? 'tunl0' : family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico'
    if (transport === 'vxlan' && !this.facts.vteps[family].has(node.name)) return []
    const subnet = subnetOfNode(node, family)!
    const via = transport === 'vxlan' ? 'vtep' : 'node'
    const tunnel = this.tunnelUse(
      node,
      family,
      transport,
      device,
      this.lists.routeFabric(owner, family, transport, crossSubnet, via),
      owner,
    )
    if (!crossSubnet) return tunnel ? [tunnel] : []
    const near =
      owner === 'felix'
        ? this.nearUse(node, family, this.lists.routeFabric(owner, family, transport, true, 'node', subnet))
        : this.resolved(node, family, transport, subnet)
    const near6 = this.lists.inside(subnet)
    return tunnel ? [...near, { ...tunnel, except: [...(tunnel.except ?? []), ...near6] }] : near
  }

  /** Everything through a tunnel device. */
  private tunnelUse(
    node: ClusterNode,
    family: Family,
    transport: Transport,
    dev: TunnelDevice,
    fabric: string | undefined,
    owner: Owner,
  ): FabricUse | undefined {
    if (fabric === undefined) return undefined
    const { traits } = this.facts.settings
    const metric = owner === 'bird' ? traits.routeMetric : family === 6 ? 1024 : undefined
    const except = owner === 'bird' ? this.excluded(node, family) : undefined
    const mtu = owner === 'felix' && traits.routeMtu ? { mtu: deviceMtu(dev, node, this.facts.settings) } : {}
    return {
      fabric,
      as: 'route',
      dev,
      ...(except ? { except } : {}),
      route: {
        protocol: owner === 'bird' ? 'bird' : this.felixProtocol(node, transport === 'vxlan' ? 'boot' : '80'),
        onlink: true,
        ...(metric === undefined ? {} : { metric }),
        ...mtu,
      },
      origin: { component: owner, note: `${transport} tunnel to the node that owns the block` },
    }
  }

  /** Felix's direct routes to peers of the same subnet. */
  private nearUse(node: ClusterNode, family: Family, fabric: string | undefined): FabricUse[] {
    const dev = parentInterface(node, family)?.name
    if (fabric === undefined || dev === undefined) return []
    const metric = family === 6 ? { metric: 1024 } : {}
    const note = 'CrossSubnet: the peer is in the same subnet, so nothing is encapsulated'
    return [
      {
        fabric,
        as: 'route',
        dev,
        route: { protocol: this.felixProtocol(node, '80'), onlink: true, ...metric },
        origin: { component: 'felix', note },
      },
    ]
  }

  /** Felix's unencapsulated routes: the peer's address is forced on-link. */
  private direct(node: ClusterNode, family: Family, owner: Owner): FabricUse[] {
    return this.nearUse(node, family, this.lists.routeFabric(owner, family, 'none', false, 'node'))
  }

  private felixProtocol(node: ClusterNode, usual: string): string {
    return node.felix.deviceRouteProtocol === 3 ? usual : String(node.felix.deviceRouteProtocol)
  }

  /** Owners left out of what BIRD installs: not learned, or WireGuard peers. */
  private excluded(node: ClusterNode, family: Family): readonly string[] | undefined {
    const unlearned = this.facts.unlearned[family].get(node.name)
    const keys = this.facts.wireguard[family]
    if (!this.facts.settings.traits.birdSkipsWireguard || !keys.has(node.name)) return unlearned
    return [...(unlearned ?? []), ...keys.keys()]
  }

  /** The subnets a node is connected to, most specific first. */
  private connected(node: ClusterNode, family: Family): { readonly net: Prefix; readonly dev: string }[] {
    const nets = (node.machine?.interfaces ?? []).flatMap((dev) =>
      dev.segment === undefined
        ? []
        : dev.addresses
            .filter((cidr) => familyOf(cidr.address) === family)
            .map((cidr) => ({ net: prefixOf(cidr.address, cidr.length), dev: dev.name })),
    )
    return nets.sort((a, b) => prefixLength(b.net) - prefixLength(a.net))
  }

  /**
   * BIRD's plain routes: the BGP next hop is looked up in the node's own routes. On-link → itself; behind a router → the
   * router. What cannot be resolved is left to {@link ownRoutes}.
   */
  private resolved(node: ClusterNode, family: Family, transport: Transport, within?: Prefix): FabricUse[] {
    const { traits } = this.facts.settings
    const excluded = this.excluded(node, family) ?? []
    const cross = within !== undefined
    const metric =
      traits.routeMetric === undefined ? (family === 6 ? { metric: 1024 } : {}) : { metric: traits.routeMetric }
    const uses: FabricUse[] = []
    const done = new Set(excluded)
    const use = (
      fabric: string,
      dev: string,
      via: Ip | undefined,
      except: readonly string[],
      note: string,
    ): FabricUse => ({
      fabric,
      as: 'route',
      dev,
      ...(except.length > 0 ? { except } : {}),
      route: { protocol: 'bird', ...metric, ...(via === undefined ? {} : { via }) },
      origin: { component: 'bird', note },
    })
    for (const { net, dev } of this.connected(node, family)) {
      // CrossSubnet: only the peers of the node's own subnet are meant, whatever mask the link has.
      if (within !== undefined && !overlaps(net, within)) continue
      const fabric = this.lists.routeFabric('bird', family, transport, cross, 'node', within ?? net)
      if (fabric !== undefined) uses.push(use(fabric, dev, undefined, [...done], 'the BGP next hop is on this link'))
      if (cross) return uses
      for (const name of this.lists.inside(net)) done.add(name)
    }
    const gateway = node.machine && defaultGateway(node.machine, family)
    const rest = cross ? undefined : this.lists.routeFabric('bird', family, transport, false, 'node')
    if (gateway && rest !== undefined && this.facts.nodes.some((other) => other !== node && !done.has(other.name))) {
      uses.push(use(rest, gateway.dev, gateway.via, [...done], 'the BGP next hop is behind this router'))
    }
    return uses
  }

  /** Routes no list can hold: BGP next hops that resolve to nothing. */
  private ownRoutes(node: ClusterNode): Route[] {
    const routes: Route[] = []
    for (const family of [4, 6] as const) {
      if (this.owner(node, 'none') !== 'bird' || !addressOfNode(node, family)) continue
      if (node.machine && defaultGateway(node.machine, family)) continue
      const known = new Set([...(this.excluded(node, family) ?? []), node.name])
      for (const { net } of this.connected(node, family)) for (const name of this.lists.inside(net)) known.add(name)
      for (const entry of this.lists.byFamily[family]) {
        if (entry.transport !== 'none' || entry.pool.disableBgpExport || known.has(entry.owner)) continue
        if (this.lists.addressOf(entry.owner, family) === undefined) continue
        routes.push({
          family: family === 4 ? 'inet' : 'inet6',
          dst: entry.dst,
          type: 'unreachable',
          table: 'main',
          protocol: 'bird',
          scope: 'global',
          ...(this.facts.settings.traits.routeMetric === undefined
            ? {}
            : { metric: this.facts.settings.traits.routeMetric }),
          origin: { ...this.lists.poolOrigin('bird', entry), note: 'the BGP next hop cannot be resolved' },
        })
      }
    }
    return routes
  }

  /** Neighbour and FDB entries of the VXLAN device. */
  private vtepUses(node: ClusterNode, family: Family): FabricUse[] {
    const vteps = this.facts.vteps[family]
    if (!vteps.has(node.name)) return []
    const name = `vteps${family}`
    this.lists.fabrics[name] ??= {
      entries: [...vteps].map(([owner, vtep]) => ({
        owner,
        via: vtep.address,
        lladdr: vtep.mac,
        remote: vtep.remote,
        origin: { component: 'felix', object: `Node/${owner}` },
      })),
    }
    const dev = family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico'
    const origin: Origin = { component: 'felix', note: 'one entry a remote VTEP: nothing is learned, nothing floods' }
    return [
      { fabric: name, as: 'neighbour', dev, origin },
      { fabric: name, as: 'fdb', dev, origin },
    ]
  }

  /** Table 1: the prefixes of every peer that has a key. */
  private wireguardUses(node: ClusterNode, family: Family): FabricUse[] {
    const keys = this.facts.wireguard[family]
    if (!keys.has(node.name)) return []
    const name = `wireguard${family}`
    this.lists.fabrics[name] ??= {
      entries: this.lists.byFamily[family]
        .filter((entry) => keys.has(entry.owner))
        .map((entry) => ({ owner: entry.owner, dst: entry.dst, origin: this.lists.poolOrigin('felix', entry) })),
    }
    const metric = family === 6 ? { metric: 1024 } : {}
    return [
      {
        fabric: name,
        as: 'route',
        dev: family === 4 ? 'wireguard.cali' : 'wg-v6.cali',
        route: {
          protocol: this.felixProtocol(node, 'boot'),
          table: '1',
          scope: family === 4 ? 'link' : 'global',
          noVia: true,
          ...metric,
        },
        origin: { component: 'felix', note: 'both ends have WireGuard keys' },
      },
    ]
  }
}
