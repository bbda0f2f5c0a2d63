/** How bad it is: traffic breaks, traffic may not go where it is meant to, or worth knowing. */
export type Severity = 'error' | 'warning' | 'info'

/** What is said of a sort of contradiction, by its stable name. */
export interface FindingSort {
  /** How bad it is. */
  readonly severity: Severity
  /** What to do. */
  readonly remedy: string
}

/** The stable name of a sort of contradiction. */
export type FindingName =
  | 'object-twice'
  | 'pools-overlap'
  | 'pool-overlaps-services'
  | 'pool-overlaps-nodes'
  | 'pool-selects-no-node'
  | 'pool-has-too-few-blocks'
  | 'pool-is-reserved'
  | 'node-without-pool'
  | 'pool-mode-turned-off'
  | 'pool-of-family-turned-off'
  | 'reservation-outside-pools'
  | 'nodes-share-address'
  | 'nodes-share-tunnel-address'
  | 'nodes-share-mac'
  | 'nodes-share-key'
  | 'nodes-share-pod-cidr'
  | 'tunnel-address-of-pod'
  | 'pods-share-address'
  | 'pod-outside-pools'
  | 'pod-asks-for-no-pool'
  | 'pod-asks-outside-pools'
  | 'pods-ask-for-one-address'
  | 'block-outside-pools'
  | 'block-of-other-size'
  | 'block-of-no-node'
  | 'block-of-two-nodes'
  | 'affinity-without-block'
  | 'handle-without-block'
  | 'as-number-mismatch'
  | 'peer-is-itself'
  | 'peer-selects-nobody'
  | 'peer-without-filter'
  | 'peers-twice'
  | 'filter-unused'
  | 'no-sessions'
  | 'mesh-of-several-as-numbers'
  | 'mesh-beside-reflectors'
  | 'reflectors-drop-each-other'
  | 'cluster-id-of-a-node'
  | 'announced-range-is-a-pool'
  | 'tier-missing'
  | 'tiers-share-order'
  | 'profile-missing'
  | 'host-endpoint-without-node'
  | 'host-endpoints-share-interface'
  | 'settings-of-no-node'
  | 'ports-collide'

const sort = (severity: Severity, remedy: string): FindingSort => ({ severity, remedy })

/** Contradictions between objects, by stable name. */
export const FINDING_SORTS: Readonly<Record<FindingName, FindingSort>> = {
  'object-twice': sort('warning', 'keep one of them: the later one replaces the other'),
  'pools-overlap': sort('error', 'give each pool a range of its own'),
  'pool-overlaps-services': sort('error', 'move the pool or the range of Services'),
  'pool-overlaps-nodes': sort('error', 'move the pool: nodes would be reached through it'),
  'pool-selects-no-node': sort('warning', 'correct its nodeSelector or the labels of nodes'),
  'pool-has-too-few-blocks': sort('warning', 'take a larger range, or a smaller block'),
  'pool-is-reserved': sort('warning', 'reserve less'),
  'node-without-pool': sort('warning', 'let a pool select the node'),
  'pool-mode-turned-off': sort('error', 'let Felix have the tunnel that the pool asks for'),
  'pool-of-family-turned-off': sort('warning', 'turn IPv6 on for Felix'),
  'reservation-outside-pools': sort('info', 'reserve addresses of a pool'),
  'nodes-share-address': sort('error', 'let each node find its own address (IP_AUTODETECTION_METHOD)'),
  'nodes-share-tunnel-address': sort('error', 'remove the annotation of one node; it gets another'),
  'nodes-share-mac': sort('error', 'remove the annotation of one node'),
  'nodes-share-key': sort('error', 'remove the annotation of one node and restart its Felix'),
  'nodes-share-pod-cidr': sort('error', 'give each node a range of its own'),
  'tunnel-address-of-pod': sort('error', 'release the address of the node or restart the pod'),
  'pods-share-address': sort('error', 'restart one of the pods'),
  'pod-outside-pools': sort('warning', 'restart the pod, or make the pool again'),
  'pod-asks-for-no-pool': sort('error', 'name a pool that is there and not disabled'),
  'pod-asks-outside-pools': sort('error', 'ask for an address of a pool'),
  'pods-ask-for-one-address': sort('error', 'ask for different addresses'),
  'block-outside-pools': sort('warning', 'release the block when its pods are gone'),
  'block-of-other-size': sort('error', 'do not change the blockSize of a pool with blocks; make a new pool'),
  'block-of-no-node': sort('warning', 'calicoctl ipam release, or wait for the garbage collection'),
  'block-of-two-nodes': sort('error', 'remove the BlockAffinity of the node that the block does not name'),
  'affinity-without-block': sort('warning', 'remove the BlockAffinity'),
  'handle-without-block': sort('warning', 'calicoctl ipam check'),
  'as-number-mismatch': sort('error', 'give the peer the AS number that its node has'),
  'peer-is-itself': sort('error', 'remove the peer'),
  'peer-selects-nobody': sort('warning', 'correct its selector or the name of its node'),
  'peer-without-filter': sort('error', 'make the BGPFilter, or do not name it'),
  'peers-twice': sort('warning', 'keep one of the peers'),
  'filter-unused': sort('info', 'name it in a BGPPeer'),
  'no-sessions': sort('error', 'turn the mesh on, or declare peers'),
  'mesh-of-several-as-numbers': sort('warning', 'use one AS number in the mesh'),
  'mesh-beside-reflectors': sort('info', 'turn the mesh off when all nodes peer with the reflectors'),
  'reflectors-drop-each-other': sort('warning', 'give reflectors that serve other clients another cluster id'),
  'cluster-id-of-a-node': sort('warning', 'take a cluster id that is no address of a node'),
  'announced-range-is-a-pool': sort('warning', 'announce ranges of Services only'),
  'tier-missing': sort('error', 'make the tier first'),
  'tiers-share-order': sort('warning', 'give each tier an order of its own; names decide now'),
  'profile-missing': sort('error', 'make the profile: without it the endpoint denies'),
  'host-endpoint-without-node': sort('warning', 'correct the name of its node'),
  'host-endpoints-share-interface': sort('error', 'keep one: Felix takes the first by name'),
  'settings-of-no-node': sort('warning', 'correct the name after "node."'),
  'ports-collide': sort('error', 'give each tunnel a port of its own'),
}

/** Objects that contradict each other. */
export interface Contradiction extends FindingSort {
  /** Its stable name. */
  readonly name: FindingName
  /** The objects, as `Kind/name` or `Kind/namespace/name`. */
  readonly objects: readonly string[]
  /** What contradicts what. */
  readonly message: string
}

/** What a check found. */
export function finding(name: FindingName, objects: readonly string[], message: string): Contradiction {
  return { name, ...FINDING_SORTS[name], objects, message }
}
