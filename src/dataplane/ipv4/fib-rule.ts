import type { Rule } from '../../model/index.ts'
import { tableId } from '../../model/index.ts'
import { ipv4ToNumber, maskOf, prefixAddress, prefixLength } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RT_TABLE } from '../kernel/rtn.ts'

/** What a lookup asks (`struct flowi4`); reused, so that a lookup allocates nothing. */
export interface FibFlow {
  /** Destination, uint32. */
  daddr: number
  /** Source, uint32. */
  saddr: number
  /** TOS bits that routing looks at. */
  tos: number
  /** Mark. */
  mark: number
  /** Input device; null = `lo`, locally made. */
  iif: NetDevice | null
  /** Output device insisted on. */
  oif: NetDevice | null
  /** IP protocol, 0 = not known. */
  proto: number
  /** Source port. */
  sport: number
  /** Destination port. */
  dport: number
}

/** A policy rule in engine form. */
export interface FibRule {
  /** The rule as in the model; undefined for the kernel's own three. */
  readonly rule: Rule | undefined
  /** Priority. */
  readonly priority: number
  /** Number of the table to look in. */
  readonly table: number
  /** Index of the rule a goto leads to; -1 = unresolved (the goto is skipped). */
  target: number
  /** Network and mask of the source. */
  readonly src: number
  /** Mask of the source. */
  readonly srcMask: number
  /** Network of the destination. */
  readonly dst: number
  /** Mask of the destination. */
  readonly dstMask: number
  /** Device of `iif`: undefined = any, null = no such device now. */
  readonly iif: NetDevice | null | undefined
  /** Device of `oif`, likewise. */
  readonly oif: NetDevice | null | undefined
  /** Asked only of the packet's selector when true. */
  readonly plain: boolean
}

/** Compiles rules in order of priority; no rules = the kernel's three. */
export function compileRules(ns: NetNs, rules: readonly Rule[]): FibRule[] {
  const own = rules.filter((rule) => rule.family === 'inet')
  if (own.length === 0)
    return [plainRule(0, RT_TABLE.LOCAL), plainRule(32766, RT_TABLE.MAIN), plainRule(32767, RT_TABLE.DEFAULT)]
  const sorted = [...own].sort((a, b) => a.priority - b.priority)
  const compiled = sorted.map((rule) => compileRule(ns, rule))
  for (const one of compiled) {
    if (one.rule?.action === 'goto') one.target = compiled.findIndex((other) => other.priority === one.rule?.goto)
  }
  return compiled
}

/** Whether the rules are anything but the three that every namespace starts with (`fib_has_custom_rules`). */
export function hasCustomRules(rules: readonly Rule[]): boolean {
  const own = rules.filter((rule) => rule.family === 'inet')
  if (own.length === 0) return false
  const usual = ['0 255', '32766 254', '32767 253']
  if (own.length !== usual.length) return true
  return own.some((rule, i) => !isPlain(rule) || `${rule.priority} ${tableId(rule.table ?? '') ?? ''}` !== usual[i])
}

/** Whether a rule looks at protocol or ports, which the lookup then must know (`fib_rules_require_fldissect`). */
export function needsPorts(rules: readonly Rule[]): boolean {
  return rules.some(
    (rule) =>
      rule.family === 'inet' && (rule.ipproto !== undefined || rule.sport !== undefined || rule.dport !== undefined),
  )
}

/** Does the rule apply to the flow? @linux net/core/fib_rules.c fib_rule_match */
export function ruleMatches(rule: FibRule, flow: FibFlow, lo: NetDevice): boolean {
  if (rule.plain) return true
  return selectorMatches(rule, flow, lo) !== (rule.rule?.not ?? false)
}

function selectorMatches(rule: FibRule, flow: FibFlow, lo: NetDevice): boolean {
  if (rule.iif !== undefined && rule.iif !== (flow.iif ?? lo)) return false
  if (rule.oif !== undefined && rule.oif !== flow.oif) return false
  if (((flow.saddr ^ rule.src) & rule.srcMask) !== 0) return false
  if (((flow.daddr ^ rule.dst) & rule.dstMask) !== 0) return false
  const model = rule.rule
  if (model === undefined) return true
  if (model.fwmark !== undefined || model.fwmask !== undefined) {
    if ((((model.fwmark ?? 0) ^ flow.mark) & (model.fwmask ?? 0xffffffff)) !== 0) return false
  }
  if (model.tos !== undefined && model.tos !== 0 && model.tos !== flow.tos) return false
  if (model.ipproto !== undefined && model.ipproto !== flow.proto) return false
  return inRange(model.sport, flow.sport) && inRange(model.dport, flow.dport)
}

function inRange(range: Rule['sport'], port: number): boolean {
  return range === undefined || (port >= range.low && port <= range.high)
}

function isPlain(rule: Rule): boolean {
  const selectors = [rule.not, rule.from, rule.to, rule.iif, rule.oif, rule.fwmark, rule.fwmask, rule.tos, rule.ipproto]
  const more = [rule.sport, rule.dport, rule.suppressPrefixlength]
  return rule.action === 'lookup' && [...selectors, ...more].every((one) => one === undefined || one === false)
}

function plainRule(priority: number, table: number): FibRule {
  const any = { src: 0, srcMask: 0, dst: 0, dstMask: 0, iif: undefined, oif: undefined }
  return { rule: undefined, priority, table, target: -1, ...any, plain: true }
}

function compileRule(ns: NetNs, rule: Rule): FibRule {
  return {
    rule,
    priority: rule.priority,
    table: rule.table === undefined ? 0 : (tableId(rule.table) ?? 0),
    target: -1,
    src: rule.from === undefined ? 0 : ipv4ToNumber(prefixAddress(rule.from)),
    srcMask: rule.from === undefined ? 0 : maskOf(prefixLength(rule.from)),
    dst: rule.to === undefined ? 0 : ipv4ToNumber(prefixAddress(rule.to)),
    dstMask: rule.to === undefined ? 0 : maskOf(prefixLength(rule.to)),
    iif: rule.iif === undefined ? undefined : (ns.byName.get(rule.iif) ?? null),
    oif: rule.oif === undefined ? undefined : (ns.byName.get(rule.oif) ?? null),
    plain: isPlain(rule),
  }
}
