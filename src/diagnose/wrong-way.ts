import { HOST_LINK_LOCAL, originOf, POD_GATEWAY } from '../control/index.ts'
import { routeLine } from '../linux/index.ts'
import { cablePeer, type Finding, interfaceOf, type Role } from '../model/index.ts'
import type { RouteHop } from '../trace/index.ts'
import { type Prefix, prefixLength } from '../wire/index.ts'
import { commandAt, six } from './commands.ts'
import type { Facts } from './facts.ts'
import { linkDown } from './link-causes.ts'
import type { Lost } from './lost.ts'
import { builtRoute, missingRoute } from './missing-route.ts'
import { outgoing } from './outgoing.ts'
import { type AddressOwner, poolOf } from './owners.ts'

/**
 * The first routing decision on a lost packet's way that led it astray: the machine that lacks a route is to be looked at,
 * not the one far off that threw the packet away.
 */
export function wrongWay(lost: Lost, facts: Facts): Finding | undefined {
  const decisions = lost.hops.filter((hop): hop is RouteHop => hop.kind === 'route' && hop.refused === undefined)
  // A default route is right where somebody behind it knows the way.
  const last = decisions.map((hop) => isSpecific(hop, facts)).lastIndexOf(true)
  for (const hop of decisions.slice(last + 1)) {
    const found = judge(hop, lost, facts)
    if (found !== undefined) return found
  }
  return decisions.map((hop) => intoPod(hop, facts)).find((found) => found !== undefined)
}

function winnerLength(hop: RouteHop): number {
  const prefix = hop.candidates.find((one) => one.won)?.prefix
  return prefix === undefined ? -1 : prefixLength(prefix as Prefix)
}

function isSpecific(hop: RouteHop, facts: Facts): boolean {
  if (hop.result !== 'unicast' || winnerLength(hop) <= poolLength(hop.destination, facts)) return false
  const owner = facts.ownerOf(hop.destination)
  return owner !== undefined && roleOf(facts, hop.netns) !== 'pod'
}

/** Routes no longer than the pool are none of Calico's: they lead out of the cluster. */
function poolLength(address: string, { cluster }: Facts): number {
  const pool = poolOf(cluster, address)
  return pool === undefined ? 0 : prefixLength(pool.cidr) - 1
}

function roleOf(facts: Facts, netns: string): Role | 'unknown' {
  return facts.network.namespaces[netns]?.role ?? 'unknown'
}

function judge(hop: RouteHop, lost: Lost, facts: Facts): Finding | undefined {
  const owner = facts.ownerOf(hop.destination)
  const role = roleOf(facts, hop.netns)
  if (role === 'pod' || role === 'container') return fromPod(hop, owner, lost, facts)
  if (owner === undefined) return intoPod(hop, facts)
  if (owner.node === hop.netns) return atHome(hop, owner, facts)
  if (lost.through.has(owner.node)) return undefined
  // The route is there; what it leads to is another question.
  if (isSpecific(hop, facts)) return undefined
  if (hop.result === 'unicast' && owner.role !== 'pod' && role !== 'external') return undefined
  const strayed = intoPod(hop, facts)
  if (strayed !== undefined) return strayed
  if (role === 'node') return lacking(hop, owner, facts)
  return role === 'switch' ? undefined : outside(hop, owner, lost, facts)
}

/** Who has an address, and where. */
function whose({ netns, role, node }: AddressOwner): string {
  return role === 'pod' ? `${netns} on ${node}` : netns
}

function base(hop: RouteHop, facts: Facts) {
  const dev = hop.result === 'unicast' ? (hop.out ?? '') : ''
  return { netns: hop.netns, role: roleOf(facts, hop.netns), dev } as const
}

function asks(hop: RouteHop): string {
  return `ip ${six(hop.destination)}route get ${hop.destination}`
}

/** What the packet took instead, as the end of a sentence. */
function instead(hop: RouteHop): string {
  if (hop.result === 'none') return 'there is no route at all'
  return hop.route === undefined ? 'it goes elsewhere' : `the packet takes ${hop.route}`
}

