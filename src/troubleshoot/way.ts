import type { Lab } from '../lab/index.ts'
import { interfaceOf } from '../model/index.ts'
import { familyOf } from '../wire/index.ts'
import { type Flow, podsOf } from './flows.ts'
import { nodeOf, placeOfFlow, routeFrom } from './place.ts'

/** How packets of one end reach the other, as far as the input says: what decides which failures could be. */
export interface Way {
  readonly node: string
  readonly peer: string
  /** Between nodes; `local` on one, `outside` to nobody of the cluster. */
  readonly kind: 'ipip' | 'vxlan' | 'wireguard' | 'plain' | 'local' | 'outside'
  /** Both nodes are on one segment, as far as their subnets say. */
  readonly isOneSegment: boolean
  readonly family: 4 | 6
  readonly isService: boolean
  /** A pod asks, or is asked. */
  readonly hasPod: boolean
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  /** Nodes whose state is known: that of a dump. */
  readonly dumped: ReadonlySet<string>
  /** BIRD writes routes between nodes. */
  readonly hasBird: boolean
}

/** The way of a flow. */
export function wayOf(lab: Lab, flow: Pick<Flow, 'from' | 'to' | 'port' | 'kind'>): Way {
  const place = placeOfFlow(lab, flow)
  const [a, b] = [lab.endpoint(flow.from), lab.endpoint(flow.to)]
  const { cluster, network } = lab
  const isService = b.netns === undefined && isVirtual(lab, b.address ?? '')
  const peer = nodeOf(lab, b.netns)
  const far = isService ? farBackend(lab, place.node) : peer
  const dev = routeFrom(lab, place.node, isService ? addressOn(lab, far) : place.target)?.dev ?? ''
  const ns = network.namespaces[place.node]
  const kindOfDev = ns === undefined ? undefined : interfaceOf(ns, dev)?.kind
  const isWireguard = Object.values(ns?.interfaces ?? {}).some(({ kind, up }) => kind === 'wireguard' && up)
  const hasPod = [a.netns, b.netns].some((one) => one !== undefined && network.namespaces[one]?.role === 'pod')
  const kind =
    far === undefined
      ? 'outside'
      : far === place.node
        ? 'local'
        : isWireguard && hasPod
          ? 'wireguard'
          : kindOfDev === 'ipip' || kindOfDev === 'vxlan'
            ? kindOfDev
            : 'plain'
  return {
    node: place.node,
    peer: far ?? '',
    kind,
    isOneSegment: sameSubnet(lab, place.node, far ?? ''),
    family: b.address !== undefined && familyOf(b.address) === 6 ? 6 : 4,
    isService,
    hasPod,
    protocol: flow.kind === 'ping' ? 'icmp' : flow.kind,
    dumped: lab.dump?.dumped ?? new Set(),
    hasBird: cluster === null ? true : cluster.settings.backend === 'bird',
  }
}

function isVirtual({ cluster }: Lab, address: string): boolean {
  return (cluster?.resources.services ?? []).some(
    ({ spec }) => spec?.clusterIP === address || spec?.clusterIPs?.some((one) => one === address) === true,
  )
}

function farBackend(lab: Lab, node: string): string {
  return podsOf(lab).find((pod) => pod.node !== node)?.node ?? node
}

function addressOn(lab: Lab, node: string | undefined): string {
  return podsOf(lab).find((pod) => pod.node === node)?.addresses[0] ?? ''
}

function sameSubnet({ cluster }: Lab, a: string, b: string): boolean {
  const segmentsOf = (name: string): readonly unknown[] =>
    (cluster?.nodes.find((one) => one.name === name)?.machine?.interfaces ?? []).flatMap(({ segment }) =>
      segment === undefined ? [] : [segment],
    )
  const there = new Set(segmentsOf(b))
  return segmentsOf(a).some((segment) => there.has(segment))
}

/** What tcpdump is told of the packets between the nodes. */
export function outerFilter({ kind }: Way, source: string): string {
  switch (kind) {
    case 'ipip':
      return 'ip proto 4'
    case 'vxlan':
      return 'udp port 4789'
    case 'wireguard':
      return 'udp port 51820'
    case 'plain':
    case 'local':
    case 'outside':
      return `host ${source}`
  }
}
