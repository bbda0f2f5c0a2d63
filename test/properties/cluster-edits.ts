// Edits of a cluster, drawn as numbers and read against the objects that are there: so any sequence of them can be shortened.
import fc from 'fast-check'
import type { ClusterEdit, KnownResource, PodResource, Resources } from '../../src/control/index.ts'
import { object, pod, pool } from '../control/cluster-objects.ts'

const KINDS = [
  'pod',
  'pod',
  'no-pod',
  'no-pod',
  'move',
  'again',
  'relabel',
  'stamped',
  'end',
  'wire',
  'node',
  'no-node',
  'relabel-node',
  'encapsulation',
  'disable',
  'pool',
  'no-pool',
  'policy',
  'no-policy',
  'service',
  'no-service',
  'slice',
  'change-service',
  'many-services',
  'told-slice',
  'told-slice',
  'no-slice',
  'endpoints',
  'no-endpoints',
  'ready',
  'ready-and-slice',
  'policy-of-service',
  'felix',
  'mesh',
  'reserve',
  'strict',
  'namespace',
] as const

/** What an edit is drawn as. */
export interface EditDraw {
  readonly kind: (typeof KINDS)[number]
  readonly a: number
  readonly b: number
}

/** @param kinds - of which there are to be some; absent = all */
export function editDraws(kinds: readonly EditDraw['kind'][] = KINDS): fc.Arbitrary<EditDraw> {
  return fc.record({ kind: fc.constantFrom(...kinds), a: fc.nat(1000), b: fc.nat(1000) })
}

function at<T>(list: readonly T[], place: number): T | undefined {
  return list[place % Math.max(1, list.length)]
}

const MODES = [
  {},
  { ipipMode: 'Always' },
  { ipipMode: 'CrossSubnet' },
  { vxlanMode: 'Always' },
  { vxlanMode: 'CrossSubnet' },
]
const APPS = ['web', 'db', 'cache']

function newPod(name: string, nodeName: string, app: string | undefined): PodResource {
  const made = pod(name, nodeName) as PodResource
  return { ...made, metadata: { ...made.metadata, labels: app === undefined ? {} : { app } } }
}

const policy = (name: string, app: string, port: number): KnownResource =>
  ({
    ...object('NetworkPolicy', name, {
      selector: `app == '${app}'`,
      ingress: [
        { action: 'Allow', source: { selector: "app == 'web'" }, protocol: 'TCP', destination: { ports: [port] } },
      ],
    }),
    metadata: { name, namespace: 'default' },
  }) as KnownResource

const policyOf = (name: string, app: string): KnownResource =>
  ({
    ...object('NetworkPolicy', `to-${name}`, {
      selector: `app == '${app}'`,
      types: ['Egress'],
      egress: [{ action: 'Allow', destination: { services: { name, namespace: 'default' } } }],
    }),
    metadata: { name: `to-${name}`, namespace: 'default' },
  }) as KnownResource

const service = (name: string, app: string): KnownResource =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { clusterIP: `10.96.7.${name.length + app.length}`, selector: { app }, ports: [{ port: 80 }] },
  }) as unknown as KnownResource

/** A Service's endpoints as a manifest tells them: none. */
const slice = (name: string): Resources['endpointSlices'][number] => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `${name}-x`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
  addressType: 'IPv4',
  ports: [{ port: 80 }],
  endpoints: [],
})

const SPECS = [
  { ports: [{ port: 81, targetPort: 'http' }] },
  { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] },
  { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30_081 }] },
  { internalTrafficPolicy: 'Local' },
  { sessionAffinity: 'ClientIP' },
  { externalIPs: ['192.0.2.10'] },
  { clusterIP: 'None' },
  {
    ports: [
      { name: 'a', port: 80 },
      { name: 'b', port: 53, protocol: 'UDP' },
    ],
  },
  { type: 'ExternalName', externalName: 'example.com' },
  { selector: undefined },
  { selector: { app: 'db' } },
  {
    type: 'LoadBalancer',
    loadBalancerSourceRanges: ['10.0.0.0/8'],
    ports: [{ port: 80, nodePort: 30_082 }],
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 30_083,
  },
]

/** A Service told otherwise, in one thing. */
function changed(one: Resources['services'][number], a: number): Resources['services'][number] {
  const spec = { ...one.spec, ...at(SPECS, a) } as typeof one.spec
  const balanced = spec.type === 'LoadBalancer' ? { status: { loadBalancer: { ingress: [{ ip: '192.0.2.20' }] } } } : {}
  return { ...one, spec, ...balanced }
}

