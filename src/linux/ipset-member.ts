import type { IpSet } from '../model/index.ts'
import {
  ipv4ToNumber,
  isIpv4,
  numberToIpv4,
  parseIp,
  parseMac,
  parsePrefix,
  prefixAddress,
  prefixLength,
} from '../wire/index.ts'
import { protocolNumber } from './protocol.ts'

/** Members one `add` may spread into: as many as a set holds by itself (`maxelem`). */
const MOST = 65_536

/** What a word must be to be a member of a set, per type. */
const FORMS: Readonly<Record<string, string>> = {
  'hash:mac': 'a link-layer address',
  'bitmap:port': 'a port or a range of ports',
  'list:set': 'the name of a set',
}

/** What a member of a set must be, in words. */
export function memberForm({ type, family = 'inet' }: Pick<IpSet, 'type' | 'family'>): string {
  return FORMS[type] ?? `a member of ${type} (${family}), at most ${MOST} at once`
}

/**
 * The members a word of `ipset add` stands for, as `ipset save` prints them: ranges are spread over their addresses or
 * networks, the network of a set of addresses over its addresses.
 * @returns undefined when it is no member of such a set
 */
export function spreadMember(
  text: string,
  { type, family = 'inet' }: Pick<IpSet, 'type' | 'family'>,
): string[] | undefined {
  if (type === 'list:set') return [text]
  if (type === 'bitmap:port') return isPortRange(text) ? [text] : undefined
  if (type === 'bitmap:ip') return addresses(text, 'inet')
  const parts = type.slice('hash:'.length).split(',')
  const fields = text.split(',')
  if (fields.length !== parts.length) return undefined
  let members: string[][] = [[]]
  for (const [i, part] of parts.entries()) {
    const choices = spreadPart(fields[i] ?? '', part, family)
    if (choices === undefined || choices.length * members.length > MOST) return undefined
    members = members.flatMap((member) => choices.map((choice) => [...member, choice]))
  }
  return members.map((member) => member.join(','))
}

function spreadPart(text: string, part: string, family: 'inet' | 'inet6'): string[] | undefined {
  switch (part) {
    case 'ip':
      return addresses(text, family)
    case 'net':
      return networks(text, family)
    case 'port':
      return ports(text)
    default:
      return parseMac(text) === undefined ? undefined : [text]
  }
}

/** The bounds of `A-B` or `A/LENGTH`, as numbers; IPv4 only. */
function bounds(text: string): { readonly low: number; readonly high: number } | undefined {
  const [from = '', to] = text.split('-')
  if (to !== undefined) {
    const [a, b] = [parseIp(from), parseIp(to)]
    if (a === undefined || b === undefined || !isIpv4(a) || !isIpv4(b)) return undefined
    const [x, y] = [ipv4ToNumber(a), ipv4ToNumber(b)]
    return x <= y ? { low: x, high: y } : { low: y, high: x }
  }
  const prefix = parsePrefix(text)
  if (prefix === undefined || !isIpv4(prefixAddress(prefix))) return undefined
  const low = ipv4ToNumber(prefixAddress(prefix))
  return { low, high: low + 2 ** (32 - prefixLength(prefix)) - 1 }
}

function addresses(text: string, family: 'inet' | 'inet6'): string[] | undefined {
  const ip = parseIp(family === 'inet6' ? text.replace(/\/128$/, '') : text)
  if (ip !== undefined) return isIpv4(ip) === (family === 'inet') ? [ip] : undefined
  const range = family === 'inet' ? bounds(text) : undefined
  if (range === undefined || range.high - range.low >= MOST) return undefined
  return Array.from({ length: range.high - range.low + 1 }, (_, i) => numberToIpv4(range.low + i))
}

function networks(text: string, family: 'inet' | 'inet6'): string[] | undefined {
  const ip = parseIp(text)
  if (ip !== undefined) return isIpv4(ip) === (family === 'inet') ? [ip] : undefined
  if (!text.includes('-')) {
    const prefix = parsePrefix(text)
    if (prefix === undefined || isIpv4(prefixAddress(prefix)) !== (family === 'inet')) return undefined
    return [prefix.replace(family === 'inet' ? /\/32$/ : /\/128$/, '')]
  }
  const range = family === 'inet' ? bounds(text) : undefined
  return range === undefined ? undefined : largestNetworks(range.low, range.high)
}

/** The fewest networks that cover a range and nothing else. */
function largestNetworks(low: number, high: number): string[] {
  const list: string[] = []
  let at = low
  while (at <= high) {
    let size = 1
    while (size < 2 ** 32 && at % (size * 2) === 0 && at + size * 2 - 1 <= high) size *= 2
    list.push(size === 1 ? numberToIpv4(at) : `${numberToIpv4(at)}/${32 - Math.log2(size)}`)
    at += size
  }
  return list
}

function isPortRange(text: string): boolean {
  const [low, high = low] = text.replace(/^(tcp|udp):/, '').split('-')
  return [low, high].every((port) => /^\d{1,5}$/.test(port ?? '') && Number(port) <= 65535)
}

/** `80`, `tcp:80`, `udp:5000-5010`; of ICMP a type and code. Without a protocol it is TCP. */
function ports(text: string): string[] | undefined {
  const colon = text.indexOf(':')
  const name = colon < 0 ? 'tcp' : text.slice(0, colon)
  const rest = text.slice(colon + 1)
  if (protocolNumber(name) === undefined) return undefined
  if (/^(icmp|icmpv6|ipv6-icmp)$/.test(name)) {
    return /^(\d{1,3}(\/\d{1,3})?|[a-z-]+)$/.test(rest) ? [`${name}:${rest}`] : undefined
  }
  if (!isPortRange(rest)) return undefined
  const [low = 0, high = low] = rest.split('-').map(Number)
  return Array.from({ length: Math.max(0, high - low + 1) }, (_, i) => `${name}:${low + i}`)
}
