import {
  addressOfNode,
  type Cluster,
  type ClusterNode,
  type Destination,
  originOf,
  routeOwner,
  unlearnedOwners,
} from '../control/index.ts'
import { routeLine } from '../linux/index.ts'
import {
  type FindingCode,
  interfaceOf,
  type Origin,
  type OriginComponent,
  type Route,
  routesCovering,
} from '../model/index.ts'
import { contains, type Family, familyOf, type Ip, prefixLength } from '../wire/index.ts'
import { six } from './commands.ts'
import { type Absence, delayWords, removalWords } from './course.ts'
import type { Facts } from './facts.ts'
import { type AddressOwner, poolOf } from './owners.ts'
import { filteredSession, sessionFault } from './session.ts'
import { cardOf } from './wrong-card.ts'

/** A route that should be on a machine: what it would say, who writes such routes, and why it is not there. */
export interface MissingRoute {
  /** As `ip route` would print it. */
  readonly expected?: string
  /** Who writes it. */
  readonly by?: OriginComponent
  /** Why it is not there; '' when nothing in the input says. */
  readonly because: string
  /** What would be right. */
  readonly right: string
  /** The object and field that decided. */
  readonly origin?: Origin
  /** A sort of its own; absent = the route is missing. */
  readonly code?: FindingCode
  /** The interface to be looked at, when it is another than the packet took. */
  readonly dev?: string
  /** Commands, to be typed on the machine. */
  readonly checks: readonly string[]
  /** Commands that say already where they are to be typed. */
  readonly placed?: readonly string[]
}

/** The route a machine lacks to an address that another machine has. */
export function missingRoute(facts: Facts, at: string, dst: string, owner: AddressOwner): MissingRoute {
  const { cluster } = facts
  const here = cluster?.nodes.find((node) => node.name === at)
  const there = cluster?.nodes.find((node) => node.name === owner.node)
  const other = facts.notes.find((note) => note.code === 'other_cni')
  if (other !== undefined) {
    const because = `routes between nodes are not Calico’s here: ${other.what}`
    return { because, right: '', checks: [] }
  }
  if (cluster === null || here === undefined || there === undefined) return ofDump(facts, at, dst, owner)
  const pair = { facts, cluster, here, there, dst, family: familyOf(dst) }
  return removed(pair) ?? neverThere(pair)
}

/** More specific than a default route, and not a refusal. */
function leads(route: Route): boolean {
  return prefixLength(route.dst) > 0 && route.type === 'unicast'
}

/** What the cluster was built with is the best witness: somebody has taken the route away since. */
function removed({ facts, cluster, here, dst }: Pair): MissingRoute | undefined {
  const { network } = facts
  const { name: at } = here
  const route = builtRoute(cluster, at, dst)
  const now = network.namespaces[at]
  if (route === undefined || now === undefined) return undefined
  const expected = {
    expected: routeLine(route),
    ...(route.origin === undefined ? {} : { by: route.origin.component, origin: route.origin }),
  }
  const { dev } = route
  if (dev !== undefined && interfaceOf(now, dev)?.up === false) {
    const because = `the kernel has removed it with its interface: ${dev} is down`
    return {
      ...expected,
      code: 'link_down',
      dev,
      because,
      right: `Bring ${dev} up`,
      checks: [`ip -d link show ${dev}`],
    }
  }
  if (routesCovering(network, now, dst as Ip).some((one) => leads(one) && one.dst === route.dst && one.dev === dev)) {
    const because = 'that route is there, but the other one comes before it'
    return {
      ...expected,
      code: 'route_refuses',
      because,
      right: 'Remove the other route, and find out who adds it',
      checks: [],
    }
  }
  return { ...expected, ...absence(facts, at, route), checks: [] }
}

/** Why a route is not there that the objects ask for. */
function absence({ course }: Facts, at: string, route: Route): Absence {
  const removal = course?.removalOf(at, routeLine(route))
  if (removal !== undefined) return removalWords(removal)
  const writer = route.origin?.component
  const delay = writer === 'felix' || writer === 'bird' ? course?.delayOf(writer, at) : undefined
  if (delay !== undefined) return delayWords(delay)
  return {
    because: 'it follows from the objects, and somebody has removed it since',
    right: 'Put it back; a restart of calico-node does so',
  }
}

/** The route to an address that a machine of the cluster was built with. */
export function builtRoute(cluster: Cluster | null, at: string, dst: string): Route | undefined {
  const ns = cluster?.network.namespaces[at]
  if (cluster === null || ns === undefined) return undefined
  return routesCovering(cluster.network, ns, dst as Ip).find(leads)
}

