import type { Rule, RuleAction } from '../../model/index.ts'
import { type Prefix, parseIp, prefixOf } from '../../wire/index.ts'
import { field, flagOf, type JsonObject, jsonValue, numberOf, objectsIn, parseNumber, textOf } from './json.ts'
import { originAt, type Place, report } from './place.ts'
import { protocolNumber } from './protocol.ts'

function selector(object: JsonObject, key: 'src' | 'dst'): Prefix | undefined | 'bad' {
  const text = textOf(object, key)
  if (text === undefined || text === 'all') return undefined
  const ip = parseIp(text)
  const bits = text.includes(':') ? 128 : 32
  const length = numberOf(object, `${key}len`) ?? bits
  if (ip === undefined || length > bits) {
    report(object.place, 'invalid', 'an address', text, key)
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
  const from = selector(object, 'src')
  const to = selector(object, 'dst')
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

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }
}

/** `ip -j rule show` as rules, in dump order. */
export function parseRules(content: unknown, place: Place, family: 'inet' | 'inet6'): Rule[] {
  return objectsIn(jsonValue(content, place), place).flatMap((object) => parseRule(object, family) ?? [])
}
