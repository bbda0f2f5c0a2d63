import { type Origin, type OriginComponent, pushTo, type SharedEntry, type SharedTable } from '../../model/index.ts'
import { contains, type Family, familyOf, hostPrefix, type Ip, type Prefix } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { originOf } from '../origin.ts'
import { type Destination, ofFamily, type Transport } from '../prefixes-of-nodes.ts'
import type { ClusterRouteFacts, Owner } from './situation.ts'

/**
 * Where packets to a range are handed to: the node, its end of the VXLAN tunnel, or nobody: the range is the address of
 * that end itself, which lies outside its node's own block.
 */
export type RouteGateway = 'node' | 'vtep' | 'nobody'

/** The lists of routes between nodes, each made when it is first asked for and written once for all nodes. */
export class RouteTables {
  /** The lists, by name. */
  readonly tables: Record<string, SharedTable> = {}
  /** Destinations by family. */
  readonly byFamily: Readonly<Record<Family, readonly Destination[]>>
  /** What they are made from. */
  readonly facts: ClusterRouteFacts
  private readonly nodeByName: ReadonlyMap<string, ClusterNode>
  private readonly empty = new Set<string>()
  private readonly members = new Map<string, readonly string[]>()
  private readonly origins = new Map<string, Origin>()
  private readonly rivals: Partial<Record<Family, ReadonlyMap<Prefix, readonly Destination[]>>> = {}

  constructor(facts: ClusterRouteFacts) {
    this.facts = facts
    this.byFamily = { 4: ofFamily(facts.destinations, 4), 6: ofFamily(facts.destinations, 6) }
    this.nodeByName = new Map(facts.nodes.map((node) => [node.name, node]))
  }

  /** A node's address; undefined when it has none of this family. */
  addressOf(owner: string, family: Family): Ip | undefined {
    const node = this.nodeByName.get(owner)
    return node && addressOfNode(node, family)?.address
  }

  /** Names of the nodes whose address lies in a subnet; one list a subnet. */
  inside(subnet: Prefix): readonly string[] {
    let names = this.members.get(subnet)
    if (!names) {
      const family = familyOf(subnet)
      names = this.facts.nodes.flatMap((node) => {
        const address = addressOfNode(node, family)?.address
        return address !== undefined && contains(subnet, address) ? [node.name] : []
      })
      this.members.set(subnet, names)
    }
    return names
  }

  /** Whether any destination is reached by a transport. */
  hasRoutes(family: Family, transport: Transport): boolean {
    return this.byFamily[family].some((entry) => entry.transport === transport)
  }

  /** Whether BIRD of its node announces an entry. */
  isAnnounced({ bird, pool }: Destination): boolean {
    return bird && !pool.disableBgpExport
  }

  /** Ranges that several nodes announce, with all of their entries. */
  contested(family: Family): ReadonlyMap<Prefix, readonly Destination[]> {
    let found = this.rivals[family]
    if (found === undefined) {
      const byRange = new Map<Prefix, Destination[]>()
      for (const entry of this.byFamily[family]) {
        if (this.isAnnounced(entry)) pushTo(byRange, entry.dst, entry)
      }
      found = new Map([...byRange].filter(([, list]) => list.length > 1))
      this.rivals[family] = found
    }
    return found
  }

  private isContested({ dst, pool }: Destination): boolean {
    return this.contested(pool.family).has(dst)
  }

  /** The origin of an entry: the mode of its pool. */
  poolOrigin(component: OriginComponent, entry: Destination): Origin {
    const key = `${component} ${entry.pool.name}`
    let origin = this.origins.get(key)
    if (!origin) {
      const field = entry.transport === 'vxlan' ? 'vxlanMode' : 'ipipMode'
      origin = originOf(component, entry.pool.resource, ['spec', field])
      this.origins.set(key, origin)
    }
    return origin
  }

  /** The name of a route list, which is made when it is first asked for. Undefined when nothing is in it. */
  routeTable(
    owner: Owner,
    family: Family,
    transport: Transport,
    crossSubnet: boolean,
    via: RouteGateway,
    within?: Prefix,
  ): string | undefined {
    const name = [owner, `${transport}${family}`, crossSubnet ? 'cross-subnet' : 'always', via, within]
      .filter((part) => part !== undefined)
      .join(' ')
    if (this.empty.has(name)) return undefined
    if (!this.tables[name]) {
      const inside = within === undefined ? undefined : new Set(this.inside(within))
      const entries: SharedEntry[] = []
      for (const entry of this.byFamily[family]) {
        if (entry.transport !== transport || entry.crossSubnet !== crossSubnet) continue
        if (!(owner === 'bird' ? this.isAnnounced(entry) && !this.isContested(entry) : entry.felix)) continue
        if (inside && !inside.has(entry.owner)) continue
        const vtep = this.facts.vteps[family].get(entry.owner)?.address
        const gateway = via === 'node' ? this.addressOf(entry.owner, family) : vtep
        if (gateway === undefined) continue
        if (via !== 'node' && (via === 'nobody') !== (entry.dst === hostPrefix(gateway))) continue
        entries.push({ owner: entry.owner, dst: entry.dst, via: gateway, origin: this.poolOrigin(owner, entry) })
      }
      if (entries.length === 0) {
        this.empty.add(name)
        return undefined
      }
      this.tables[name] = { entries }
    }
    return name
  }

  /** The name of the list of VXLAN tunnel endpoints. */
  vtepTable(family: Family): string {
    const name = `vteps${family}`
    this.tables[name] ??= {
      entries: [...this.facts.vteps[family]].map(([owner, vtep]) => ({
        owner,
        via: vtep.address,
        lladdr: vtep.mac,
        remote: vtep.remote,
        origin: { component: 'felix', object: `Node/${owner}` },
      })),
    }
    return name
  }

  /** The name of the list of key holders themselves. */
  wireguardHostTable(family: Family): string {
    const name = `wireguard-hosts${family}`
    this.tables[name] ??= {
      entries: [...this.facts.wireguard[family].keys()].flatMap((owner) => {
        const address = this.addressOf(owner, family)
        if (address === undefined) return []
        return [{ owner, dst: hostPrefix(address), origin: { component: 'felix', object: `Node/${owner}` } }]
      }),
    }
    return name
  }

  /** The name of the list of what lives behind WireGuard keys. */
  wireguardTable(family: Family): string {
    const name = `wireguard${family}`
    const keys = this.facts.wireguard[family]
    this.tables[name] ??= {
      entries: this.byFamily[family]
        .filter((entry) => entry.felix && keys.has(entry.owner))
        .map((entry) => ({ owner: entry.owner, dst: entry.dst, origin: this.poolOrigin('felix', entry) })),
    }
    return name
  }
}
