import { IP_PROTOCOL } from '../../wire/index.ts'
import { type Flow4, type IpSend, NO_PACKET } from '../kernel/stack.ts'
import type { World } from '../kernel/world.ts'
import { FibResult } from './fib.ts'
import type { FibFlow } from './fib-rule.ts'
import { IPV4_SLOT } from './slot.ts'

/** A question to the routing tables, and its answer. */
export class FibQuery {
  /** What is asked. */
  readonly flow: FibFlow = { daddr: 0, saddr: 0, tos: 0, mark: 0, iif: null, oif: null, proto: 0, sport: 0, dport: 0 }
  /** What came of it. */
  readonly result: FibResult = new FibResult()
}

/** What an ICMP message is routed by and sent with. */
export class IcmpQuery {
  /** What its route is asked with. */
  readonly flow: Flow4 = flow4(IP_PROTOCOL.ICMP)
  /** What output is given. */
  readonly send: IpSend = {
    daddr: 0,
    saddr: 0,
    protocol: IP_PROTOCOL.ICMP,
    tos: 0,
    ttl: -1,
    df: false,
    ignoreDf: true,
    sk: null,
    mark: 0,
  }
}

/**
 * What is filled again for each packet instead of being made anew, a machine a set; everything in it belongs to one user and
 * is worthless when its function has returned.
 */
export class Scratch4 {
  /** Of route input. */
  readonly input: FibQuery = new FibQuery()
  /** Of route output. */
  readonly output: FibQuery = new FibQuery()
  /** Of the check of the source. */
  readonly source: FibQuery = new FibQuery()
  /** Of the address by which a packet is answered. */
  readonly specDst: FibQuery = new FibQuery()
  /** Of the type of an address. */
  readonly address: FibQuery = new FibQuery()
  /** Of what a path is learned for. */
  readonly path: FibQuery = new FibQuery()
  /** Of `-m rpfilter`. */
  readonly reverse: FibResult = new FibResult()
  /** Of the route of a packet whose path is learned. */
  readonly learned: Flow4 = flow4(0)
  /** Of local output. */
  readonly send: Flow4 = flow4(0)
  /** Of routing again after netfilter. */
  readonly reroute: Flow4 = flow4(0)
  /** Of a quoted packet. */
  readonly quoted: Flow4 = flow4(0)
  /** Of ICMP errors. */
  readonly error: IcmpQuery = new IcmpQuery()
  /** Of ICMP answers. */
  readonly reply: IcmpQuery = new IcmpQuery()
}

function flow4(proto: number): Flow4 {
  return {
    daddr: 0,
    saddr: 0,
    tos: 0,
    mark: 0,
    oif: null,
    iif: null,
    proto,
    sport: 0,
    dport: 0,
    anySource: false,
    packet: NO_PACKET,
  }
}

/** The set of a machine. */
export function scratch4Of(sim: World): Scratch4 {
  return sim.scratch[IPV4_SLOT] as Scratch4
}
