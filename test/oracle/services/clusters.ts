// Random clusters with Services of every kind, as objects a user writes, and packets to their addresses. Small, so that what is
// left after shrinking fits a screen.
import fc from 'fast-check'
import type { RawObject } from '../policy/objects.ts'

/** A packet to an address of a Service, or to a port of a node that a pod asks for. */
export interface ServiceProbe {
  /** `namespace/pod`, `host:node`, or an address outside. */
  readonly from: string
  /** Address it is sent to. */
  readonly to: string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly port: number
}

/** Objects, and packets through what they describe. */
export interface RandomServiceCluster {
  readonly objects: readonly RawObject[]
  readonly probes: readonly ServiceProbe[]
  /** Addresses of clients outside. */
  readonly outside: readonly string[]
  /** Addresses outside that the router leads to a node, by address. */
  readonly doors: ReadonlyMap<string, string>
}

type Six = 4 | 6

const NODES = ['n1', 'n2', 'n3'] as const
const OUTSIDE: Readonly<Record<Six, readonly string[]>> = {
  4: ['203.0.113.9', '198.51.100.7'],
  6: ['2001:db8:9::9', '2001:db8:7::7'],
}
/** Where things are, by family: pods, nodes, virtual addresses, further ones, those of load balancers. */
const AT: Readonly<Record<Six, Readonly<Record<'pod' | 'node' | 'virtual' | 'external' | 'balanced', string>>>> = {
  4: { pod: '10.244.', node: '172.18.0.', virtual: '10.96.0.', external: '192.0.2.', balanced: '192.0.2.10' },
  6: {
    pod: 'fd00:10:244::',
    node: 'fd0e::',
    virtual: 'fd00:10:96::',
    external: '2001:db8:1::',
    balanced: '2001:db8:2::',
  },
}
const HOST_PORT = 8088

const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined })
/** An object of these fields, each of them perhaps absent. */
const some = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>

const app = fc.constantFrom('a', 'b')
const protocol = fc.constantFrom('TCP', 'UDP', 'TCP', 'SCTP')

const pod = fc.record({
  node: fc.nat(NODES.length - 1),
  app,
  isReady: fc.constantFrom(true, true, true, false),
  isLeaving: fc.constantFrom(false, false, false, true),
  hasHostPort: fc.constantFrom(false, false, true),
})
type Pod = typeof pod extends fc.Arbitrary<infer T> ? T : never

const port = fc.record({ protocol, targetPort: fc.constantFrom(8080, 'http', 80) })

const service = fc.record({
  type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
  app: fc.constantFrom('a', 'b', 'a', 'nobody'),
  families: fc.constantFrom<readonly Six[]>([4], [4, 6], [6, 4], [4]),
  ports: fc.array(port, { minLength: 1, maxLength: 2 }),
  hasExternal: fc.constantFrom(false, false, true),
  slices: maybe(
    fc.array(
      some({
        conditions: some({ ready: fc.boolean(), serving: fc.boolean(), terminating: fc.boolean() }),
        hints: fc.constantFrom({ forZones: [{ name: 'z1' }] }, { forZones: [{ name: 'z2' }] }),
      }),
      { minLength: 4, maxLength: 4 },
    ),
  ),
  spec: some({
    sessionAffinity: fc.constant('ClientIP'),
    internalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
    externalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
    publishNotReadyAddresses: fc.boolean(),
    loadBalancerSourceRanges: fc.constantFrom(['203.0.113.0/24', '2001:db8:9::/64'], ['172.18.0.0/16'], ['10.0.0.0/8']),
  }),
})
type Service = typeof service extends fc.Arbitrary<infer T> ? T : never

const proxy = some({
  clusterCIDR: fc.constantFrom('10.244.0.0/16,fd00:10:244::/64', ''),
  detectLocalMode: fc.constantFrom('ClusterCIDR', 'NodeCIDR', 'InterfaceNamePrefix'),
  detectLocal: fc.constant({ interfaceNamePrefix: 'cali' }),
  nodePortAddresses: fc.constantFrom(['172.18.0.0/16'], ['fd0e::/64', '127.0.0.0/8'], ['primary']),
  iptables: some({
    masqueradeAll: fc.boolean(),
    masqueradeBit: fc.constantFrom(14, 15),
    localhostNodePorts: fc.boolean(),
  }),
})

