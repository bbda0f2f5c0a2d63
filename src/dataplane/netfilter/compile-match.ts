import type { Match } from '../../model/index.ts'
import { assertNever } from '../../wire/index.ts'
import type { CompiledSet } from './ipset.ts'
import {
  fragmentMatch,
  icmpMatch,
  interfaceMatch,
  iprangeMatch,
  lengthMatch,
  macMatch,
  multiportMatch,
  pkttypeMatch,
  portMatch,
  prefixMatch,
  protocolMatch,
  tosMatch,
  ttlMatch,
  u32Match,
} from './match-header.ts'
import { addrtypeMatch, physdevMatch, rpfilterMatch } from './match-place.ts'
import { connmarkMatch, conntrackMatch, limitMatch, markMatch, recentMatch, statisticMatch } from './match-state.ts'
import type { MatchFn, RuleContext } from './rule.ts'

/** Sets by name. */
export type SetLookup = (name: string) => CompiledSet | undefined

/** A set that a compiled rule asks: another takes its place where nothing but members has changed. */
export interface BoundSet {
  set: CompiledSet
}

/** Finds a set for a rule, by name. */
export type SetBinding = (name: string) => BoundSet | undefined

/** Compiles one match; null when it always holds. */
export function compileMatch(m: Match, context: RuleContext, sets: SetBinding): MatchFn | null {
  switch (m.kind) {
    case 'in-interface':
    case 'out-interface':
      return interfaceMatch(m)
    case 'protocol':
      return protocolMatch(m)
    case 'source':
    case 'destination':
      return prefixMatch(m)
    case 'fragment':
      return fragmentMatch(m)
    case 'tcp':
    case 'udp':
    case 'sctp':
    case 'dccp':
    case 'udplite':
      return portMatch(m)
    case 'icmp':
    case 'icmp6':
      return icmpMatch(m)
    case 'mark':
      return markMatch(m)
    case 'connmark':
      return connmarkMatch(m)
    case 'conntrack':
      return conntrackMatch(m)
    case 'set':
      return setMatch(m, sets)
    case 'multiport':
      return multiportMatch(m)
    case 'comment':
      return null
    case 'addrtype':
      return addrtypeMatch(m)
    case 'rpfilter':
      return rpfilterMatch(m)
    case 'statistic':
      return statisticMatch(m, context)
    case 'physdev':
      return physdevMatch(m)
    case 'limit':
      return limitMatch(m, context)
    case 'recent':
      return recentMatch(m)
    case 'iprange':
      return iprangeMatch(m)
    case 'length':
      return lengthMatch(m)
    case 'ttl':
      return ttlMatch(m)
    case 'tos':
    case 'dscp':
      return tosMatch(m)
    case 'pkttype':
      return pkttypeMatch(m)
    case 'mac':
      return macMatch(m)
    case 'u32':
      return u32Match(m)
    case 'unsupported':
      return unmodelled(`-m ${m.name}`)
    default:
      return assertNever(m)
  }
}

/** A match nobody can answer: the packet ends here, by name. */
function unmodelled(what: string): MatchFn {
  return (p) => {
    p.unmodelled = what
    return false
  }
}

function setMatch(m: Extract<Match, { kind: 'set' }>, sets: SetBinding): MatchFn {
  const bound = sets(m.set)
  if (bound === undefined) return unmodelled(`-m set: there is no set ${m.set}`)
  const invert = m.invert === true
  const source = m.dims.map((dim) => dim === 'src')
  return (p) => bound.set.test(p, source) !== invert
}
