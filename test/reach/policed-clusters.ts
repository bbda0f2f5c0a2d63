// Random clusters with labels, policies of every kind and Services: what the answer by classes is compared with packets in.
import fc from 'fast-check'
import { collectResources, type KnownResource, type Resources } from '../../src/control/index.ts'
import { cluster } from '../../src/testing/index.ts'

const NAMESPACES = ['default', 'shop', 'kube-system']
const APPS = ['web', 'db', 'cache']
const PORTS = [53, 80, 443, 5432, 8080]

const app = fc.constantFrom(...APPS)
const port = fc.constantFrom(...PORTS)
const protocol = fc.constantFrom('TCP', 'UDP')

const podSelector = fc.oneof(
  fc.constant({}),
  app.map((value) => ({ matchLabels: { app: value } })),
  app.map((value) => ({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: [value] }] })),
)
const namespaceSelector = fc.oneof(
  fc.constant({}),
  fc.constantFrom('red', 'blue').map((team) => ({ matchLabels: { team } })),
  fc.constantFrom(...NAMESPACES).map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })),
)
const cidr = fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/9', '8.8.8.0/24', '172.16.0.0/12')
const kubernetesPeer = fc.oneof(
  podSelector.map((one) => ({ podSelector: one })),
  namespaceSelector.map((one) => ({ namespaceSelector: one })),
  fc.record({ podSelector, namespaceSelector }),
  cidr.map((one) => ({ ipBlock: { cidr: one } })),
  fc.constant({ ipBlock: { cidr: '0.0.0.0/0', except: ['8.8.8.0/24', '10.0.0.0/8'] } }),
)
const kubernetesPort = fc.oneof(
  fc.record({ protocol, port }),
  fc.record({ protocol }),
  fc.constant({ protocol: 'TCP', port: 80, endPort: 90 }),
  fc.constantFrom('http', 'dns').map((name) => ({ protocol: name === 'http' ? 'TCP' : 'UDP', port: name })),
)
const listOf = <T>(one: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> => fc.array(one, { maxLength })
const kubernetesRule = (side: 'from' | 'to') =>
  fc.record({ [side]: listOf(kubernetesPeer, 2), ports: listOf(kubernetesPort, 2) }, { requiredKeys: [] })

const kubernetesPolicy = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    podSelector,
    policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
    ingress: listOf(kubernetesRule('from'), 2),
    egress: listOf(kubernetesRule('to'), 2),
  })
  .map(({ namespace, ...spec }) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace },
    spec,
  }))

const selector = fc.constantFrom(
  'all()',
  "app == 'web'",
  "app != 'db'",
  "has(app) && app in {'web','cache'}",
  "team == 'red'",
)
const entity = fc.record(
  {
    selector,
    notSelector: fc.constantFrom("app == 'cache'"),
    namespaceSelector: fc.constantFrom("team == 'red'", 'all()'),
    nets: fc.constantFrom(['10.0.0.0/8'], ['8.8.8.0/24', '172.16.0.0/12']),
    notNets: fc.constantFrom(['8.8.8.8/32'], ['10.128.0.0/9']),
  },
  { requiredKeys: [] },
)
const calicoRule = fc
  .record({
    action: fc.constantFrom('Allow', 'Deny', 'Pass', 'Log'),
    protocol: fc.constantFrom(undefined, 'TCP', 'UDP', 'ICMP'),
    source: entity,
    destination: entity,
    ports: fc.constantFrom(undefined, [80], ['1:1000'], ['http'], [443, '8000:9000']),
    notPorts: fc.constantFrom(undefined, undefined, [80]),
  })
  .map(({ action, protocol: word, source, destination, ports, notPorts }) => {
    const ported = word === 'TCP' || word === 'UDP'
    return {
      action,
      ...(word === undefined ? {} : { protocol: word }),
      source,
      destination: {
        ...destination,
        ...(ported && ports !== undefined ? { ports } : {}),
        ...(ported && notPorts !== undefined ? { notPorts } : {}),
      },
    }
  })
