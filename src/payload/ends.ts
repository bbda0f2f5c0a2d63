import { type Cluster, type ClusterNode, endpointsIn } from '../control/index.ts'
import type { Lab } from '../lab/index.ts'
import { type Interface, type Network, namesIn, pushTo } from '../model/index.ts'
import { contains, familyOf, type Ip, prefixOf } from '../wire/index.ts'

/** A pod or a node, as far as the size of its packets goes. */
export interface End {
  readonly kind: 'pod' | 'node'
  readonly netns: string
  /** Its node; of a node itself. */
  readonly node: string
  readonly addresses: readonly Ip[]
}

/** Ends whose packets go alike: pods of one pool on nodes that are alike, or such nodes. */
export interface EndClass {
  readonly kind: 'pod' | 'node'
  /** What they have in common, in words. */
  readonly what: string
  /** Those that may be asked: all of them, or some of many. */
  readonly ends: readonly End[]
  /** How many there are, as far as was looked. */
  readonly count: number
}

/** Up to so many nodes every namespace is looked at; beyond, the objects say which nodes are alike. */
const MOST_READ = 256

/** Nodes of a class whose pods are looked at, where there are many. */
const LOOKED_AT = 4

/** The ends of a network in classes. */
export interface Ends {
  readonly pods: readonly EndClass[]
  readonly nodes: readonly EndClass[]
  /** Whether two nodes have an address in one subnet. */
  readonly areNear: (a: string, b: string) => boolean
}

/** Sorts pods and nodes of a lab into classes. */
export function endsOf(lab: Lab): Ends {
  const { network, cluster } = lab
  const nodes = nodesOf(network, cluster)
  const cards = cardsOf(lab, nodes)
  const signature = new Map(nodes.map((node) => [node, signatureOf(cards(node), segmentsOf(cluster, node))]))
  const nodeClasses = grouped(nodes, (node) => signature.get(node)!)
  const pods = new Map<string, { readonly what: string; readonly ends: End[] }>()
  const podsOn = podsByNode(lab)
  for (const alike of nodeClasses.values()) {
    const looked = nodes.length > MOST_READ ? alike.slice(0, LOOKED_AT) : alike
    for (const node of looked) {
      for (const end of podsOn(node)) {
        const mtu = mtuOfPod(network, end.netns)
        const pools = poolsOf(cluster, end.addresses)
        const key = `${signature.get(node)}\n${mtu}\n${pools}`
        const what = `pods with MTU ${mtu}${pools === '' ? '' : ` of ${pools}`}`
        const known = pods.get(key) ?? { what, ends: [] }
        known.ends.push(end)
        pods.set(key, known)
      }
    }
  }
  return {
    pods: [...pods.values()].map(({ what, ends }) => ({ kind: 'pod', what, ends, count: ends.length })),
    nodes: [...nodeClasses.values()].map((alike) => {
      const looked = nodes.length > MOST_READ ? alike.slice(0, LOOKED_AT) : alike
      const ends = looked.map((node): End => ({ kind: 'node', netns: node, node, addresses: addressesOf(lab, node) }))
      return { kind: 'node', what: `nodes with ${mtusOf(cards(alike[0]!))}`, ends, count: alike.length }
    }),
    areNear: (a, b) => isNear(cards(a), cards(b)),
  }
}

/** What is read of a device. */
type Card = Pick<Interface, 'name' | 'kind' | 'mtu'> & {
  readonly addresses: readonly { readonly address: Ip; readonly length: number }[]
}

function nodesOf({ namespaces }: Network, cluster: Cluster | null): readonly string[] {
  if (cluster === null) return namesIn(namespaces).filter((name) => namespaces[name]?.role === 'node')
  return cluster.nodes.map(({ name }) => name).filter((name) => Object.hasOwn(namespaces, name))
}

/** The devices of nodes that carry packets: of the network, or of many nodes as the objects have them. */
function cardsOf({ network, cluster }: Lab, nodes: readonly string[]): (node: string) => readonly Card[] {
  const byName = new Map((cluster?.nodes ?? []).map((node) => [node.name, node]))
  const known = new Map<string, readonly Card[]>()
  const found = (node: string): readonly Card[] => {
    const planned = nodes.length > MOST_READ ? byName.get(node) : undefined
    return planned === undefined ? cardsIn(network, node) : plannedCards(planned)
  }
  return (node) => {
    const cards = known.get(node) ?? found(node)
    known.set(node, cards)
    return cards
  }
}