/** Pods of the default namespace with the addresses that they state, if any, and else some that nobody has. */
function endpointsAt(now: Resources, a: number, b: number) {
  return now.pods
    .filter((_, i) => i % 3 === a % 3)
    .map(({ status, spec, metadata }, i) => ({
      ip: status?.podIP ?? `10.250.${b % 2}.${i + 1}`,
      nodeName: spec.nodeName ?? '',
      isReady: (a + b + i) % 4 > 0,
      targetRef: { kind: 'Pod', name: metadata.name, namespace: metadata.namespace ?? 'default' },
      ...(b % 5 === 0 ? { hints: { forNodes: [{ name: spec.nodeName ?? '' }] } } : {}),
    }))
}

/** A Service's endpoints as their controller tells them. */
function toldSlice(now: Resources, { metadata }: { metadata: { name: string } }, a: number, b: number) {
  const endpoints = endpointsAt(now, a, b).map(({ ip, nodeName, isReady, targetRef, ...hints }) => ({
    addresses: [ip],
    nodeName,
    conditions: { ready: isReady, serving: isReady, terminating: !isReady && b % 2 === 0 },
    ...(b % 3 === 0 ? {} : { targetRef }),
    ...hints,
  }))
  const told = { ...slice(metadata.name), ports: [{ name: '', protocol: 'TCP', port: 80 + (b % 2) }], endpoints }
  const { labels = {}, name } = told.metadata
  const isNamed = b % 7 === 0
  return { ...told, metadata: { ...told.metadata, labels, name: isNamed ? `${name}-${b % 2}` : name } }
}

function toldEndpoints(now: Resources, { metadata }: { metadata: { name: string } }, a: number, b: number) {
  const of = (isWanted: boolean) =>
    endpointsAt(now, a, b).flatMap(({ ip, nodeName, isReady }) => (isReady === isWanted ? { ip, nodeName } : []))
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: metadata.name, namespace: 'default' },
    subsets: [{ addresses: of(true), notReadyAddresses: of(false), ports: [{ port: 80 }] }],
  } as Resources['endpoints'][number]
}

function ready(one: PodResource, b: number): PodResource {
  const conditions = [{ type: 'Ready', status: b % 2 === 0 ? 'True' : 'False' }]
  return { ...one, status: { ...one.status, phase: 'Running', conditions } }
}

