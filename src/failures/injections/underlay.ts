import type { IPPoolResource, UnderlayFilter } from '../../control/index.ts'
import { betweenNodes, broken, LARGE, LOST_IN_SILENCE, NOTHING_CAME, ping, tcp, unharmed } from '../flows.ts'
import { apply, type InjectionDraft } from '../injection.ts'
import { addressOf, crossing, lacks, type Pair, pairWith, type Situation, tooNarrow, wayTo } from '../situation.ts'
import { cardOf, filtered, switchOf, underlayOf, withCard, withSegment } from '../underlay-edit.ts'
import { nodeAddress } from './kernel.ts'

/** What a tunnel is outside: what a filter names, and what tcpdump does. */
const OUTER = {
  ipip: { filter: { protocol: 4 }, tcpdump: 'ip proto 4' },
  vxlan: { filter: { protocol: 'udp', port: 4789 }, tcpdump: 'udp port 4789' },
  wireguard: { filter: { protocol: 'udp', port: 51820 }, tcpdump: 'udp port 51820' },
} as const

/** The segment where packets of a pair are lost: that of the client's node. */
function segmentOf(situation: Situation, { client }: Pair): { readonly segment: string; readonly switchName: string } {
  const { segment } = cardOf(situation, client.node)
  return { segment, switchName: switchOf(situation, segment) }
}

/** A segment that lets the packets of a tunnel not pass, and everything else. */
function blockedTunnel(
  situation: Situation,
  way: keyof typeof OUTER,
  says: string,
  ...filters: readonly UnderlayFilter[]
): InjectionDraft {
  const pair = crossing(situation, [way], way)
  const { segment, switchName } = segmentOf(situation, pair)
  return {
    at: switchName,
    steps: [filtered(situation, segment, says, ...filters)],
    shows: [broken(ping(pair), 'timeout', switchName, 'netfilter_drop'), unharmed(betweenNodes(pair))],
    confirm: [
      {
        host: pair.server.node,
        line: `tcpdump -ni ${cardOf(situation, pair.server.node).dev} ${OUTER[way].tcpdump} and src host ${nodeAddress(situation, pair.client)}`,
        shows: NOTHING_CAME,
        because: `what ${pair.client.node} sends does not arrive here, although it leaves there`,
      },
    ],
  }
}

/** F01 */
export function protocol4(situation: Situation): InjectionDraft {
  const name = 'the fabric passes no protocol 4'
  return blockedTunnel(situation, 'ipip', 'the segment drops IP protocol 4', { name, ...OUTER.ipip.filter })
}

/** F02 */
export function protocol94(situation: Situation): InjectionDraft {
  const allowed = ['tcp', 'udp', 'icmp', 94].map((protocol) => ({ action: 'accept' as const, protocol }))
  const rest = { name: 'the security group ends here: it allows protocol 94, and IPIP is 4' }
  const says = 'a security group allows TCP, UDP, ICMP and, by the name ipip, protocol 94'
  return blockedTunnel(situation, 'ipip', says, ...allowed, rest)
}

/** F03 */
export function vxlanPort(situation: Situation): InjectionDraft {
  const name = 'no rule opens UDP 4789'
  return blockedTunnel(situation, 'vxlan', 'the segment drops UDP port 4789', { name, ...OUTER.vxlan.filter })
}

/** F04 */
export function claimedPort(situation: Situation): InjectionDraft {
  const name = 'the hypervisor takes UDP 4789 for its own overlay'
  const filter = { name, reserved: true, ...OUTER.vxlan.filter }
  return blockedTunnel(situation, 'vxlan', 'the hypervisor claims UDP port 4789', filter)
}

/** F18 */
export function wireguardPort(situation: Situation): InjectionDraft {
  const name = 'no rule opens UDP 51820'
  return blockedTunnel(situation, 'wireguard', 'the segment drops UDP port 51820', { name, ...OUTER.wireguard.filter })
}

/** F06 */
export function sourceCheck(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['plain'], 'plain')
  const { segment, switchName } = segmentOf(situation, pair)
  const checked = withSegment(underlayOf(situation), segment, (one) => ({ ...one, sourceCheck: true }))
  return {
    at: switchName,
    steps: [apply('the cloud drops what a card sends under another address than its own', checked)],
    shows: [broken(ping(pair), 'timeout', switchName, 'netfilter_drop'), unharmed(betweenNodes(pair))],
    confirm: [nothingBare(situation, pair)],
  }
}

