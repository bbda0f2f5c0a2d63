import type { Lab } from '../lab/index.ts'
import { cablePeer } from '../model/index.ts'
import { familyOf, type Ip } from '../wire/index.ts'
import type { Question } from './question.ts'

/** What two ends have to do with each other, as far as the way between them goes. */
export type PairSort = 'asked' | 'contrast' | 'same-node' | 'other-node' | 'host' | 'own-node' | 'service' | 'outside'

/** Something that is tried in the simulation. */
export interface Flow {
  readonly from: string
  readonly to: string
  readonly kind: 'ping' | 'tcp' | 'udp'
  /** Port; absent for a ping. */
  readonly port?: number | string
  /** Bytes of data, where they matter. */
  readonly size?: number
  readonly sort: PairSort
}

/** Bytes that fill several segments whatever the MTU. */
const LARGE = 3_000
/** Bytes that fill jumbo frames, too. */
const HUGE = 20_000
/** Port of what is tried where nobody names one. */
const PORT = 80

/** Pods that are tried each; beyond, one of each node stands for the others. */
const PODS = 24
/** Nodes of which each pair is tried; beyond, each with the next. */
const PAIRED_NODES = 5
const SERVICES = 8

/** A pod, as far as flows are chosen. */
export interface PodPlace {
  readonly netns: string
  readonly node: string
  readonly addresses: readonly Ip[]
}

/** Pods with a network of their own, by node. */
export function podsOf(lab: Lab): readonly PodPlace[] {
  const { cluster, network } = lab
  if (cluster !== null) {
    return cluster.workloadEndpoints
      .filter(({ netns }) => Object.hasOwn(network.namespaces, netns))
      .map(({ netns, node, addresses }) => ({ netns, node, addresses }))
  }
  return Object.values(network.namespaces).flatMap((ns) => {
    if (ns.role !== 'pod') return []
    const devs = Object.values(ns.interfaces).filter(({ name }) => name !== 'lo')
    const node = devs.map(({ name }) => cablePeer(network, ns.name, name)?.netns).find((one) => one !== undefined)
    const addresses = devs.flatMap((dev) =>
      dev.addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local),
    )
    return node === undefined || addresses.length === 0 ? [] : [{ netns: ns.name, node, addresses }]
  })
}

/** The flows that are tried: the one asked about with what it is to be compared with, or one of each sort of pairs. */
export function flowsFor(lab: Lab, question: Question): readonly Flow[] {
  const flows =
    question.from === undefined || question.to === undefined ? surveyed(lab, question) : asked(lab, question)
  return flows.map((flow) => ({ ...flow, to: addressed(lab, flow.to) }))
}

/** A pod that has lost its interface is still asked for by its address. */
function addressed(lab: Lab, to: string): string {
  const { netns, address } = lab.endpoint(to)
  if (address !== undefined || netns === undefined) return to
  return podsOf(lab).find((pod) => pod.netns === netns)?.addresses[0] ?? to
}

/** Whether it is a pod or a node of the lab: somebody answers there. */
function isMachine(lab: Lab, to: string): boolean {
  return lab.endpoint(to).netns !== undefined
}

function asked(lab: Lab, { from = '', to = '', port, protocol = 'tcp', symptom }: Question): Flow[] {
  const kind = port === undefined ? 'ping' : protocol
  const at = port === undefined ? {} : { port }
  const one: Flow = { from, to, kind, ...at, sort: 'asked' }
  const large: Flow = kind === 'tcp' ? { ...one, size: HUGE } : { ...one, size: 1_400 }
  // Of a connection, every segment is as long as the MTU of its ends lets it be: a ping is as long as it is told.
  const isHang = symptom === 'small-ok-large-hang' && kind !== 'tcp' && isMachine(lab, to)
  const stream: Flow = { from, to, kind: 'tcp', port: PORT, size: HUGE, sort: 'asked' }
  return [one, large, ...(isHang ? [stream] : []), ...turned(lab, one), ...neighbours(lab, one)]
}

