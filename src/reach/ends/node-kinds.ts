import type { Cluster, ClusterNode } from '../../control/index.ts'
import { routeGet, type Simulation } from '../../dataplane/index.ts'
import { cablesIn, type Interface, keptIn, knownOf, type Namespace, type Network, pushTo } from '../../model/index.ts'
import { type Ip, isHostPrefix, type Prefix, prefixAddress, prefixOf } from '../../wire/index.ts'

/** Nodes whose state differs in nothing but their own names and addresses. */
export interface NodeKinds {
  /** The kind of a node, by number. */
  readonly of: (node: string) => number
  /** Whether its state is another than its objects make: somebody edited it, or it is that of a dump. */
  readonly isEdited: (node: string) => boolean
}

/** What nodes are compared in. */
export interface KindFacts {
  /** The cluster. */
  readonly cluster: Cluster
  /** The network as it is now. */
  readonly network: Network
  /** Running it. */
  readonly simulation: Simulation
  /** Nodes that a dump described. */
  readonly isDumped: (node: string) => boolean
}

/** Parts of a value that say nothing of what packets meet, or that each machine has for itself. */
const UNTOLD: ReadonlySet<string> = new Set([
  'origin',
  'sysctlOrigins',
  'mac',
  'ifindex',
  'linkIndex',
  'linkNetnsid',
  'privateKey',
  'publicKey',
])

/** Sorts the nodes of a cluster into kinds: by their own state, then by the routes that one of each kind has to each node. */
export function nodeKinds(facts: KindFacts): NodeKinds {
  const { cluster, network, isDumped } = facts
  const edited = new Set(
    cluster.nodes
      .map(({ name }) => name)
      .filter((name) => isDumped(name) || network.namespaces[name] !== cluster.network.namespaces[name]),
  )
  const owned = new Map<string, Set<string>>()
  for (const { owner, dst } of cluster.destinations) keptIn(owned, owner, () => new Set<string>()).add(dst)
  const objects = new Map<object, number>()
  const signatures = new Map(
    cluster.nodes.map((node) => [
      node.name,
      edited.has(node.name) ? node.name : stateOf(facts, node, owned.get(node.name) ?? new Set(), objects),
    ]),
  )
  const kinds = refined(facts, signatures)
  return { of: (node) => kinds.get(node) ?? -1, isEdited: (node) => edited.has(node) }
}

/** A node's own state as text, without what only it has. */
function stateOf(
  { network }: KindFacts,
  node: ClusterNode,
  owned: ReadonlySet<string>,
  objects: Map<object, number>,
): string {
  const ns = network.namespaces[node.name]
  if (ns === undefined) return `no machine ${node.name}`
  const felix = keptIn(objects, node.felix, () => objects.size)
  const { devices, routes, sysctls } = machineOf(ns)
  const told = {
    felix,
    cables: cablesIn(network.wires)(node.name).flatMap(({ ends: [a, b] }) => {
      const [own, other] = a.netns === node.name ? [a, b] : [b, a]
      return isPods(own.dev) ? [] : [`${own.dev} ${other.netns}`]
    }),
    devices: devices.map((dev) => ({
      ...dev,
      addresses: dev.addresses.map(({ local, prefixlen }) => subnetOf(local, prefixlen)),
    })),
    routes,
    rules: ns.rules,
    sysctls,
    shared: ns.shared ?? [],
  }
  const text = JSON.stringify(told, (key, value) => (UNTOLD.has(key) ? undefined : value))
  return withoutOwn(text, devices, owned)
}

function isPods(dev: string): boolean {
  return dev.startsWith('cali')
}

/** What a node has without its pods. Where that is known, nothing is made of those: a large cluster has many. */
function machineOf(ns: Namespace) {
  const outline = knownOf(ns)
  const routes = outline?.knownRoutes?.()
  if (outline !== undefined && routes !== undefined) {
    return { devices: outline.interfaces(), routes, sysctls: Object.entries(outline.sysctls) }
  }
  return {
    devices: Object.values(ns.interfaces).filter(({ name }) => !isPods(name)),
    routes: ns.routes.filter(({ dev }) => dev === undefined || !isPods(dev)),
    sysctls: Object.entries(ns.sysctls).filter(([key]) => !/\bcali/.test(key)),
  }
}

