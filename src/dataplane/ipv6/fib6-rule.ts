import { type Rule, tableId } from '../../model/index.ts'
import { ipv6ToKey, prefixAddress, prefixLength } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RT_TABLE } from '../kernel/rtn.ts'
import { inPrefix } from './addr.ts'

/** What a lookup asks (`struct flowi6`). */
export interface Flow6 {
  /** Destination key. */
  daddr: string
  /** Source key; '' = not chosen yet. */
  saddr: string
  /** Traffic class. */
  tclass: number
  /** Mark. */
  mark: number
  /** Input device; null = locally made. */
  iif: NetDevice | null
  /** Output device asked for. */
  oif: NetDevice | null
  /** Upper-layer protocol, 0 = not known. */
  proto: number
  /** Source port. */
  sport: number
  /** Destination port. */
  dport: number
}

/** A policy rule in engine form. */
export interface Fib6Rule {
  /** The rule as in the model; undefined for the kernel's own two. */
  readonly rule: Rule | undefined
  /** Priority. */
  readonly priority: number
  /** Number of the table to look in. */
  readonly table: number
  /** Index of the rule a goto leads to; -1 = unresolved. */
  target: number
  /** Source prefix; undefined = any. */
  readonly src: Prefix6 | undefined
  /** Destination prefix; undefined = any. */
  readonly dst: Prefix6 | undefined
  /** Device of `iif`: undefined = any, null = no such device now. */
  readonly iif: NetDevice | null | undefined
  /** Device of `oif`, likewise. */
  readonly oif: NetDevice | null | undefined
}

interface Prefix6 {
  readonly key: string
  readonly length: number
}

/** Compiles rules in order of priority; no rules = the kernel's two. */
export function compileRules6(ns: NetNs): Fib6Rule[] {
  const own = ns.model.rules.filter((rule) => rule.family === 'inet6')
  if (own.length === 0) return [plainRule(0, RT_TABLE.LOCAL), plainRule(32766, RT_TABLE.MAIN)]
  const compiled = [...own].sort((a, b) => a.priority - b.priority).map((rule) => compileRule(ns, rule))
  for (const one of compiled) {
    if (one.rule?.action === 'goto') one.target = compiled.findIndex((other) => other.priority === one.rule?.goto)
  }
  return compiled
}

/** Does the rule apply to the flow? @linux net/ipv6/fib6_rules.c fib6_rule_match */
export function ruleMatches6(rule: Fib6Rule, flow: Flow6, lo: NetDevice): boolean {
  if (rule.rule === undefined) return true
  return selectorMatches(rule, rule.rule, flow, lo) !== (rule.rule.not ?? false)
}

function selectorMatches(rule: Fib6Rule, model: Rule, flow: Flow6, lo: NetDevice): boolean {
  if (rule.iif !== undefined && rule.iif !== (flow.iif ?? lo)) return false
  if (rule.oif !== undefined && rule.oif !== flow.oif) return false
  if (((model.fwmark ?? 0) ^ flow.mark) & (model.fwmask ?? (model.fwmark === undefined ? 0 : 0xffffffff))) return false
  if (rule.dst !== undefined && !inPrefix(flow.daddr, rule.dst.key, rule.dst.length)) return false
  // A rule on the source waits until the source is known.
  if (rule.src !== undefined && (flow.saddr === '' || !inPrefix(flow.saddr, rule.src.key, rule.src.length)))
    return false
  if (model.tos !== undefined && model.tos !== 0 && model.tos !== flow.tclass) return false
  if (model.ipproto !== undefined && model.ipproto !== flow.proto) return false
  return inRange(model.sport, flow.sport) && inRange(model.dport, flow.dport)
}

function inRange(range: Rule['sport'], port: number): boolean {
  return range === undefined || (port >= range.low && port <= range.high)
}

function plainRule(priority: number, table: number): Fib6Rule {
  return {
    rule: undefined,
    priority,
    table,
    target: -1,
    src: undefined,
    dst: undefined,
    iif: undefined,
    oif: undefined,
  }
}

function compileRule(ns: NetNs, rule: Rule): Fib6Rule {
  const prefix = (p: Rule['from']): Prefix6 | undefined =>
    p === undefined ? undefined : { key: ipv6ToKey(prefixAddress(p)), length: prefixLength(p) }
  return {
    rule,
    priority: rule.priority,
    table: rule.table === undefined ? 0 : (tableId(rule.table) ?? 0),
    target: -1,
    src: prefix(rule.from),
    dst: prefix(rule.to),
    iif: rule.iif === undefined ? undefined : (ns.byName.get(rule.iif) ?? null),
    oif: rule.oif === undefined ? undefined : (ns.byName.get(rule.oif) ?? null),
  }
}
