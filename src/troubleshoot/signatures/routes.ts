import { type Cluster, POD_GATEWAY } from '../../control/index.ts'
import { interfaceOf, type Namespace, type Route, routesCovering } from '../../model/index.ts'
import { contains, familyOf, type Ip, type Prefix, prefixLength } from '../../wire/index.ts'
import type { Guess, Shown } from '../shown.ts'
import { strangeAddress } from './node-address.ts'
import { targetOf } from './target.ts'
import { toVirtual } from './underlay.ts'

/** A route that is missing, down, or another one that wins. */
export function routeSigns(shown: Shown): readonly Guess[] {
  const { loss, finding } = shown
  if (finding.code === 'wrong_card') {
    const strange = shown.trace.nodes.map(({ name }) => strangeAddress(shown.lab, name)).find((all) => all.length > 0)
    if (strange !== undefined) return strange
    return [
      { failure: 'F21', fits: 3 },
      { failure: 'F22', fits: 2 },
    ]
  }
  switch (loss.code) {
    case 'FORWARDING_DISABLED':
      return family(shown) === 6 ? [{ failure: 'F85', fits: 3 }] : [{ failure: 'F49', fits: 3 }]
    case 'DEV_DOWN':
    case 'DEV_MISSING':
      return deviceSigns(shown)
    default:
      return missing(shown)
  }
}

function family({ trace, flow }: Shown): 4 | 6 {
  const route = trace.hops.find((hop) => hop.kind === 'route')
  const address = route?.kind === 'route' ? route.destination : flow.to
  return familyOf(address) === 6 ? 6 : 4
}

const TUNNELS: ReadonlySet<string> = new Set(['ipip', 'vxlan', 'wireguard'])

function deviceSigns({ lab, finding, loss, end }: Shown): readonly Guess[] {
  const ns = lab.network.namespaces[finding.netns]
  const dev = finding.dev === '' ? loss.detail : finding.dev
  const kind = ns === undefined ? undefined : interfaceOf(ns, dev)?.kind
  if (kind !== undefined && TUNNELS.has(kind))
    return [
      { failure: 'F12', fits: 3 },
      { failure: 'F10', fits: 1 },
    ]
  if (end.stage.endsWith('decap') || loss.stage.endsWith('decap'))
    return [
      { failure: 'F10', fits: 3, because: 'one end encapsulates and the other has no such tunnel' },
      { failure: 'F12', fits: 2 },
    ]
  if (kind === 'veth') return [{ failure: 'F59', fits: 3 }]
  return [
    { title: `${dev === '' ? 'A device' : dev} is down`, fits: 3 },
    { failure: 'F42', fits: 1 },
  ]
}

function missing(shown: Shown): readonly Guess[] {
  const { finding, loss, lab } = shown
  const service = toVirtual(shown)
  if (service !== undefined) return service
  if (finding.role === 'pod') {
    const cards = Object.keys(lab.network.namespaces[finding.netns]?.interfaces ?? {}).filter((dev) => dev !== 'lo')
    return cards.length === 0
      ? [
          { failure: 'F59', fits: 3, because: `${finding.netns} has no interface` },
          { failure: 'F47', fits: 2 },
        ]
      : [{ failure: 'F47', fits: 3 }]
  }
  if (finding.role === 'router') return behindRouter(shown)
  if (finding.code === 'route_into_pod')
    return [
      { failure: 'F32', fits: 2 },
      { failure: 'F43', fits: 2 },
    ]
  const target = targetOf(shown)
  const owner = shown.facts.ownerOf(target)
  const cluster = lab.cluster
  if (owner === undefined) return unowned(shown, target)
  if (owner.node === finding.netns && owner.role === 'pod') return atHome(shown, target, owner.hostDev)
  const programs = stopped(shown, finding.netns, owner.node)
  if (programs.length > 0) return programs
  if (cluster === null) return ofDump(shown)
  const built = builtFor(cluster, finding.netns, target)
  if (built !== undefined) return removed(shown, built)
  if (family(shown) === 6) return [{ failure: 'F85', fits: 3 }, ...neverBuilt(shown, cluster, target, owner.node)]
  const never = neverBuilt(shown, cluster, target, owner.node)
  return never.length > 0 ? never : [{ failure: loss.code === 'BLACKHOLE' ? 'F44' : 'F34', fits: 1 }]
}

