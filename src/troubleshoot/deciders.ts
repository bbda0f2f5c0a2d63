import type { FailureCode } from '../failures/index.ts'
import type { Decider } from './diagnosis.ts'

/** What a deciding command is about. */
export interface DecidedPlace {
  /** Node to look at. */
  readonly node: string
  /** Node at the other end; the same where there is none. */
  readonly peer: string
  /** Address of that node between nodes. */
  readonly peerAddress: string
  /** Who asks: `namespace/pod`, or a node. */
  readonly from: string
  /** Address that is asked. */
  readonly target: string
  /** Address of who asks. */
  readonly source: string
  /** Interface. */
  readonly dev: string
  /** The node's card. */
  readonly card: string
  /** Host end of the pod that is asked, or asks. */
  readonly podDev: string
  /** Device of the tunnel between nodes; the card where there is none. */
  readonly tunnel: string
  /** Port of the flow; 0 for none. */
  readonly port: number | string
}

type Row = (place: DecidedPlace) => Decider

const on =
  (at: 'node' | 'peer' | 'from' | '', command: (place: DecidedPlace) => string, ifSo: string, ifNot: string): Row =>
  (place) => ({ at: at === '' ? '' : place[at], command: command(place), ifSo, ifNot })

const six = ({ target }: DecidedPlace): string => (target.includes(':') ? '-6 ' : '')
const tables = ({ target }: DecidedPlace): string => (target.includes(':') ? 'ip6tables' : 'iptables')
const routeGet = (place: DecidedPlace): string => `ip ${six(place)}route get ${place.target}`
const seenAt =
  (filter: string) =>
  ({ card }: DecidedPlace): string =>
    `tcpdump -ni ${card} ${filter}`
const host = ({ card, source }: DecidedPlace): string => `tcpdump -ni ${card} host ${source}`
const sessions = (): string => 'calicoctl node status'
const pools = (): string => 'calicoctl get ippool -o wide'

const NEVER_COMES = 'nothing comes in, although it leaves the other node'
const COMES = 'the packets come in: look behind the card'
const NO_ROUTE = 'the default route, or none'
const POD_ROUTE = 'a route to the block, by a tunnel or by the other node'

