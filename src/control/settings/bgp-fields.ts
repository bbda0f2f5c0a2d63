import { type FieldTable, fieldTable } from './field-use.ts'

const ANNOUNCED = { effect: 'harmless', decides: 'what routers outside of the cluster learn' } as const
const SESSIONS = 'how a session is kept, not what it carries'

/** Fields of a BGPConfiguration. @calico api/pkg/apis/projectcalico/v3/bgpconfig.go */
export const BGP_CONFIGURATION_TABLE: FieldTable = fieldTable('bgp_field', {
  read: [
    'asNumber',
    'nodeToNodeMeshEnabled',
    'listenPort',
    'programClusterRoutes',
    'ipv4NormalRoutePriority',
    'ipv6NormalRoutePriority',
    'serviceClusterIPs',
    'serviceExternalIPs',
    'serviceLoadBalancerIPs',
    'serviceLoadBalancerAggregation',
  ],
  harmless: {
    logs: ['logSeverityScreen'],
    [SESSIONS]: ['nodeMeshPassword', 'nodeMeshMaxRestartTime'],
  },
  notModelled: {
    communities: { parts: ANNOUNCED },
    prefixAdvertisements: { parts: ANNOUNCED },
    bindMode: { usual: ['None'], parts: { turns: 'failure' } },
    ignoredInterfaces: { parts: { turns: 'failure' } },
    localWorkloadPeeringIPV4: {},
    localWorkloadPeeringIPV6: {},
  },
})

/** Fields of a BGPPeer. @calico api/pkg/apis/projectcalico/v3/bgppeer.go */
export const BGP_PEER_TABLE: FieldTable = fieldTable('bgp_field', {
  read: [
    'node',
    'nodeSelector',
    'peerIP',
    'peerSelector',
    'asNumber',
    'reversePeering',
    'nextHopMode',
    'localASNumber',
    'numAllowedLocalASNumbers',
    'keepOriginalNextHop',
    'filters',
  ],
  harmless: {
    [SESSIONS]: ['password', 'maxRestartTime', 'keepaliveTime'],
  },
  notModelled: {
    sourceAddress: { usual: ['UseNodeIP'], parts: { turns: 'failure' } },
    ttlSecurity: { parts: { turns: 'failure' } },
    reachableBy: { parts: { turns: 'failure' } },
    localWorkloadSelector: {},
  },
})
