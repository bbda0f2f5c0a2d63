// Who has which address, which labels and which ports: all that policy can ask about.
import { contains, type Ip, parseCidr, parseIp, prefixOf } from '../../../src/wire/index.ts'
import { type Labels, type RawObject, selects } from './objects.ts'

/** A port by name. */
export interface NamedPort {
  readonly name: string
  readonly protocol: number
  readonly port: number
}

/** Something with labels that has addresses: a pod, a host endpoint or a network set. */
export interface Member {
  readonly kind: 'pod' | 'host' | 'set'
  /** `namespace/name`, or the name. */
  readonly name: string
  /** Own labels, those of Calico, and inherited ones as `pcns.` and `pcsa.`. */
  readonly labels: Labels
  /** Addresses, and ranges of network sets. */
  readonly nets: readonly string[]
  readonly ports: readonly NamedPort[]
  /** Namespace of a pod or a network set. */
  readonly namespace: string
  /** Node of a pod or host endpoint. */
  readonly node: string
  /** Interface of a host endpoint; absent: the one with an expected address. */
  readonly interfaceName?: string
  /** Profiles of a host endpoint. */
  readonly profiles: readonly string[]
}

const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
}

/** Number of a protocol by name or number. */
export function protocolNumber(given: string | number): number {
  return PROTOCOLS[String(given).toLowerCase()] ?? Number(given)
}

/** Whether an address lies in a range; a range may be one address, and may have host bits. */
export function isIn(net: string, address: string): boolean {
  const cidr = parseCidr(net.includes('/') ? net : `${net}/${net.includes(':') ? 128 : 32}`)
  const ip = parseIp(address)
  return cidr !== undefined && ip !== undefined && contains(prefixOf(cidr.address, cidr.length), ip)
}

const prefixed = (prefix: string, labels: Labels | undefined): Labels =>
  Object.fromEntries(Object.entries(labels ?? {}).map(([key, value]) => [prefix + key, value]))

/** A cluster as policy sees it. */
export class PolicyWorld {
  readonly objects: readonly RawObject[]
  /** Pods with a network of their own, host endpoints, network sets. */
  readonly members: readonly Member[]
  /** Addresses of nodes by name. */
  readonly nodes: ReadonlyMap<string, readonly string[]>

  constructor(objects: readonly RawObject[]) {
    this.objects = objects
    this.nodes = new Map(
      this.of('Node').map(({ metadata, status }) => [
        metadata.name,
        ((status?.addresses ?? []) as { type: string; address: string }[])
          .filter(({ type }) => type === 'InternalIP')
          .map(({ address }) => address),
      ]),
    )
    this.members = [
      ...this.of('Pod').flatMap((pod) => (pod.spec?.hostNetwork === true ? [] : [this.pod(pod)])),
      ...this.of('HostEndpoint').map((one) => hostEndpoint(one)),
      ...[...this.of('NetworkSet'), ...this.of('GlobalNetworkSet')].map((one) => this.networkSet(one)),
    ]
  }

  of(kind: string, api = ''): RawObject[] {
    return this.objects.filter((one) => one.kind === kind && one.apiVersion.startsWith(api))
  }

  namespaceLabels(name: string): Labels {
    const given = this.of('Namespace').find(({ metadata }) => metadata.name === name)?.metadata.labels
    return { 'kubernetes.io/metadata.name': name, ...given, 'projectcalico.org/name': name }
  }

  private accountLabels(namespace: string, name: string): Labels {
    const found = this.of('ServiceAccount').find(
      ({ metadata }) => metadata.name === name && (metadata.namespace ?? 'default') === namespace,
    )
    return { ...found?.metadata.labels, 'projectcalico.org/name': name }
  }

