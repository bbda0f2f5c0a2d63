import { FLAG, INTEGER, kinds, list, object, one, type Shape, TEXT, TRUE, word } from '../model/index.ts'

/** The way of a packet as seen from an endpoint. */
export const DIRECTION: Shape = word('ingress', 'egress')
const ACTION = word('Allow', 'Deny', 'Pass', 'Log')

/** A policy by name. */
export const POLICY_REF: Shape = object({
  kind: word(
    'NetworkPolicy',
    'GlobalNetworkPolicy',
    'StagedNetworkPolicy',
    'StagedGlobalNetworkPolicy',
    'StagedKubernetesNetworkPolicy',
    'AdminNetworkPolicy',
    'BaselineAdminNetworkPolicy',
    'ClusterNetworkPolicy',
  ),
  api: word('kubernetes', 'calico'),
  'namespace?': TEXT,
  name: TEXT,
  tier: TEXT,
})

const SERVICE_REF = object({ namespace: TEXT, name: TEXT, portName: TEXT, protocol: TEXT, port: INTEGER })
const BACKEND_REF = object({ address: TEXT, port: INTEGER, 'pod?': TEXT, 'node?': TEXT })
const DOOR = word('ClusterIP', 'NodePort', 'ExternalIP', 'LoadBalancer')
const TIER = { tier: TEXT, direction: DIRECTION, policies: list(POLICY_REF) }

/** What a rule of Felix, kube-proxy or the portmap plugin stands for. */
export const MEANING: Shape = kinds({
  ...one('endpoint', { direction: DIRECTION, endpoint: TEXT, host: FLAG, dev: TEXT, 'forward?': FLAG }),
  ...one('policy', { policy: POLICY_REF, direction: DIRECTION, rule: INTEGER, action: ACTION }),
  ...one('tier', TIER),
  ...one('tier-end', TIER),
  ...one('profile', { profile: TEXT, direction: DIRECTION, action: ACTION }),
  ...one('no-profile', { direction: DIRECTION }),
  ...one('established'),
  ...one('invalid'),
  ...one('failsafe', { direction: DIRECTION }),
  ...one('endpoint-to-host', { action: word('ACCEPT', 'DROP', 'REJECT', 'RETURN') }),
  ...one('encapsulated'),
  ...one('tunnel'),
  ...one('rpf'),
  ...one('unknown-interface'),
  ...one('service-loop', { cidr: TEXT }),
  ...one('allowed-before'),
  ...one('nat-outgoing'),
  ...one('tunnel-source'),
  ...one('service', { service: SERVICE_REF, door: DOOR }),
  ...one('backend', { service: SERVICE_REF, chosen: INTEGER, backends: list(BACKEND_REF), 'affinity?': TRUE }),
  ...one('service-dnat', { service: SERVICE_REF, backend: BACKEND_REF }),
  ...one('no-backend', { service: SERVICE_REF, door: DOOR, local: FLAG }),
  ...one('source-range', { service: SERVICE_REF }),
  ...one('masquerade-mark', { service: SERVICE_REF, why: word('hairpin', 'external', 'off-cluster', 'all') }),
  ...one('service-masquerade'),
  ...one('host-port', { pod: TEXT, port: INTEGER }),
})
