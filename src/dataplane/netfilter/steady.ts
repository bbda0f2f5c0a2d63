import type { Match, Target } from '../../model/index.ts'
import { assertNever } from '../../wire/index.ts'

/**
 * Whether a match comes out the same for every packet of a flow as `WalkMemo` tells flows apart, until the network changes: it looks at
 * nothing but what that compares, and remembers nothing.
 */
export function isSteadyMatch(m: Match, sets: (name: string) => { readonly steady: boolean } | undefined): boolean {
  switch (m.kind) {
    case 'in-interface':
    case 'out-interface':
    case 'protocol':
    case 'source':
    case 'destination':
    case 'iprange':
    case 'fragment':
    case 'icmp':
    case 'icmp6':
    case 'multiport':
    case 'mark':
    case 'connmark':
    case 'conntrack':
    case 'comment':
    case 'addrtype':
    case 'rpfilter':
    case 'physdev':
    case 'tos':
    case 'dscp':
      return true
    case 'tcp':
    case 'udp':
    case 'sctp':
    case 'dccp':
    case 'udplite':
      return m.flags === undefined && m.option === undefined
    case 'set':
      return sets(m.set)?.steady === true
    case 'statistic':
    case 'limit':
    case 'recent':
    case 'length':
    case 'ttl':
    case 'pkttype':
    case 'mac':
    case 'u32':
    case 'unsupported':
      return false
    default:
      return assertNever(m)
  }
}

/** Whether a target that is called again for the next packet of a flow ends the walk as before, and no match that follows notices. */
export function isSteadyTarget(t: Target): boolean {
  switch (t.kind) {
    case 'LOG':
    case 'NFLOG':
    case 'CHECKSUM':
    case 'MARK':
    case 'CONNMARK':
    case 'NOTRACK':
    case 'TCPMSS':
    case 'TTL':
    case 'TOS':
    case 'DSCP':
      return true
    case 'CT':
      return t.helper === undefined
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
    case 'jump':
    case 'goto':
      return true
    case 'REJECT':
    case 'SNAT':
    case 'DNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
    case 'NETMAP':
    case 'SET':
    case 'unsupported':
      return false
    default:
      return assertNever(t)
  }
}
