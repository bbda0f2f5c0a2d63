// Clusters in which failures are brought about, drawn by seeds, so that each failure meets several.
import fc from 'fast-check'
import type { Resources } from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { type ClusterMode, cluster } from '../../src/testing/index.ts'

/** A cluster of a test: a mode, and the seed it is drawn by. */
export interface Drawn {
  readonly mode: ClusterMode | 'dual-stack'
  readonly seed: number
  readonly subnets: number
  /** Pods' packets between nodes are encrypted. */
  readonly wireguard?: boolean
}

/** One and two segments in every mode. */
export const DRAWN: readonly Drawn[] = [
  { mode: 'ipip-always', seed: 1, subnets: 2 },
  { mode: 'ipip-always', seed: 2, subnets: 1 },
  { mode: 'ipip-cross-subnet', seed: 3, subnets: 2 },
  { mode: 'vxlan-always', seed: 4, subnets: 1 },
  { mode: 'vxlan-always', seed: 5, subnets: 2 },
  { mode: 'vxlan-cross-subnet', seed: 6, subnets: 2 },
  { mode: 'none', seed: 7, subnets: 1 },
  { mode: 'none', seed: 8, subnets: 1 },
  { mode: 'none', seed: 9, subnets: 1 },
  { mode: 'ipip-always', seed: 10, subnets: 2 },
  { mode: 'ipip-always', seed: 11, subnets: 1, wireguard: true },
  { mode: 'vxlan-always', seed: 12, subnets: 1, wireguard: true },
  { mode: 'none', seed: 13, subnets: 1, wireguard: true },
  { mode: 'ipip-cross-subnet', seed: 17, subnets: 2 },
  { mode: 'dual-stack', seed: 14, subnets: 1 },
  { mode: 'dual-stack', seed: 15, subnets: 1 },
  { mode: 'dual-stack', seed: 16, subnets: 1 },
]

/** A cluster of both families on one Ethernet; its seed decides how many nodes and pods there are. */
function dualStack(seed: number): string {
  const nodes = Array.from({ length: 2 + (seed % 3) }, (_, i) => i + 1)
  const cards = nodes.map(
    (i) =>
      `  - {name: n${i}, interfaces: [{name: eth0, segment: lan, addresses: [10.0.1.${10 + i}/24, "fd00:1::${10 + i}/64"]}]}`,
  )
  const objects = nodes.flatMap((i) => [
    `{apiVersion: v1, kind: Node, metadata: {name: n${i}}}`,
    `{apiVersion: v1, kind: Pod, metadata: {name: p${i}, namespace: default}, spec: {nodeName: n${i}}}`,
  ])
  const underlay = `apiVersion: packetwalk/v1
kind: Underlay
metadata: {name: flat}
spec:
  segments: [{name: lan, cidrs: [10.0.1.0/24, "fd00:1::/64"], gateways: [10.0.1.1, "fd00:1::1"]}]
  nodes:
${cards.join('\n')}`
  const calico = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec:
  template:
    spec:
      containers:
      - name: calico-node
        image: calico/node:v3.29.1
        env: [{name: IP, value: autodetect}, {name: IP6, value: autodetect}, {name: FELIX_IPV6SUPPORT, value: "true"}]`
  const config = `apiVersion: v1
kind: ConfigMap
metadata: {name: calico-config, namespace: kube-system}
data:
  calico_backend: bird
  cni_network_config: '{"plugins": [{"type": "calico", "ipam": {"type": "calico-ipam", "assign_ipv4": "true", "assign_ipv6": "true"}}]}'`
  const pools = ['10.244.0.0/16', 'fd00:10::/48'].map(
    (cidr, i) =>
      `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool-${i}}, spec: {cidr: "${cidr}", natOutgoing: ${i === 0}}}`,
  )
  return [underlay, calico, config, ...pools, ...objects].join('\n---\n')
}

/** The lab of a drawn cluster. */
export function labOf({ mode, seed, subnets, wireguard = false }: Drawn): Lab {
  if (mode === 'dual-stack') return Lab.load(dualStack(seed))
  const release = wireguard ? { calicoVersion: 'v3.30.0' } : {}
  const [drawn] = fc.sample(cluster({ mode, subnets, nodes: 4, ...release }), { seed, numRuns: 1 })
  const felixConfigurations: Resources['felixConfigurations'] = wireguard
    ? [
        {
          apiVersion: 'projectcalico.org/v3',
          kind: 'FelixConfiguration',
          metadata: { name: 'default' },
          spec: { wireguardEnabled: true },
        },
      ]
    : []
  return Lab.fromResources({ ...drawn!.resources, felixConfigurations })
}
