import { type Cluster, clusterIpsOf, type ServiceResource } from '../control/index.ts'
import { type Endpoint, invalid, type Lab } from '../lab/index.ts'
import { type Family, familyOf, type Ip } from '../wire/index.ts'
import { type End, type EndClass, type Ends, endsOf } from './ends.ts'
import { PAIR_KINDS, type PairKind, type PayloadEnd, type PayloadQuestion } from './report.ts'

/** Pairs of ends for which one answer is expected, and some that may be asked for all of them. */
export interface PairClass {
  readonly kind: PairKind
  readonly family: Family
  readonly what: string
  readonly members: readonly [from: number, to: number]
  /** Candidates, the first to be asked first: where policy lets nothing through, another may do. */
  readonly candidates: readonly (readonly [from: PayloadEnd, to: PayloadEnd])[]
}

/** Pairs of a class that are tried before nothing is said to pass. */
const CANDIDATES = 3

/** Where the internet is asked: an address that stands for all of it. Addresses kept for documentation lead nowhere. */
const OUTSIDE: Readonly<Record<Family, Ip>> = { 4: '8.8.8.8' as Ip, 6: '2001:4860:4860::8888' as Ip }

/** The classes of pairs of a lab, in the order of `PAIR_KINDS`. @throws InputError for names that are not there */
export function pairsOf(lab: Lab, question: PayloadQuestion): PairClass[] {
  const ends = endsOf(lab)
  const { from, to, namespace, family } = question
  const asking = from === undefined ? undefined : sourceOf(lab, lab.endpoint(from, namespace))
  const asked = to === undefined ? undefined : lab.endpoint(to, namespace)
  const all = classesOf(lab, narrowed(ends, asking, asked, lab), asking, asked)
  return all
    .filter((one) => family === undefined || one.family === family)
    .sort((a, b) => PAIR_KINDS.indexOf(a.kind) - PAIR_KINDS.indexOf(b.kind))
}

/** An end that can ask. @throws InputError for one that cannot */
function sourceOf(lab: Lab, { netns, label, addresses }: Endpoint): End {
  if (netns === undefined) throw invalid('a pod or a node to ask from', `"${label}"`)
  return endAt(lab, netns, addresses)
}

function endAt(lab: Lab, netns: string, addresses: readonly Ip[]): End {
  const { role } = lab.network.namespaces[netns]!
  const kind = role === 'pod' ? 'pod' : 'node'
  return { kind, netns, node: kind === 'node' ? netns : (homeOf(lab, netns) ?? ''), addresses }
}

/** The node a pod hangs on. */
function homeOf({ network }: Lab, pod: string): string | undefined {
  const cable = network.wires.find(({ ends }) => ends.some(({ netns }) => netns === pod))
  return cable?.ends.find(({ netns }) => netns !== pod)?.netns
}

/** The classes of both ends of pairs. */
interface Sides extends Ends {
  readonly fromPods: readonly EndClass[]
  readonly fromNodes: readonly EndClass[]
  readonly toPods: readonly EndClass[]
  readonly toNodes: readonly EndClass[]
  /** One of the ends was given: pairs have a direction then. */
  readonly isDirected: boolean
}

function narrowed(ends: Ends, from: End | undefined, to: Endpoint | undefined, lab: Lab): Sides {
  const alone = (end: End): EndClass => ({ kind: end.kind, what: end.netns, ends: [end], count: 1 })
  const only = (end: End | undefined, kind: End['kind'], all: readonly EndClass[]): readonly EndClass[] =>
    end === undefined ? all : end.kind === kind ? [alone(end)] : []
  const target = to?.netns === undefined ? undefined : endAt(lab, to.netns, to.addresses)
  const isVirtual = to !== undefined && target === undefined
  return {
    ...ends,
    fromPods: only(from, 'pod', ends.pods),
    fromNodes: only(from, 'node', ends.nodes),
    toPods: isVirtual ? [] : only(target, 'pod', ends.pods),
    toNodes: isVirtual ? [] : only(target, 'node', ends.nodes),
    isDirected: from !== undefined || to !== undefined,
  }
}

function classesOf(lab: Lab, sides: Sides, from: End | undefined, to: Endpoint | undefined): PairClass[] {
  const { fromPods, fromNodes, toPods, toNodes } = sides
  const askers = [...fromPods, ...(from?.kind === 'node' ? fromNodes : [])]
  const virtual = to !== undefined && to.netns === undefined
  return [
    ...between(sides, fromPods, toPods, sides.isDirected),
    ...between(sides, fromPods, toNodes, true),
    // What is asked of a pod by name may come from a node, too.
    ...(from?.kind === 'node' ? between(sides, fromNodes, toPods, true) : []),
    ...between(sides, fromNodes, toNodes, sides.isDirected),
    ...(virtual || to === undefined ? askers.flatMap((one) => toServices(lab, one, to)) : []),
    ...(virtual || to === undefined ? askers.flatMap((one) => toOutside(lab, one, to)) : []),
  ]
}

/** How two ends lie to each other. */
type Lie = 'one node' | 'one subnet' | 'two subnets'

