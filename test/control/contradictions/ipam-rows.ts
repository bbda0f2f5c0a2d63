// Pools, nodes, pods and blocks against each other.
import { A, affinity, B, block, C, calico, node, type Object_, POOL, pod, pool, type Row, service } from './objects.ts'

const internal = (name: string, address: string): Object_ => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
})

const calicoNode = (value: string): Object_ => {
  const env = [{ name: 'IP_AUTODETECTION_METHOD', value }]
  const spec = { template: { spec: { containers: [{ name: 'calico-node', env }] } } }
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'calico-node', namespace: 'kube-system' }, spec }
}

const installed = (nodeAddressAutodetectionV4: object): Object_ => ({
  apiVersion: 'operator.tigera.io/v1',
  kind: 'Installation',
  metadata: { name: 'default' },
  spec: { calicoNetwork: { nodeAddressAutodetectionV4 } },
})

/** Pools, nodes, pods and blocks against each other. */
export const IPAM_ROWS: readonly Row[] = [
  ['an object in two versions', 'object-twice', [POOL, pool('p', '10.71.0.0/16')], [POOL, POOL]],
  [
    '[resources.md §2] a pool inside another',
    'pools-overlap',
    [POOL, pool('q', '10.70.4.0/24')],
    [POOL, pool('q', '10.71.0.0/24')],
  ],
  ['two pools of one range', 'pools-overlap', [POOL, pool('q', '10.70.0.0/16')]],
  [
    'two pools of IPv6',
    'pools-overlap',
    [pool('p', 'fd00::/48'), pool('q', 'fd00::/64')],
    [pool('p', 'fd00:1::/48'), pool('q', 'fd00:2::/64')],
  ],
  [
    '[resources.md §2] a pool in the range of Services that a Service shows',
    'pool-overlaps-services',
    [POOL, service('10.70.0.10')],
    [POOL, service('10.96.0.10')],
  ],
  [
    'a pool in the range of Services that kubeadm has',
    'pool-overlaps-services',
    [
      POOL,
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
        data: { ClusterConfiguration: 'networking:\n  podSubnet: 10.70.0.0/16\n  serviceSubnet: 10.70.0.0/20\n' },
      },
    ],
  ],
  [
    'a pool in the range of Services that the operator has',
    'pool-overlaps-services',
    [
      POOL,
      {
        apiVersion: 'operator.tigera.io/v1',
        kind: 'Installation',
        metadata: { name: 'default' },
        spec: { serviceCIDRs: ['10.0.0.0/8'] },
      },
    ],
  ],
  [
    'a headless Service has no address',
    'pools-overlap',
    [POOL, pool('q', '10.70.1.0/24'), service('None')],
    [POOL, service('None')],
  ],
  [
    '[resources.md §2] a pool in the network of the nodes',
    'pool-overlaps-nodes',
    [pool('p', '192.0.2.0/24'), A],
    [POOL, A],
  ],
  [
    'a pool for nodes that there are not',
    'pool-selects-no-node',
    [POOL, pool('q', '10.71.0.0/16', { nodeSelector: "zone == 'z'" }), A],
    [POOL, pool('q', '10.71.0.0/16', { nodeSelector: "zone == 'x'" }), A],
  ],
  [
    'more nodes than blocks',
    'pool-has-too-few-blocks',
    [pool('p', '10.70.0.0/25'), A, B, C],
    [pool('p', '10.70.0.0/25', { blockSize: 28 }), A, B, C],
  ],
  [
    'a node that no pool is for',
    'node-without-pool',
    [pool('p', '10.70.0.0/16', { nodeSelector: "zone == 'x'" }), A, B],
    [pool('p', '10.70.0.0/16'), A, B],
  ],
  [
    'a disabled pool is for nobody',
    'node-without-pool',
    [pool('p', '10.70.0.0/16', { nodeSelector: "zone == 'x'" }), pool('q', '10.71.0.0/16', { disabled: true }), A, B],
  ],
  [
    'a pool that is reserved in whole',
    'pool-is-reserved',
    [POOL, calico('IPReservation', 'r', { reservedCIDRs: ['10.0.0.0/8'] })],
    [POOL, calico('IPReservation', 'r', { reservedCIDRs: ['10.70.0.0/24'] })],
  ],
  [
    'a reservation of what is in no pool',
    'reservation-outside-pools',
    [POOL, calico('IPReservation', 'r', { reservedCIDRs: ['10.9.0.0/24'] })],
  ],
  [
    'IPIP that Felix shall not have',
    'pool-mode-turned-off',
    [
      pool('p', '10.70.0.0/16', { ipipMode: 'Always' }),
      calico('FelixConfiguration', 'default', { ipipEnabled: false }),
    ],
    [pool('p', '10.70.0.0/16', { ipipMode: 'Always' }), calico('FelixConfiguration', 'default', { ipipEnabled: true })],
  ],
  [
    'VXLAN that Felix shall not have',
    'pool-mode-turned-off',
    [
      pool('p', '10.70.0.0/16', { vxlanMode: 'CrossSubnet' }),
      calico('FelixConfiguration', 'default', { vxlanEnabled: false }),
    ],
    [
      pool('p', '10.70.0.0/16', { vxlanMode: 'Never' }),
      calico('FelixConfiguration', 'default', { vxlanEnabled: false }),
    ],
  ],
  [
    'IPv6 that Felix shall not have',
    'pool-of-family-turned-off',
    [pool('p', 'fd00::/64'), calico('FelixConfiguration', 'default', { ipv6Support: false })],
    [POOL, calico('FelixConfiguration', 'default', { ipv6Support: false })],
  ],
  [
    '[resources.md §4] two nodes with one address',
    'nodes-share-address',
    [A, node('b', { IPv4Address: '192.0.2.1/16' })],
    [A, B],
  ],
  [
    'two nodes with one address of Calico’s own',
    'nodes-share-address',
    [
      calico('Node', 'a', { bgp: { ipv4Address: '192.0.2.1/24' } }),
      calico('Node', 'b', { bgp: { ipv4Address: '192.0.2.1/24' } }),
    ],
  ],
  [
    'two nodes with one address of IPv6',
    'nodes-share-address',
    [node('a', { IPv6Address: 'fd00::1/64' }), node('b', { IPv6Address: 'fd00:0::1/64' })],
  ],
  [
    'two nodes with one InternalIP, which Calico may take',
    'nodes-share-address',
    [internal('a', '192.0.2.7'), internal('b', '192.0.2.7')],
    [internal('a', '192.0.2.7'), internal('b', '192.0.2.7'), calicoNode('interface=eth1')],
  ],
  [
    'two nodes with one InternalIP, which the operator tells Calico to take',
    'nodes-share-address',
    [internal('a', '192.0.2.7'), internal('b', '192.0.2.7'), installed({ kubernetes: 'NodeInternalIP' })],
    [internal('a', '192.0.2.7'), internal('b', '192.0.2.7'), installed({ cidrs: ['192.168.56.0/24'] })],
  ],
  [
    'two nodes with one address of tunl0',
    'nodes-share-tunnel-address',
    [node('a', { IPv4IPIPTunnelAddr: '10.70.0.1' }), node('b', { IPv4IPIPTunnelAddr: '10.70.0.1' })],
    [node('a', { IPv4IPIPTunnelAddr: '10.70.0.1' }), node('b', { IPv4IPIPTunnelAddr: '10.70.0.65' })],
  ],
  [
    'two nodes with one tunnel address of different devices',
    'nodes-share-tunnel-address',
    [node('a', { IPv4VXLANTunnelAddr: '10.70.0.1' }), node('b', { IPv4WireguardInterfaceAddr: '10.70.0.1' })],
  ],
  [
    'one node may have one address for two devices',
    'nodes-share-tunnel-address',
    [node('a', { IPv4VXLANTunnelAddr: '10.70.0.1' }), node('b', { IPv4VXLANTunnelAddr: '10.70.0.1' })],
    [node('a', { IPv4VXLANTunnelAddr: '10.70.0.1', IPv4IPIPTunnelAddr: '10.70.0.1' })],
  ],
  [
    'two nodes with one MAC address',
    'nodes-share-mac',
    [node('a', { VXLANTunnelMACAddr: '66:00:00:00:00:0A' }), node('b', { VXLANTunnelMACAddr: '66:00:00:00:00:0a' })],
  ],
  [
    'two nodes with one key',
    'nodes-share-key',
    [node('a', { WireguardPublicKey: 'k=' }), node('b', { WireguardPublicKey: 'k=' })],
    [node('a', { WireguardPublicKey: 'k=' }), node('b', { WireguardPublicKey: 'l=' })],
  ],
  [
    'two nodes with one podCIDR',
    'nodes-share-pod-cidr',
    [node('a', {}, {}, { podCIDR: '10.70.1.0/24' }), node('b', {}, {}, { podCIDRs: ['10.70.1.0/24'] })],
  ],
  [
    'a tunnel with the address of a pod',
    'tunnel-address-of-pod',
    [node('a', { IPv4VXLANTunnelAddr: '10.70.0.9' }), pod('x', '10.70.0.9')],
    [node('a', { IPv4VXLANTunnelAddr: '10.70.0.9' }), pod('x', '10.70.0.10')],
  ],
  [
    'two pods with one address',
    'pods-share-address',
    [pod('x', '10.70.0.9'), pod('y', '10.70.0.9')],
    [pod('x', '10.70.0.9'), pod('y', '10.70.0.9', {}, { hostNetwork: true })],
  ],
  ['a pod in no pool', 'pod-outside-pools', [POOL, pod('x', '10.9.0.9')], [POOL, pod('x', '10.70.0.9')]],
  [
    'a pod that asks for a pool that there is not',
    'pod-asks-for-no-pool',
    [POOL, pod('x', '', { ipv4pools: '["q"]' })],
    [POOL, pod('x', '', { ipv4pools: '["p"]' })],
  ],
  [
    'a pod that asks for a disabled pool',
    'pod-asks-for-no-pool',
    [pool('p', '10.70.0.0/16', { disabled: true }), pod('x', '', { ipv4pools: '["p"]' })],
  ],
  [
    'a pod may ask by range',
    'pod-asks-for-no-pool',
    [POOL, pod('x', '', { ipv4pools: '["10.71.0.0/16"]' })],
    [POOL, pod('x', '', { ipv4pools: '["10.70.0.0/16"]' })],
  ],
  [
    'a namespace that asks for a pool that there is not',
    'pod-asks-for-no-pool',
    [
      POOL,
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'n', annotations: { 'cni.projectcalico.org/ipv6pools': '["six"]' } },
      },
    ],
  ],
  [
    'a pod that asks for an address of no pool',
    'pod-asks-outside-pools',
    [POOL, pod('x', '', { ipAddrs: '["10.9.0.9"]' })],
    [POOL, pod('x', '', { ipAddrs: '["10.70.0.9"]' })],
  ],
  [
    'two pods that ask for one address',
    'pods-ask-for-one-address',
    [pod('x', '', { ipAddrs: '["10.70.0.9"]' }), pod('y', '', { ipAddrs: '["10.70.0.9"]' })],
  ],
  ['a block in no pool', 'block-outside-pools', [POOL, block('10.9.0.0/26')], [POOL, block('10.70.0.0/26')]],
  [
    '[ipam.md §2] a block that does not fit its pool',
    'block-of-other-size',
    [POOL, block('10.70.0.0/28')],
    [pool('p', '10.70.0.0/16', { blockSize: 28 }), block('10.70.0.0/28')],
  ],
  [
    'a block of a node that there is not',
    'block-of-no-node',
    [A, block('10.70.0.0/26', 'host:gone')],
    [A, block('10.70.0.0/26', 'host:a')],
  ],
  [
    'a block of load balancers is of no node',
    'block-of-no-node',
    [A, affinity('gone', '10.70.0.0/26')],
    [A, block('10.70.0.0/26', 'virtual:load-balancer')],
  ],
  [
    'a block of two nodes',
    'block-of-two-nodes',
    [affinity('a', '10.70.0.0/26'), affinity('b', '10.70.0.0/26')],
    [affinity('a', '10.70.0.0/26'), affinity('b', '10.70.0.0/26', 'pending')],
  ],
  [
    'a block that names another node than its affinity',
    'block-of-two-nodes',
    [affinity('a', '10.70.0.0/26'), block('10.70.0.0/26', 'host:b')],
    [affinity('a', '10.70.0.0/26'), block('10.70.0.0/26', 'host:a')],
  ],
  [
    'an affinity to a block that there is not',
    'affinity-without-block',
    [affinity('a', '10.70.0.0/26'), block('10.70.1.0/26', 'host:a')],
  ],
  [
    'a handle of a block that there is not',
    'handle-without-block',
    [block('10.70.0.0/26'), calico('IPAMHandle', 'h', { handleID: 'h', block: { '10.70.1.0/26': 1 } })],
    [block('10.70.0.0/26'), calico('IPAMHandle', 'h', { handleID: 'h', block: { '10.70.0.0/26': 1 } })],
  ],
]
