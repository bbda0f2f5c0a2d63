import { type Family, familyOf, type Prefix } from '../../../wire/index.ts'
import type { IcmpMatch, PolicyRule, ProtocolMatch, SideMatch } from '../../policy/model.ts'
import { setName } from '../felix-set.ts'
import type { FelixMatch } from './chain.ts'
import type { Marks } from './marks.ts'
import { ipPortMatch, MatchBlocks, portMatch, portSplits, type Side } from './match-block.ts'
import { inSet, net, notInSet, protocol } from './words.ts'

const SIDES = ['source', 'destination'] as const
const EVERYTHING: Readonly<Record<Family, string>> = { 4: '0.0.0.0/0', 6: '::/0' }

/** Ranges of a family; undefined when there were some and none is left: such a rule means nothing in this family. */
function ofFamily(ranges: readonly Prefix[], family: Family): readonly Prefix[] | undefined {
  const own = ranges.filter((range) => familyOf(range) === family)
  return own.length === 0 && ranges.length > 0 ? undefined : own
}

/** A side with the ranges of one family; undefined when the rule is not for that family. */
function sideFor(side: SideMatch, family: Family): SideMatch | undefined {
  const nets = ofFamily(side.nets, family)
  const notNets = ofFamily(side.notNets, family)
  // Nothing is outside everything.
  if (nets === undefined || notNets === undefined || notNets.includes(EVERYTHING[family] as Prefix)) return undefined
  return { ...side, nets, notNets }
}

/** What is left for one rule after blocks took what it cannot ask. */
type Sides = Record<Side, SideMatch>

function protocolMatch(given: ProtocolMatch | undefined, invert = false): FelixMatch[] {
  if (given === undefined) return []
  const match = protocol(given.number, given.name)
  return [match.kind === 'protocol' && invert ? { ...match, invert } : match]
}

/** Blocks for ports, where they do not fit one match. */
function portBlocks(rule: PolicyRule, sides: Sides, family: Family, blocks: MatchBlocks): void {
  for (const side of SIDES) {
    const { ports, namedPorts } = sides[side]
    const splits = portSplits(ports)
    if (splits.length + namedPorts.length <= 1) continue
    blocks.oneOf([
      ...splits.map((split) => [...protocolMatch(rule.protocol), portMatch(side, split)]),
      ...namedPorts.map((id) => [ipPortMatch(side, setName(id, family))]),
    ])
    sides[side] = { ...sides[side], ports: [], namedPorts: [] }
  }
}

/** Blocks for ranges: a rule can ask for one of a side, positive or not. */
function netBlocks(sides: Sides, blocks: MatchBlocks): void {
  for (const side of SIDES) {
    const { nets } = sides[side]
    if (nets.length <= 1) continue
    blocks.oneOf(nets.map((range) => [net(side, range)]))
    sides[side] = { ...sides[side], nets: [] }
  }
  for (const side of SIDES) {
    const { nets, notNets } = sides[side]
    if (notNets.length === 0 || nets.length + notNets.length <= 1) continue
    blocks.noneOf(side, notNets)
    sides[side] = { ...sides[side], notNets: [] }
  }
}

function positiveSide(side: Side, match: SideMatch, family: Family): FelixMatch[] {
  const dim = side === 'source' ? 'src' : 'dst'
  return [
    ...match.nets.map((range) => net(side, range)),
    ...match.sets.map((id) => inSet(setName(id, family), dim)),
    ...match.ipPortSets.map((id) => ipPortMatch(side, setName(id, family))),
    ...(match.ports.length > 0 ? [portMatch(side, match.ports)] : []),
    ...match.namedPorts.map((id) => ipPortMatch(side, setName(id, family))),
  ]
}

function negativeSide(side: Side, match: SideMatch, family: Family): FelixMatch[] {
  const dim = side === 'source' ? 'src' : 'dst'
  const inverted = (one: FelixMatch): FelixMatch => ({ ...one, invert: true }) as FelixMatch
  return [
    ...match.notNets.map((range) => inverted(net(side, range))),
    ...match.notSets.map((id) => notInSet(setName(id, family), dim)),
    ...portSplits(match.notPorts).map((split) => inverted(portMatch(side, split))),
    ...match.notNamedPorts.map((id) => notInSet(setName(id, family), dim, dim)),
  ]
}

function icmpMatch(icmp: IcmpMatch | undefined, family: Family, invert: boolean): FelixMatch[] {
  if (icmp === undefined) return []
  const { type, code } = icmp
  return [
    {
      kind: family === 4 ? 'icmp' : 'icmp6',
      type,
      ...(code === undefined ? {} : { code: { low: code, high: code } }),
      ...(invert ? { invert } : {}),
    },
  ]
}

/** What a rule of a policy asks: rules of blocks before, and the match of the rule that decides. */
export interface RuleMatch {
  /** Blocks. */
  readonly blocks: MatchBlocks['rules']
  /** What the deciding rule tests. */
  readonly match: readonly FelixMatch[]
}

/**
 * A rule of a policy in iptables' terms; undefined when it is not for this family.
 *
 * @calico felix/rules/policy.go ProtoRuleToIptablesRules, CalculateRuleMatch
 */
export function matchOf(rule: PolicyRule, family: Family, marks: Marks): RuleMatch | undefined {
  if (rule.ipVersion !== undefined && rule.ipVersion !== family) return undefined
  const source = sideFor(rule.source, family)
  const destination = sideFor(rule.destination, family)
  if (source === undefined || destination === undefined) return undefined
  const sides: Sides = { source, destination }
  const blocks = new MatchBlocks(marks)
  portBlocks(rule, sides, family, blocks)
  netBlocks(sides, blocks)
  const match = [
    ...protocolMatch(rule.protocol),
    ...SIDES.flatMap((side) => positiveSide(side, sides[side], family)),
    ...icmpMatch(rule.icmp, family, false),
    ...protocolMatch(rule.notProtocol, true),
    ...SIDES.flatMap((side) => negativeSide(side, sides[side], family)),
    ...icmpMatch(rule.notIcmp, family, true),
    ...blocks.result(),
  ]
  return { blocks: blocks.rules, match }
}
