// Peers, reflectors, policies and settings against each other.
import { A, B, calico, node, POOL, pool, type Row } from './objects.ts'

/** Peers, reflectors, policies and settings against each other. */
export const BGP_ROWS: readonly Row[] = [
  [
    'a peer with another AS number than its node',
    'as-number-mismatch',
    [A, B, calico('BGPPeer', 'p', { node: 'a', peerIP: '192.0.2.2', asNumber: 64999 })],
    [A, B, calico('BGPPeer', 'p', { node: 'a', peerIP: '192.0.2.2', asNumber: 64512 })],
  ],
  [
    'AS numbers may be those of the configuration',
    'as-number-mismatch',
    [
      A,
      B,
      calico('BGPConfiguration', 'default', { asNumber: '0.65000' }),
      calico('BGPPeer', 'p', { node: 'a', peerIP: '192.0.2.2:179', asNumber: 64512 }),
    ],
    [
      A,
      B,
      calico('BGPConfiguration', 'default', { asNumber: 65000 }),
      calico('BGPPeer', 'p', { node: 'a', peerIP: '192.0.2.2', asNumber: 65000 }),
    ],
  ],
  [
    'a node that peers with itself',
    'peer-is-itself',
    [A, B, calico('BGPPeer', 'p', { node: 'a', peerIP: '192.0.2.1' })],
    [A, B, calico('BGPPeer', 'p', { node: 'a', peerIP: '198.51.100.1' })],
  ],
  [
    'a peer of a node that there is not',
    'peer-selects-nobody',
    [A, calico('BGPPeer', 'p', { node: 'z', peerIP: '198.51.100.1' })],
    [A, calico('BGPPeer', 'p', { node: 'a', peerIP: '198.51.100.1' })],
  ],
  [
    'a peer with nodes that there are not',
    'peer-selects-nobody',
    [A, B, calico('BGPPeer', 'p', { nodeSelector: 'all()', peerSelector: 'has(nope)' })],
    [A, B, calico('BGPPeer', 'p', { nodeSelector: 'all()', peerSelector: 'has(rr)' })],
  ],
  [
    'a peer with a filter that there is not',
    'peer-without-filter',
    [calico('BGPPeer', 'p', { peerIP: '198.51.100.1', filters: ['f'] })],
    [calico('BGPPeer', 'p', { peerIP: '198.51.100.1', filters: ['f'] }), calico('BGPFilter', 'f')],
  ],
  ['a filter that nobody names', 'filter-unused', [calico('BGPFilter', 'f')]],
  [
    'one session declared twice',
    'peers-twice',
    [
      calico('BGPPeer', 'p', { peerIP: '198.51.100.1' }),
      calico('BGPPeer', 'q', { peerIP: '198.51.100.1', asNumber: 7 }),
    ],
    [calico('BGPPeer', 'p', { peerIP: '198.51.100.1' }), calico('BGPPeer', 'q', { peerIP: '198.51.100.1', node: 'a' })],
  ],
  [
    'no mesh and no peers',
    'no-sessions',
    [A, B, calico('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })],
    [A, calico('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })],
  ],
  [
    'a mesh of two AS numbers',
    'mesh-of-several-as-numbers',
    [A, node('z', { ASNumber: '65001' })],
    [A, node('z', { ASNumber: '64512' })],
  ],
  [
    'a mesh beside reflectors',
    'mesh-beside-reflectors',
    [
      node('r', { RouteReflectorClusterID: '244.0.0.1' }, { rr: 'yes' }),
      A,
      calico('BGPPeer', 'p', { nodeSelector: 'all()', peerSelector: 'has(rr)' }),
    ],
    [
      node('r', { RouteReflectorClusterID: '244.0.0.1' }, { rr: 'yes' }),
      A,
      calico('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false }),
      calico('BGPPeer', 'p', { nodeSelector: 'all()', peerSelector: 'has(rr)' }),
    ],
  ],
  [
    'reflectors of one cluster with different clients',
    'reflectors-drop-each-other',
    [
      node('r', { RouteReflectorClusterID: '1.1.1.1', IPv4Address: '192.0.2.8/24' }, { r: 'x' }),
      node('s', { RouteReflectorClusterID: '1.1.1.1', IPv4Address: '192.0.2.9/24' }, { r: 'y' }),
      A,
      B,
      calico('BGPPeer', 'p', { nodeSelector: "zone == 'x'", peerSelector: "r == 'x'" }),
      calico('BGPPeer', 'q', { nodeSelector: "zone == 'y'", peerSelector: "r == 'y'" }),
    ],
    [
      node('r', { RouteReflectorClusterID: '1.1.1.1', IPv4Address: '192.0.2.8/24' }, { r: 'x' }),
      node('s', { RouteReflectorClusterID: '1.1.1.1', IPv4Address: '192.0.2.9/24' }, { r: 'y' }),
      A,
      B,
      calico('BGPPeer', 'p', { nodeSelector: 'has(zone)', peerSelector: 'has(r)' }),
    ],
  ],
  [
    'a cluster id that is the address of a node',
    'cluster-id-of-a-node',
    [A, node('r', { RouteReflectorClusterID: '192.0.2.1', IPv4Address: '192.0.2.8/24' })],
    [A, node('r', { RouteReflectorClusterID: '192.0.2.8', IPv4Address: '192.0.2.8/24' })],
  ],
  [
    'announced Services that are a pool',
    'announced-range-is-a-pool',
    [POOL, calico('BGPConfiguration', 'default', { serviceLoadBalancerIPs: [{ cidr: '10.70.8.0/24' }] })],
    [
      pool('p', '10.70.0.0/16', { allowedUses: ['LoadBalancer'] }),
      calico('BGPConfiguration', 'default', { serviceLoadBalancerIPs: [{ cidr: '10.70.8.0/24' }] }),
    ],
  ],
  [
    '[policy.md §2] a policy of a tier that there is not',
    'tier-missing',
    [calico('GlobalNetworkPolicy', 'g', { tier: 'platform' })],
    [calico('GlobalNetworkPolicy', 'g', { tier: 'platform' }), calico('Tier', 'platform', { order: 5 })],
  ],
  [
    'built-in tiers are there',
    'tier-missing',
    [calico('NetworkPolicy', 'g', { tier: 'kube-admi' })],
    [calico('NetworkPolicy', 'g', { tier: 'kube-admin' }), calico('NetworkPolicy', 'h')],
  ],
  [
    'two tiers of one order',
    'tiers-share-order',
    [calico('Tier', 'a', { order: 5 }), calico('Tier', 'b', { order: 5 })],
    [calico('Tier', 'a', { order: 5 }), calico('Tier', 'b')],
  ],
  [
    'an endpoint with a profile that there is not',
    'profile-missing',
    [calico('HostEndpoint', 'h', { node: 'a', interfaceName: 'ens3', profiles: ['mine'] })],
    [calico('HostEndpoint', 'h', { node: 'a', interfaceName: 'ens3', profiles: ['projectcalico-default-allow'] })],
  ],
  [
    'a host endpoint of a node that there is not',
    'host-endpoint-without-node',
    [A, calico('HostEndpoint', 'h', { node: 'z', interfaceName: 'ens3' })],
    [A, calico('HostEndpoint', 'h', { node: 'a', interfaceName: 'ens3' })],
  ],
  [
    'two host endpoints of one interface',
    'host-endpoints-share-interface',
    [
      calico('HostEndpoint', 'h', { node: 'a', interfaceName: '*' }),
      calico('HostEndpoint', 'i', { node: 'a', interfaceName: '*' }),
    ],
    [
      calico('HostEndpoint', 'h', { node: 'a', interfaceName: '*' }),
      calico('HostEndpoint', 'i', { node: 'b', interfaceName: '*' }),
    ],
  ],
  [
    'settings of a node that there is not',
    'settings-of-no-node',
    [A, calico('FelixConfiguration', 'node.z', { vxlanMTU: 1400 })],
    [A, calico('FelixConfiguration', 'node.a', { vxlanMTU: 1400 })],
  ],
  [
    'two tunnels on one port',
    'ports-collide',
    [
      pool('p', '10.70.0.0/16', { vxlanMode: 'Always' }),
      calico('FelixConfiguration', 'default', { wireguardEnabled: true, wireguardListeningPort: 4789 }),
    ],
    [
      pool('p', '10.70.0.0/16', { vxlanMode: 'Always' }),
      calico('FelixConfiguration', 'default', { wireguardEnabled: true }),
    ],
  ],
]
