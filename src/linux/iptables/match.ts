import type { AddrType, CtState, Match, PortRange } from '../../model/index.ts'
import { parseIp } from '../../wire/index.ts'
import { parseNumber } from '../json.ts'
import { protocolNumber } from '../protocol.ts'
import { parseU32 } from './u32.ts'
import { dscpClass, parseIcmpType, parseMasked, parseNetwork, parsePortRange, parseTcpFlags } from './values.ts'
import { take, type Words } from './words.ts'

/** A match under construction: plain fields that become a {@link Match}. */
export type MatchDraft = { kind: string } & Record<string, unknown>

/**
 * Reads one option of a match into its draft.
 * @returns false when the option or its value is not modelled: the whole match is then `unsupported`
 */
export type OptionReader = (draft: MatchDraft, option: string, words: Words, invert: boolean, family: Family) => boolean

type Family = 'inet' | 'inet6'

function put(draft: MatchDraft, key: string, value: unknown, invert: boolean): boolean {
  if (value === undefined) return false
  draft[key] = typeof value === 'object' && invert ? { ...value, invert: true } : value
  return true
}

/** Assigns fields of the match itself, with `invert` beside them. */
function putAll(draft: MatchDraft, values: Record<string, unknown> | undefined, invert: boolean): boolean {
  if (values === undefined) return false
  Object.assign(draft, values, invert ? { invert: true } : {})
  return true
}

const ports: OptionReader = (draft, option, words, invert) => {
  if (option === '--sport' || option === '--source-port') {
    return put(draft, 'sport', parsePortRange(take(words) ?? ''), invert)
  }
  if (option === '--dport' || option === '--destination-port') {
    return put(draft, 'dport', parsePortRange(take(words) ?? ''), invert)
  }
  return false
}

const tcp: OptionReader = (draft, option, words, invert, family) => {
  if (option === '--syn') return put(draft, 'flags', { mask: 0x17, comp: 0x02 }, invert)
  if (option === '--tcp-flags') {
    const mask = parseTcpFlags(take(words) ?? '')
    const comp = parseTcpFlags(take(words) ?? '')
    return mask !== undefined && comp !== undefined && put(draft, 'flags', { mask, comp }, invert)
  }
  if (option === '--tcp-option') {
    const number = parseNumber(take(words) ?? '')
    return number !== undefined && put(draft, 'option', { number }, invert)
  }
  return ports(draft, option, words, invert, family)
}

const icmp: OptionReader = (draft, option, words, invert, family) => {
  if (option !== '--icmp-type' && option !== '--icmpv6-type') return false
  return putAll(draft, parseIcmpType(take(words) ?? '', family), invert)
}

const mark: OptionReader = (draft, option, words, invert) => {
  if (option !== '--mark') return false
  const masked = parseMasked(take(words) ?? '')
  return putAll(draft, masked && { mark: masked.value, mask: masked.mask }, invert)
}

const CT_STATES: ReadonlySet<string> = new Set<CtState>([
  'INVALID',
  'NEW',
  'ESTABLISHED',
  'RELATED',
  'UNTRACKED',
  'SNAT',
  'DNAT',
])

function wordList(text: string | undefined, known: ReadonlySet<string>): string[] | undefined {
  const list = (text ?? '').split(',')
  return list.every((word) => known.has(word)) ? list : undefined
}

const CT_STATUS: ReadonlySet<string> = new Set(['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'])

const conntrack: OptionReader = (draft, option, words, invert, family) => {
  const value = take(words) ?? ''
  switch (option) {
    case '--ctstate':
    case '--state': {
      const states = wordList(value, CT_STATES)
      return states !== undefined && put(draft, 'state', { states }, invert)
    }
    case '--ctstatus': {
      const bits = wordList(value, CT_STATUS)
      return bits !== undefined && put(draft, 'status', { bits }, invert)
    }
    case '--ctdir':
      return (value === 'ORIGINAL' || value === 'REPLY') && put(draft, 'ctdir', value, false)
    case '--ctproto': {
      const protocol = protocolNumber(value)
      return protocol !== undefined && put(draft, 'ctproto', { protocol }, invert)
    }
    case '--ctorigsrc':
    case '--ctorigdst':
    case '--ctreplsrc':
    case '--ctrepldst': {
      const prefix = parseNetwork(value, family)
      return prefix !== undefined && put(draft, option.slice(2), { prefix }, invert)
    }
    case '--ctorigdstport':
      return put(draft, 'ctorigdstport', parsePortRange(value), invert)
    default:
      return false
  }
}

