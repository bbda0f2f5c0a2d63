import { clusterIpsOf, endpointsIn, type ServiceResource } from '../control/index.ts'
import type { Lab } from '../lab/index.ts'
import { cablePeer, interfaceOf, type Namespace, type NetworkData, type Route, routesCovering } from '../model/index.ts'
import { contains, familyOf, type Ip, prefixLength } from '../wire/index.ts'
import type { Card, DecidedPlace } from './deciders/place.ts'
import { type Flow, podsOf } from './flows.ts'
import type { Shown } from './shown.ts'
import { targetOf } from './signatures/target.ts'

/** Where the commands about a failing flow are typed, and what they are about. */
export function placeOf(shown: Shown): DecidedPlace {
  const { lab, flow, finding, drop, loss } = shown
  const base = placeOfFlow(lab, flow)
  const role = lab.network.namespaces[finding.netns]?.role
  const isNode = role === 'node'
  const isReply = loss.stage.startsWith('reply.')
  const [first, second] = isReply ? [base.peer, base.node] : [base.node, base.peer]
  const node = isNode ? finding.netns : first
  const peer = node === second ? first : second
  const isRemote = loss.stage === 'remote.input' || loss.stage === 'nic.rx' || loss.stage === 'decap'
  const dev = drop !== undefined && drop.netns === node ? drop.dev : finding.dev
  const backend = shown.decisions().find((one) => one.kind === 'service')
  const chosen = backend?.kind === 'service' ? backend.backends[backend.chosen - 1]?.address : undefined
  const owner = chosen === undefined ? undefined : shown.facts.ownerOf(chosen)
  const at = isRemote ? { node, peer: node } : { node, peer: owner?.role === 'pod' ? owner.node : peer }
  const podDev = hostEndOf(lab, node, [
    base.from,
    owner?.netns ?? '',
    lab.endpoint(flow.to).netns ?? '',
    finding.netns,
    lab.cluster?.workloadEndpoints.find(({ addresses }) => addresses.some((ip) => ip === base.target))?.netns ?? '',
  ])
  const family = base.target.includes(':') ? 6 : 4
  return {
    ...base,
    ...nodesAt(lab, at.node, at.peer, family),
    otherAddress: addressAt(lab, node === base.node ? base.peer : base.node, family),
    target: askedAt(shown, base),
    dev,
    podDev: podDev ?? base.podDev,
    nodeTunnelMac: macOf(lab.network.namespaces[at.node], base.tunnel),
    chain: chainOf(shown),
    isLocal: isLocal(lab.network.namespaces[node], base.target),
    isRaw: loss.stage.endsWith('host.raw'),
    ...(base.node === at.node ? {} : { tunnel: base.tunnel }),
  }
}

/** The address that a lookup of the machine asked for; on the way there never that of the one who asks. */
function askedAt(shown: Shown, { source, target }: DecidedPlace): string {
  const { lab, finding, loss } = shown
  const isReply = loss.stage.startsWith('reply.')
  const role = lab.network.namespaces[finding.netns]?.role
  const asked = role === 'node' ? targetOf(shown) : isReply ? source : target
  const isPods = shown.facts.ownerOf(asked)?.role !== 'node' || shown.facts.ownerOf(target)?.role === 'node'
  return isAddress(asked) && isPods && (isReply || loss.code === 'RPF_DROP' || asked !== source) ? asked : target
}

/** The chain whose rule dropped the packet. */
function chainOf({ trace, drop }: Shown): string {
  const rules = trace.hops.filter(
    (hop) => hop.kind === 'rule' && hop.packet === drop?.packet && hop.netns === drop.netns,
  )
  const last = rules.at(-1)
  return last?.kind === 'rule' && (last.target === 'DROP' || last.target === 'REJECT') ? last.chain : ''
}

function isLocal(ns: Namespace | undefined, address: string): boolean {
  return Object.values(ns?.interfaces ?? {}).some((dev) => dev.addresses.some(({ local }) => local === address))
}