/** The edit, or undefined where there is nothing for it to be about. @param turn - makes names of what is new */
export function drawnEdit(now: Resources, { kind, a, b }: EditDraw, turn: number): ClusterEdit | undefined {
  const onePod = at(now.pods, a)
  const oneNode = at(now.nodes, b)
  const onePool = at(now.ippools, a)
  const app = at(APPS, b)!
  switch (kind) {
    case 'pod': {
      const node = at(now.nodes, a)
      return node && { upserts: { pods: [newPod(`new-${turn}`, node.metadata.name, app)] } }
    }
    case 'no-pod':
      return onePod && { removals: [onePod] }
    case 'move':
      return (
        onePod &&
        oneNode && { upserts: { pods: [{ ...onePod, spec: { ...onePod.spec, nodeName: oneNode.metadata.name } }] } }
      )
    case 'again':
      return onePod && { removals: [onePod], upserts: { pods: [{ ...onePod }] } }
    case 'relabel':
      return onePod && { upserts: { pods: [{ ...onePod, metadata: { ...onePod.metadata, labels: { app } } }] } }
    case 'stamped': {
      const node = at(now.nodes, a)
      const made = node && newPod(`stamped-${turn}`, node.metadata.name, app)
      const creationTimestamp = new Date(1e12 + a * 1e9).toISOString()
      return made && { upserts: { pods: [{ ...made, metadata: { ...made.metadata, creationTimestamp } }] } }
    }
    case 'end':
      return onePod && { upserts: { pods: [{ ...onePod, status: { phase: b % 2 === 0 ? 'Succeeded' : 'Failed' } }] } }
    case 'wire': {
      // It gets its network, or its sandbox is not there yet.
      const conditions = [{ type: 'PodReadyToStartContainers', status: 'False' }]
      const status = { phase: 'Running', ...(b % 2 === 0 ? {} : { conditions }) }
      return onePod && { upserts: { pods: [{ ...onePod, status }] } }
    }
    case 'node': {
      const like = at(now.nodes, a)
      const annotations = { 'projectcalico.org/IPv4Address': `10.213.${turn}.${(b % 200) + 2}/24` }
      const addresses = [{ type: 'InternalIP', address: `10.213.${turn}.${(b % 200) + 2}` }]
      return (
        like && {
          upserts: { nodes: [{ ...like, metadata: { name: `extra-${turn}`, annotations }, status: { addresses } }] },
        }
      )
    }
    case 'no-node': {
      if (oneNode === undefined || now.nodes.length < 3) return undefined
      const own = now.pods.filter(({ spec }) => spec.nodeName === oneNode.metadata.name)
      return { removals: [oneNode, ...own] }
    }
    case 'relabel-node':
      return oneNode && { upserts: { nodes: [{ ...oneNode, metadata: { ...oneNode.metadata, labels: { app } } }] } }
    case 'encapsulation': {
      if (onePool === undefined) return undefined
      const { ipipMode: _, vxlanMode: _vxlan, ...spec } = onePool.spec
      const mode = spec.cidr.includes(':') ? MODES[[0, 3, 4][b % 3]!] : at(MODES, b)
      return { upserts: { ippools: [{ ...onePool, spec: { ...spec, ...mode } } as typeof onePool] } }
    }
    case 'disable':
      return onePool && { upserts: { ippools: [{ ...onePool, spec: { ...onePool.spec, disabled: b % 2 === 0 } }] } }
    case 'pool':
      return {
        upserts: {
          ippools: [
            pool(`extra-${turn}`, `10.${220 + turn}.0.0/24`, {
              nodeSelector: b % 2 ? 'all()' : `app == '${app}'`,
              blockSize: 28,
            }),
          ] as Resources['ippools'],
        },
      }
    case 'no-pool':
      return onePool && now.ippools.length > 2 ? { removals: [onePool] } : undefined
    case 'policy':
      return { upserts: { policies: [policy(`p-${a % 3}`, app, 80 + (b % 3))] as Resources['policies'] } }
    case 'no-policy': {
      const one = at(now.policies, a)
      return one && { removals: [one] }
    }
    case 'service':
      return { upserts: { services: [service(`s-${a % 3}`, app)] as Resources['services'] } }
    case 'no-service': {
      const one = at(now.services, a)
      return one && { removals: [one] }
    }
    case 'slice': {
      const named = at(now.services, a)
      return named && { upserts: { endpointSlices: [slice(named.metadata.name)] } }
    }
    case 'change-service': {
      const one = at(now.services, a)
      return one && { upserts: { services: [changed(one, b)] } }
    }
    case 'many-services': {
      const one = at(now.services, a)
      const fresh = ['x', 'y'].map((name) => service(`${name}-${b % 2}`, app)) as Resources['services']
      const services =
        one === undefined
          ? fresh
          : [changed(one, b), ...fresh.filter(({ metadata }) => metadata.name !== one.metadata.name)]
      const gone = at(now.services, a + 1)
      const removals =
        gone === undefined || services.some(({ metadata }) => metadata.name === gone.metadata.name) ? [] : [gone]
      return {
        upserts: { services, ...(one === undefined ? {} : { endpointSlices: [toldSlice(now, one, a, b)] }) },
        removals,
      }
    }
    case 'told-slice': {
      const one = at(now.services, a)
      return one && { upserts: { endpointSlices: [toldSlice(now, one, a, b)] } }
    }
    case 'no-slice': {
      const one = at(now.endpointSlices, a)
      return one && { removals: [one] }
    }
    case 'endpoints': {
      const one = at(now.services, a)
      return one && { upserts: { endpoints: [toldEndpoints(now, one, a, b)] } }
    }
    case 'no-endpoints': {
      const one = at(now.endpoints, a)
      return one && { removals: [one] }
    }
    case 'ready':
      return onePod && { upserts: { pods: [ready(onePod, b)] } }
    case 'ready-and-slice': {
      const one = at(now.services, b)
      return onePod && one && { upserts: { pods: [ready(onePod, b)], endpointSlices: [toldSlice(now, one, a, b)] } }
    }
    case 'policy-of-service': {
      const one = at(now.services, a)
      return one && { upserts: { policies: [policyOf(one.metadata.name, app)] as Resources['policies'] } }
    }
    case 'felix':
      return {
        upserts: {
          felixConfigurations: [
            object('FelixConfiguration', 'default', { wireguardEnabled: b % 2 === 0 }),
          ] as Resources['felixConfigurations'],
        },
      }
    case 'mesh':
      return {
        upserts: {
          bgpConfigurations: [
            object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: b % 2 === 0 }),
          ] as Resources['bgpConfigurations'],
        },
      }
    case 'reserve': {
      const range = onePool?.spec.cidr
      return range === undefined
        ? undefined
        : {
            upserts: {
              ipReservations: [
                object('IPReservation', 'drawn', {
                  reservedCIDRs: b % 3 === 0 ? [] : [range.replace(/\/\d+$/, range.includes(':') ? '/124' : '/28')],
                }),
              ] as Resources['ipReservations'],
            },
          }
    }
    case 'strict':
      return {
        upserts: {
          ipamConfigs: [object('IPAMConfig', 'default', { strictAffinity: b % 2 === 0 })] as Resources['ipamConfigs'],
        },
      }
    case 'namespace':
      return {
        upserts: {
          namespaces: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', labels: { team: app } } }],
        },
      }
  }
}
