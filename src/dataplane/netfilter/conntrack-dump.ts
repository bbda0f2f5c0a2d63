import type { ConntrackEntry, ConntrackTuple } from '../../model/index.ts'
import { IP_PROTOCOL, type Ip } from '../../wire/index.ts'
import {
  Conn,
  IPS_ASSURED,
  IPS_CONFIRMED,
  IPS_DST_NAT,
  IPS_NAT_DONE_MASK,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
} from './conn.ts'
import { addrText } from './ct-text.ts'
import { engineAddr } from './nat-range.ts'
import { newTcpTrack, TCP_STATES } from './tcp-track.ts'
import { hasPorts, Tuple } from './tuple.ts'

function isIcmp(protocol: number): boolean {
  return protocol === IP_PROTOCOL.ICMP || protocol === IP_PROTOCOL.ICMPV6
}

function dumpTuple(t: Tuple): ConntrackTuple {
  const ends = { src: addrText(t.src) as Ip, dst: addrText(t.dst) as Ip }
  if (hasPorts(t.protocol)) return { ...ends, sport: t.sport, dport: t.dport }
  if (isIcmp(t.protocol)) return { ...ends, type: t.dport >>> 8, code: t.dport & 0xff, id: t.sport }
  return ends
}

/** A connection as the model writes it. */
export function dumpConn(c: Conn, now: number): ConntrackEntry {
  const seen = (c.status & IPS_SEEN_REPLY) !== 0
  return {
    family: c.original.family,
    protocol: c.original.protocol,
    timeout: Math.floor((c.expires - now) / 1e9),
    ...(c.tcp === null ? {} : { state: TCP_STATES[c.tcp.state]! }),
    original: dumpTuple(c.original),
    reply: dumpTuple(c.reply),
    ...(c.status & IPS_ASSURED ? { assured: true } : {}),
    ...(seen ? {} : { unreplied: true }),
    mark: c.mark,
    ...(c.zone === 0 ? {} : { zone: c.zone }),
  }
}

function engineTuple(d: ConntrackEntry, t: ConntrackTuple): Tuple {
  const out = new Tuple()
  out.family = d.family
  out.protocol = d.protocol
  out.src = engineAddr(t.src)
  out.dst = engineAddr(t.dst)
  if (isIcmp(d.protocol)) {
    out.sport = t.id ?? 0
    out.dport = ((t.type ?? 0) << 8) | (t.code ?? 0)
  } else {
    out.sport = t.sport ?? 0
    out.dport = t.dport ?? 0
  }
  return out
}

/**
 * A connection out of a dump. What a dump does not say is taken kindly: TCP windows are not held against either side, and NAT is what
 * the tuples show.
 */
export function seedConn(d: ConntrackEntry, now: number): Conn {
  const original = engineTuple(d, d.original)
  const reply = engineTuple(d, d.reply)
  const conn = new Conn(original, reply)
  conn.status = IPS_CONFIRMED | IPS_NAT_DONE_MASK
  if (!d.unreplied) conn.status |= IPS_SEEN_REPLY
  if (d.assured) conn.status |= IPS_ASSURED
  if (reply.dst !== original.src || (!isIcmp(d.protocol) && reply.dport !== original.sport)) conn.status |= IPS_SRC_NAT
  if (reply.src !== original.dst || (!isIcmp(d.protocol) && reply.sport !== original.dport)) conn.status |= IPS_DST_NAT
  if (isIcmp(d.protocol) && reply.sport !== original.sport) conn.status |= IPS_SRC_NAT
  conn.mark = d.mark ?? 0
  conn.zone = d.zone ?? 0
  conn.expires = now + d.timeout * 1e9
  conn.streamAt = now
  if (d.protocol === IP_PROTOCOL.TCP) {
    conn.tcp = newTcpTrack()
    conn.tcp.state = Math.max(0, TCP_STATES.indexOf((d.state ?? 'ESTABLISHED') as (typeof TCP_STATES)[number]))
    for (const side of conn.tcp.seen) {
      side.beLiberal = true
      side.sackPerm = true
    }
  }
  return conn
}