/** How one sees the sessions of a node. */
const SESSION_CHECKS: readonly string[] = ['calicoctl node status', 'birdcl show protocols']

interface Pair {
  readonly facts: Facts
  readonly cluster: Cluster
  readonly here: ClusterNode
  readonly there: ClusterNode
  readonly dst: string
  readonly family: Family
}

/** Why Calico does not write a route between two nodes. */
function neverThere(pair: Pair): MissingRoute {
  const { cluster, there, dst } = pair
  const pool = poolOf(cluster, dst)
  if (pool === undefined) {
    const because = `no IPPool has ${dst}: Calico routes only what is in a pool`
    return { because, right: 'Add an IPPool with this range', checks: ['calicoctl get ippool -o wide'] }
  }
  const found = cluster.destinations.filter((one) => contains(one.dst, dst as Ip))
  const destination = found.find((one) => one.owner === there.name)
  if (destination === undefined) {
    const because = `no IPAM block of ${there.name} has ${dst}, so ${there.name} announces no route for it`
    const origin = originOf('ipam', pool.resource, pool.disabled ? ['spec', 'disabled'] : ['spec', 'cidr'])
    const right = 'The address must come from Calico’s IPAM'
    return { because, right, origin, checks: [`calicoctl ipam show --ip=${dst}`, 'calicoctl ipam check'] }
  }
  return unwritten(pair, destination)
}

function unwritten(pair: Pair, destination: Destination): MissingRoute {
  const { cluster, here, there, family } = pair
  const address = addressOfNode(there, family)?.address
  const writer = routeOwner(here.felix, destination.transport, cluster.settings)
  const expected = expectedRoute(pair, destination)
  const base = { ...(expected === undefined ? {} : { expected }), ...(writer === undefined ? {} : { by: writer }) }
  if (address === undefined || addressOfNode(here, family) === undefined) {
    const who = address === undefined ? there : here
    return {
      ...base,
      because: `${who.name} has no IPv${family} address of Calico’s`,
      right: `Give ${who.name} one (IP${family === 6 ? '6' : ''}=autodetect for calico-node)`,
      origin: originOf('bird', who.resource),
      checks: ['calicoctl get nodes -o wide'],
    }
  }
  if (writer === undefined) return nobodyWrites(pair, destination, base)
  return writer === 'bird' ? notLearned(pair, base) : notKnown(pair, destination, base)
}

function expectedRoute({ cluster, there, family }: Pair, { dst, transport, origin }: Destination): string | undefined {
  const via = addressOfNode(there, family)?.address
  if (transport === 'vxlan') {
    const vtep = cluster.ipam.tunnels.get(there.name)?.[family === 4 ? 'vxlan' : 'vxlan-v6']
    const dev = family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico'
    return `${dst} via ${vtep ?? `the VXLAN address of ${there.name}`} dev ${dev} onlink`
  }
  if (via === undefined || origin.component !== 'ipam') return undefined
  return transport === 'ipip' ? `${dst} via ${via} dev tunl0 onlink` : `${dst} via ${via}`
}

/** Nobody on this node programs routes of this sort. */
function nobodyWrites({ cluster }: Pair, { transport, pool }: Destination, base: Partial<MissingRoute>): MissingRoute {
  const { settings } = cluster
  const mode = transport === 'none' ? 'without encapsulation' : `with ${transport}`
  const { configMap, backend } = settings
  return {
    ...base,
    because: `the backend is ${backend}, so no BIRD runs, and ${pool.name} is a pool ${mode}: nobody writes routes between nodes`,
    right:
      backend === 'vxlan'
        ? `Set vxlanMode of IPPool/${pool.name}, or calico_backend to bird`
        : 'Set calico_backend to bird, or write the routes by other means',
    origin:
      configMap === undefined
        ? originOf('ipam', pool.resource, ['spec', 'cidr'])
        : originOf('bird', configMap, ['data', 'calico_backend']),
    checks: ['kubectl get configmap -n kube-system calico-config -o yaml'],
  }
}

