import { type Rule, type RuleAction, rulesOf } from '../model/index.ts'
import { type Prefix, parseIp, prefixAddress, prefixLength, prefixOf } from '../wire/index.ts'
import { atLine, type Json, type Line, lineOf, linesWithIndent, next, numeric } from './cursor.ts'
import { field, flagOf, given, type JsonObject, jsonValue, numberOf, objectsIn, parseNumber, textOf } from './json.ts'
import { lostRule, readEach } from './left-out.ts'
import { originAt, type Place, report } from './place.ts'
import { protocolNumber, protocolText } from './protocol.ts'
import { destinationText } from './route.ts'
import type { View } from './view.ts'

function selector(object: JsonObject, key: 'src' | 'dst', family: 'inet' | 'inet6'): Prefix | undefined | 'bad' {
  const text = textOf(object, key)
  if (text === undefined || text === 'all') return undefined
  const ip = parseIp(text)
  const bits = family === 'inet6' ? 128 : 32
  const length = numberOf(object, `${key}len`) ?? bits
  const isOfFamily = text.includes(':') === (family === 'inet6')
  if (ip === undefined || !isOfFamily || !Number.isInteger(length) || length < 0 || length > bits) {
    report(object.place, 'invalid', `an ${family === 'inet6' ? 'IPv6' : 'IPv4'} address`, text, key)
    return 'bad'
  }
  return prefixOf(ip, length)
}

function portRange(object: JsonObject, key: 'sport' | 'dport'): { low: number; high: number } | undefined {
  const one = numberOf(object, key)
  if (one !== undefined) return { low: one, high: one }
  const low = numberOf(object, `${key}_start`)
  const high = numberOf(object, `${key}_end`)
  return low === undefined || high === undefined ? undefined : { low, high }
}

function actionOf(object: JsonObject): { action: RuleAction; goto?: number } | undefined {
  if (field(object, 'nop') !== undefined) return { action: 'nop' }
  const target = numberOf(object, 'goto')
  if (target !== undefined) return { action: 'goto', goto: target }
  const action = textOf(object, 'action')
  if (action === undefined || action === 'lookup') return { action: 'lookup' }
  if (action === 'blackhole' || action === 'unreachable' || action === 'prohibit') return { action }
  return report(object.place, 'unsupported', 'lookup, goto, nop, blackhole, unreachable or prohibit', action, 'action')
}

const REFUSED = ['suppress_ifgroup', 'l3mdev', 'uid_start', 'tun_id', 'nat_gateway', 'masquerade'] as const