/** F07 */
export function allowedAddresses(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['plain'], 'plain')
  const { dev, segment } = cardOf(situation, pair.client.node)
  const checked = withCard(underlayOf(situation), pair.client.node, dev, (card) => ({ ...card, sourceCheck: true }))
  const where = switchOf(situation, segment)
  return {
    at: pair.client.node,
    steps: [apply(`the port of ${pair.client.node} allows its own address and no others`, checked)],
    shows: [broken(ping(pair), 'timeout', where, 'netfilter_drop'), unharmed(betweenNodes(pair))],
    confirm: [nothingBare(situation, pair)],
  }
}

function nothingBare(situation: Situation, { client, server }: Pair): InjectionDraft['confirm'][number] {
  return {
    host: server.node,
    line: `tcpdump -ni ${cardOf(situation, server.node).dev} host ${addressOf(client)}`,
    shows: NOTHING_CAME,
    because: `no tunnel: packets leave ${client.node} under the addresses of pods, and do not arrive here`,
  }
}

/** F08 */
export function otherSegment(situation: Situation): InjectionDraft {
  const fits = ({ client, server }: Pair): boolean =>
    cardOf(situation, client.node).segment !== cardOf(situation, server.node).segment &&
    !['routed', undefined].includes(wayTo(situation, client.node, server))
  const pair = pairWith(situation, fits, 'two-segments')
  if (situation.cluster.settings.backend === 'vxlan') throw lacks(situation, 'bird')
  const bare = situation.cluster.resources.ippools.map(
    (pool): IPPoolResource => ({ ...pool, spec: { ...pool.spec, ipipMode: 'Never', vxlanMode: 'Never' } }),
  )
  return {
    at: pair.client.node,
    steps: [apply('pools are without encapsulation, and the router between the segments knows no pods', ...bare)],
    shows: [{ ask: ping(pair), before: 'works', after: 'timeout' }, unharmed(betweenNodes(pair))],
    confirm: [
      {
        host: pair.client.node,
        line: `ip route get ${addressOf(pair.server)}`,
        shows: ' via .* dev (?!tunl0|vxlan|wireguard)',
        because: 'no tunnel, and the next hop is the router: behind it the way of pods is unknown',
      },
    ],
  }
}

/** F15 */
export function smallerUnderlay(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['ipip', 'vxlan', 'wireguard', 'plain'], 'two-nodes')
  const { segment, switchName } = segmentOf(situation, pair)
  const { dev } = cardOf(situation, pair.client.node)
  const underlay = underlayOf(situation)
  const inUse = situation.network.namespaces[pair.client.node]?.interfaces[dev]?.mtu ?? 1500
  const mtu = tooNarrow(situation, pair)
  const smaller = withSegment(withMtusOfNow(situation), segment, (one) => ({ ...one, mtu }))
  return {
    at: switchName,
    steps: [apply(`the segment passes ${mtu} bytes, and machines do not know: their cards have ${inUse}`, smaller)],
    shows: [
      {
        ask: tcp(pair, 8080, LARGE),
        before: 'works',
        after: 'timeout',
        lost: { netns: pair.client.node, causes: ['veth_frame_too_long'] },
      },
      unharmed(ping(pair)),
    ],
    confirm: [
      {
        host: pair.client.netns,
        line: `ping -c 3 -M do -s ${pair.client.mtu - 28} ${addressOf(pair.server)}`,
        shows: LOST_IN_SILENCE,
        because: 'a ping as long as the MTU of the pod is lost, and nobody says why',
      },
    ],
  }

  /** Cards as they are, said at each: they would follow their segment. */
  function withMtusOfNow({ network }: Situation): typeof underlay {
    const nodes = underlay.spec.nodes.map((node) => ({
      ...node,
      interfaces: node.interfaces.map((card) =>
        card.segment === segment
          ? { ...card, mtu: network.namespaces[node.name]?.interfaces[card.name]?.mtu ?? 1500 }
          : card,
      ),
    }))
    return { ...underlay, spec: { ...underlay.spec, nodes } }
  }
}