/** BIRD would write it, had it learned it. */
function notLearned({ facts, cluster, here, there, family }: Pair, base: Partial<MissingRoute>): MissingRoute {
  const fault = cluster.bgpFaults.get(`${family} ${here.name} ${there.name}`)
  const checks = SESSION_CHECKS
  if (fault !== undefined) {
    const card = cardOf(here, there, family)
    const why = `the BGP session between ${here.name} and ${there.name} is not up (${fault})`
    if (card !== undefined) {
      const because = `${why}: ${card.because}`
      return {
        ...base,
        because,
        right: card.right,
        origin: card.origin,
        code: 'wrong_card',
        checks: [...checks, card.check],
      }
    }
    const session = sessionFault(facts, cluster, { here: here.name, there: there.name, family })
    if (session !== undefined) return { ...base, ...session, because: `${why}: ${session.because}`, checks }
    const address = addressOfNode(there, family)?.address ?? there.name
    const right = `TCP ${cluster.bgp.port} must pass between the two nodes`
    return { ...base, because: why, right, checks: [...checks, `nc -vz -w 3 ${address} ${cluster.bgp.port}`] }
  }
  const unlearned = unlearnedOwners(cluster.bgp, family, cluster.nodes, cluster).get(here.name) ?? []
  if (!unlearned.some((owner) => owner === there.name)) {
    const session = sessionFault(facts, cluster, { here: here.name, there: there.name, family })
    const because = `the objects make BGP sessions by which ${here.name} would learn it, and it has not`
    const right = 'Find out which session is not up, or what filters its routes'
    if (session === undefined) return { ...base, because, right, checks }
    return { ...base, ...session, because: `${because}: ${session.because}`, checks }
  }
  const { settings } = cluster
  const mesh = settings.mesh ? '' : 'the node-to-node mesh is off (nodeToNodeMeshEnabled: false) and '
  return {
    ...base,
    because: `${mesh}no BGPPeer makes a session by which ${here.name} would learn the routes of ${there.name}`,
    right: 'Add a BGPPeer that joins them, by a route reflector if need be, or switch the mesh on',
    ...(settings.bgp === undefined
      ? {}
      : { origin: originOf('bird', settings.bgp, ['spec', 'nodeToNodeMeshEnabled']) }),
    checks: ['calicoctl get bgpconfiguration default -o yaml', 'calicoctl get bgppeer -o wide', ...checks],
  }
}

/** Felix writes routes to tunnels whose other end it knows. */
function notKnown({ there, family }: Pair, { pool }: Destination, base: Partial<MissingRoute>): MissingRoute {
  const tunnels = `ip ${family === 6 ? '-6 ' : ''}route show proto 80`
  if (pool.disabled) {
    const { resource } = pool
    const field = resource.spec.disabled === true ? ['spec', 'disabled'] : ['metadata', 'deletionTimestamp']
    return {
      ...base,
      because: `IPPool/${pool.name} is disabled: calico-node takes no tunnel address from it, and Felix knows none of ${there.name}`,
      right: `Enable IPPool/${pool.name} (disabled: false), or have another enabled pool with vxlanMode`,
      origin: originOf('ipam', resource, field),
      checks: ['calicoctl get ippool -o wide', tunnels, `kubectl get node ${there.name} -o yaml`],
    }
  }
  return {
    ...base,
    because: `Felix does not know a tunnel address of ${there.name} for IPPool/${pool.name}`,
    right: `${there.name} needs an address of the pool for its tunnel device (annotation of its Node)`,
    origin: originOf('ipam', pool.resource, ['spec', 'vxlanMode']),
    checks: [tunnels, `kubectl get node ${there.name} -o yaml`],
  }
}

/** What dumps tell: the block at the other end, and who writes routes here. */
function ofDump(facts: Facts, at: string, dst: string, owner: AddressOwner): MissingRoute {
  const { network } = facts
  const other = network.namespaces[owner.node]
  const block = other && routesCovering(network, other, dst as Ip).find((one) => one.type === 'blackhole')
  const writers = new Set(network.namespaces[at]?.routes.map((route) => route.protocol))
  const agent = writers.has('bird') ? 'bird' : writers.has('80') ? 'felix' : undefined
  const prefix = block?.dst ?? dst
  const writes = other && block?.origin?.component
  const session = agent === 'felix' ? undefined : filteredSession(facts, at, owner.node, familyOf(dst))
  const because =
    agent === undefined
      ? `${at} has no route of BIRD’s or Felix’s at all`
      : `${at} has other routes of ${agent === 'bird' ? 'BIRD' : 'Felix'}’s`
  if (session !== undefined) {
    const expected = `${prefix} towards ${owner.node}`
    return {
      expected,
      by: 'bird',
      ...session,
      because: `no BGP session can come up: ${session.because}`,
      checks: SESSION_CHECKS,
    }
  }
  return {
    expected: `${prefix} towards ${owner.node}`,
    ...(agent !== undefined && writes !== undefined ? { by: agent } : {}),
    because: network.namespaces[at]?.role === 'node' ? because : '',
    right: `${at} needs a route to ${prefix} that leads to ${owner.node}`,
    checks: [
      `ip ${six(dst)}route show ${prefix}`,
      ...(agent === 'bird' ? ['birdcl show protocols'] : agent === 'felix' ? ['ip route show proto 80'] : []),
    ],
  }
}