/** A node without the route. */
function lacking(hop: RouteHop, owner: AddressOwner, facts: Facts): Finding {
  const missing = missingRoute(facts, hop.netns, hop.destination, owner)
  const { checks, placed = [], ...rest } = missing
  const lacks = missing.code === 'route_refuses' ? 'does not take its route' : 'has no route'
  return {
    code: 'route_missing',
    ...base(hop, facts),
    what: `${hop.netns} ${lacks} to ${hop.destination} (${whose(owner)}): ${instead(hop)}`,
    ...rest,
    checks: [...[asks(hop), ...checks].map((line) => commandAt(facts, hop.netns, line)), ...placed],
  }
}

/** A router, or a host outside, that was handed a packet for a pod. */
function outside(hop: RouteHop, owner: AddressOwner, lost: Lost, facts: Facts): Finding | undefined {
  const from = lost.flow === undefined ? undefined : facts.ownerOf(lost.flow.source)
  const isReply = lost.role === 'reply' || from === undefined || (from.role !== 'pod' && from.role !== 'node')
  if (isReply && owner.role === 'pod')
    return outgoing(hop.destination, lost.flow?.source ?? '', hop.netns, owner, facts)
  return {
    code: 'route_missing',
    ...base(hop, facts),
    what: `${hop.netns} has no route to ${hop.destination} (${whose(owner)}): ${instead(hop)}`,
    expected: `${hop.destination} towards ${owner.node}`,
    because: 'nobody tells it where pods are: between subnets packets without encapsulation are the router’s to route',
    right: `Encapsulate between subnets (${six(hop.destination) === '' ? 'ipipMode or vxlanMode' : 'vxlanMode'} CrossSubnet), or give ${hop.netns} routes to the blocks (a BGPPeer, or static ones)`,
    ...originOfPool(hop.destination, facts),
    checks: [commandAt(facts, hop.netns, asks(hop)), 'calicoctl get ippool -o wide'],
  }
}

function originOfPool(address: string, { cluster }: Facts): Pick<Finding, 'origin'> {
  const pool = poolOf(cluster, address)
  if (pool === undefined) return {}
  return { origin: originOf('ipam', pool.resource, ['spec', pool.family === 4 ? 'ipipMode' : 'vxlanMode']) }
}

/** The node a pod runs on does not lead to it. */
function atHome(hop: RouteHop, owner: AddressOwner, facts: Facts): Finding | undefined {
  if (owner.role !== 'pod' || hop.out === owner.hostDev || hop.result === 'local') return undefined
  const down = hop.candidates.find((one) => one.lost === 'device-down' || one.lost === 'link-down')
  const common = { ...base(hop, facts), dev: owner.hostDev }
  const built = builtRoute(facts.cluster, hop.netns, hop.destination)
  if (down !== undefined) {
    return {
      code: 'route_down',
      ...common,
      what: `${down.text} would lead there, but ${down.why}`,
      right: `Bring ${owner.hostDev} up in ${hop.netns}, and the pod’s end of it`,
      checks: [commandAt(facts, hop.netns, `ip -d link show ${owner.hostDev}`)],
    }
  }
  const end = facts.network.namespaces[hop.netns]
  if (end !== undefined && interfaceOf(end, owner.hostDev)?.up === false) {
    const { checks, ...cause } = linkDown(hop.netns, owner.hostDev)
    return {
      ...common,
      ...cause,
      what: `${owner.hostDev}, behind which ${hop.netns} has its pod ${owner.netns}, is down`,
      checks: checks.map((line) => commandAt(facts, hop.netns, line)),
    }
  }
  return {
    code: 'route_missing',
    ...common,
    what: `${hop.netns} has no route to its own pod ${owner.netns}: ${instead(hop)}`,
    expected: built === undefined ? `${hop.destination} dev ${owner.hostDev} scope link` : routeLine(built),
    ...(built?.origin === undefined ? {} : { origin: built.origin }),
    by: 'felix',
    because:
      'the CNI plugin writes it when the pod starts, and Felix keeps it: somebody has removed it, or Felix does not run',
    right: 'Put it back; a restart of calico-node does so',
    checks: [asks(hop), `ip ${six(hop.destination)}route show dev ${owner.hostDev}`].map((line) =>
      commandAt(facts, hop.netns, line),
    ),
  }
}

