import { collectResources, type Resources } from 'packetwalk/control'

/** How pods of different nodes reach each other. */
export type Mode = 'ipip' | 'vxlan' | 'noencap'

/** Addresses are dealt out from here, one by one. */
function address(network: number, index: number): string {
  const n = network + index
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.')
}

/** How many rules a cluster has to make of its objects. */
export interface Rules {
  /** Policies: each selects a group of pods and lets in another. */
  readonly policies?: number
  /** Services: each leads to a group of pods. */
  readonly services?: number
}

const GROUPS = 1000
const SERVICE_NETWORK = 0x0a600001 // 10.96.0.1

/** Policies of Kubernetes and Services, over pods in groups. */
function rulesOf({ policies = 0, services = 0 }: Rules): unknown[] {
  const group = (i: number): string => `g${i % GROUPS}`
  return [
    ...Array.from({ length: policies }, (_, i) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `policy-${i}`, namespace: 'default' },
      spec: {
        podSelector: { matchLabels: { group: group(i) } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
      },
    })),
    ...Array.from({ length: services }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `service-${i}`, namespace: 'default' },
      spec: { clusterIP: address(SERVICE_NETWORK, i), selector: { group: group(i) }, ports: [{ port: 80 }] },
    })),
  ]
}

const NODE_NETWORK = 0xac100002 // 172.16.0.2

/**
 * The objects of a cluster as an API server would list them: nodes in one /16, pods without addresses (IPAM gives them), one
 * pool.
 */
export function clusterResources(
  nodes: number,
  podsPerNode: number,
  mode: Mode = 'ipip',
  { policies = 0, services = 0 }: Rules = {},
): Resources {
  const objects: unknown[] = [
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'IPPool',
      metadata: { name: 'default-ipv4-ippool' },
      spec: {
        cidr: '10.64.0.0/10',
        blockSize: 26,
        ipipMode: mode === 'ipip' ? 'Always' : 'Never',
        vxlanMode: mode === 'vxlan' ? 'Always' : 'Never',
        natOutgoing: true,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'calico-config', namespace: 'kube-system' },
      data: { calico_backend: 'bird', veth_mtu: '1440' },
    },
  ]
  for (let i = 0; i < nodes; i++) {
    objects.push({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: `node-${i}`,
        annotations: { 'projectcalico.org/IPv4Address': `${address(NODE_NETWORK, i)}/16` },
      },
      status: { addresses: [{ type: 'InternalIP', address: address(NODE_NETWORK, i) }] },
    })
  }
  for (let i = 0; i < nodes * podsPerNode; i++) {
    objects.push({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `web-${i}`, namespace: 'default', labels: { app: 'web', group: `g${i % GROUPS}` } },
      spec: { nodeName: `node-${i % nodes}` },
      status: { phase: 'Running' },
    })
  }
  objects.push(...rulesOf({ policies, services }))
  return collectResources(objects as Parameters<typeof collectResources>[0])
}