/** A router does not know the pods, or not whom they ask. */
function behindRouter({ lab, facts, flow, finding }: Shown): readonly Guess[] {
  const { address = flow.to } = lab.endpoint(flow.to)
  const isOfCluster = facts.ownerOf(address) !== undefined
  return isOfCluster
    ? [{ failure: 'F08', fits: 3 }]
    : [{ title: `${finding.netns} has no route to ${address}`, fits: 3 }]
}

/** A route of another CNI plugin, or of a bridge of containers, that took the packet. */
export function foreignRoute({ trace, drop, finding }: Shown): readonly Guess[] | undefined {
  const routed = trace.hops.flatMap((hop) =>
    hop.kind === 'route' && hop.netns === (drop?.netns ?? finding.netns) ? [hop] : [],
  )
  const won = routed
    .map(({ candidates }) => candidates.find((one) => one.won)?.text ?? '')
    .find((text) => OTHERS.test(text))
  return won === undefined
    ? undefined
    : [
        { failure: 'F43', fits: 3, because: `${won} wins`, loss: { stage: 'host.fib', code: 'NO_ROUTE' } },
        { failure: 'F42', fits: 1 },
      ]
}

/** Devices of other CNI plugins. */
const OTHERS = /\bdev (cni\d|cbr\d|flannel|weave|cilium|kube-bridge|antrea|lxc|docker|podman|br-)/

/** Programs that do not run, where that is known. */
function stopped({ lab }: Shown, here: string, there: string): Guess[] {
  const felix = isStopped(lab, 'felix', here)
  const birdHere = isStopped(lab, 'bird', here)
  const birdThere = isStopped(lab, 'bird', there)
  return [
    ...(felix ? [{ failure: 'F87', fits: 3, because: `Felix of ${here} does not run` } as const] : []),
    ...(birdHere || birdThere
      ? [{ failure: 'F41', fits: 3, because: `BIRD of ${birdThere ? there : here} does not run` } as const]
      : []),
    ...(felix || birdHere || birdThere ? [{ failure: 'F42', fits: 1 } as const] : []),
  ]
}

/** Whether a program of a node is known not to run. */
export function isStopped(lab: Shown['lab'], agent: 'felix' | 'bird' | 'kube-proxy', node: string): boolean {
  if (lab.objects === null || lab.cluster?.nodes.some(({ name }) => name === node) !== true) return false
  return lab.agentState(agent, node) !== 'running'
}

/** The pod's own node does not lead to it. */
function atHome(shown: Shown, target: string, dev: string): readonly Guess[] {
  const { lab, finding } = shown
  const ns = lab.network.namespaces[finding.netns]
  const six = familyOf(target) === 6
  if (ns !== undefined && interfaceOf(ns, dev) === undefined)
    return [
      { failure: 'F59', fits: 3, because: `${finding.netns} has no interface ${dev}` },
      { failure: 'F44', fits: 1 },
    ]
  if (isStopped(lab, 'felix', finding.netns))
    return [
      { failure: 'F87', fits: 3 },
      { failure: 'F89', fits: 2 },
      { failure: 'F44', fits: 1 },
    ]
  if (six)
    return [
      { failure: 'F86', fits: 3 },
      { failure: 'F44', fits: 2 },
      { failure: 'F42', fits: 1 },
    ]
  if (isLocal(lab.network.namespaces[finding.netns], target)) return [{ failure: 'F32', fits: 3 }]
  const gone = routesGone(lab, finding.netns)
  if (gone > 1)
    return [
      {
        failure: 'F42',
        fits: 3,
        because: `${gone} routes that follow from the objects are gone from ${finding.netns}`,
      },
      { failure: 'F44', fits: 2 },
      { failure: 'F88', fits: 1 },
    ]
  return [
    { failure: 'F44', fits: 3 },
    { failure: 'F42', fits: 2 },
    { failure: 'F88', fits: 1 },
  ]
}

