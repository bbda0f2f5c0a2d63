import type { FindingName } from '../control/index.ts'

// The names of findings, which stay the same from release to release.

/** Findings about pools, blocks and the addresses of nodes. */
export const ADDRESS_NAMES = [
  'cidr-not-canonical',
  'pool-overlaps-underlay',
  'gateway-collision',
  'nat-outgoing-off',
  'pool-exempts-destinations',
  'pool-disabled-in-use',
  'pool-nearly-full',
  'pool-blocks-all-taken',
  'strict-affinity-starves',
  'pod-has-address-of-node',
  'nodes-share-name',
  'node-without-address',
  'node-address-of-bridge',
  'node-address-not-internal',
  'subnet-mask-suspect',
  'node-stale',
  'node-without-machine',
  'pod-of-no-node',
  'ipv6-pool-without-node-addresses',
] as const

/** A finding about pools, blocks and the addresses of nodes. */
export type AddressName = (typeof ADDRESS_NAMES)[number]

/** Findings about tunnels, BGP, the underlay and real machines. */
export const PATH_NAMES = [
  'mtu-too-big',
  'mtu-too-small-for-ipv6',
  'mtu-differs-between-nodes',
  'segments-without-encapsulation',
  'ipip-in-azure',
  'underlay-blocks-tunnel',
  'underlay-takes-94-for-ipip',
  'underlay-blocks-bgp',
  'source-check-drops-pods',
  'workload-tunnels-dropped',
  'wireguard-partly',
  'wireguard-drops-host-sources',
  'bgp-graph-disconnected',
  'single-reflector',
  'mesh-too-large',
  'route-refresh-off',
  'interface-managed-by-others',
  'forwarding-off',
  'forward-policy-drops',
  'foreign-route-wins',
  'mixed-backends',
] as const

/** A finding about tunnels, BGP, the underlay and real machines. */
export type PathName = (typeof PATH_NAMES)[number]

/** Findings about policies and host endpoints. */
export const POLICY_NAMES = [
  'dns-not-allowed',
  'node-local-dns-not-allowed',
  'policy-selects-nothing',
  'policy-selects-host-network',
  'policy-only-logs',
  'rules-without-type',
  'ingress-isolated-by-default',
  'rule-never-reached',
  'tier-denies-rest',
  'peer-namespace-missing',
  'peer-selects-nothing',
  'peer-is-host-network',
  'and-or-confusion',
  'named-port-missing',
  'policy-names-pod-address',
  'egress-names-service-address',
  'policy-expects-client-address',
  'global-policy-denies-system',
  'policy-kind-unread',
  'policy-is-staged',
  'host-endpoint-without-policy',
  'failsafe-beats-deny',
  'failsafe-emptied',
  'node-ports-pass-host-policy',
  'host-policy-expects-pod-address',
  'endpoint-to-host-drops',
] as const

/** A finding about policies and host endpoints. */
export type PolicyName = (typeof POLICY_NAMES)[number]

/** Findings about Services, and objects by themselves. */
export const SERVICE_NAMES = [
  'service-without-endpoints',
  'service-port-missing',
  'services-share-address',
  'node-ports-collide',
  'host-ports-collide',
  'local-traffic-on-few-nodes',
  'clustercidr-mismatch',
  'dataplane-mode-conflict',
  'kube-proxy-beside-bpf',
  'object-refused',
  'object-doubtful',
  'field-unknown',
  'not-modelled',
  'assumed-by-default',
  'suppression-unknown',
  'suppression-unused',
] as const

/** A finding about Services, and objects by themselves. */
export type ServiceName = (typeof SERVICE_NAMES)[number]

/** The stable name of a sort of findings. */
export type LintName = FindingName | AddressName | PathName | PolicyName | ServiceName