/** The other way round, where that can be asked: many failures are in one direction only. */
function turned(lab: Lab, flow: Flow): Flow[] {
  const back = lab.endpoint(flow.to)
  const there = lab.endpoint(flow.from)
  if (back.netns === undefined || there.netns === undefined) return []
  const role = lab.network.namespaces[back.netns]?.role
  if (role !== 'pod' && role !== 'node') return []
  return [{ from: flow.to, to: flow.from, kind: 'ping', sort: 'contrast' }]
}

/** From another pod of the sender's node, and to another of the receiver's, and within a node: what works narrows what does not. */
function neighbours(lab: Lab, { from, to }: Flow): Flow[] {
  const pods = podsOf(lab)
  const [a, b] = [lab.endpoint(from).netns, lab.endpoint(to).netns]
  const nodeOf = (netns: string | undefined): string | undefined => pods.find((pod) => pod.netns === netns)?.node
  const beside = (netns: string | undefined): PodPlace | undefined =>
    pods.find((pod) => pod.netns !== netns && pod.node === nodeOf(netns) && pod.netns !== a && pod.netns !== b)
  const [besideA, besideB] = [beside(a), beside(b)]
  const ping = (one: string, other: string): Flow => ({ from: one, to: other, kind: 'ping', sort: 'contrast' })
  return [
    ...(besideA === undefined ? [] : [ping(from, besideA.netns)]),
    ...(besideB === undefined ? [] : [ping(from, besideB.netns)]),
    ...(besideA !== undefined && nodeOf(b) !== undefined ? [ping(besideA.netns, to)] : []),
  ]
}

/** One flow for each sort of pair, each node and each pod, both ways. */
function surveyed(lab: Lab, { from, to }: Question): Flow[] {
  const all = podsOf(lab)
  const nodes = [...new Set(all.map(({ node }) => node))]
  const some = all.length <= PODS ? all : nodes.slice(0, PODS).map((node) => all.find((pod) => pod.node === node)!)
  const flows = [
    ...ring(interleaved(some)),
    ...pairs(nodes).flatMap(([a, b]) => between(all, a, b)),
    ...nodes.flatMap((node) => within(all, node)),
    ...hosts(lab, all, nodes),
    ...services(lab, some),
    ...(hasOutside(lab)
      ? some.filter((pod, i) => some.findIndex(({ node }) => node === pod.node) === i).map(outside)
      : []),
  ]
  const wanted = flows.filter(
    (flow) => (from === undefined || flow.from === from) && (to === undefined || flow.to === to),
  )
  return unique(wanted)
}

function unique(flows: readonly Flow[]): Flow[] {
  return [...new Map(flows.map((flow) => [JSON.stringify({ ...flow, sort: '' }), flow])).values()]
}

/** Pods in an order in which those that follow each other are on different nodes, as far as that goes. */
function interleaved(pods: readonly PodPlace[]): PodPlace[] {
  const rank = new Map<string, number>()
  const ranked = pods.map((pod) => {
    const at = rank.get(pod.node) ?? 0
    rank.set(pod.node, at + 1)
    return { pod, at }
  })
  return ranked.sort((x, y) => x.at - y.at).map(({ pod }) => pod)
}

function sortOf(a: PodPlace, b: PodPlace): PairSort {
  return a.node === b.node ? 'same-node' : 'other-node'
}

/** Every pod once as sender and once as receiver, in each family that both have. */
function ring(pods: readonly PodPlace[]): Flow[] {
  if (pods.length < 2) return []
  return pods.flatMap((a, i) => pinged(a, pods[(i + 1) % pods.length]!))
}

function pinged(a: PodPlace, b: PodPlace): Flow[] {
  const sort = sortOf(a, b)
  const sixth = b.addresses.find((address) => familyOf(address) === 6)
  const bothHaveSix = sixth !== undefined && a.addresses.some((address) => familyOf(address) === 6)
  const four = b.addresses.some((address) => familyOf(address) === 4)
  return [
    ...(four ? [{ from: a.netns, to: b.netns, kind: 'ping', sort } as const] : []),
    ...(bothHaveSix ? [{ from: a.netns, to: sixth, kind: 'ping', sort } as const] : []),
  ]
}