/** Pods that are asked after when routes of a node are counted. */
const COUNTED = 256

/** How many routes to pods, its own and those of others, a node was built with and has no more. */
function routesGone({ cluster, network }: Shown['lab'], node: string): number {
  const now = network.namespaces[node]
  if (cluster === null || now === undefined) return 0
  const built = cluster.workloadEndpoints
    .slice(0, COUNTED)
    .flatMap(({ addresses }) => addresses.flatMap((address) => builtFor(cluster, node, address) ?? []))
  const gone = built.filter(({ dst }) => {
    const [address] = dst.split('/')
    return !routesCovering(network, now, address as Ip).some((route) => route.dst === dst && route.type === 'unicast')
  })
  return new Set(gone.map(({ dst }) => dst)).size
}

function isLocal(ns: Namespace | undefined, address: string): boolean {
  return Object.values(ns?.interfaces ?? {}).some((dev) => dev.addresses.some(({ local }) => local === address))
}

/** Nobody known has the address: it was a pod's, or is one of a block elsewhere. */
function unowned(shown: Shown, target: string): readonly Guess[] {
  const { loss, lab, finding } = shown
  const pool = lab.cluster?.ipam.pools.find(({ cidr }) => contains(cidr, target as Ip))
  if (loss.code !== 'BLACKHOLE')
    return pool === undefined
      ? [{ title: 'Nobody known has the address', fits: 2 }]
      : [
          { failure: 'F56', fits: 1 },
          { title: 'No pod has the address', fits: 2 },
        ]
  const stale = shown.decisions().some((one) => one.kind === 'nat' && one.by.kind === 'connection')
  return [
    ...(stale ? [{ failure: 'F56', fits: 3, because: 'a connection known before still leads to it' } as const] : []),
    { failure: 'F44', fits: 2, because: `${finding.netns} has the block, and no pod with this address` },
  ]
}

/** The route the cluster was built with. */
function builtFor(cluster: Cluster, at: string, target: string): Route | undefined {
  const ns = cluster.network.namespaces[at]
  if (ns === undefined) return undefined
  return routesCovering(cluster.network, ns, target as Ip).find(
    ({ dst, type }) => type === 'unicast' && prefixLength(dst) > 0,
  )
}

/** It follows from the objects and is gone: one of many, or all. */
function removed({ lab, finding }: Shown, built: Route): readonly Guess[] {
  const now = lab.network.namespaces[finding.netns]
  const dev = built.dev === undefined || now === undefined ? undefined : interfaceOf(now, built.dev)
  if (built.dev !== undefined && (dev === undefined || !dev.up))
    return [{ failure: 'F12', fits: 3, because: `${built.dev} is ${dev === undefined ? 'not there' : 'down'}` }]
  const isThere = now?.routes.some(({ dst, dev: by }) => dst === built.dst && by === built.dev)
  if (isThere === true)
    return [
      { failure: 'F43', fits: 3, because: 'Calico’s route is there, and another one wins' },
      { failure: 'F42', fits: 2 },
    ]
  const writer = built.origin?.component
  return [
    { failure: 'F42', fits: 3, because: 'it follows from the objects, and somebody has taken it away' },
    ...(writer === 'bird' ? [{ failure: 'F34', fits: 2 } as const, { failure: 'F41', fits: 2 } as const] : []),
    ...(writer === 'felix' ? [{ failure: 'F87', fits: 2 } as const] : []),
  ]
}

/** BIRD's words for sessions that were refused. */
const REFUSALS: readonly (readonly [RegExp, 'F38' | 'F39'])[] = [
  [/bad peer as/i, 'F38'],
  [/bad bgp identifier/i, 'F39'],
]

