import type { FailureCode } from '../failures/index.ts'
import type { Symptom } from './question.ts'
import type { Way } from './way.ts'

/** Where it is decided: what no object says. `peer` and `node` are seen in a dump of that machine. */
type Realm = 'underlay' | 'node' | 'peer' | 'time' | 'objects'

/** A failure that objects do not show. */
export interface Unseen {
  readonly failure: FailureCode
  /** How it looks; the first most often. */
  readonly symptoms: readonly Symptom[]
  readonly realm: Realm
  /** Why it could be, on this way; undefined where it could not. */
  readonly could: (way: Way) => string | undefined
}

const crosses = ({ kind }: Way): boolean => kind !== 'local' && kind !== 'outside'
const tunnels = ({ kind }: Way): boolean => kind === 'ipip' || kind === 'vxlan' || kind === 'wireguard'

function row(
  failure: FailureCode,
  symptoms: string,
  realm: Realm,
  is: (way: Way) => boolean,
  because: string | ((way: Way) => string),
): Unseen {
  const why = (way: Way): string => (typeof because === 'string' ? because : because(way))
  return {
    failure,
    symptoms: symptoms.split(' ') as Symptom[],
    realm,
    could: (way) => (is(way) ? why(way) : undefined),
  }
}

const by =
  (tunnel: Way['kind']) =>
  ({ kind }: Way): boolean =>
    kind === tunnel
const always = (): boolean => true
const pods = ({ hasPod }: Way): boolean => hasPod