function isAddress(text: string): boolean {
  return text.includes('.') || text.includes(':')
}

/** The same, of a flow that nothing is known of but its ends. */
export function placeOfFlow(lab: Lab, { from, to, port = 0 }: Pick<Flow, 'from' | 'to' | 'port'>): DecidedPlace {
  const [a, b] = [lab.endpoint(from), lab.endpoint(to)]
  const family = b.address === undefined ? 4 : familyOf(b.address)
  const node = nodeOf(lab, a.netns) ?? Object.keys(lab.network.namespaces)[0] ?? ''
  const peer = nodeOf(lab, b.netns) ?? node
  const target = b.address ?? to
  const source = a.addresses.find((one) => familyOf(one) === family) ?? a.address ?? from
  const { cluster } = lab
  const way = wayFrom(lab, node, target)
  const endpoints = endpointsIn(cluster?.workloadEndpoints ?? [])
  const poolOf = (address: string): string =>
    cluster?.ipam.pools.find(
      (one) => isAddress(address) && one.family === familyOf(address) && contains(one.cidr, address as Ip),
    )?.cidr ?? ''
  return {
    ...nodesAt(lab, node, peer, family),
    otherAddress: addressAt(lab, peer, family),
    askerNode: node,
    from: a.netns ?? from,
    target,
    asked: target,
    source,
    dev: way?.dev ?? '',
    podDev: hostEndOf(lab, node, [a.netns ?? '']) ?? 'cali+',
    toPod: endpoints.at(b.netns ?? '')?.pod.metadata.name ?? '',
    mtu: endpoints.at(a.netns ?? '')?.mtu ?? 1_500,
    tunnel: way?.dev ?? cardOf(lab.network.namespaces[node]),
    tunnelMac: macOf(lab.network.namespaces[peer], way?.dev ?? ''),
    nodeTunnelMac: macOf(lab.network.namespaces[node], way?.dev ?? ''),
    tunnelAddresses: [node, peer].flatMap((name) => tunnelsOf(lab.network.namespaces[name])),
    port,
    service: serviceAt(lab, target)?.metadata.name ?? '',
    servicePort: servicePortOf(lab, target),
    pools: { target: poolOf(target), source: poolOf(source) },
    block: cluster?.destinations.find(({ dst }) => isAddress(target) && contains(dst, target as Ip))?.dst ?? '',
    gateway:
      lab.network.namespaces[node]?.routes.find(({ dst }) => dst === (family === 4 ? '0.0.0.0/0' : '::/0'))?.via ?? '',
    chain: '',
    isLocal: isLocal(lab.network.namespaces[node], target),
    isRaw: false,
  }
}

type AtNodes = Pick<DecidedPlace, 'node' | 'nodeAddress' | 'peer' | 'peerAddress' | 'card' | 'cards'>

/** What is to be said of the two nodes. */
export function nodesAt(lab: Lab, node: string, peer: string, family: 4 | 6): AtNodes {
  const [own, other] = [node, peer].map((name) => cardAt(lab.network.namespaces[name], family))
  const meant = (name: string, dev: string, otherwise: number): number =>
    lab.cluster?.network.namespaces[name]?.interfaces[dev]?.mtu ?? otherwise
  return {
    node,
    nodeAddress: addressAt(lab, node, family),
    peer,
    peerAddress: addressAt(lab, peer, family),
    card: other!.name,
    cards: {
      node: { ...own!, meant: meant(node, own!.name, other!.mtu) },
      peer: { ...other!, meant: meant(peer, other!.name, own!.mtu) },
    },
  }
}

function cardAt(ns: Namespace | undefined, family: 4 | 6): Omit<Card, 'meant'> {
  const name = cardOf(ns)
  const dev = ns === undefined ? undefined : interfaceOf(ns, name)
  const own = dev?.addresses.find(({ local, scope }) => familyOf(local) === family && scope === 'global')
  return { name, mtu: dev?.mtu ?? 1_500, cidr: own === undefined ? '' : `${own.local}/${own.prefixlen}` }
}

