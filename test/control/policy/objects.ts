// Small clusters to calculate policies of: two nodes, three namespaces, objects in YAML flow style.
import { buildCluster, type Cluster, parseCalicoVersion } from '../../../src/control/index.ts'
import { loadResources } from '../../../src/input/index.ts'

type Fields = Readonly<Record<string, unknown>>

const CALICO = 'projectcalico.org/v3'

export function object(kind: string, name: string, spec: unknown, more: Fields = {}, apiVersion = CALICO): Fields {
  const [first = '', second] = name.split('/')
  const named = second === undefined ? { name: first } : { namespace: first, name: second }
  const { labels, ...rest } = more
  return { apiVersion, kind, metadata: { ...named, ...(labels === undefined ? {} : { labels }) }, spec, ...rest }
}

export const np = (name: string, spec: unknown, apiVersion = CALICO): Fields =>
  object('NetworkPolicy', name, spec, {}, apiVersion)
export const gnp = (name: string, spec: unknown, apiVersion = CALICO): Fields =>
  object('GlobalNetworkPolicy', name, spec, {}, apiVersion)
export const knp = (name: string, spec: unknown): Fields => np(name, spec, 'networking.k8s.io/v1')
export const admin = (kind: string, name: string, spec: unknown): Fields =>
  object(kind, name, spec, {}, `policy.networking.k8s.io/${kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1'}`)
export const tier = (name: string, spec: unknown): Fields => object('Tier', name, spec)

export function pod(name: string, labels: Fields, ip: string, node = 'n1', spec: Fields = {}): Fields {
  return object('Pod', name, { nodeName: node, ...spec }, { labels, status: { podIP: ip } }, 'v1')
}

export function namespace(name: string, labels: Fields = {}): Fields {
  return object('Namespace', name, undefined, { labels }, 'v1')
}

const node = (name: string, ip: string): Fields => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { role: 'node' } },
  status: { addresses: [{ type: 'InternalIP', address: ip }] },
})

/** Nodes, pools, namespaces dev (team a), shop (team b), ops, and pods in them. */
export const CLUSTER: readonly Fields[] = [
  node('n1', '172.18.0.11'),
  node('n2', '172.18.0.12'),
  object('IPPool', 'p', { cidr: '10.65.0.0/16' }),
  namespace('dev', { team: 'a' }),
  namespace('shop', { team: 'b' }),
  namespace('ops'),
  object('ServiceAccount', 'shop/cook', undefined, { labels: { role: 'kitchen' } }, 'v1'),
  pod('dev/tool', { app: 'tool' }, '10.65.0.1'),
  pod('shop/web', { app: 'web' }, '10.65.0.2', 'n1', {
    containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }],
  }),
  pod('shop/db', { app: 'db' }, '10.65.1.1', 'n2', {
    serviceAccountName: 'cook',
    containers: [
      {
        ports: [
          { name: 'http', containerPort: 9090 },
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
        ],
      },
    ],
  }),
]

/** The cluster with more objects. */
export function clusterOf(objects: readonly Fields[], version?: string, base: readonly Fields[] = CLUSTER): Cluster {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...base, ...objects] })
  const calicoVersion = version === undefined ? undefined : parseCalicoVersion(version)
  const { resources } = loadResources([{ name: 'cluster.json', text }])
  return buildCluster(resources, calicoVersion === undefined ? {} : { calicoVersion })
}

/** The only policy of a cluster. */
export function onlyPolicy(object: Fields, version?: string): Cluster['policies']['policies'][number] {
  const [policy] = clusterOf([object], version).policies.policies
  if (policy === undefined) throw new Error('no policy')
  return policy
}

/** Names of the pods with a tier that policies of one direction are in. */
export function selectedBy(cluster: Cluster, direction: 'ingress' | 'egress' = 'ingress'): string[] {
  return ['n1', 'n2'].flatMap((name) =>
    cluster.policies
      .of(name)
      .workloads.filter(({ tiers }) => tiers.some((one) => one[direction].length > 0))
      .map(({ netns }) => netns),
  )
}
