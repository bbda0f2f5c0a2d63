import { type Rule, rulesOf } from '../../model/index.ts'
import { type Prefix, prefixAddress, prefixLength } from '../../wire/index.ts'
import { protocolText } from '../parse/protocol.ts'
import { destinationText } from './route.ts'
import type { View } from './view.ts'

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

function selectorJson(key: 'src' | 'dst', prefix: Prefix | undefined): Record<string, unknown> {
  if (prefix === undefined) return key === 'src' ? { src: 'all' } : {}
  const length = prefixLength(prefix)
  const whole = length === (prefix.includes(':') ? 128 : 32)
  return { [key]: prefixAddress(prefix), ...(whole ? {} : { [`${key}len`]: length }) }
}

function portsJson(key: 'sport' | 'dport', range: Rule['sport']): Record<string, unknown> {
  if (range === undefined) return {}
  return range.low === range.high ? { [key]: range.low } : { [`${key}_start`]: range.low, [`${key}_end`]: range.high }
}

function actionJson(rule: Rule): Record<string, unknown> {
  switch (rule.action) {
    case 'lookup':
      return { table: rule.table ?? 'main' }
    case 'goto':
      return { goto: rule.goto ?? 0 }
    case 'nop':
      return { nop: null }
    default:
      return { action: rule.action }
  }
}

function ruleJson(view: View, rule: Rule): Record<string, unknown> {
  const detached = (dev: string | undefined): boolean => dev !== undefined && view.ns.interfaces[dev] === undefined
  return {
    priority: rule.priority,
    ...(rule.not === true ? { not: null } : {}),
    ...selectorJson('src', rule.from),
    ...selectorJson('dst', rule.to),
    ...(rule.tos === undefined ? {} : { tos: hex(rule.tos) }),
    ...(rule.fwmark === undefined ? {} : { fwmark: hex(rule.fwmark) }),
    ...(rule.fwmask === undefined ? {} : { fwmask: hex(rule.fwmask) }),
    ...(rule.iif === undefined ? {} : { iif: rule.iif }),
    ...(detached(rule.iif) ? { iif_detached: null } : {}),
    ...(rule.oif === undefined ? {} : { oif: rule.oif }),
    ...(detached(rule.oif) ? { oif_detached: null } : {}),
    ...(rule.ipproto === undefined ? {} : { ipproto: protocolText(rule.ipproto) }),
    ...portsJson('sport', rule.sport),
    ...portsJson('dport', rule.dport),
    ...actionJson(rule),
    ...(rule.suppressPrefixlength === undefined ? {} : { suppress_prefixlen: rule.suppressPrefixlength }),
  }
}

/** `ip -j rule show`. */
export function ipRuleJson(view: View, family: 'inet' | 'inet6' = 'inet'): Record<string, unknown>[] {
  return rulesOf(view.ns, family).map((rule) => ruleJson(view, rule))
}

/** One rule as `ip rule` prints it, without the line break. */
function ruleText(view: View, rule: Rule): string {
  const detached = (dev: string): string => (view.ns.interfaces[dev] === undefined ? ' [detached]' : '')
  const words = [rule.not === true ? 'not from' : 'from', rule.from === undefined ? 'all' : plain(rule.from)]
  if (rule.to !== undefined) words.push(`to ${plain(rule.to)}`)
  if (rule.tos !== undefined) words.push(`tos ${hex(rule.tos)}`)
  if (rule.fwmark !== undefined) {
    words.push(`fwmark ${hex(rule.fwmark)}${rule.fwmask === undefined ? '' : `/${hex(rule.fwmask)}`}`)
  }
  if (rule.iif !== undefined) words.push(`iif ${rule.iif}${detached(rule.iif)}`)
  if (rule.oif !== undefined) words.push(`oif ${rule.oif}${detached(rule.oif)}`)
  if (rule.ipproto !== undefined) words.push(`ipproto ${protocolText(rule.ipproto)}`)
  for (const key of ['sport', 'dport'] as const) {
    const range = rule[key]
    if (range !== undefined) words.push(`${key} ${range.low === range.high ? range.low : `${range.low}-${range.high}`}`)
  }
  if (rule.action === 'lookup') words.push(`lookup ${rule.table ?? 'main'}`)
  else words.push(rule.action === 'goto' ? `goto ${rule.goto ?? 0}` : rule.action)
  if (rule.suppressPrefixlength !== undefined) words.push(`suppress_prefixlength ${rule.suppressPrefixlength}`)
  return `${rule.priority}:\t${words.join(' ')}`
}

/** A selector never says `default`. */
function plain(prefix: Prefix): string {
  return prefixLength(prefix) === 0 ? prefix : destinationText(prefix)
}

/** `ip rule show`. */
export function ipRule(view: View, family: 'inet' | 'inet6' = 'inet'): string {
  return rulesOf(view.ns, family)
    .map((rule) => `${ruleText(view, rule)}\n`)
    .join('')
}