/** The classes between two lists of classes of ends; one of two that mirror each other unless they have a direction. */
function between(
  { areNear }: Ends,
  from: readonly EndClass[],
  to: readonly EndClass[],
  isDirected: boolean,
): PairClass[] {
  return from.flatMap((a, i) => {
    const others = isDirected ? to : to.slice(i)
    return others.flatMap((b) =>
      ([4, 6] as const).flatMap((family) => {
        const found = new Map<Lie, (readonly [PayloadEnd, PayloadEnd])[]>()
        for (const [one, other] of pairsIn(a, b, family)) {
          const lie =
            one.node === other.node ? 'one node' : areNear(one.node, other.node) ? 'one subnet' : 'two subnets'
          const known = found.get(lie) ?? []
          // The last is the farthest from the first in the lists.
          known[Math.min(known.length, CANDIDATES - 1)] = [asEnd(one, family), asEnd(other, family)]
          found.set(lie, known)
        }
        return [...found].map(([lie, candidates]) => ({
          kind: kindOf(a, b, lie),
          family,
          what: wordsOf(a, b, lie),
          members: [a.count, b.count] as const,
          candidates,
        }))
      }),
    )
  })
}

/** Ends of a class whose pairs are looked at: enough to find one of every lie. */
const LOOKED_AT = 48

function* pairsIn(a: EndClass, b: EndClass, family: Family): Generator<readonly [End, End]> {
  const has = ({ addresses }: End): boolean => addresses.some((ip) => familyOf(ip) === family)
  const [ones, others] = [a, b].map(({ ends }) => spread(ends.filter(has)))
  for (const one of ones!) for (const other of others!) if (one.netns !== other.netns) yield [one, other]
}

/** Some of many, from the whole of the list; neighbours in it are kept together in twos. */
function spread(ends: readonly End[]): readonly End[] {
  if (ends.length <= LOOKED_AT) return ends
  const step = ends.length / (LOOKED_AT / 2)
  return Array.from({ length: LOOKED_AT / 2 }, (_, i) => Math.floor(i * step)).flatMap((at) => ends.slice(at, at + 2))
}

function kindOf(a: EndClass, b: EndClass, lie: Lie): PairKind {
  if (a.kind === 'node' && b.kind === 'node') return 'two nodes'
  if (a.kind === b.kind) return lie === 'one node' ? 'pods of one node' : 'pods of two nodes'
  return lie === 'one node' ? 'pod and its own node' : 'pod and another node'
}

function wordsOf(a: EndClass, b: EndClass, lie: Lie): string {
  const ends = a.what === b.what ? `both ${a.what}` : `${a.what}; ${b.what}`
  return lie === 'one node' ? ends : `${ends}; nodes in ${lie}`
}

function asEnd({ kind, netns, node, addresses }: End, family: Family): PayloadEnd {
  const label = kind === 'node' ? `node/${netns}` : netns
  return { label, kind, netns, node, address: addresses.find((ip) => familyOf(ip) === family)! }
}

/** A class of pods and a Service: the one that was asked for, else the first that has an endpoint in the network. */
function toServices({ cluster, network }: Lab, pods: EndClass, to: Endpoint | undefined): PairClass[] {
  if (cluster === null) return []
  const isAsked = (one: ServiceResource): boolean =>
    to === undefined || clusterIpsOf(one).some((ip) => ip === to.address)
  return ([4, 6] as const).flatMap((family): PairClass[] => {
    const isOf = (one: ServiceResource): boolean => clusterIpsOf(one).some((ip) => familyOf(ip) === family)
    const service = cluster.resources.services.find((one) => isAsked(one) && isOf(one) && isServed(cluster, one))
    const askers = pods.ends.filter(({ addresses }) => addresses.some((ip) => familyOf(ip) === family))
    if (service === undefined || askers.length === 0) return []
    const { namespace = 'default', name } = service.metadata
    const address = clusterIpsOf(service).find((ip) => familyOf(ip) === family)!
    const end: PayloadEnd = { label: `svc/${namespace}/${name}`, kind: 'service', address }
    const candidates = askers
      .filter(({ netns }) => Object.hasOwn(network.namespaces, netns))
      .slice(0, CANDIDATES)
      .map((one) => [asEnd(one, family), end] as const)
    return [{ kind: 'pod and Service', family, what: pods.what, members: [pods.count, 1], candidates }]
  })
}

/** Whether pods of the cluster answer for it. */
function isServed(cluster: Cluster, service: ServiceResource): boolean {
  return cluster.serviceEndpoints(service).some(({ endpoints }) => endpoints.length > 0)
}

/** A class of pods and the internet, where the network has one; or an address that nobody in it has. */
function toOutside(lab: Lab, pods: EndClass, to: Endpoint | undefined): PairClass[] {
  const isService = (lab.cluster?.resources.services ?? []).some((one) =>
    clusterIpsOf(one).some((ip) => ip === to?.address),
  )
  if (outsideOf(lab) === undefined || isService) return []
  return ([4, 6] as const).flatMap((family): PairClass[] => {
    const address = to === undefined ? OUTSIDE[family] : to.addresses.find((ip) => familyOf(ip) === family)
    const askers = pods.ends.filter(({ addresses }) => addresses.some((ip) => familyOf(ip) === family))
    if (address === undefined || askers.length === 0) return []
    const end: PayloadEnd = { label: to?.label ?? 'the internet', kind: 'outside', address }
    const candidates = askers.slice(0, CANDIDATES).map((one) => [asEnd(one, family), end] as const)
    return [{ kind: 'pod and outside', family, what: pods.what, members: [pods.count, 1], candidates }]
  })
}

/** Who answers for addresses that nobody in the network has. */
export function outsideOf({ network }: Lab): string | undefined {
  return ['internet', 'internet-2'].find((name) => network.namespaces[name]?.role === 'external')
}