const TUNNELS: ReadonlySet<string> = new Set(['ipip', 'vxlan', 'wireguard'])

function tunnelsOf(ns: Namespace | undefined): string[] {
  return Object.values(ns?.interfaces ?? {}).flatMap(({ kind, addresses }) =>
    TUNNELS.has(kind) ? addresses.map(({ local }) => local) : [],
  )
}

function macOf(ns: Namespace | undefined, dev: string): string {
  return (ns === undefined ? undefined : interfaceOf(ns, dev)?.mac) ?? ''
}

function serviceAt({ cluster }: Lab, address: string): ServiceResource | undefined {
  return cluster?.resources.services.find((service) => clusterIpsOf(service).some((ip) => ip === address))
}

/** A TCP port of the Service that has an address. */
function servicePortOf(lab: Lab, address: string): number {
  return serviceAt(lab, address)?.spec?.ports?.find(({ protocol = 'TCP' }) => protocol === 'TCP')?.port ?? 0
}

/** The route that a node takes to an address, or was built with. */
function wayFrom(lab: Lab, node: string, target: string): Route | undefined {
  const { cluster } = lab
  const built = cluster === null ? undefined : routeIn(cluster.network, node, target)
  return built ?? routeFrom(lab, node, target)
}

/** The route that a node takes to an address, other than a default route. */
export function routeFrom(lab: Lab, node: string, target: string): Route | undefined {
  return routeIn(lab.network, node, target)
}

function routeIn(network: NetworkData, node: string, target: string): Route | undefined {
  const ns = network.namespaces[node]
  if (ns === undefined || !isAddress(target)) return undefined
  return [...routesCovering(network, ns, target as Ip)]
    .filter(({ table, type, dst }) => table === 'main' && type === 'unicast' && prefixLength(dst) > 0)
    .sort((x, y) => prefixLength(y.dst) - prefixLength(x.dst))[0]
}

/** The machine that something is on: a pod's node, a node itself. */
export function nodeOf(lab: Lab, netns: string | undefined): string | undefined {
  if (netns === undefined) return undefined
  if (lab.network.namespaces[netns]?.role === 'node') return netns
  return podsOf(lab).find((pod) => pod.netns === netns)?.node
}

/** The interface by which a machine reaches the others. */
function cardOf(ns: Namespace | undefined): string {
  if (ns === undefined) return 'any'
  const byDefault = ns.routes.find(({ dst, dev }) => prefixLength(dst) === 0 && dev !== undefined)?.dev
  const cards = Object.values(ns.interfaces).filter(({ kind }) => kind === 'ethernet')
  return byDefault ?? cards[0]?.name ?? 'eth0'
}

function addressAt(lab: Lab, node: string, family: 4 | 6): string {
  const known = lab.cluster?.nodes.find(({ name }) => name === node)
  const own = family === 4 ? known?.ipv4 : known?.ipv6
  const ns = lab.network.namespaces[node]
  const dev = ns === undefined ? undefined : interfaceOf(ns, cardOf(ns))
  return own?.address ?? dev?.addresses.find(({ local }) => familyOf(local) === family)?.local ?? node
}

/** The host end of the cable of the first of these that is a pod of the node. */
function hostEndOf(lab: Lab, node: string, names: readonly string[]): string | undefined {
  for (const name of names) {
    const ns = lab.network.namespaces[name]
    if (ns?.role !== 'pod') continue
    for (const dev of Object.keys(ns.interfaces)) {
      const end = cablePeer(lab.network, name, dev)
      if (end?.netns === node) return end.dev
    }
    const known = lab.cluster?.workloadEndpoints.find((one) => one.netns === name && one.node === node)
    if (known !== undefined) return known.interfaceName
  }
  return undefined
}