/** What objects cannot show, by the way that packets take. */
export const UNSEEN: readonly Unseen[] = [
  row(
    'F01',
    'timeout',
    'underlay',
    by('ipip'),
    'between nodes packets are IP protocol 4, which many networks do not pass; BGP is TCP and passes',
  ),
  row('F02', 'timeout', 'underlay', by('ipip'), 'a security group that names ipip allows protocol 94, and IPIP is 4'),
  row('F03', 'timeout', 'underlay', by('vxlan'), 'between nodes packets are UDP 4789, which must be opened'),
  row('F04', 'timeout intermittent', 'underlay', by('vxlan'), 'a hypervisor or another overlay may claim UDP 4789'),
  row(
    'F05',
    'timeout intermittent',
    'underlay',
    (way) => way.kind === 'vxlan' && (way.isService || !way.hasPod),
    'what is translated before VXLAN may leave with a wrong checksum',
  ),
  row(
    'F06',
    'timeout',
    'underlay',
    by('plain'),
    'between these nodes packets leave under addresses of pods, which a cloud’s source check drops',
  ),
  row(
    'F07',
    'timeout',
    'underlay',
    by('plain'),
    'between these nodes packets leave under addresses of pods, which port security drops',
  ),
  row(
    'F08',
    'timeout no-route',
    'underlay',
    (way) => way.kind === 'plain' && !way.isOneSegment,
    'packets are not encapsulated, and a router between the nodes must know the pods',
  ),
  row('F10', 'timeout intermittent', 'peer', tunnels, 'one end may still take the way of an earlier encapsulation'),
  row(
    'F11',
    'timeout intermittent',
    'peer',
    (way) => way.kind === 'ipip' || way.kind === 'vxlan',
    'a node takes tunnel packets only from addresses in its set of peers',
  ),
  row('F12', 'timeout no-route', 'node', tunnels, 'the tunnel’s device may be down, or without its address'),
  row(
    'F13',
    'timeout',
    'node',
    by('vxlan'),
    'entries for the tunnel of the other node may be those of a machine before it',
  ),
  row(
    'F15',
    'small-ok-large-hang',
    'underlay',
    (way) => way.kind !== 'local',
    'the network may pass less than the MTU of the pods and the tunnel’s header',
  ),
  row(
    'F16',
    'small-ok-large-hang intermittent',
    'node',
    (way) => way.kind !== 'local',
    'nodes or pods may have different MTUs',
  ),
  row(
    'F17',
    'small-ok-large-hang',
    'underlay',
    (way) => way.kind !== 'local',
    'the ICMP message that tells the sender a smaller size may be filtered',
  ),
  row('F18', 'timeout', 'underlay', by('wireguard'), 'between nodes packets are UDP 51820, which must be opened'),
  row('F19', 'timeout', 'peer', by('wireguard'), 'answers under a node’s own address are not among allowed-ips'),
  row(
    'F21',
    'timeout no-route',
    'objects',
    crosses,
    'calico-node may have taken an address the other nodes cannot reach',
  ),
  row('F22', 'timeout intermittent', 'time', crosses, 'an address that came later may have been taken for the node’s'),
  row('F24', 'intermittent', 'objects', crosses, 'cloned machines share hardware addresses'),
  row('F32', 'refused timeout intermittent', 'peer', pods, 'somebody else may have the address of the pod, too'),
  row('F33', 'intermittent', 'objects', crosses, 'two nodes may announce one block'),
  row(
    'F34',
    'timeout no-route',
    'node',
    (way) => way.hasBird && crosses(way),
    'without its BGP session a node learns no route to the other’s pods',
  ),
  row(
    'F41',
    'timeout intermittent',
    'time',
    (way) => way.hasBird && crosses(way),
    'routes are withdrawn while BIRD of a node restarts',
  ),
  row(
    'F42',
    'timeout no-route intermittent',
    'node',
    pods,
    'NetworkManager or systemd-networkd may have taken routes away',
  ),
  row('F43', 'timeout', 'node', crosses, 'routes of a CNI plugin before may win'),
  row(
    'F44',
    'timeout',
    'peer',
    pods,
    'the pod’s route may be gone from its node, where the blackhole of the block takes its packets',
  ),
  row('F45', 'no-route timeout', 'node', pods, 'the node may not answer for 169.254.1.1'),
  row('F47', 'no-route', 'node', pods, 'the pod may have lost its default route'),
  row(
    'F48',
    'timeout',
    'peer',
    (way) => way.kind !== 'local',
    'a strict rp_filter drops what comes by another device than the answer leaves by',
  ),
  row('F49', 'timeout', 'node', pods, 'forwarding may be off on a node'),
  row('F50', 'timeout', 'node', pods, 'Docker sets the policy of FORWARD to DROP'),
  row('F51', 'timeout no-route', 'node', always, 'firewalld or ufw may drop or reject what is routed'),
  row('F52', 'timeout', 'node', pods, 'rules may be in legacy tables and in nftables at once'),
  row('F54', 'intermittent timeout', 'node', always, 'the table of connections may be full'),
  row(
    'F55',
    'intermittent',
    'time',
    (way) => way.isService || way.protocol === 'udp',
    'two packets of one socket may race for one entry: a lookup takes five seconds',
  ),
  row(
    'F56',
    'intermittent timeout',
    'time',
    (way) => way.isService && way.protocol !== 'tcp',
    'an entry of a connection may lead to an endpoint that is gone',
  ),
  row(
    'F57',
    'timeout intermittent',
    'time',
    (way) => way.protocol === 'tcp',
    'a node that sees half of a connection drops it as INVALID; pings pass',
  ),
  row('F58', 'no-route intermittent timeout', 'node', always, 'the table of neighbours may be full'),
  row('F59', 'timeout', 'peer', pods, 'the pod’s device may be gone from its node'),
  row('F65', 'intermittent', 'time', pods, 'connections made before a policy go on, new ones do not'),
  row('F75', 'wrong-source', 'objects', () => true, 'natOutgoing and kube-proxy translate sources'),
  row(
    'F68',
    'wrong-source',
    'objects',
    ({ hasPod }) => hasPod,
    'what a node sends into a tunnel has the tunnel’s address',
  ),
  row(
    'F66',
    'wrong-source',
    'objects',
    ({ isService }) => isService,
    'externalTrafficPolicy Cluster hides clients behind a node',
  ),
  row(
    'F27',
    'wrong-source',
    'objects',
    ({ isService }) => isService,
    'kube-proxy masquerades what is not in its clusterCIDR',
  ),
  row('F76', 'refused', 'objects', ({ isService }) => isService, 'the Service may have no endpoint that is ready'),
  row(
    'F77',
    'timeout',
    'node',
    ({ isService }) => isService,
    'kube-proxy of the node may not run, or have written half of its rules',
  ),
  row('F82', 'intermittent', 'objects', ({ isService }) => isService, 'a pod may meet itself behind the Service'),
  row('F87', 'timeout', 'time', pods, 'Felix may not run, and has written nothing for newer pods'),
  row('F88', 'intermittent timeout', 'time', pods, 'Typha may tell Felix of an old state'),
  row('F89', 'intermittent', 'time', pods, 'in its first seconds a pod has no network yet'),
  row('F85', 'no-route timeout', 'node', ({ family }) => family === 6, 'IPv6 forwarding may be off'),
  row(
    'F86',
    'timeout',
    'peer',
    ({ family, hasPod }) => family === 6 && hasPod,
    'the IPv6 route of the pod may be gone',
  ),
  row('F29', 'pending', 'objects', always, 'no pool may be for the node, or for what the pod asks'),
  row('F30', 'pending', 'objects', always, 'the pool, or its blocks, may be used up'),
  row('F31', 'pending', 'objects', always, 'strict affinity forbids addresses of other nodes’ blocks'),
  row('F87', 'pending', 'time', always, 'the CNI plugin waits for calico-node'),
  row('F90', 'pending', 'time', always, 'the token of the CNI plugin may have expired'),
  row('F91', 'pending', 'time', always, 'the configuration of another plugin may come first'),
]