const set: OptionReader = (draft, option, words, invert) => {
  if (option !== '--match-set' && option !== '--set') return false
  const name = take(words)
  const dims = (take(words) ?? '').split(',')
  if (name === undefined || draft['set'] !== undefined || !dims.every((dim) => dim === 'src' || dim === 'dst'))
    return false
  return putAll(draft, { set: name, dims }, invert)
}

const SIDES: Readonly<Record<string, string>> = {
  '--sports': 'sports',
  '--source-ports': 'sports',
  '--dports': 'dports',
  '--destination-ports': 'dports',
  '--ports': 'ports',
}

const multiport: OptionReader = (draft, option, words, invert) => {
  const side = Object.hasOwn(SIDES, option) ? SIDES[option] : undefined
  if (side === undefined) return false
  const list = (take(words) ?? '').split(',').map((item) => parsePortRange(item))
  if (list.some((range) => range === undefined)) return false
  return putAll(draft, { side, ports: list as PortRange[] }, invert)
}

const comment: OptionReader = (draft, option, words) =>
  option === '--comment' && put(draft, 'comment', take(words), false)

const ADDR_TYPES: ReadonlySet<string> = new Set<AddrType>([
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
])

const addrtype: OptionReader = (draft, option, words, invert) => {
  if (option === '--limit-iface-in') return put(draft, 'limitIfaceIn', true, false)
  if (option === '--limit-iface-out') return put(draft, 'limitIfaceOut', true, false)
  if (option !== '--src-type' && option !== '--dst-type') return false
  const types = wordList(take(words), ADDR_TYPES)
  return types !== undefined && put(draft, option === '--src-type' ? 'srcType' : 'dstType', { types }, invert)
}

const rpfilter: OptionReader = (draft, option) => {
  const key = { '--loose': 'loose', '--validmark': 'validmark', '--accept-local': 'acceptLocal', '--invert': 'invert' }[
    option
  ]
  return key !== undefined && put(draft, key, true, false)
}

const statistic: OptionReader = (draft, option, words, invert) => {
  const value = take(words) ?? ''
  switch (option) {
    case '--mode':
      return (value === 'nth' || value === 'random') && put(draft, 'mode', value, false)
    case '--every':
      return putAll(draft, parseNumber(value) === undefined ? undefined : { every: Number(value) }, invert)
    case '--packet':
      return put(draft, 'packet', parseNumber(value), false)
    case '--probability': {
      const probability = /^[0-9]+(\.[0-9]+)?$/.test(value) ? Number(value) : undefined
      return putAll(draft, probability === undefined || probability > 1 ? undefined : { probability }, invert)
    }
    default:
      return false
  }
}

const physdev: OptionReader = (draft, option, words, invert) => {
  if (option === '--physdev-in' || option === '--physdev-out') {
    const name = take(words)
    return name !== undefined && put(draft, option === '--physdev-in' ? 'physdevIn' : 'physdevOut', { name }, invert)
  }
  const key = { '--physdev-is-in': 'isIn', '--physdev-is-out': 'isOut', '--physdev-is-bridged': 'isBridged' }[option]
  return key !== undefined && put(draft, key, {}, invert)
}

const limit: OptionReader = (draft, option, words) => {
  const value = take(words) ?? ''
  if (option === '--limit') return /^[0-9]+(\/[a-z]+)?$/.test(value) && put(draft, 'rate', value, false)
  return option === '--limit-burst' && put(draft, 'burst', parseNumber(value), false)
}

const RECENT_OPS: ReadonlySet<string> = new Set(['--set', '--rcheck', '--update', '--remove'])

const recent: OptionReader = (draft, option, words, invert) => {
  if (RECENT_OPS.has(option)) return draft['op'] === undefined && putAll(draft, { op: option.slice(2) }, invert)
  switch (option) {
    case '--reap':
    case '--rttl':
      return put(draft, option.slice(2), true, false)
    case '--rsource':
    case '--rdest':
      return put(draft, 'side', option.slice(2), false)
    case '--name':
      return put(draft, 'name', take(words), false)
    case '--mask':
      return put(draft, 'mask', parseIp(take(words) ?? ''), false)
    case '--seconds':
    case '--hitcount':
      return put(draft, option.slice(2), parseNumber(take(words) ?? ''), false)
    default:
      return false
  }
}