const calicoPolicy = fc
  .record({
    isGlobal: fc.boolean(),
    namespace: fc.constantFrom(...NAMESPACES),
    tier: fc.constantFrom('default', 'early'),
    order: fc.constantFrom(undefined, 10, 20, 1000),
    selector,
    types: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
    ingress: listOf(calicoRule, 3),
    egress: listOf(calicoRule, 3),
  })
  .map(({ isGlobal, namespace, order, ...spec }) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: isGlobal ? 'GlobalNetworkPolicy' : 'NetworkPolicy',
    metadata: isGlobal ? {} : { namespace },
    spec: { ...spec, ...(order === undefined ? {} : { order }) },
  }))

const service = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    app,
    targetPort: fc.constantFrom(80, 8080, 'http'),
    internalTrafficPolicy: fc.constantFrom('Cluster', 'Cluster', 'Local'),
  })
  .map(({ namespace, app: value, targetPort, internalTrafficPolicy }) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace },
    spec: { selector: { app: value }, internalTrafficPolicy, ports: [{ port: 80, protocol: 'TCP', targetPort }] },
  }))

/** A cluster with policies. */
export interface PolicedCluster {
  readonly resources: Resources
  readonly pods: readonly string[]
  readonly nodes: readonly string[]
}

/** Clusters of some nodes and pods, with labels, policies and Services. */
export function policedClusters({
  nodes,
  podsPerNode,
}: {
  readonly nodes: number
  readonly podsPerNode: number
}): fc.Arbitrary<PolicedCluster> {
  return fc
    .record({
      made: cluster({ nodes: { min: 1, max: nodes }, podsPerNode: { min: 1, max: podsPerNode } }),
      labels: fc.array(app, { minLength: nodes * podsPerNode, maxLength: nodes * podsPerNode }),
      kubernetes: listOf(kubernetesPolicy, 4),
      calico: listOf(calicoPolicy, 4),
      services: listOf(service, 2),
    })
    .filter(({ made }) => made.pods.length >= 2)
    .map(({ made, labels, kubernetes, calico, services }) => {
      const named = (prefix: string, all: readonly object[]): object[] =>
        all.map((one, i) => {
          const { metadata, spec } = one as { metadata: object; spec: { tier?: string } }
          const tier = spec.tier === undefined || spec.tier === 'default' ? '' : `${spec.tier}.`
          return { ...one, metadata: { ...metadata, name: `${tier}${prefix}-${i}` } }
        })
      const pods = made.resources.pods.map((pod, i) => ({
        ...pod,
        metadata: { ...pod.metadata, labels: { app: labels[i] as string } },
        spec: {
          ...pod.spec,
          containers: [
            {
              name: 'c',
              ports: [
                { name: 'http', containerPort: i % 2 === 0 ? 80 : 8080, protocol: 'TCP' },
                { name: 'dns', containerPort: 53, protocol: 'UDP' },
              ],
            },
          ],
        },
      }))
      const others = Object.entries(made.resources).flatMap(([kind, list]) => (kind === 'pods' ? [] : list))
      const objects = [
        ...others,
        ...pods.map((pod) => ({
          ...pod,
          status: { ...(pod as { status?: object }).status, conditions: [{ type: 'Ready', status: 'True' }] },
        })),
        ...NAMESPACES.map((name) => ({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name, labels: { team: name === 'shop' ? 'red' : 'blue' } },
        })),
        { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'early' }, spec: { order: 5 } },
        ...named('k', kubernetes),
        ...named('c', calico),
        ...named('s', services).map((one, i) => {
          const { spec, ...rest } = one as { spec: object }
          return { ...rest, spec: { ...spec, clusterIP: `10.255.0.${i + 1}` } }
        }),
      ] as KnownResource[]
      return { resources: collectResources(objects), pods: made.pods, nodes: made.nodes }
    })
}