function pairs(nodes: readonly string[]): (readonly [string, string])[] {
  if (nodes.length <= PAIRED_NODES)
    return nodes.flatMap((a) => nodes.flatMap((b) => (a === b ? [] : [[a, b] as const])))
  return nodes.map((a, i) => [a, nodes[(i + 1) % nodes.length]!] as const)
}

function firstOn(pods: readonly PodPlace[], node: string): PodPlace | undefined {
  return pods.find((pod) => pod.node === node)
}

/** Small and large between two nodes. */
function between(pods: readonly PodPlace[], a: string, b: string): Flow[] {
  const [one, other] = [firstOn(pods, a), firstOn(pods, b)]
  if (one === undefined || other === undefined) return []
  const large: Flow = { from: one.netns, to: other.netns, kind: 'tcp', port: PORT, size: LARGE, sort: 'other-node' }
  return [...pinged(one, other), large]
}

function within(pods: readonly PodPlace[], node: string): Flow[] {
  const [one, other] = pods.filter((pod) => pod.node === node)
  return one === undefined || other === undefined ? [] : pinged(one, other)
}

/** Pods and machines: a pod and its own node, a node and a pod of another. */
function hosts(lab: Lab, pods: readonly PodPlace[], nodes: readonly string[]): Flow[] {
  const known = nodes.filter((node) => lab.network.namespaces[node]?.role === 'node')
  return known.flatMap((node, i) => {
    const next = known[(i + 1) % known.length]!
    const [own, far] = [firstOn(pods, node), firstOn(pods, next)]
    return [
      ...(own === undefined ? [] : [{ from: own.netns, to: `node/${node}`, kind: 'ping', sort: 'own-node' } as const]),
      ...(own === undefined || next === node
        ? []
        : [{ from: own.netns, to: `node/${next}`, kind: 'ping', sort: 'host' } as const]),
      ...(far === undefined || next === node
        ? []
        : [{ from: `node/${node}`, to: far.netns, kind: 'ping', sort: 'host' } as const]),
      ...(next === node ? [] : [{ from: `node/${node}`, to: `node/${next}`, kind: 'ping', sort: 'host' } as const]),
    ]
  })
}

/** Every Service from a pod of every node; the cluster's DNS from every pod, for which all depend on it. */
function services(lab: Lab, pods: readonly PodPlace[]): Flow[] {
  const all = (lab.cluster?.resources.services ?? []).slice(0, SERVICES)
  const perNode = pods.filter((pod, i) => pods.findIndex(({ node }) => node === pod.node) === i)
  return all.flatMap(({ metadata, spec }) => {
    if (spec?.clusterIP === undefined || spec.clusterIP === 'None') return []
    const { name, namespace = 'default' } = metadata
    return (spec.ports ?? []).flatMap(({ port, protocol = 'TCP' }) => {
      if (protocol === 'SCTP') return []
      const kind = protocol === 'UDP' ? 'udp' : 'tcp'
      const askers = port === 53 ? pods : perNode
      return askers.map(
        ({ netns }) => ({ from: netns, to: `svc/${namespace}/${name}`, kind, port, sort: 'service' }) as const,
      )
    })
  })
}

/** Whether the network leads out of the cluster at all. */
function hasOutside(lab: Lab): boolean {
  return Object.values(lab.network.namespaces).some(({ role }) => role === 'external')
}

/** An address of nobody in the cluster. */
const OUTSIDE = '8.8.8.8'

function outside({ netns, addresses }: PodPlace): Flow {
  const four = addresses.some((address) => familyOf(address) === 4)
  return { from: netns, to: four ? OUTSIDE : '2001:4860:4860::8888', kind: 'ping', sort: 'outside' }
}

/** A flow in the words of a command line. */
export function flowText({ from, to, kind, port, size }: Flow): string {
  const at = port === undefined ? '' : `:${port}${kind === 'udp' ? '/udp' : ''}`
  return `${kind === 'ping' ? 'ping ' : ''}${from} → ${to}${at}${size === undefined ? '' : `, ${size} bytes`}`
}