const iprange: OptionReader = (draft, option, words, invert) => {
  if (option !== '--src-range' && option !== '--dst-range') return false
  const [first, last] = (take(words) ?? '').split('-')
  const from = parseIp(first ?? '')
  const to = parseIp(last ?? first ?? '')
  if (from === undefined || to === undefined) return false
  return put(draft, option === '--src-range' ? 'src' : 'dst', { from, to }, invert)
}

const length: OptionReader = (draft, option, words, invert) => {
  const range = option === '--length' ? parsePortRange(take(words) ?? '') : undefined
  return putAll(draft, range && { range }, invert)
}

const ttl: OptionReader = (draft, option, words, invert) => {
  const op = /^--(?:ttl|hl)-(eq|lt|gt)$/.exec(option)?.[1]
  const value = parseNumber(take(words) ?? '')
  return putAll(draft, op === undefined || value === undefined || value > 255 ? undefined : { op, ttl: value }, invert)
}

const tos: OptionReader = (draft, option, words, invert) => {
  if (option !== '--tos') return false
  const masked = parseMasked(take(words) ?? '', 0xff)
  return putAll(draft, masked, invert)
}

const dscp: OptionReader = (draft, option, words, invert) => {
  const text = take(words) ?? ''
  const value = option === '--dscp' ? parseNumber(text) : option === '--dscp-class' ? dscpClass(text) : undefined
  return putAll(draft, value === undefined || value > 63 ? undefined : { value, mask: 0x3f }, invert)
}

const pkttype: OptionReader = (draft, option, words, invert) => {
  const type = take(words) ?? ''
  return option === '--pkt-type' && putAll(draft, /^(uni|broad|multi)cast$/.test(type) ? { type } : undefined, invert)
}

const mac: OptionReader = (draft, option, words, invert) => {
  const source = (take(words) ?? '').toLowerCase()
  return (
    option === '--mac-source' &&
    putAll(draft, /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(source) ? { source } : undefined, invert)
  )
}

const u32: OptionReader = (draft, option, words, invert) => {
  const tests = option === '--u32' ? parseU32(take(words) ?? '') : undefined
  return putAll(draft, tests && { tests }, invert)
}

/** Option readers by the name after `-m`. */
export const MATCHES: Readonly<Record<string, { readonly kind: Match['kind']; readonly read: OptionReader }>> = {
  tcp: { kind: 'tcp', read: tcp },
  udp: { kind: 'udp', read: ports },
  udplite: { kind: 'udplite', read: ports },
  sctp: { kind: 'sctp', read: ports },
  dccp: { kind: 'dccp', read: ports },
  icmp: { kind: 'icmp', read: icmp },
  icmp6: { kind: 'icmp6', read: icmp },
  icmpv6: { kind: 'icmp6', read: icmp },
  'ipv6-icmp': { kind: 'icmp6', read: icmp },
  mark: { kind: 'mark', read: mark },
  connmark: { kind: 'connmark', read: mark },
  conntrack: { kind: 'conntrack', read: conntrack },
  state: { kind: 'conntrack', read: conntrack },
  set: { kind: 'set', read: set },
  multiport: { kind: 'multiport', read: multiport },
  comment: { kind: 'comment', read: comment },
  addrtype: { kind: 'addrtype', read: addrtype },
  rpfilter: { kind: 'rpfilter', read: rpfilter },
  statistic: { kind: 'statistic', read: statistic },
  physdev: { kind: 'physdev', read: physdev },
  limit: { kind: 'limit', read: limit },
  recent: { kind: 'recent', read: recent },
  iprange: { kind: 'iprange', read: iprange },
  length: { kind: 'length', read: length },
  ttl: { kind: 'ttl', read: ttl },
  hl: { kind: 'ttl', read: ttl },
  tos: { kind: 'tos', read: tos },
  dscp: { kind: 'dscp', read: dscp },
  pkttype: { kind: 'pkttype', read: pkttype },
  mac: { kind: 'mac', read: mac },
  u32: { kind: 'u32', read: u32 },
}