const networkPolicy = fc.record({
  podSelector: app.map((one) => ({ matchLabels: { app: one } })),
  ingress: fc.constantFrom(
    [{ from: [{ ipBlock: { cidr: '172.18.0.0/16' } }] }],
    [{ from: [{ podSelector: { matchLabels: { app: 'a' } } }], ports: [{ port: 8080 }] }],
    [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }, { ipBlock: { cidr: '2001:db8:9::/64' } }] }],
  ),
})

/** A cluster with one to three Services, and packets to them. */
export function randomServices(): fc.Arbitrary<RandomServiceCluster> {
  return fc
    .record({
      pods: fc.array(pod, { minLength: 2, maxLength: 4 }),
      services: fc.array(service, { minLength: 1, maxLength: 3 }),
      proxy: maybe(proxy),
      policy: maybe(networkPolicy),
      natOutgoing: fc.boolean(),
      vxlanMode: fc.constantFrom('Never', 'Always'),
      flows: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 10, maxLength: 14 }),
    })
    .map((made): RandomServiceCluster => {
      const { pods, services } = made
      const objects = [
        ...NODES.map(nodeObject),
        ...poolObjects({ natOutgoing: made.natOutgoing, vxlanMode: made.vxlanMode }),
        ...pods.map(podObject),
        ...services.map(serviceObject),
        ...services.flatMap((one, i) => slicesOf(one, i, pods)),
        ...(made.proxy === undefined ? [] : [proxyObject(made.proxy)]),
        ...(made.policy === undefined
          ? []
          : [object('networking.k8s.io/v1', 'NetworkPolicy', 'some', { spec: made.policy }, 'default')]),
      ]
      const targets = services.flatMap(targetsOf)
      const doors = new Map(targets.flatMap(({ to, door }) => (door === undefined ? [] : [[to, door] as const])))
      const outside = [...OUTSIDE[4], ...OUTSIDE[6]]
      return { objects, probes: probesOf(pods, targets, made.flows), outside, doors }
    })
}

function object(apiVersion: string, kind: string, name: string, rest: object, namespace?: string): RawObject {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
  return { apiVersion, kind, metadata, ...rest } as RawObject
}

const addressOf = (family: Six, node: number): string => `${AT[family].node}${11 + node}`
const podIp = (family: Six, node: number, i: number): string =>
  family === 4 ? `${AT[4].pod}${node + 1}.${i + 3}` : `${AT[6].pod}${node + 1}${(i + 3).toString(16).padStart(3, '0')}`

function nodeObject(name: string, i: number): RawObject {
  const annotations = {
    'projectcalico.org/IPv4Address': `${addressOf(4, i)}/24`,
    'projectcalico.org/IPv6Address': `${addressOf(6, i)}/64`,
  }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations, labels: { 'topology.kubernetes.io/zone': i === 0 ? 'z1' : 'z2' } },
    spec: { podCIDRs: [`10.244.${i + 1}.0/24`] },
    status: { addresses: ([4, 6] as const).map((family) => ({ type: 'InternalIP', address: addressOf(family, i) })) },
  } as RawObject
}

function poolObjects(fields: object): RawObject[] {
  const spec = { ipipMode: 'Never', ...fields }
  return [
    object('projectcalico.org/v3', 'IPPool', 'four', { spec: { ...spec, cidr: '10.244.0.0/16' } }),
    object('projectcalico.org/v3', 'IPPool', 'six', { spec: { ...spec, cidr: 'fd00:10:244::/64' } }),
  ]
}

function podObject(one: Pod, i: number): RawObject {
  const ips = ([4, 6] as const).map((family) => podIp(family, one.node, i))
  const ports = [
    { name: 'http', containerPort: 8080 },
    ...(one.hasHostPort ? [{ containerPort: 8080, hostPort: HOST_PORT + i }] : []),
  ]
  const metadata = {
    name: `p${i}`,
    namespace: 'default',
    labels: { app: one.app },
    ...(one.isLeaving ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { nodeName: NODES[one.node], containers: [{ name: 'c', ports }] },
    status: {
      podIP: ips[0],
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: 'Ready', status: one.isReady ? 'True' : 'False' }],
    },
  } as RawObject
}

const virtual = (family: Six, i: number): string => `${AT[family].virtual}${10 + i}`
const external = (family: Six, i: number): string => `${AT[family].external}${10 + i}`
const balanced = (family: Six, i: number): string => `${AT[family].balanced}${i + 1}`
const nodePort = (i: number, j: number): number => 30_000 + 10 * i + j

