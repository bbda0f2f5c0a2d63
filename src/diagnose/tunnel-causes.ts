import { fieldNumber, fieldText, headersOfHop, lastMatch } from '../trace/index.ts'
import type { Layer } from '../wire/index.ts'
import type { Cause, DropPlace } from './cause.ts'

/** A tunnel’s packet for which there is no device. */
export function noTunnel({ drop, facts }: DropPlace): Cause {
  const ns = facts.network.namespaces[drop.netns]
  const down = Object.values(ns?.interfaces ?? {}).find((one) => one.kind === 'ipip' && !one.up)
  if (down !== undefined)
    return {
      code: 'link_down',
      dev: down.name,
      right: `${down.name} is down in ${drop.netns}: bring it up, or use the same encapsulation on both nodes`,
      checks: [`ip -d link show ${down.name}`],
    }
  return {
    code: 'tunnel_missing',
    by: 'felix',
    right: `${drop.netns} has no tunnel device for these outer addresses: are both nodes in the same encapsulation mode?`,
    checks: ['ip -d link show type ipip', 'calicoctl get ippool -o wide'],
  }
}

/** Into the tunnel, and nobody says to which machine; without a gateway its own packets go into it again. */
export function withoutRemote({ drop }: DropPlace): Cause {
  return {
    code: 'tunnel_without_remote',
    right: 'The route into the tunnel needs a gateway outside of it, or the tunnel a remote',
    checks: [`ip route show dev ${drop.dev}`, `ip -d link show ${drop.dev}`],
  }
}

/** Both numbers, that of the packet and those of the node. */
export function otherVni({ drop, lost, facts }: DropPlace): Cause {
  const devs = Object.values(facts.network.namespaces[drop.netns]?.interfaces ?? {})
  const here = devs.flatMap(({ name, vxlan }) => (vxlan === undefined ? [] : [`${name} has ${vxlan.id}`]))
  const sent = lastMatch(headersAt(lost.hops), (layer) => layer.protocol === 'vxlan')
  const packet = sent === undefined ? '' : `the packet has VNI ${fieldNumber(sent, 'vni')}, `
  return {
    code: 'vni_unknown',
    because: `${packet}${here.length === 0 ? 'this machine has no VXLAN device' : here.join(', ')}`,
    right: 'Both ends must use the same VNI (vxlanVNI of FelixConfiguration)',
    checks: ['ip -d link show type vxlan', 'calicoctl get felixconfiguration -o yaml'],
  }
}

/** Headers of the last frame before a drop. */
function headersAt(hops: DropPlace['lost']['hops']): readonly Layer[] {
  const frame = lastMatch(hops, (hop) => hop.kind === 'tx' || hop.kind === 'rx')
  if (frame?.kind !== 'tx' && frame?.kind !== 'rx') return []
  return headersOfHop(frame)
}

/** A tunnel's packet at a port that nobody has: a handshake, or one with another packet inside. */
export function closedTunnel({ drop, lost }: DropPlace): Cause | undefined {
  if (drop.cause !== 'no_socket_udp' && drop.cause !== 'no_socket_udp6') return undefined
  const layers = headersAt(lost.hops).filter((layer) => layer.protocol === 'udp')
  const [outer] = layers
  const isOwn = lost.role === 'request' || lost.role === 'reply'
  if (outer === undefined || (isOwn && lost.flow?.protocol === 'udp' && layers.length < 2)) return undefined
  const port = fieldText(outer, 'destinationPort')
  return {
    code: 'tunnel_missing',
    by: 'felix',
    right: `No tunnel of ${drop.netns} takes UDP ${port}: both nodes need the same encapsulation, and the same port for it (vxlanPort, wireguardListeningPort)`,
    checks: ['ip -d link show type vxlan', `ss -lnup sport = :${port}`],
  }
}
