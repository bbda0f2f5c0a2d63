import type { FindingName } from '../../control/index.ts'
import type { RuleWords } from '../rule.ts'

/** What contradictions between objects are, and why they hurt; how bad they are and what to do, the control plane says. */
export const OF_CONTRADICTIONS: Readonly<Record<FindingName, RuleWords>> = {
  'object-twice': {
    what: 'one object is given twice, not the same',
    why: 'the later one is what the cluster gets, and whoever reads the first believes something else',
  },
  'pools-overlap': {
    what: 'two pools share addresses',
    why: 'Calico refuses the second pool, or gives one address to two pods',
    failures: ['F26', 'F32'],
  },
  'pool-overlaps-services': {
    what: 'a pool has addresses of Services',
    why: 'a packet to such an address is translated for the Service, or routed to the pod, by whichever table is asked first',
    alias: 'POOL_OVERLAPS_SERVICE',
    failures: ['F26'],
  },
  'pool-overlaps-nodes': {
    what: 'a pool has addresses of nodes',
    why: 'packets to that node are not masqueraded and may be routed to a block; replies never come back',
    failures: ['F25'],
  },
  'pool-selects-no-node': {
    what: 'no node may take addresses of a pool',
    why: 'pods that ask for the pool wait for ever',
    failures: ['F29'],
  },
  'pool-has-too-few-blocks': {
    what: 'a pool has fewer blocks than nodes',
    why: 'the last nodes get no block: their pods borrow addresses, or wait where strictAffinity forbids it',
    failures: ['F30', 'F31'],
  },
  'pool-is-reserved': {
    what: 'a reservation holds all of a pool',
    why: 'no pod gets an address of it',
    failures: ['F30'],
  },
  'node-without-pool': {
    what: 'no pool may serve a node',
    why: 'its pods wait for an address, and its tunnels have none',
    failures: ['F29'],
  },
  'pool-mode-turned-off': {
    what: 'a pool asks for a tunnel that Felix is told not to make',
    why: 'there is no device to send into: pods of other nodes are not reached',
    failures: ['F12'],
  },
  'pool-of-family-turned-off': {
    what: 'a pool of IPv6 while Felix has IPv6 turned off',
    why: 'pods get addresses that nobody has routes for',
    failures: ['F86'],
  },
  'reservation-outside-pools': {
    what: 'a reservation of addresses that no pool has',
    why: 'it keeps nothing free, which is hardly what was meant',
  },
  'nodes-share-address': {
    what: 'two nodes have one address',
    why: 'calico-node of the second does not start, or tunnels of both lead to one of them',
    alias: 'DUP_NODE_IP',
    failures: ['F23'],
  },
  'nodes-share-tunnel-address': {
    what: 'two nodes have one tunnel address',
    why: 'replies to one of them go to the other',
    failures: ['F32'],
  },
  'nodes-share-mac': {
    what: 'two nodes have one hardware address of VXLAN',
    why: 'forwarding entries flap between them, and frames arrive where nobody takes them',
    alias: 'DUP_VTEP_MAC',
    failures: ['F13', 'F24'],
  },
  'nodes-share-key': {
    what: 'two nodes have one WireGuard key',
    why: 'a peer knows one end a key: only the last to be heard of is reached',
    failures: ['F24'],
  },
  'nodes-share-pod-cidr': {
    what: 'two nodes have one range for pods',
    why: 'with host-local IPAM both give the same addresses away',
    failures: ['F32'],
  },
  'tunnel-address-of-pod': {
    what: 'a pod has the tunnel address of a node',
    why: 'the node takes the packets for itself: the pod is not reached',
    failures: ['F32'],
  },
  'pods-share-address': {
    what: 'two pods have one address',
    why: 'packets for one of them reach the other',
    alias: 'DUP_POD_IP',
    failures: ['F32'],
  },
  'pod-outside-pools': {
    what: 'a pod has an address of no pool',
    why: 'it is not masqueraded and others have no route to it: another plugin, or a pool that is gone, gave it',
    alias: 'POD_IP_NOT_IN_ANY_POOL',
    failures: ['F28', 'F91'],
  },
  'pod-asks-for-no-pool': {
    what: 'an annotation names no pool that is enabled',
    why: 'the pod stays in ContainerCreating',
    failures: ['F29'],
  },
  'pod-asks-outside-pools': {
    what: 'an annotation asks for an address of no pool',
    why: 'the pod stays in ContainerCreating',
    failures: ['F29'],
  },
  'pods-ask-for-one-address': {
    what: 'two pods ask for one address',
    why: 'the second stays in ContainerCreating',
    failures: ['F32'],
  },
  'block-outside-pools': {
    what: 'a block is in no pool',
    why: 'its pool was deleted while in use: the addresses are not masqueraded, and nobody is given them again',
    failures: ['F28'],
  },
  'block-of-other-size': {
    what: 'a block has another size than its pool says',
    why: 'Calico looks for blocks of the new size where the old ones are',
  },
  'block-of-no-node': {
    what: 'a block belongs to a node that is gone',
    why: 'its addresses leak until it is released',
    failures: ['F30'],
  },
  'block-of-two-nodes': {
    what: 'two nodes hold one block',
    why: 'both announce it, and both give its addresses away',
    alias: 'DUP_AFFINITY',
    failures: ['F33'],
  },
  'affinity-without-block': {
    what: 'a node claims a block that there is not',
    why: 'the claim was not cleaned up; the node may take the block that another makes',
    failures: ['F33'],
  },
  'handle-without-block': {
    what: 'a handle counts addresses of a block that there is not',
    why: 'releasing its pod fails, and its addresses leak',
    failures: ['F30'],
  },
  'as-number-mismatch': {
    what: 'a peer is said to have another AS number than it has',
    why: 'the session ends with Bad peer AS, and no routes come',
    failures: ['F38'],
  },
  'peer-is-itself': {
    what: 'a node peers with itself',
    why: 'the session never comes up, and calico-node is not ready',
    failures: ['F39'],
  },
  'peer-selects-nobody': {
    what: 'a BGPPeer is for no node, or with none',
    why: 'the session that somebody relies on is never made',
    failures: ['F36'],
  },
  'peer-without-filter': {
    what: 'a BGPPeer names a filter that there is not',
    why: 'BIRD gets no configuration, or passes on nothing',
  },
  'peers-twice': {
    what: 'two BGPPeers ask for the same sessions',
    why: 'BIRD makes one of them; which settings count depends on names',
  },
  'filter-unused': {
    what: 'no BGPPeer names a filter',
    why: 'it filters nothing',
  },
  'no-sessions': {
    what: 'the mesh is off and there are no peers',
    why: 'nodes learn no routes from each other: pods of other nodes are not reached',
    failures: ['F36'],
  },
  'mesh-of-several-as-numbers': {
    what: 'nodes of the mesh have different AS numbers',
    why: 'routes are passed on with other next hops than in a mesh of one AS, or not at all',
    failures: ['F38'],
  },
  'mesh-beside-reflectors': {
    what: 'the mesh is on beside route reflectors',
    why: 'every node still has a session with every other: reflectors were to save that',
    failures: ['F40'],
  },
  'reflectors-drop-each-other': {
    what: 'reflectors of one cluster id serve different clients',
    why: 'each takes no routes that carry its own id: clients of one do not learn those of the other',
    failures: ['F37'],
  },
  'cluster-id-of-a-node': {
    what: 'a cluster id is the address of another node',
    why: 'that node takes no route that carries it',
    failures: ['F37', 'F39'],
  },
  'announced-range-is-a-pool': {
    what: 'Services are announced from a range that pods have',
    why: 'routers send packets for pods to any node',
    failures: ['F26'],
  },
  'tier-missing': {
    what: 'a policy is of a tier that there is not',
    why: 'it is refused, or comes after all others',
  },
  'tiers-share-order': {
    what: 'two tiers have one order',
    why: 'their names decide which is asked first',
  },
  'profile-missing': {
    what: 'an endpoint names a profile that there is not',
    why: 'what no policy allows is denied, with no rule that says so',
  },
  'host-endpoint-without-node': {
    what: 'a HostEndpoint is of no node',
    why: 'it protects nothing',
    failures: ['F71'],
  },
  'host-endpoints-share-interface': {
    what: 'two HostEndpoints stand for one interface',
    why: 'the first by name counts: policies for the other do nothing',
    failures: ['F71'],
  },
  'settings-of-no-node': {
    what: 'settings are for a node that there is not',
    why: 'nobody reads them',
  },
  'ports-collide': {
    what: 'two tunnels have one UDP port',
    why: 'the second device is not made',
    failures: ['F04'],
  },
}