/** The objects make no such route: a session that is not wanted or not up, a pool that does not count. */
function neverBuilt({ lab, loss, finding }: Shown, cluster: Cluster, target: string, there: string): readonly Guess[] {
  const pool = cluster.ipam.pools.find(({ cidr }) => contains(cidr, target as Ip))
  if (pool === undefined)
    return [
      { failure: 'F91', fits: 3, because: `no IPPool has ${target}` },
      { failure: 'F28', fits: 2 },
    ]
  if (pool.disabled) return [{ failure: 'F28', fits: 3, because: `IPPool/${pool.name} is disabled` }]
  const here = finding.netns
  const six = familyOf(target) === 6
  const fault = cluster.bgpFaults.get(`${six ? 6 : 4} ${here} ${there}`)
  const refused = REFUSALS.find(([words]) => fault !== undefined && words.test(fault))
  if (refused !== undefined) return [{ failure: refused[1], fits: 3, because: fault ?? '' }]
  const addresses = cluster.nodes.map(({ ipv4 }) => ipv4?.address).filter((one) => one !== undefined)
  if (new Set(addresses).size < addresses.length)
    return [
      { failure: 'F23', fits: 3 },
      { failure: 'F21', fits: 2 },
    ]
  const strange = [here, there].map((name) => strangeAddress(lab, name)).find((all) => all.length > 0)
  if (strange !== undefined) return [...strange, { failure: 'F34', fits: 2 }]
  if (fault !== undefined)
    return [
      { failure: 'F34', fits: 3, because: `the BGP session of ${here} and ${there}: ${fault}` },
      { failure: 'F21', fits: 2 },
    ]
  if (isStopped(lab, 'bird', here) || isStopped(lab, 'bird', there)) return [{ failure: 'F41', fits: 3 }]
  const borrowed = cluster.destinations.some(({ dst, owner }) => contains(dst, target as Ip) && owner !== there)
  if (borrowed)
    return [
      { failure: 'F31', fits: 3, because: 'the address is of a block of another node' },
      { failure: 'F33', fits: 1 },
    ]
  const reflectors = cluster.nodes.filter(({ routeReflector }) => routeReflector !== undefined)
  if (reflectors.length > 1)
    return [
      { failure: 'F37', fits: 3 },
      { failure: 'F36', fits: 2 },
    ]
  if (!cluster.settings.mesh)
    return [
      { failure: 'F36', fits: 3 },
      { failure: 'F37', fits: 1 },
    ]
  const twoAses = new Set(cluster.nodes.map(({ asNumber }) => asNumber)).size > 1
  return [
    ...(twoAses ? [{ failure: 'F38', fits: 3 } as const] : []),
    { failure: 'F34', fits: 2 },
    { failure: loss.code === 'BLACKHOLE' ? 'F44' : 'F42', fits: 1 },
  ]
}

/** Only dumps: which routes are there tells who is missing. */
function ofDump({ lab, finding }: Shown): readonly Guess[] {
  const routes = lab.network.namespaces[finding.netns]?.routes ?? []
  const hasBird = routes.some(({ protocol }) => protocol === 'bird')
  const others = routes.filter(
    ({ protocol, type, dev }) => protocol === 'bird' && type === 'unicast' && dev !== undefined,
  )
  if (hasBird && others.length > 0)
    return [
      { failure: 'F34', fits: 2 },
      { failure: 'F42', fits: 2 },
      { failure: 'F21', fits: 1 },
    ]
  return [
    { failure: 'F34', fits: 3, because: 'no route of another node is there' },
    { failure: 'F36', fits: 2 },
    { failure: 'F87', fits: 1 },
  ]
}

/** A range that no underlay may use: the gateway of every pod is in it. */
export function usesGatewayRange(ns: Namespace | undefined): boolean {
  return Object.values(ns?.interfaces ?? {}).some((dev) =>
    dev.addresses.some(
      ({ local, prefixlen }) => local === POD_GATEWAY || (prefixlen < 32 && contains(GATEWAY_RANGE, local)),
    ),
  )
}

const GATEWAY_RANGE = '169.254.1.0/24' as Prefix
