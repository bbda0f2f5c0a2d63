import type { FailureTable } from '../kind.ts'

/** Policy. */
export const POLICY: FailureTable = {
  F60: {
    title: 'Default deny forgets DNS',
    sentence:
      'A policy that denies all egress takes the resolver away too: names fail, addresses that are allowed work.',
    looks: ['timeout'],
    stage: 'host.fwd',
    drops: ['POLICY_DENY'],
    needs: ['two-nodes'],
    how: 'a NetworkPolicy',
  },
  F61: {
    title: 'DNS is allowed to the wrong resolver',
    sentence:
      'The policy allows the pods of kube-dns, and pods ask a cache on their own node, which no selector matches.',
    looks: ['timeout'],
    stage: 'host.fwd',
    // A cache on the node itself is asked by INPUT: the policy of the pod is met on the way from it.
    also: ['host.input'],
    drops: ['POLICY_DENY'],
    needs: ['two-nodes'],
    how: 'a dummy device, and a NetworkPolicy',
  },
  F62: {
    title: 'AND where OR was meant',
    sentence:
      'Both selectors stand in one item of from, so a client must match both: one that matches either is denied.',
    looks: ['timeout'],
    stage: 'remote.fwd',
    drops: ['POLICY_DENY'],
    needs: ['two-nodes'],
    how: 'a NetworkPolicy',
  },
  F63: {
    title: 'A global deny hits everything',
    sentence: 'A GlobalNetworkPolicy of all() without rules denies pods of the system, too.',
    looks: ['timeout'],
    stage: 'host.fwd',
    drops: ['POLICY_DENY'],
    needs: ['two-nodes'],
    how: 'a GlobalNetworkPolicy',
  },
  F64: {
    title: 'A policy that only logs blocks',
    sentence: 'A policy selects a pod and only logs: the tier ends with a deny, and nothing allowed before that.',
    looks: ['timeout'],
    stage: 'remote.fwd',
    drops: ['POLICY_DENY'],
    needs: ['two-nodes'],
    how: 'a GlobalNetworkPolicy',
  },
  F65: {
    title: 'What is connected stays connected',
    sentence: 'A new deny does not touch connections that are known: they go on, and only new ones are denied.',
    looks: ['works', 'timeout'],
    stage: 'remote.fwd',
    drops: ['POLICY_DENY'],
    needs: ['two-nodes'],
    how: 'a connection, then a NetworkPolicy',
  },
  F66: {
    title: 'Policy does not see the real client',
    sentence:
      'externalTrafficPolicy: Cluster puts a node’s address in place of the client’s before policy looks: no ipBlock matches.',
    looks: ['timeout'],
    stage: 'remote.fwd',
    drops: ['WRONG_SOURCE', 'POLICY_DENY'],
    needs: ['two-nodes', 'internet'],
    how: 'a NodePort, and a NetworkPolicy',
  },
  F67: {
    title: 'Egress to a NodePort depends on the node',
    sentence:
      'At the pod’s own node the port is translated before egress policy looks, at another behind it: one rule, two answers.',
    looks: ['intermittent', 'timeout'],
    stage: 'host.fwd',
    drops: ['POLICY_DENY'],
    needs: ['two-nodes'],
    how: 'a NodePort, and a NetworkPolicy',
  },
  F68: {
    title: 'Nodes come under a tunnel’s address',
    sentence:
      'What a node or a pod of its network sends has the node’s or the tunnel’s address, which no selector of namespaces matches.',
    looks: ['timeout', 'wrong-source'],
    stage: 'remote.fwd',
    drops: ['WRONG_SOURCE', 'POLICY_DENY'],
    needs: ['two-nodes'],
    how: 'a NetworkPolicy',
  },
  F69: {
    title: 'A node always reaches its own pods',
    sentence: 'Policy does not apply to what a node says to its own pods: a test from there passes whatever is denied.',
    looks: ['works'],
    stage: 'nowhere',
    drops: [],
    needs: ['two-nodes'],
    how: 'a NetworkPolicy',
  },
  F70: {
    title: 'A pod does not reach its own node',
    sentence:
      'defaultEndpointToHostAction is Drop, as it is where nobody sets it: other nodes answer the pod, its own does not.',
    looks: ['timeout'],
    stage: 'host.input',
    drops: ['WL_TO_HOST_DROP'],
    needs: ['pod'],
    how: 'FelixConfiguration',
  },
  F71: {
    title: 'A host endpoint locks the node',
    sentence:
      'A HostEndpoint without policy drops all but the failsafe ports: kubelet and applications of the node are gone.',
    looks: ['timeout'],
    stage: 'remote.input',
    drops: ['HEP_DENY'],
    needs: ['two-nodes'],
    how: 'a HostEndpoint',
  },
  F72: {
    title: 'IPVS takes another way through the chains',
    sentence: 'IPVS hands out packets from INPUT and OUTPUT rather than FORWARD, where policy looked.',
    looks: ['works'],
    stage: 'host.fwd',
    drops: ['POLICY_DENY'],
    needs: [],
    notModelled: 'IPVS: kube-proxy writes rules of iptables here',
  },
}