function parseRule(object: JsonObject, family: 'inet' | 'inet6'): Rule | undefined {
  const priority = numberOf(object, 'priority') ?? 0
  for (const key of REFUSED) {
    if (field(object, key) !== undefined) {
      return report(object.place, 'unsupported', `a rule without "${key}"`, field(object, key), key)
    }
  }
  const from = selector(object, 'src', family)
  const to = selector(object, 'dst', family)
  const action = actionOf(object)
  if (from === 'bad' || to === 'bad' || action === undefined) return undefined
  const protocol = field(object, 'ipproto')
  const ipproto = protocol === undefined ? undefined : protocolNumber(String(protocol))
  if (protocol !== undefined && ipproto === undefined) {
    return report(object.place, 'unsupported', 'an IP protocol', protocol, 'ipproto')
  }
  const sport = portRange(object, 'sport')
  const dport = portRange(object, 'dport')
  return {
    family,
    priority,
    ...(flagOf(object, 'not') ? { not: true } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...given('iif', textOf(object, 'iif')),
    ...given('oif', textOf(object, 'oif')),
    ...given('fwmark', numberOf(object, 'fwmark')),
    ...given('fwmask', numberOf(object, 'fwmask')),
    ...given('tos', tosOf(object)),
    ...given('ipproto', ipproto),
    ...(sport === undefined ? {} : { sport }),
    ...(dport === undefined ? {} : { dport }),
    ...action,
    ...(action.action === 'lookup' ? { table: textOf(object, 'table') ?? 'main' } : {}),
    ...given('suppressPrefixlength', numberOf(object, 'suppress_prefixlen')),
    origin: originAt(object.place),
  }
}

function tosOf(object: JsonObject): number | undefined {
  const text = field(object, 'tos')
  return typeof text === 'string' && parseNumber(text) === undefined && /^[0-9a-f]{1,2}$/.test(text)
    ? Number.parseInt(text, 16)
    : numberOf(object, 'tos')
}

/** `ip -j rule show` as rules, in dump order. */
export function parseRules(content: unknown, place: Place, family: 'inet' | 'inet6'): Rule[] {
  return readEach(
    objectsIn(jsonValue(content, place), place),
    place,
    (object) => parseRule(object, family),
    (object, issues) => lostRule(object, issues, family),
  )
}

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

/** Which rules are printed. */
type Selected = (rule: Rule) => boolean
const EVERY: Selected = () => true

/** `ip -j rule show`. */
export function ipRuleJson(
  view: View,
  family: 'inet' | 'inet6' = 'inet',
  selected: Selected = EVERY,
): Record<string, unknown>[] {
  return rulesOf(view.ns, family)
    .filter(selected)
    .map((rule) => ruleJson(view, rule))
}

/** One rule as `ip rule` prints it, without the line break. */
function ruleText(view: View | undefined, rule: Rule): string {
  const detached = (dev: string): string =>
    view !== undefined && view.ns.interfaces[dev] === undefined ? ' [detached]' : ''
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

/**
 * One policy rule on one line, as `ip rule show` prints it, a blank after its priority.
 * @param view - where it stands; without it, `[detached]` is left out
 */
export function ruleLine(rule: Rule, view?: View): string {
  return ruleText(view, rule).replace('\t', ' ')
}

/** A selector never says `default`. */
function plain(prefix: Prefix): string {
  return prefixLength(prefix) === 0 ? prefix : destinationText(prefix)
}

/** `ip rule show`. */
export function ipRule(view: View, family: 'inet' | 'inet6' = 'inet', selected: Selected = EVERY): string {
  return rulesOf(view.ns, family)
    .filter(selected)
    .map((rule) => `${ruleText(view, rule)}\n`)
    .join('')
}

/** `ip rule show` in plain text as the objects `ip -j rule show` gives. */
export function ruleObjects(text: string): Json[] {
  return linesWithIndent(text).map((line) => {
    const words = lineOf(line.text)
    const rule: Json = { priority: numeric(next(words).replace(/:$/, '')) }
    while (words.at < words.words.length) readRuleWord(rule, next(words), words)
    return atLine(rule, line.number)
  })
}

function selectorWords(rule: Json, key: 'src' | 'dst', text: string): void {
  const [address, length] = text.split('/')
  rule[key] = address
  if (length !== undefined) rule[`${key}len`] = numeric(length)
}

function readRuleWord(rule: Json, word: string, line: Line): void {
  switch (word) {
    case 'not':
    case 'nop':
    case '[l3mdev-table]':
      rule[word === '[l3mdev-table]' ? 'l3mdev' : word] = null
      break
    case 'from':
      selectorWords(rule, 'src', next(line))
      break
    case 'to':
      selectorWords(rule, 'dst', next(line))
      break
    case 'fwmark': {
      const [mark, mask] = next(line).split('/')
      rule['fwmark'] = mark
      if (mask !== undefined) rule['fwmask'] = mask
      break
    }
    case 'iif':
    case 'oif':
    case 'tos':
    case 'ipproto':
    case 'suppress_ifgroup':
      rule[word] = next(line)
      break
    case 'lookup':
    case 'table':
      rule['table'] = next(line)
      break
    case 'goto':
      rule['goto'] = numeric(next(line))
      break
    case 'suppress_prefixlength':
      rule['suppress_prefixlen'] = numeric(next(line))
      break
    case 'sport':
    case 'dport': {
      const [low, high] = next(line).split('-')
      if (high === undefined) rule[word] = numeric(low ?? '')
      else Object.assign(rule, { [`${word}_start`]: numeric(low ?? ''), [`${word}_end`]: numeric(high) })
      break
    }
    case 'uidrange':
      rule['uid_start'] = next(line)
      break
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      rule['action'] = word
      break
    case '':
    case '[detached]':
      break
    default:
      rule['unread'] = [...((rule['unread'] as string[] | undefined) ?? []), word]
  }
}