/** Out of an interface behind which there is a pod that has not got the address: a route attracts what it should not. */
function intoPod(hop: RouteHop, facts: Facts): Finding | undefined {
  if (hop.result !== 'unicast' || hop.out === undefined || roleOf(facts, hop.netns) !== 'node') return undefined
  const peer = cablePeer(facts.network, hop.netns, hop.out)
  if (peer === undefined || roleOf(facts, peer.netns) !== 'pod') return undefined
  const owner = facts.ownerOf(hop.destination)
  if (owner?.netns === peer.netns || hop.route === undefined) return undefined
  // A pod that is a router itself may be meant.
  if (hop.via !== undefined && facts.ownerOf(hop.via)?.netns === peer.netns) return undefined
  const rival = hop.candidates.find((one) => !one.won && one.prefix === hop.candidates.find((all) => all.won)?.prefix)
  const origin = hop.facts.find((fact) => fact.kind === 'route')?.origin
  return {
    code: 'route_into_pod',
    ...base(hop, facts),
    what: `${hop.netns} sends packets for ${hop.destination} to the pod behind ${hop.out}, by the route ${hop.route}`,
    ...(rival === undefined ? {} : { because: `it comes before ${rival.text}` }),
    right: `That route should not be there: remove it, and find out who adds it (neither Calico’s CNI plugin nor Felix does)`,
    ...(origin === undefined ? {} : { origin }),
    checks: [`ip ${six(hop.destination)}route show dev ${hop.out}`, asks(hop)].map((line) =>
      commandAt(facts, hop.netns, line),
    ),
  }
}

/** A pod's own decision: it has no way out, or takes the wrong card. */
function fromPod(hop: RouteHop, owner: AddressOwner | undefined, lost: Lost, facts: Facts): Finding | undefined {
  const ns = facts.network.namespaces[hop.netns]
  if (ns === undefined || owner?.netns === hop.netns) return undefined
  const cards = Object.keys(ns.interfaces).filter((dev) => dev !== 'lo')
  const toNode = cards.find((dev) => roleOf(facts, cablePeer(facts.network, hop.netns, dev)?.netns ?? '') === 'node')
  const checks = [`ip ${six(hop.destination)}route`, asks(hop)].map((line) => commandAt(facts, hop.netns, line))
  // What goes to many leaves by the link itself, and nobody forwards it.
  if (hop.result === 'broadcast' || hop.result === 'multicast') return undefined
  if (hop.result !== 'unicast' && hop.result !== 'local') {
    if (toNode !== undefined && interfaceOf(ns, toNode)?.up === false) {
      return {
        code: 'link_down',
        ...base(hop, facts),
        dev: toNode,
        what: `${hop.netns} has no route to ${hop.destination}: ${toNode} is down`,
        right: `Bring ${toNode} up in ${hop.netns}, and put its routes back; a new pod has both`,
        checks,
      }
    }
    return {
      code: 'route_missing',
      ...base(hop, facts),
      dev: toNode ?? '',
      what: `${hop.netns} has no route to ${hop.destination}`,
      expected: `default via ${gatewayWords(hop.destination)} dev ${toNode ?? cards[0] ?? 'eth0'}`,
      by: 'cni',
      because:
        'the CNI plugin writes it when the pod starts: somebody has removed it, or another plugin set the pod up',
      right: 'Start the pod again, or put the route back',
      checks,
    }
  }
  if (toNode === undefined || hop.out === undefined || hop.out === toNode || owner === undefined) return undefined
  if (owner.role !== 'pod' || lost.through.has(owner.netns) || interfaceOf(ns, hop.out) === undefined) return undefined
  return {
    code: 'route_elsewhere',
    ...base(hop, facts),
    what: `${hop.netns} sends packets for ${hop.destination}, which ${owner.netns} has, out of ${hop.out} by ${hop.route ?? 'a route'}; pods are behind ${toNode}`,
    expected: `${hop.destination} via ${gatewayWords(hop.destination)} dev ${toNode}`,
    because: `a second network took the default route (gateway of its NetworkAttachmentDefinition, or default-route of the pod)`,
    right: `Leave the default route to ${toNode}, or add routes for the pods’ and Services’ ranges by ${toNode}`,
    checks,
  }
}

/** What pods of Calico's have as gateway: the host end of their cable answers for it. */
function gatewayWords(destination: string): string {
  return six(destination) === '' ? POD_GATEWAY : HOST_LINK_LOCAL
}
