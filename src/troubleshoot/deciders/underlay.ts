import type { DecidedPlace } from './place.ts'
import { literal, nodes, on, type Rows, routeGet, six, tables, without } from './row.ts'

const NEVER_COMES = 'nothing comes in, although it leaves the other node'
const COMES = 'the packets come in: look behind the card'
const NOTHING_SEEN = '^0 packets captured'

const outer =
  (filter: string) =>
  ({ card, nodeAddress }: DecidedPlace): string =>
    `tcpdump -ni ${card} ${filter} and src host ${nodeAddress}`
const bare = ({ card, source }: DecidedPlace): string => `tcpdump -ni ${card} host ${source}`

/** A ping that fills a packet of who asks. */
const full = ({ asked, mtu }: DecidedPlace): string =>
  `ping ${asked.includes(':') ? '-6 ' : ''}-M do -c 3 -s ${mtu - (asked.includes(':') ? 48 : 28)} ${asked}`

/** Lost, and nobody says that it is too long. */
const LOST_IN_SILENCE = `${without('[Ff]rag|[Tt]oo (?:long|big)')}[\\s\\S]*\\b0 (?:packets )?received`

const setOf = ({ tunnel }: DecidedPlace): string =>
  `cali40all-${tunnel.startsWith('vxlan') ? 'vxlan-net' : 'hosts-net'}`

const noCardOf = ({ cards }: DecidedPlace): string =>
  [cards.node, cards.peer].map(({ cidr }) => without(`${literal(cidr.split('/')[0] ?? '')}/`)).join('|')

/** Underlay, encapsulation and addresses of nodes. */
export const OF_UNDERLAY: Rows = {
  F01: on('peer', outer('ip proto 4'), NOTHING_SEEN, NEVER_COMES, COMES),
  F02: on(
    'peer',
    outer('ip proto 4'),
    NOTHING_SEEN,
    `${NEVER_COMES}; the security group names 94 or ipip, and IPIP is 4`,
    COMES,
  ),
  F03: on('peer', outer('udp port 4789'), NOTHING_SEEN, NEVER_COMES, COMES),
  F04: on('peer', outer('udp port 4789'), NOTHING_SEEN, `${NEVER_COMES}; another vxlanPort (4799) cures it`, COMES),
  F05: on('peer', ({ card }) => `tcpdump -vvni ${card} udp port 4789`, 'bad udp cksum', 'bad udp cksum', 'udp sum ok'),
  F06: on('peer', bare, NOTHING_SEEN, `${NEVER_COMES}: the cloud drops what has a pod’s address`, COMES),
  F07: on('peer', bare, NOTHING_SEEN, `${NEVER_COMES}: the port allows its own address only`, COMES),
  F08: on(
    'from',
    (place) => `traceroute ${six(place)}-n ${place.target}`,
    '(?:\\* \\* \\*|![NHX]\\S*)\\s*(?![\\s\\S])',
    'it ends at the router, which answers unreachable or nothing',
    'it ends at the pod',
  ),
  F09: on(
    '',
    nodes,
    ({ node, cards }) => without(`${literal(node)}\\s.*\\s${literal(cards.node.cidr)}`),
    'the prefix length is not that of the card (a /32, or one too wide)',
    'the prefix is the card’s',
  ),
  F10: on(
    'askerNode',
    ({ asked, ...place }) => routeGet({ ...place, asked, target: asked }),
    ({ tunnel }) => `dev ${literal(tunnel)}\\b`,
    'this end takes a way that the other end does not take out, or not back',
    'both ends take the same way',
  ),
  F11: on(
    'peer',
    (place) => `ipset test ${setOf(place)} ${place.otherAddress}`,
    'NOT in set',
    'the sender’s outer address is no member',
    'it is a member',
  ),
  F12: on(
    'node',
    ({ tunnel }) => `ip -d link show ${tunnel}`,
    'state DOWN|does not exist',
    'DOWN, or does not exist',
    'UP',
  ),
  F13: (place) =>
    on(
      place.node === place.askerNode ? 'peer' : 'askerNode',
      ({ tunnel }) => `ip neigh show dev ${tunnel}`,
      ({ nodeTunnelMac }) => without(literal(nodeTunnelMac)),
      'another MAC address than the tunnel of the other node has',
      'that of the tunnel of the other node',
    )(place),
  F14: on(
    'node',
    (place) => `${tables(place)} -nvL cali-fw-${place.podDev}`,
    '^ *[1-9]\\S* .*DROP.*originating in workloads',
    'the rule for encapsulated packets from workloads counts',
    'it counts nothing',
  ),
  F15: on(
    'from',
    full,
    LOST_IN_SILENCE,
    'lost, and nobody says why, while small pings pass; smaller and smaller sizes find the largest that passes',
    'it passes',
  ),
  F16: (place) => {
    const at = place.cards.peer.mtu === place.cards.peer.meant ? 'node' : 'peer'
    const { name, meant } = place.cards[at]
    return on(
      at,
      'ip -o link',
      `^\\d+: ${literal(name)}[@:].* mtu (?!${meant}\\b)\\d+`,
      `the card has an MTU that is not the ${meant} of the others`,
      `the MTU is ${meant}, as elsewhere`,
    )(place)
  },
  F17: on(
    'from',
    full,
    LOST_IN_SILENCE,
    'lost, and no fragmentation needed reaches the sender: look for what filters ICMP where it is dropped',
    'it passes, or the sender is told',
  ),
  F18: on('peer', outer('udp port 51820'), NOTHING_SEEN, NEVER_COMES, COMES),
  F19: on(
    'node',
    'wg show wireguard.cali allowed-ips',
    ({ otherAddress }) => without(`${literal(otherAddress)}/32`),
    'the other node’s own address is not among those allowed',
    'it is',
  ),
  F20: on(
    'node',
    ({ cards }) => `ethtool -k ${cards.node.name}`,
    'tnl.*segmentation: off',
    'offloads for tunnels are off',
    'they are on',
  ),
  F21: on(
    '',
    nodes,
    noCardOf,
    'not the address of the card that a node sends by, but one others cannot reach (NAT, docker, a second card)',
    'the address others reach it by',
  ),
  F22: on('', nodes, noCardOf, 'an address that came later (a bridge, a VIP)', 'the address of the card'),
  F23: on('', nodes, '\\s([0-9.]+)/\\d+\\s[\\s\\S]*\\s\\1/\\d+\\s', 'one address twice', 'every address once'),
  F24: on(
    'node',
    ({ tunnel }) => `ip link show ${tunnel}`,
    ({ tunnelMac }) => literal(tunnelMac),
    'the same MAC address as on another node',
    'an own MAC address',
  ),
}
