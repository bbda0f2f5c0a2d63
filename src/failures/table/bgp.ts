import type { FailureTable } from '../kind.ts'

/** Routing and BGP. */
export const BGP: FailureTable = {
  F34: {
    title: 'TCP 179 is blocked',
    sentence:
      'BGP does not get from one node to another: neither learns routes, and pods’ packets take the default route.',
    looks: ['timeout', 'unreach-host'],
    stage: 'host.fib',
    drops: ['NO_ROUTE'],
    needs: ['bird'],
    how: 'filters of the segment',
  },
  F35: {
    title: 'A Node without a machine',
    sentence:
      'A machine is gone and its Node object is not: its peers show a session that never comes up, and nothing else is wrong.',
    looks: ['none'],
    stage: 'nowhere',
    drops: [],
    needs: ['bird', 'three-nodes'],
    how: 'a machine that crashes',
  },
  F36: {
    title: 'The mesh is off, and no reflector is there',
    sentence: 'nodeToNodeMeshEnabled is false and no BGPPeer takes its place: no node learns of another’s blocks.',
    looks: ['timeout', 'unreach-host'],
    stage: 'host.fib',
    drops: ['NO_ROUTE'],
    needs: ['bird'],
    how: 'BGPConfiguration',
  },
  F37: {
    title: 'Reflectors of one cluster id lose routes',
    sentence:
      'Two route reflectors share a cluster id, so each refuses what the other reflects: their clients do not learn of each other.',
    looks: ['timeout', 'unreach-host'],
    stage: 'host.fib',
    drops: ['NO_ROUTE'],
    needs: ['bird', 'four-nodes'],
    how: 'BGPConfiguration, BGPPeers, annotations of two Nodes',
  },
  F38: {
    title: 'Bad peer AS',
    sentence: 'A peer is configured with another AS number than it has, and its OPEN is refused.',
    looks: ['timeout', 'unreach-host'],
    stage: 'host.fib',
    drops: ['NO_ROUTE'],
    needs: ['bird'],
    notModelled:
      'between nodes the AS number of a BGPPeer is not held against that of the Node; with a router of the Underlay it is',
  },
  F39: {
    title: 'Bad BGP identifier',
    sentence: 'Two speakers share a router id, and refuse each other.',
    looks: ['timeout', 'unreach-host'],
    stage: 'host.fib',
    drops: ['NO_ROUTE'],
    needs: [],
    notModelled:
      'CALICO_ROUTER_ID stands in BIRD’s configuration, and no session is refused because two ends have the same',
  },
  F40: {
    title: 'The mesh is too large',
    sentence: 'Every node has a session with every other: beyond some hundred nodes new ones do not come up.',
    looks: ['none'],
    stage: 'nowhere',
    drops: [],
    needs: [],
    notModelled: 'BIRD takes no processor time: a mesh of any size comes up',
  },
  F41: {
    title: 'Routes are withdrawn while BIRD restarts',
    sentence:
      'BIRD of a node ends in good order, its peers withdraw its routes, and its pods are cut off until it is back.',
    looks: ['timeout'],
    stage: 'host.fib',
    drops: ['NO_ROUTE'],
    needs: ['bird'],
    how: 'BIRD stopped',
  },
  F42: {
    title: 'Another agent removes routes',
    sentence:
      'NetworkManager or systemd-networkd takes routes of Calico’s devices away; Felix puts them back at its next resync.',
    looks: ['timeout'],
    // Of the lookup on the pod's node: it finds no route but that of the block.
    stage: 'host.fib',
    drops: ['NO_ROUTE', 'BLACKHOLE'],
    needs: ['two-nodes'],
    how: 'ip route flush',
  },
  F43: {
    title: 'Routes of the CNI plugin before win',
    sentence: 'cni0 of a former plugin still has a route that is longer than Calico’s, and takes its packets.',
    looks: ['timeout', 'unreach-host'],
    stage: 'host.fib',
    drops: ['NO_ROUTE'],
    needs: ['without-wireguard'],
    how: 'ip link add, ip route add',
  },
  F44: {
    title: 'The blackhole of the block takes it',
    sentence:
      'The route to one pod is gone from its node: its packets fall into the blackhole of the block, in silence.',
    looks: ['timeout'],
    // Of the lookup on the pod's node: it finds no route but that of the block.
    stage: 'host.fib',
    drops: ['BLACKHOLE'],
    needs: ['blackhole'],
    how: 'ip route del',
  },
}
