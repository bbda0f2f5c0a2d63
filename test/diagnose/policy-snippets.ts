// Policies that refuse a packet, one of each kind, in a cluster of two nodes: what the first cause says, and the objects after
// the change it proposes.
import { parseAllDocuments, stringify } from 'yaml'
import { Lab } from '../../src/index.ts'
import type { PolicyChange } from '../../src/model/index.ts'

/** An object of the cluster. */
export interface Thing {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: unknown
}

const labels = (space: string): Record<string, string> => ({ 'kubernetes.io/metadata.name': space })

function pod(namespace: string, name: string, node: string, ip: string, own: Record<string, string>): Thing {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: own },
    spec: { nodeName: node, containers: [{ name: 'c', image: 'x' }] },
    status: { podIP: ip, podIPs: [{ ip }], phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }
}

function node(name: string, address: string, tunnel: string): Thing {
  const annotations = {
    'projectcalico.org/IPv4Address': `${address}/24`,
    'projectcalico.org/IPv4IPIPTunnelAddr': tunnel,
  }
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, annotations } as never }
}

/** Pods of two namespaces on two nodes, DNS among them, a Service in front of the database. */
const CLUSTER: readonly Thing[] = [
  node('n1', '172.17.0.11', '10.65.1.0'),
  node('n2', '172.17.0.12', '10.65.2.0'),
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: 'pods' },
    spec: { cidr: '10.65.0.0/16', ipipMode: 'Always', natOutgoing: true },
  },
  ...['shop', 'web', 'kube-system'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: labels(name) },
  })),
  pod('shop', 'db-0', 'n2', '10.65.2.7', { app: 'db', 'pod-template-hash': 'abc' }),
  pod('shop', 'api-0', 'n1', '10.65.1.5', { app: 'api' }),
  pod('web', 'front-0', 'n1', '10.65.1.6', { app: 'front', tier: 'one' }),
  pod('web', 'bare-0', 'n1', '10.65.1.8', {}),
  pod('kube-system', 'coredns-0', 'n2', '10.65.2.9', { 'k8s-app': 'kube-dns' }),
]

/** A lab of these objects and others. */
export function labOf(...more: readonly Thing[]): Lab {
  return Lab.load({ name: 'shop.yaml', text: [...CLUSTER, ...more].map((one) => stringify(one)).join('---\n') })
}

/** Objects with the proposed rule put where it is meant to stand. */
export function changed(
  objects: readonly Thing[],
  { policy, direction, before, yaml }: PolicyChange,
): readonly Thing[] {
  const rules = parseAllDocuments(yaml).flatMap((one) => one.toJS() as unknown[])
  return objects.map((one) => {
    const names = [policy.name, `${policy.tier}.${policy.name}`]
    if (one.kind !== policy.kind || !names.includes(one.metadata.name) || one.metadata.namespace !== policy.namespace)
      return one
    const list = [...((one.spec?.[direction] as unknown[] | undefined) ?? [])]
    list.splice(before === 0 ? list.length : before - 1, 0, ...rules)
    return { ...one, spec: { ...one.spec, [direction]: list } }
  })
}
