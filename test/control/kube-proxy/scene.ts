import type { Cluster } from '../../../src/control/index.ts'
import { buildCluster } from '../../../src/control/index.ts'
import { loadResources } from '../../../src/input/index.ts'
import { iptablesRuleText } from '../../../src/linux/index.ts'
import type { IptRule, TableName } from '../../../src/model/index.ts'

/** A cluster of two nodes, clusterCIDR 192.168.0.0/16, with these objects besides. */
export function clusterWith(objects: readonly object[], options: { readonly version?: string } = {}): Cluster {
  const items = [...BASE, ...objects]
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  const version = {
    major: 3,
    minor: Number((options.version ?? '3.28').split('.')[1]),
    text: `v${options.version ?? '3.28'}.0`,
  }
  return buildCluster(loadResources([{ name: 'cluster.json', text }]).resources, { calicoVersion: version })
}

const node = (name: string, address: string, rest: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations: { 'projectcalico.org/IPv4Address': address }, ...rest },
})

const BASE: readonly object[] = [
  node('n1', '172.18.0.1/24', { labels: { 'topology.kubernetes.io/zone': 'a' } }),
  node('n2', '172.18.0.2/24', { labels: { 'topology.kubernetes.io/zone': 'b' } }),
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: 'p' },
    spec: { cidr: '192.168.0.0/16', ipipMode: 'Always', natOutgoing: true },
  },
]

export interface PodParts {
  readonly namespace?: string
  readonly labels?: Record<string, string>
  readonly ports?: readonly object[]
  readonly status?: object
  readonly deletionTimestamp?: string
  readonly hostNetwork?: boolean
}

export function pod(name: string, nodeName: string, podIP: string, parts: PodParts = {}): object {
  const {
    namespace = 'default',
    labels = { app: 'web' },
    ports = [],
    status = {},
    deletionTimestamp,
    hostNetwork,
  } = parts
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, ...(deletionTimestamp ? { deletionTimestamp } : {}) },
    spec: { nodeName, containers: [{ name: 'main', ports }], ...(hostNetwork ? { hostNetwork } : {}) },
    status: { podIP, ...status },
  }
}

export function service(
  name: string,
  spec: object,
  rest: { namespace?: string; annotations?: object; status?: object } = {},
): object {
  const { namespace = 'default', annotations, status } = rest
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, ...(annotations ? { annotations } : {}) },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
    ...(status ? { status } : {}),
  }
}

/** Settings of kube-proxy. */
export function proxyConfig(fields: object): object {
  return { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration', ...fields }
}

/** Rules of a chain of a node. */
export function rules(
  cluster: Cluster,
  table: TableName,
  chain: string,
  on = 'n1',
  family: 4 | 6 = 4,
): readonly IptRule[] {
  const { iptables, ip6tables } = cluster.network.namespaces[on]!
  const found = (family === 4 ? iptables : ip6tables)?.tables[table]?.chains[chain]
  if (found === undefined) throw new Error(`no chain ${chain} in ${table} of ${on}`)
  return found.rules
}

/** The same as `iptables-save` prints them, without `-A CHAIN`. */
export function lines(cluster: Cluster, table: TableName, chain: string, on = 'n1', family: 4 | 6 = 4): string[] {
  const word = family === 4 ? 'inet' : 'inet6'
  return rules(cluster, table, chain, on, family).map((rule) =>
    iptablesRuleText(chain, rule, word).slice(`-A ${chain} `.length),
  )
}

/** Names of the chains of a table. */
export function chains(cluster: Cluster, table: TableName, on = 'n1', family: 4 | 6 = 4): string[] {
  const { iptables, ip6tables } = cluster.network.namespaces[on]!
  return Object.keys((family === 4 ? iptables : ip6tables)?.tables[table]?.chains ?? {})
}