function cardsIn({ namespaces }: Network, node: string): readonly Card[] {
  return Object.values(namespaces[node]?.interfaces ?? {})
    .filter(({ kind }) => kind !== 'veth' && kind !== 'loopback')
    .map(({ name, kind, mtu, addresses }) => ({
      name,
      kind,
      mtu,
      addresses: addresses
        .filter(({ scope }) => scope === 'global')
        .map(({ local, prefixlen }) => ({ address: local, length: prefixlen })),
    }))
}

/** What of a node's objects its devices are made from. */
function plannedCards({ machine, felix }: ClusterNode): readonly Card[] {
  const { ipipMtu, vxlanMtu, vxlanMtuV6, wireguardMtu, wireguardMtuV6, wireguard, wireguardV6 } = felix
  const asked = [ipipMtu, vxlanMtu, vxlanMtuV6, wireguardMtu, wireguardMtuV6, Number(wireguard), Number(wireguardV6)]
  return [
    ...(machine?.interfaces ?? []),
    ...asked.map((mtu, i) => ({ name: `felix ${i}`, kind: 'dummy' as const, mtu, addresses: [] })),
  ]
}

/** Which Ethernets a node is plugged into, where somebody described them: their MTUs and those of the ways between them may differ. */
function segmentsOf(cluster: Cluster | null, node: string): string {
  if ((cluster?.resources.underlays.length ?? 0) === 0) return ''
  const cards = cluster!.nodes.find(({ name }) => name === node)?.machine?.interfaces ?? []
  return cards.map(({ segment }) => segment?.name ?? '').join(' ')
}

function signatureOf(cards: readonly Card[], segments: string): string {
  return `${cards.map(({ kind, mtu }) => `${kind} ${mtu}`).join(', ')}; ${segments}`
}

function mtusOf(cards: readonly Card[]): string {
  const carrying = cards.filter(({ kind }) => kind !== 'bridge' && kind !== 'dummy')
  return carrying.map(({ name, mtu }) => `${name} ${mtu}`).join(', ')
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) pushTo(groups, keyOf(one), one)
  return groups
}

function isNear(a: readonly Card[], b: readonly Card[]): boolean {
  const nets = (cards: readonly Card[]): string[] =>
    cards
      .filter(({ kind }) => kind === 'ethernet' || kind === 'veth')
      .flatMap(({ addresses }) => addresses.map(({ address, length }) => prefixOf(address, length)))
  const others = new Set(nets(b))
  return nets(a).some((net) => others.has(net))
}

function addressesOf({ network, cluster }: Lab, node: string): readonly Ip[] {
  const planned = cluster?.nodes.find(({ name }) => name === node)
  const own = [planned?.ipv4?.address, planned?.ipv6?.address].filter((ip) => ip !== undefined)
  if (own.length > 0) return own
  return cardsIn(network, node)
    .filter(({ kind }) => kind === 'ethernet' || kind === 'veth')
    .flatMap(({ addresses }) => addresses.map(({ address }) => address))
}

/** Pods of a node: those the objects place there, else those that hang on it. */
function podsByNode({ network, cluster }: Lab): (node: string) => readonly End[] {
  const { namespaces } = network
  if (cluster !== null) {
    const finder = endpointsIn(cluster.workloadEndpoints)
    return (node) =>
      finder
        .ofNode(node)
        .filter(({ netns }) => Object.hasOwn(namespaces, netns))
        .map(({ netns, addresses }): End => ({ kind: 'pod', netns, node, addresses }))
  }
  const byNode = new Map<string, End[]>()
  for (const { ends } of network.wires) {
    const pod = ends.find(({ netns }) => namespaces[netns]?.role === 'pod')
    const node = ends.find((end) => end !== pod && namespaces[end.netns]?.role === 'node')
    if (pod === undefined || node === undefined) continue
    const addresses = Object.values(namespaces[pod.netns]!.interfaces)
      .filter(({ kind }) => kind !== 'loopback')
      .flatMap((dev) => dev.addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local))
    pushTo(byNode, node.netns, { kind: 'pod', netns: pod.netns, node: node.netns, addresses })
  }
  return (node) => byNode.get(node) ?? []
}

function mtuOfPod({ namespaces }: Network, pod: string): number {
  const cards = Object.values(namespaces[pod]?.interfaces ?? {}).filter(
    ({ kind }) => kind === 'veth' || kind === 'ethernet',
  )
  return cards[0]?.mtu ?? 0
}

function poolsOf(cluster: Cluster | null, addresses: readonly Ip[]): string {
  const pools = cluster?.ipam.pools ?? []
  const names = addresses.flatMap(
    (ip) => pools.find(({ cidr, family }) => family === familyOf(ip) && contains(cidr, ip))?.name ?? [],
  )
  return names.join(' and ')
}