  private pod({ metadata, spec, status }: RawObject): Member {
    const namespace = metadata.namespace ?? 'default'
    const account = spec?.serviceAccountName ?? 'default'
    const addresses = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }: { ip: string }) => ip)]
    return {
      kind: 'pod',
      name: `${namespace}/${metadata.name}`,
      labels: {
        ...prefixed('pcns.', this.namespaceLabels(namespace)),
        ...prefixed('pcsa.', this.accountLabels(namespace, account)),
        ...metadata.labels,
        'projectcalico.org/namespace': namespace,
        'projectcalico.org/orchestrator': 'k8s',
        'projectcalico.org/serviceaccount': account,
      },
      nets: [...new Set(addresses.filter((one) => one !== undefined))],
      ports: portsOf(spec),
      namespace,
      node: spec?.nodeName ?? '',
      profiles: [`kns.${namespace}`],
    }
  }

  private networkSet({ kind, metadata, spec }: RawObject): Member {
    const namespace = kind === 'GlobalNetworkSet' ? '' : (metadata.namespace ?? 'default')
    const own = { ...prefixed('pcns.', this.namespaceLabels(namespace)), 'projectcalico.org/namespace': namespace }
    return {
      kind: 'set',
      name: metadata.name,
      labels: { ...(namespace === '' ? {} : own), ...metadata.labels },
      nets: spec?.nets ?? [],
      ports: [],
      namespace,
      node: '',
      profiles: [],
    }
  }

  /** Addresses and ports of a service: of its EndpointSlices, otherwise of the pods it selects. */
  endpointsOf(namespace: string, name: string): { address: string; protocol: number; port: number }[] {
    const slices = this.of('EndpointSlice').filter(
      ({ metadata }) =>
        (metadata.namespace ?? 'default') === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
    )
    if (slices.length > 0) {
      return slices.flatMap(({ endpoints = [], ports = [] }) =>
        (endpoints as { addresses: string[] }[]).flatMap(({ addresses }) =>
          addresses.flatMap((address) =>
            (ports as { port: number; protocol?: string }[]).map(({ port, protocol = 'TCP' }) => ({
              address,
              protocol: protocolNumber(protocol),
              port,
            })),
          ),
        ),
      )
    }
    const service = this.of('Service').find(
      ({ metadata }) => metadata.name === name && (metadata.namespace ?? 'default') === namespace,
    )
    const { selector, ports = [] } = service?.spec ?? {}
    if (selector === undefined) return []
    const pods = this.of('Pod').filter(
      ({ metadata }) =>
        (metadata.namespace ?? 'default') === namespace && selects({ matchLabels: selector }, metadata.labels ?? {}),
    )
    return pods.flatMap(({ spec, status }) =>
      (ports as { port: number; protocol?: string; targetPort?: number | string }[]).flatMap((one) => {
        const protocol = protocolNumber(one.protocol ?? 'TCP')
        const target = one.targetPort ?? one.port
        const named = portsOf(spec).find((port) => port.name === target && port.protocol === protocol)
        const port = typeof target === 'number' ? target : named?.port
        return port === undefined ? [] : [{ address: status?.podIP as Ip, protocol, port }]
      }),
    )
  }
}

function hostEndpoint({ metadata, spec }: RawObject): Member {
  return {
    kind: 'host',
    name: metadata.name,
    labels: metadata.labels ?? {},
    nets: spec?.expectedIPs ?? [],
    ports: ((spec?.ports ?? []) as { name: string; protocol: string; port: number }[]).map((one) => ({
      ...one,
      protocol: protocolNumber(one.protocol),
    })),
    namespace: '',
    node: spec?.node ?? '',
    ...(spec?.interfaceName === undefined ? {} : { interfaceName: spec.interfaceName }),
    profiles: spec?.profiles ?? [],
  }
}

function portsOf(spec: RawObject['spec']): NamedPort[] {
  type Container = { ports?: { name?: string; protocol?: string; containerPort: number }[] }
  return ((spec?.containers ?? []) as Container[]).flatMap(({ ports = [] }) =>
    ports.flatMap(({ name, protocol = 'TCP', containerPort }) =>
      name === undefined ? [] : [{ name, protocol: protocolNumber(protocol), port: containerPort }],
    ),
  )
}
