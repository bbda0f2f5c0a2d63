import { type Meanings, means } from './meaning.ts'

const SESSIONS = 'which BGP sessions there are, and with them routes to pods of other nodes'
const EXPORT = 'what BIRD tells its peers'
const NO_PACKETS = 'how a session is kept'

/** Fields of kinds of BGP. */
export const BGP_MEANINGS: Readonly<Record<string, Meanings>> = {
  BGPConfiguration: {
    asNumber: means('AS number of all nodes that have none of their own', SESSIONS, '64512'),
    nodeToNodeMeshEnabled: means('every node peers with every other', SESSIONS, 'true'),
    logSeverityScreen: means('what BIRD and confd log'),
    listenPort: means('TCP port that BIRD listens on', SESSIONS, '179'),
    bindMode: means('whether BIRD listens on all addresses or on that of the node', SESSIONS, 'None: on all'),
    serviceClusterIPs: means('ranges of Service addresses that nodes announce', EXPORT),
    serviceExternalIPs: means('ranges of external addresses that nodes announce', EXPORT),
    serviceLoadBalancerIPs: means('ranges of addresses of load balancers that nodes announce', EXPORT),
    serviceLoadBalancerAggregation: means('whether ranges of load balancers are announced in whole', EXPORT, 'Enabled'),
    communities: means('names for communities', EXPORT),
    prefixAdvertisements: means('communities that routes of a range carry', EXPORT),
    nodeMeshPassword: means('Secret with the password of the mesh', SESSIONS),
    nodeMeshMaxRestartTime: means('how long routes of a peer that restarts are kept', NO_PACKETS),
    ignoredInterfaces: means('interfaces of which BIRD learns no routes', EXPORT),
    programClusterRoutes: means(
      'which cluster routes BIRD writes, by encapsulation',
      'routes with proto bird',
      'EnabledNoEncapOnly; up to v3.32 Enabled',
    ),
    ipv4NormalRoutePriority: means('metric of routes that BIRD learns', 'metric of routes with proto bird', '1024'),
    ipv6NormalRoutePriority: means(
      'metric of IPv6 routes that BIRD learns',
      'metric of routes with proto bird',
      '1024',
    ),
    localWorkloadPeeringIPV4: means('address that pods peer with', SESSIONS),
    localWorkloadPeeringIPV6: means('IPv6 address that pods peer with', SESSIONS),
  },
  BGPPeer: {
    node: means('the node that peers; absent: all', SESSIONS),
    nodeSelector: means('nodes that peer', SESSIONS),
    peerIP: means('address of the peer, perhaps with a port', SESSIONS),
    peerSelector: means('nodes that are the peers', SESSIONS),
    asNumber: means('AS number of the peer', SESSIONS, 'that of the cluster'),
    localASNumber: means('AS number that the node shows this peer', SESSIONS),
    localWorkloadSelector: means('pods that are the peers', SESSIONS),
    keepOriginalNextHop: means('routes of an external peer keep their next hop', 'gateways of routes', 'false'),
    nextHopMode: means('whose address is the next hop of routes that are told', 'gateways of routes', 'Auto'),
    password: means('Secret with the password of the session', SESSIONS),
    sourceAddress: means('whether the session comes from the address of the node', SESSIONS, 'UseNodeIP'),
    maxRestartTime: means('how long routes of a peer that restarts are kept', NO_PACKETS),
    keepaliveTime: means('how often the session is kept alive', NO_PACKETS),
    numAllowedLocalASNumbers: means('how often the own AS number may be in a path', SESSIONS, '0'),
    ttlSecurity: means('how many hops away the peer is at most', SESSIONS),
    reachableBy: means('gateway to the peer', 'a /32 route to the peer'),
    filters: means('BGPFilters that routes to and from the peer go through', EXPORT),
    reversePeering: means('whether selected peers peer back', SESSIONS, 'Auto'),
  },
  BGPFilter: {
    exportV4: means('rules for IPv4 routes that are told to the peer; the first that matches decides', EXPORT),
    importV4: means('rules for IPv4 routes that the peer tells', 'routes with proto bird'),
    exportV6: means('rules for IPv6 routes that are told to the peer', EXPORT),
    importV6: means('rules for IPv6 routes that the peer tells', 'IPv6 routes with proto bird'),
  },
}