/** The subnet of an address; of a single one, or one of the link, only that there is one. */
function subnetOf(local: Ip, length: number): string {
  const net = prefixOf(local, length)
  return isHostPrefix(net) || net.startsWith('fe80') ? `one/${length}` : net
}

/** Text in which a machine's own addresses and ranges are no longer told apart from those of another. */
function withoutOwn(text: string, devices: readonly Interface[], owned: ReadonlySet<string>): string {
  const own = new Set<string>(owned)
  for (const { addresses } of devices) for (const { local } of addresses) own.add(local)
  for (const net of owned) own.add(prefixAddress(net as Prefix))
  return text.replace(/(?<![\d.:a-f])[0-9a-f]*[.:][0-9a-f.:]+(\/\d+)?/g, (found) => {
    if (own.has(found)) return '·'
    const slash = found.indexOf('/')
    return slash > 0 && own.has(found.slice(0, slash)) ? `·${found.slice(slash)}` : found
  })
}

/** Splits kinds by what one of each kind makes of each node, until nothing is split any more. */
function refined(facts: KindFacts, signatures: ReadonlyMap<string, string>): Map<string, number> {
  let kinds = numbered(signatures)
  for (;;) {
    const members = new Map<number, string[]>()
    for (const [node, kind] of kinds) pushTo(members, kind, node)
    // Of each kind the first looks at all others, and the second at the first.
    const lookers = [...members.values()].map(([first = '', second]) => [first, second] as const)
    const seen = [...kinds].map(([node, kind]): [string, string] => {
      const told = lookers.map(([first, second]) => {
        const looker = first === node ? second : first
        return looker === undefined ? '' : routesTo(facts, looker, node)
      })
      return [node, `${kind} ${told.join(';')}`]
    })
    const next = numbered(new Map(seen))
    if (new Set(next.values()).size === members.size) return next
    kinds = next
  }
}

function numbered(signatures: ReadonlyMap<string, string>): Map<string, number> {
  const ids = new Map<string, number>()
  return new Map([...signatures].map(([node, text]) => [node, keptIn(ids, text, () => ids.size)]))
}

const targets = new WeakMap<Cluster, ReadonlyMap<string, readonly (readonly [string, Ip])[]>>()

/** Addresses by which a node is reached: its own, and one of each sort of range that it answers for. */
function targetsOf(cluster: Cluster, node: string): readonly (readonly [string, Ip])[] {
  const all = keptIn(targets, cluster, () => {
    const found = new Map<string, Map<string, Ip>>()
    for (const { name, ipv4, ipv6 } of cluster.nodes) {
      const own = new Map<string, Ip>()
      if (ipv4 !== undefined) own.set('ipv4', ipv4.address)
      if (ipv6 !== undefined) own.set('ipv6', ipv6.address)
      found.set(name, own)
    }
    for (const { owner, dst, pool, borrowed } of cluster.destinations) {
      const sort = `${pool.name} ${borrowed}`
      const own = found.get(owner)
      if (own?.has(sort) === false) own.set(sort, prefixAddress(dst))
    }
    return new Map([...found].map(([name, own]) => [name, [...own]]))
  })
  return all.get(node) ?? []
}

/** How a node routes to another, without addresses of that. */
function routesTo({ cluster, simulation }: KindFacts, node: string, other: string): string {
  const ns = simulation.netns(node)
  const own = new Set<string>(targetsOf(cluster, other).map(([, address]) => address))
  return targetsOf(cluster, other)
    .map(([sort, dst]) => {
      const found = routeGet(ns, { dst })
      if (typeof found === 'string') return `${sort} ${found}`
      const via = found.via === undefined ? '' : own.has(found.via) ? 'it' : found.via
      return `${sort} ${found.dev} ${via}`
    })
    .join(',')
}