/** What decides each failure. Those whose command needs no packet come first where there is a choice. */
const DECIDERS: Readonly<Partial<Record<FailureCode, Row>>> = {
  F01: on('peer', seenAt('ip proto 4'), NEVER_COMES, COMES),
  F02: on('peer', seenAt('ip proto 4'), `${NEVER_COMES}; the security group names 94 or ipip, and IPIP is 4`, COMES),
  F03: on('peer', seenAt('udp port 4789'), NEVER_COMES, COMES),
  F04: on('peer', seenAt('udp port 4789'), `${NEVER_COMES}; another vxlanPort (4799) cures it`, COMES),
  F05: on('peer', ({ card }) => `tcpdump -vvni ${card} udp port 4789`, 'bad udp cksum', 'udp sum ok'),
  F06: on('peer', host, `${NEVER_COMES}: the cloud drops what has a pod’s address`, COMES),
  F07: on('peer', host, `${NEVER_COMES}: the port allows its own address only`, COMES),
  F08: on(
    'from',
    ({ target }) => `traceroute -n ${target}`,
    'it ends at the router, which answers unreachable or nothing',
    'it ends at the pod',
  ),
  F09: on(
    '',
    () => 'calicoctl get nodes -o wide',
    'the prefix length is not that of the segment (a /32, or one too wide)',
    'the prefix is the segment’s',
  ),
  F10: on(
    'node',
    routeGet,
    'this end takes the tunnel and the other does not, or the other way round',
    'both ends take the same way',
  ),
  F11: on(
    'peer',
    ({ tunnel }) => `ipset list ${tunnel === 'vxlan.calico' ? 'cali40all-vxlan-net' : 'cali40all-hosts-net'}`,
    'the sender’s outer address is missing',
    'it is a member',
  ),
  F12: on('node', ({ tunnel }) => `ip -d link show ${tunnel}`, 'DOWN, or does not exist', 'UP'),
  F13: on(
    'node',
    ({ tunnel }) => `ip neigh show dev ${tunnel}`,
    'another MAC address than the tunnel of the other node has',
    'that of the tunnel of the other node',
  ),
  F14: on(
    'node',
    (place) => `${tables(place)} -nvL cali-fw-${place.podDev}`,
    'the rule for encapsulated packets from workloads counts',
    'it counts nothing',
  ),
  F15: on(
    'from',
    ({ target }) => `ping -M do -c 3 -s 1400 ${target}`,
    'lost, while small pings pass; smaller and smaller sizes find the largest that passes',
    'it passes',
  ),
  F16: on('node', () => 'ip -o link', 'an MTU that the other nodes have not', 'the same MTU as elsewhere'),
  F17: on(
    'node',
    () => 'tcpdump -ni any icmp[0]=3 and icmp[1]=4',
    'frag-needed is sent here, and never seen at the sender',
    'the sender gets it',
  ),
  F18: on('peer', seenAt('udp port 51820'), NEVER_COMES, COMES),
  F19: on(
    'peer',
    ({ tunnel }) => `wg show ${tunnel} allowed-ips`,
    'the node’s own address is not among those allowed',
    'it is',
  ),
  F20: on('node', ({ card }) => `ethtool -k ${card}`, 'offloads for tunnels are off', 'they are on'),
  F21: on(
    '',
    () => 'calicoctl get nodes -o wide',
    'an address of a card that others cannot reach (NAT, docker, a second card)',
    'the address others reach it by',
  ),
  F22: on(
    '',
    () => 'calicoctl get nodes -o wide',
    'an address that came later (a bridge, a VIP)',
    'the address of the card',
  ),
  F23: on('', () => 'calicoctl get nodes -o wide', 'one address twice', 'every address once'),
  F24: on(
    'node',
    ({ tunnel }) => `ip link show ${tunnel}`,
    'the same MAC address as on another node',
    'an own MAC address',
  ),
  F25: on('', pools, 'a CIDR that has addresses of nodes or of the LAN', 'a range nobody else uses'),
  F26: on('', pools, 'a CIDR that overlaps the range of Services, or has host bits', 'a range of its own'),
  F27: on(
    'node',
    (place) => `${tables(place)} -t nat -S KUBE-SERVICES`,
    'rules with ! -s of another range than the pool',
    'the range of the pool, or none',
  ),
  F28: on('', pools, 'DISABLED true', 'DISABLED false'),
  F29: on('', () => 'calicoctl get ippool -o yaml', 'no nodeSelector selects the node', 'one selects it'),
  F30: on('', () => 'calicoctl ipam show --show-blocks', 'nothing free', 'free addresses'),
  F31: on(
    '',
    () => 'calicoctl ipam show --show-borrowed',
    'the address is borrowed, or strict affinity forbids it',
    'nothing is borrowed',
  ),
  F32: on('', () => 'kubectl get pods -A -o wide', 'the address is listed twice, or is a node’s', 'every address once'),
  F33: on('', () => 'calicoctl ipam check', 'a block with two affinities', 'nothing'),
  F34: on('node', sessions, 'the peer is not Established: Connect, Active, or refused', 'Established'),
  F35: on('', () => 'calicoctl get nodes -o wide', 'a node that is no longer there', 'only nodes that run'),
  F36: on('node', sessions, 'no peers', 'peers that are Established'),
  F37: on('node', () => 'birdcl show route', 'blocks of clients of the other reflector are missing', 'all blocks'),
  F38: on('node', sessions, 'Bad peer AS', 'Established'),
  F39: on('node', sessions, 'Bad BGP identifier', 'Established'),
  F40: on('node', sessions, 'hundreds of peers', 'few'),
  F41: on('peer', () => 'birdcl show status', 'BIRD is not running, or has just started', 'BIRD is ready'),
  F42: on('node', routeGet, NO_ROUTE, POD_ROUTE),
  F43: on('node', routeGet, 'a device of another plugin (cni0, flannel.1), or another way than Calico’s', POD_ROUTE),
  F44: on('node', routeGet, 'blackhole (RTNETLINK answers: Invalid argument)', 'dev cali…'),
  F45: on(
    'node',
    ({ podDev }) => `sysctl net.ipv4.conf.${podDev}.proxy_arp`,
    '0; or 1, and `ip route get 169.254.1.1` finds no route',
    '1, and a route to 169.254.1.1',
  ),
  F46: on('node', () => 'ip -br addr', 'an address in 169.254.1.0/24', 'none there'),
  F47: on(
    'from',
    (place) => `ip ${six(place)}route`,
    'no default route, or not via 169.254.1.1',
    'default via 169.254.1.1 dev eth0',
  ),
  F48: on('node', () => 'nstat -az TcpExtIPReversePathFilter', 'a count that grows with each packet', '0'),
  F49: on('node', () => 'sysctl net.ipv4.ip_forward', '= 0', '= 1'),
  F50: on(
    'node',
    (place) => `${tables(place)} -nvL FORWARD`,
    '(policy DROP …) and its counter grows',
    '(policy ACCEPT …)',
  ),
  F51: on(
    'node',
    (place) => `${tables(place)} -S`,
    'rules of a firewall manager (ufw, firewalld) or a REJECT or DROP that is not Calico’s',
    'only cali-, KUBE- and accepting rules',
  ),
  F52: on('node', () => 'iptables-legacy-save', 'rules, while iptables-nft-save has rules, too', 'nothing'),
  F53: on(
    '',
    () => 'kubectl get configmap -n kube-system kube-proxy -o yaml',
    'mode: nftables, with an older Calico',
    'another mode',
  ),
  F54: on(
    'node',
    () => 'sysctl net.netfilter.nf_conntrack_max net.netfilter.nf_conntrack_count',
    'the count is at the maximum',
    'far below it',
  ),
  F55: on('node', () => 'conntrack -S', 'insert_failed grows', 'insert_failed stays'),
  F56: on(
    'node',
    ({ target }) => `conntrack -L -p udp --orig-dst ${target}`,
    'an entry that leads to an address no pod has',
    'entries that lead to endpoints',
  ),
  F57: on(
    'node',
    (place) => `${tables(place)} -nvL cali-fw-${place.podDev}`,
    'the rule for ctstate INVALID counts',
    'it counts nothing',
  ),
  F58: on(
    'node',
    () => 'sysctl net.ipv4.neigh.default.gc_thresh3',
    'about as many as `ip neigh | wc -l` says',
    'far more than there are neighbours',
  ),
  F59: on('node', ({ podDev }) => `ip link show ${podDev}`, 'does not exist', 'UP'),
  F60: on('from', () => 'nslookup kubernetes.default', 'timed out, and asking an address works', 'an answer'),
  F61: on(
    'from',
    () => 'cat /etc/resolv.conf',
    'an address that no pod has (169.254.20.10)',
    'the ClusterIP of kube-dns',
  ),
  F62: on(
    '',
    () => 'kubectl get networkpolicy -A -o yaml',
    'two items (OR) where one with both selectors was meant (AND), or the other way round',
    'the peers that are meant',
  ),
  F63: on(
    '',
    () => 'calicoctl get globalnetworkpolicy -o yaml',
    'a policy that selects everything',
    'policies that select what is meant',
  ),
  F64: on(
    '',
    () => 'calicoctl get globalnetworkpolicy,networkpolicy -A -o yaml',
    'a policy with Log as its only action',
    'a rule with Allow behind it',
  ),
  F65: on('node', ({ target }) => `conntrack -L --dst ${target}`, 'an entry that was made before the policy', 'none'),
  F66: on(
    'peer',
    ({ podDev, port }) => `tcpdump -ni ${podDev} port ${port}`,
    'the source is a node’s address',
    'the source is the client’s',
  ),
  F67: on(
    '',
    () => 'kubectl get pods -o wide -A',
    'the pod runs on another node than the one whose port it asks',
    'it asks its own node',
  ),
  F68: on(
    'peer',
    ({ podDev }) => `tcpdump -ni ${podDev}`,
    'the source is a node’s or a tunnel’s address',
    'the source is a pod’s',
  ),
  F69: on('', () => 'kubectl get pods -o wide -A', 'the client is the pod’s own node', 'the client is elsewhere'),
  F70: on('node', () => 'iptables -nvL cali-wl-to-host', 'DROP at the end, and its counter grows', 'ACCEPT or RETURN'),
  F71: on(
    '',
    () => 'calicoctl get hostendpoint -o wide',
    'a host endpoint of the node, and no policy that allows the port',
    'none of this node',
  ),
  F72: on('', () => 'kubectl get configmap -n kube-system kube-proxy -o yaml', 'mode: ipvs', 'another mode'),
  F73: on('', pools, 'NAT false', 'NAT true'),
  F74: on('node', ({ target }) => `ipset test cali40all-ipam-pools ${target}`, 'is in set', 'is NOT in set'),
  F75: on(
    'node',
    ({ target }) => `conntrack -L --orig-dst ${target}`,
    'the reply goes to a node’s address',
    'the reply goes to the pod’s',
  ),
  F76: on('', () => 'kubectl get endpointslices -A', 'no endpoints, or none that is ready', 'ready endpoints'),
  F77: on(
    'node',
    (place) => `${tables(place)} -t nat -S KUBE-SERVICES`,
    'no rule for the address of the Service, or no such chain',
    'a rule that leads to KUBE-SVC-…',
  ),
  F78: on('node', routeGet, 'src is an address of another card than the packet leaves by', 'src is that of the card'),
  F79: on('node', () => 'ipvsadm -Lnc', 'SYN_RECV with the address of the Service as source', 'ESTABLISHED'),
  F80: on('node', ({ target }) => `arping -c 3 ${target}`, 'several MAC addresses answer', 'one'),
  F81: on(
    '',
    () => 'kubectl get endpointslices -A -o wide',
    'no endpoint on the node that is asked, and Local in the Service',
    'an endpoint there',
  ),
  F82: on('', () => 'kubectl get endpointslices -A', 'the client is one of the endpoints', 'it is none'),
  F83: on(
    'from',
    ({ target, port }) => `nc -vz -w 3 ${target} ${port === 0 ? 443 : port}`,
    'open: the Service works, only ping does not',
    'timed out: it is more than ping',
  ),
  F84: on('node', () => 'calico-node -bpf counters dump', 'drops are counted', 'none'),
  F85: on('node', () => 'sysctl net.ipv6.conf.all.forwarding', '= 0', '= 1'),
  F86: on('node', routeGet, 'no route to the address but that of the block', 'dev cali…'),
  F87: on(
    '',
    ({ node }) => `kubectl get pods -A -o wide --field-selector spec.nodeName=${node}`,
    'calico-node is not Ready (0/1), or not there',
    'calico-node is 1/1',
  ),
  F88: on(
    '',
    () => 'kubectl get pods -A -o wide',
    'calico-typha is not Ready',
    'calico-typha is Ready, or there is none',
  ),
  F89: on('', () => 'kubectl get events -A', 'the pod started seconds before the loss', 'it has run for long'),
  F90: on('', () => 'kubectl get events -A', 'connection is unauthorized', 'another reason'),
  F91: on('node', () => 'ls /etc/cni/net.d', 'a file of another plugin comes first', '10-calico.conflist comes first'),
}

/** The one command that decides on a failure; undefined for what has no row. */
export function deciderOf(failure: FailureCode, place: DecidedPlace): Decider | undefined {
  return DECIDERS[failure]?.(place)
}

/** The three facts that split the causes of "A does not reach B": is the route there, is it tunnelled, does the outer packet arrive. */
export function threeFacts(place: DecidedPlace, outer: string): readonly Decider[] {
  return [
    {
      at: place.node,
      command: routeGet(place),
      ifSo: `the route is there: dev ${place.tunnel}`,
      ifNot: 'there is none, or the default route',
    },
    {
      at: place.node,
      command: `ip -d link show ${place.tunnel}`,
      ifSo: 'the device is UP, and its MTU is that of the pods or more',
      ifNot: 'it is DOWN, or not there',
    },
    {
      at: place.peer,
      command: `tcpdump -c 3 -ni ${place.card} ${outer}`,
      ifSo: 'the outer packet arrives: look at this node',
      ifNot: 'it does not: look at the network between',
    },
  ]
}
