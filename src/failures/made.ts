import {
  describedUnderlay,
  type EndpointSliceResource,
  type KubernetesPolicySpec,
  type NetworkPolicyResource,
  type PodResource,
  type ServicePort,
  type ServiceResource,
  type WorkloadEndpoint,
} from '../control/index.ts'
import { contains, familyOf, type Ip, overlaps, type Prefix, parseIp, parsePrefix } from '../wire/index.ts'
import { ipv4Of, lacks, type Situation } from './situation.ts'

/** The label by which objects of an injection find their pods. */
export const MARK = 'packetwalk.io/failure'

/** Ranges in which a Service gets its address, the usual one first. */
const RANGES = ['10.96.213.', '172.30.213.', '192.168.213.', '198.18.213.']

/** The name of whatever an injection adds. */
export function nameFor({ code }: Situation, what: string): string {
  return `${code.toLowerCase()}-${what}`
}

/** A pod with a label more. */
export function labelled({ pod }: WorkloadEndpoint, value: string): PodResource {
  return { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [MARK]: value } } }
}

/** An address for a Service: in no pool, of no node, and of no Service. */
function freeClusterIp({ code, cluster }: Situation): Ip {
  const number = Number(code.slice(1))
  const { ippools, services } = cluster.resources
  const taken = new Set(services.flatMap(({ spec }) => [spec.clusterIP ?? '', ...(spec.clusterIPs ?? [])]))
  const isFree = (text: string): boolean => {
    const address = parseIp(text) as Ip
    const isIn = (range: string): boolean => {
      const prefix = parsePrefix(range)
      return prefix !== undefined && contains(prefix, address)
    }
    return !taken.has(text) && !ippools.some(({ spec }) => isIn(spec.cidr))
  }
  const candidates = RANGES.flatMap((range) => [`${range}${number}`, `${range}${number + 100}`])
  return (candidates.find(isFree) ?? candidates[0]) as Ip
}

/** A Service and its endpoints, told by an EndpointSlice: no selector need fit. */
export interface MadeService {
  readonly service: ServiceResource
  readonly slice: EndpointSliceResource
  readonly address: Ip
}

/** What may be said of a Service besides. */
export interface ServiceWords {
  readonly port: Omit<ServicePort, 'name'> & { readonly targetPort: number }
  readonly spec?: Partial<ServiceResource['spec']>
  /** Absent = a free one. */
  readonly address?: Ip
}

/** A Service in front of some pods. @throws InputError where one of them has no IPv4 address */
export function serviceOf(
  situation: Situation,
  pods: readonly WorkloadEndpoint[],
  { port, spec = {}, address = freeClusterIp(situation) }: ServiceWords,
): MadeService {
  const name = nameFor(situation, 'service')
  const namespace = pods[0]?.namespace ?? 'default'
  const protocol = port.protocol ?? 'TCP'
  const endpoints = pods.map((one) => {
    const own = ipv4Of(one)
    if (own === undefined) throw lacks(situation, 'pod')
    const targetRef = { kind: 'Pod', namespace: one.namespace, name: one.pod.metadata.name }
    return { addresses: [own], nodeName: one.node, conditions: { ready: true }, targetRef }
  })
  return {
    address,
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { clusterIP: address, ...spec, ports: [{ name: 'main', ...port, protocol }] },
    },
    slice: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints,
      ports: [{ name: 'main', protocol, port: port.targetPort }],
    },
  }
}

/** A NetworkPolicy of Kubernetes for pods with the mark. */
export function policyOf(
  situation: Situation,
  { namespace }: WorkloadEndpoint,
  value: string,
  spec: KubernetesPolicySpec,
): NetworkPolicyResource {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: nameFor(situation, 'policy'), namespace },
    spec: { podSelector: { matchLabels: { [MARK]: value } }, ...spec },
  }
}

/** A pod that comes later, on a node. */
export function newPod(
  situation: Situation,
  node: string,
  what = 'pod',
  annotations: Readonly<Record<string, string>> = {},
): PodResource {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: nameFor(situation, what), namespace: 'default', annotations },
    spec: { nodeName: node, containers: [{ name: 'main', image: 'busybox' }] },
    status: { phase: 'Pending' },
  }
}

/** A range that no pool and no segment overlaps. */
export function freeRange(situation: Situation, ...candidates: readonly string[]): Prefix {
  const { ippools, nodes, underlays } = situation.cluster.resources
  const taken = [
    ...ippools.map(({ spec }) => spec.cidr),
    ...describedUnderlay({ nodes, underlays }).spec.segments.flatMap(({ cidr, cidrs = [] }) => [cidr ?? '', ...cidrs]),
  ].flatMap((text) => parsePrefix(text) ?? [])
  const all = candidates.map((text) => parsePrefix(text) as Prefix)
  const free = all.find((one) => !taken.some((other) => familyOf(other) === 4 && overlaps(one, other)))
  return free ?? (all[0] as Prefix)
}
