import type { NatRange, PortRange } from '../../model/index.ts'
import { type Ip, ipv4ToNumber, maskLength, type Prefix, parseCidr, parseIp, prefixOf } from '../../wire/index.ts'
import { parseNumber } from '../json.ts'

/** `80`, `80:90`, `:90`, `80:`, with another separator where NAT writes `-`. */
export function parsePortRange(text: string, separator = ':', top = 65535): PortRange | undefined {
  const at = text.indexOf(separator)
  const low = at < 0 ? parseNumber(text) : at === 0 ? 0 : parseNumber(text.slice(0, at))
  const high = at < 0 ? low : at === text.length - 1 ? top : parseNumber(text.slice(at + 1))
  if (low === undefined || high === undefined || low > high || high > top) return undefined
  return { low, high }
}

/** `value` or `value/mask`, both 32 bits. */
export function parseMasked(text: string, full = 0xffffffff): { value: number; mask: number } | undefined {
  const at = text.indexOf('/')
  const value = parseNumber(at < 0 ? text : text.slice(0, at))
  const mask = at < 0 ? full : parseNumber(text.slice(at + 1))
  if (value === undefined || mask === undefined || value > full || mask > full) return undefined
  return { value, mask }
}

/** An address with a prefix length, a dotted mask, or neither; host bits are cleared as iptables does. */
export function parseNetwork(text: string, family: 'inet' | 'inet6'): Prefix | undefined {
  const slash = text.indexOf('/')
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash))
  if (ip === undefined || ip.includes(':') !== (family === 'inet6')) return undefined
  if (slash < 0) return prefixOf(ip, family === 'inet6' ? 128 : 32)
  const cidr = parseCidr(text)
  if (cidr !== undefined) return prefixOf(cidr.address, cidr.length)
  const mask = parseIp(text.slice(slash + 1))
  if (mask === undefined || mask.includes(':') || family === 'inet6') return undefined
  const length = maskLength(ipv4ToNumber(mask))
  return length === undefined ? undefined : prefixOf(ip, length)
}

/** `a`, `a-b`, `a:p`, `a-b:p-q`, `:p`, with IPv6 in brackets: where NAT may translate to. */
export function parseNatRange(text: string): NatRange | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:[]*))(?::([0-9]+)(?:-([0-9]+))?(?:\/[0-9]+)?)?$/.exec(text)
  const bare = match === null && /^[0-9a-fA-F:.]+(?:-[0-9a-fA-F:.]+)?$/.test(text)
  if (match === null && !bare) return undefined
  const addresses = bare ? text : (match![1] ?? match![2] ?? '')
  const minPort = match?.[3] === undefined ? undefined : Number(match[3])
  const maxPort = match?.[4] === undefined ? minPort : Number(match[4])
  if ((maxPort ?? 0) > 65535 || (minPort ?? 0) > (maxPort ?? 0)) return undefined
  const ports = minPort === undefined ? {} : { minPort, maxPort: maxPort! }
  if (addresses === '') return minPort === undefined ? undefined : ports
  const [first, last] = addresses.split('-') as [string, string | undefined]
  const minAddress = parseIp(first)
  const maxAddress: Ip | undefined = last === undefined ? minAddress : parseIp(last)
  if (minAddress === undefined || maxAddress === undefined) return undefined
  return { minAddress, maxAddress, ...ports }
}

const TCP_FLAGS: readonly string[] = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']

/** `SYN,ACK`, `ALL` or `NONE` as the bits of the TCP flags byte. */
export function parseTcpFlags(text: string): number | undefined {
  if (text === 'ALL') return 0x3f
  if (text === 'NONE') return 0
  let bits = 0
  for (const name of text.split(',')) {
    const bit = TCP_FLAGS.indexOf(name)
    if (bit < 0) return undefined
    bits |= 1 << bit
  }
  return bits
}

/** TCP flags as `iptables-save` prints them. */
export function tcpFlagsText(bits: number): string {
  if (bits === 0) return 'NONE'
  return TCP_FLAGS.filter((_, bit) => (bits >> bit) & 1).join(',')
}

const ICMP_TYPES: Readonly<Record<string, readonly [number, number?]>> = {
  any: [255],
  'echo-reply': [0],
  pong: [0],
  'destination-unreachable': [3],
  'network-unreachable': [3, 0],
  'host-unreachable': [3, 1],
  'protocol-unreachable': [3, 2],
  'port-unreachable': [3, 3],
  'fragmentation-needed': [3, 4],
  'source-route-failed': [3, 5],
  'network-prohibited': [3, 9],
  'host-prohibited': [3, 10],
  'communication-prohibited': [3, 13],
  'source-quench': [4],
  redirect: [5],
  'network-redirect': [5, 0],
  'host-redirect': [5, 1],
  'echo-request': [8],
  ping: [8],
  'router-advertisement': [9],
  'router-solicitation': [10],
  'time-exceeded': [11],
  'ttl-exceeded': [11],
  'ttl-zero-during-transit': [11, 0],
  'ttl-zero-during-reassembly': [11, 1],
  'parameter-problem': [12],
  'timestamp-request': [13],
  'timestamp-reply': [14],
}

const ICMP6_TYPES: Readonly<Record<string, readonly [number, number?]>> = {
  'destination-unreachable': [1],
  'no-route': [1, 0],
  'communication-prohibited': [1, 1],
  'beyond-scope': [1, 2],
  'address-unreachable': [1, 3],
  'port-unreachable': [1, 4],
  'packet-too-big': [2],
  'time-exceeded': [3],
  'ttl-exceeded': [3],
  'parameter-problem': [4],
  'echo-request': [128],
  ping: [128],
  'echo-reply': [129],
  pong: [129],
  'router-solicitation': [133],
  'router-advertisement': [134],
  'neighbour-solicitation': [135],
  'neighbor-solicitation': [135],
  'neighbour-advertisement': [136],
  'neighbor-advertisement': [136],
  redirect: [137],
}

/** `8`, `3/4` or a name as ICMP type and code. */
export function parseIcmpType(text: string, family: 'inet' | 'inet6'): { type: number; code?: PortRange } | undefined {
  const names = family === 'inet' ? ICMP_TYPES : ICMP6_TYPES
  const known = Object.hasOwn(names, text) ? names[text] : undefined
  if (known !== undefined) {
    return { type: known[0], ...(known[1] === undefined ? {} : { code: { low: known[1], high: known[1] } }) }
  }
  const [typeText, codeText, extra] = text.split('/')
  const type = parseNumber(typeText ?? '')
  if (type === undefined || type > 255 || extra !== undefined) return undefined
  if (codeText === undefined) return { type }
  const code = parsePortRange(codeText, ':', 255)
  return code === undefined ? undefined : { type, code }
}

const DSCP_CLASSES: Readonly<Record<string, number>> = {
  CS0: 0,
  CS1: 8,
  CS2: 16,
  CS3: 24,
  CS4: 32,
  CS5: 40,
  CS6: 48,
  CS7: 56,
  BE: 0,
  AF11: 10,
  AF12: 12,
  AF13: 14,
  AF21: 18,
  AF22: 20,
  AF23: 22,
  AF31: 26,
  AF32: 28,
  AF33: 30,
  AF41: 34,
  AF42: 36,
  AF43: 38,
  EF: 46,
}

/** A DSCP class by name. */
export function dscpClass(name: string): number | undefined {
  const upper = name.toUpperCase()
  return Object.hasOwn(DSCP_CLASSES, upper) ? DSCP_CLASSES[upper] : undefined
}
