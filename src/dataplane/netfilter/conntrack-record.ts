import type { ConnectionPicture } from '../../model/index.ts'
import { IP_PROTOCOL } from '../../wire/index.ts'
import { IP_CT_NEW } from '../kernel/conntrack.ts'
import { type Conn, IPS_CONFIRMED } from './conn.ts'
import { addrText } from './ct-text.ts'
import { stateName } from './match-state.ts'
import { deviceOf, type NfPacket } from './packet.ts'
import type { Tuple } from './tuple.ts'

/** Writes down which connection a packet belongs to. */
export function recordConntrack(p: NfPacket): void {
  const { log } = p.ns
  const { ct } = p
  if (log === null || ct === null) return
  const isNew = p.skb.ctinfo === IP_CT_NEW && !(ct.status & IPS_CONFIRMED)
  log.conntrack(p.skb, deviceOf(p), isNew, ctRef(p, ct))
}

/** What records say of the connection of a packet; of one in the table it is kept, since its translation is settled. */
function ctRef(p: NfPacket, ct: Conn): ConnectionPicture {
  const known = ct.refs?.[p.skb.ctinfo]
  if (known !== undefined) return known
  const made: ConnectionPicture = { state: stateName(p), original: tupleText(ct.original), reply: tupleText(ct.reply) }
  if ((ct.status & IPS_CONFIRMED) === 0) return made
  // As long as there are constants: an array that grows takes room for many more.
  ct.refs ??= [undefined, undefined, undefined, undefined, undefined]
  ct.refs[p.skb.ctinfo] = made
  return made
}

function tupleText(t: Tuple): string {
  if (t.protocol === IP_PROTOCOL.TCP || t.protocol === IP_PROTOCOL.UDP) {
    const name = t.protocol === IP_PROTOCOL.TCP ? 'tcp' : 'udp'
    return `${name} ${addrText(t.src)}:${t.sport} > ${addrText(t.dst)}:${t.dport}`
  }
  if (t.protocol === IP_PROTOCOL.ICMP || t.protocol === IP_PROTOCOL.ICMPV6) {
    return `${t.protocol === IP_PROTOCOL.ICMP ? 'icmp' : 'icmpv6'} ${addrText(t.src)} > ${addrText(t.dst)} type ${t.dport >>> 8} id ${t.sport}`
  }
  return `proto ${t.protocol} ${addrText(t.src)} > ${addrText(t.dst)}`
}