function serviceObject(one: Service, i: number): RawObject {
  const { type, families } = one
  const ports = one.ports.map((entry, j) => ({
    ...entry,
    name: `port${j}`,
    port: 80 + j,
    ...(type === 'ClusterIP' ? {} : { nodePort: nodePort(i, j) }),
  }))
  const { loadBalancerSourceRanges, externalTrafficPolicy, ...rest } = one.spec
  return object(
    'v1',
    'Service',
    `s${i}`,
    {
      spec: {
        type,
        selector: { app: one.app },
        clusterIP: virtual(families[0]!, i),
        clusterIPs: families.map((family) => virtual(family, i)),
        ...rest,
        ...(type === 'ClusterIP' && !one.hasExternal ? {} : { externalTrafficPolicy }),
        ...(type === 'LoadBalancer' && loadBalancerSourceRanges !== undefined ? { loadBalancerSourceRanges } : {}),
        ...(one.hasExternal ? { externalIPs: families.map((family) => external(family, i)) } : {}),
        ports,
      },
      ...(type === 'LoadBalancer'
        ? { status: { loadBalancer: { ingress: families.map((family) => ({ ip: balanced(family, i) })) } } }
        : {}),
    },
    'default',
  )
}

/** What the EndpointSlices of a Service say of its pods, where they are given: in pieces, and not always of all. */
function slicesOf({ slices, families, ports, app: wanted }: Service, i: number, pods: readonly Pod[]): RawObject[] {
  if (slices === undefined) return []
  return families.map((family) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `s${i}-${family}`, namespace: 'default', labels: { 'kubernetes.io/service-name': `s${i}` } },
    addressType: `IPv${family}`,
    endpoints: pods.flatMap((one, j) =>
      one.app === wanted || j === 0
        ? [
            {
              addresses: [podIp(family, one.node, j)],
              nodeName: NODES[one.node],
              targetRef: { kind: 'Pod', name: `p${j}`, namespace: 'default' },
              ...slices[j],
            },
          ]
        : [],
    ),
    ports: ports.map((entry, j) => ({ name: `port${j}`, port: 8080, protocol: entry.protocol })),
  })) as RawObject[]
}

function proxyObject(fields: object): RawObject {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    ...fields,
  } as RawObject
}

interface Target {
  readonly to: string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly port: number
  readonly family: Six
  /** Node to which the router leads packets from outside. */
  readonly door?: string
  /** Whether only nodes themselves can ask it. */
  readonly isLoopback?: boolean
}

function targetsOf(one: Service, i: number): Target[] {
  return one.families.flatMap((family) =>
    one.ports.flatMap((entry, j): Target[] => {
      const base = { protocol: entry.protocol as Target['protocol'], family }
      const at = (to: string, door: number): Target => ({ ...base, to, port: 80 + j, door: NODES[door]! })
      const nodes = [...NODES.keys()].map(
        (node): Target => ({ ...base, to: addressOf(family, node), port: nodePort(i, j) }),
      )
      const loopback: Target = { ...base, to: '127.0.0.1', port: nodePort(i, j), isLoopback: true }
      return [
        at(virtual(family, i), 0),
        ...(one.type === 'ClusterIP' ? [] : nodes),
        ...(one.type === 'ClusterIP' || family === 6 ? [] : [loopback]),
        ...(one.hasExternal ? [at(external(family, i), 1)] : []),
        ...(one.type === 'LoadBalancer' ? [at(balanced(family, i), 0)] : []),
      ]
    }),
  )
}

/** Packets of pods, nodes and clients outside; one in eight to a port of a node that a pod asks for. */
function probesOf(
  pods: readonly Pod[],
  targets: readonly Target[],
  flows: readonly (readonly [number, number])[],
): ServiceProbe[] {
  const hostPorts = pods.flatMap((one, i): Target[] =>
    one.hasHostPort
      ? ([4, 6] as const).map((family) => ({
          to: addressOf(family, one.node),
          protocol: 'TCP',
          port: HOST_PORT + i,
          family,
        }))
      : [],
  )
  const all = [...targets, ...hostPorts]
  const inside = pods.map((_, i) => `default/p${i}`)
  const hosts = NODES.map((name) => `host:${name}`)
  return flows.map(([a, b]): ServiceProbe => {
    const { to, protocol: by, port: number, family, isLoopback = false } = all[b % all.length]!
    const ends = isLoopback ? hosts : [...inside, ...inside, ...hosts, ...OUTSIDE[family]]
    return { from: ends[a % ends.length]!, to, protocol: by, port: number }
  })
}
