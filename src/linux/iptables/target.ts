import type { NatRange, RejectWith, Target } from '../../model/index.ts'
import { parseNumber } from '../json.ts'
import { dscpClass, parseMasked, parseNatRange, parseNetwork } from './values.ts'
import { take, type Words } from './words.ts'

type Family = 'inet' | 'inet6'
type Draft = { kind: string } & Record<string, unknown>

/** Reads one option of a target into its draft; false when it is not modelled. */
type OptionReader = (draft: Draft, option: string, words: Words, family: Family) => boolean

interface TargetReader {
  readonly start: (family: Family) => Draft
  readonly read: OptionReader
  /** Fields that must be there at the end. */
  readonly needs?: readonly string[]
}

const none: OptionReader = () => false

function plain(kind: string): TargetReader {
  return { start: () => ({ kind }), read: none }
}

const REJECT_NAMES: Readonly<Record<string, RejectWith>> = {
  'icmp-net-unreachable': 'icmp-net-unreachable',
  'net-unreach': 'icmp-net-unreachable',
  'icmp-host-unreachable': 'icmp-host-unreachable',
  'host-unreach': 'icmp-host-unreachable',
  'icmp-port-unreachable': 'icmp-port-unreachable',
  'port-unreach': 'icmp-port-unreachable',
  'icmp-proto-unreachable': 'icmp-proto-unreachable',
  'proto-unreach': 'icmp-proto-unreachable',
  'icmp-net-prohibited': 'icmp-net-prohibited',
  'net-prohib': 'icmp-net-prohibited',
  'icmp-host-prohibited': 'icmp-host-prohibited',
  'host-prohib': 'icmp-host-prohibited',
  'icmp-admin-prohibited': 'icmp-admin-prohibited',
  'admin-prohib': 'icmp-admin-prohibited',
  'tcp-reset': 'tcp-reset',
  'tcp-rst': 'tcp-reset',
  'icmp6-no-route': 'icmp6-no-route',
  'no-route': 'icmp6-no-route',
  'icmp6-adm-prohibited': 'icmp6-adm-prohibited',
  'adm-prohibited': 'icmp6-adm-prohibited',
  'icmp6-addr-unreachable': 'icmp6-addr-unreachable',
  'addr-unreach': 'icmp6-addr-unreachable',
  'icmp6-port-unreachable': 'icmp6-port-unreachable',
  'icmp6-policy-fail': 'icmp6-policy-fail',
  'policy-fail': 'icmp6-policy-fail',
  'icmp6-reject-route': 'icmp6-reject-route',
  'reject-route': 'icmp6-reject-route',
}

const reject: OptionReader = (draft, option, words, family) => {
  if (option !== '--reject-with') return false
  const text = take(words) ?? ''
  if (!Object.hasOwn(REJECT_NAMES, text)) return false
  const known = REJECT_NAMES[text]!
  const name = family === 'inet6' && text === 'port-unreach' ? 'icmp6-port-unreachable' : known
  if (name !== 'tcp-reset' && name.startsWith('icmp6') !== (family === 'inet6')) return false
  draft['rejectWith'] = name
  return true
}

/** All ways to set a mark come down to `mark = (mark & ~mask) ^ value`. */
const mark: OptionReader = (draft, option, words) => {
  const masked = parseMasked(take(words) ?? '')
  if (masked === undefined) return false
  const { value, mask } = masked
  switch (option) {
    case '--set-xmark':
      return xmark(draft, value, mask)
    case '--set-mark':
      return xmark(draft, value, (value | mask) >>> 0)
    case '--and-mark':
      return xmark(draft, 0, ~value >>> 0)
    case '--or-mark':
      return xmark(draft, value, value)
    case '--xor-mark':
      return xmark(draft, value, 0)
    default:
      return false
  }
}

function xmark(draft: Draft, value: number, mask: number): boolean {
  Object.assign(draft, { op: 'set-xmark', value, mask })
  return true
}

const connmark: OptionReader = (draft, option, words, family) => {
  if (option === '--save-mark' || option === '--restore-mark') {
    draft['op'] = option.slice(2)
    return true
  }
  if (option === '--nfmask' || option === '--ctmask' || option === '--mask') {
    const bits = parseNumber(take(words) ?? '')
    if (bits === undefined) return false
    if (option !== '--ctmask') draft['nfmask'] = bits
    if (option !== '--nfmask') draft['mask'] = bits
    return true
  }
  return mark(draft, option, words, family)
}

function rangeOf(draft: Draft): Record<string, unknown> {
  const range = (draft['range'] ?? {}) as Record<string, unknown>
  draft['range'] = range
  return range
}

const NAT_FLAGS: Readonly<Record<string, keyof NatRange>> = {
  '--random': 'random',
  '--random-fully': 'randomFully',
  '--persistent': 'persistent',
}

function nat(option: string): OptionReader {
  return (draft, given, words) => {
    const flag = Object.hasOwn(NAT_FLAGS, given) ? NAT_FLAGS[given] : undefined
    if (flag !== undefined) {
      rangeOf(draft)[flag] = true
      return true
    }
    if (given !== option) return false
    const text = take(words) ?? ''
    const range = parseNatRange(option === '--to-ports' ? `:${text}` : text)
    if (range === undefined) return false
    Object.assign(rangeOf(draft), range)
    return true
  }
}

const ct: OptionReader = (draft, option, words) => {
  if (option === '--notrack') draft['notrack'] = true
  else if (option === '--zone') {
    const zone = parseNumber(take(words) ?? '')
    if (zone === undefined) return false
    draft['zone'] = zone
  } else if (option === '--helper') draft['helper'] = take(words) ?? ''
  else return false
  return true
}

/** Options that only shape the log line. */
const LOG_FLAGS: ReadonlySet<string> = new Set([
  '--log-tcp-sequence',
  '--log-tcp-options',
  '--log-ip-options',
  '--log-uid',
  '--log-macdecode',
])
const LOG_VALUES: ReadonlySet<string> = new Set(['--nflog-range', '--nflog-threshold'])

/** Names of levels from 0 on. @linux extensions/libxt_LOG.c */
const LOG_LEVELS = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug']
/** Level of who says none. */
const DEFAULT_LEVEL = 4

function logLevel(draft: Draft, text: string): boolean {
  const named = LOG_LEVELS.indexOf(text.toLowerCase())
  const level = named < 0 ? parseNumber(text) : named
  if (level === undefined || level > 7) return false
  if (level !== DEFAULT_LEVEL) draft['level'] = level
  return true
}

/** A number that is kept unless it is the usual one. */
function number(draft: Draft, field: string, text = '', usual?: number): boolean {
  const value = parseNumber(text)
  if (value === undefined) return false
  if (value !== usual) draft[field] = value
  return true
}

const log: OptionReader = (draft, option, words) => {
  if (option === '--log-prefix' || option === '--nflog-prefix') draft['prefix'] = take(words) ?? ''
  else if (option === '--nflog-group') return number(draft, 'group', take(words), 0)
  else if (option === '--nflog-size') return number(draft, 'size', take(words))
  else if (option === '--log-level') return logLevel(draft, take(words) ?? '')
  else if (LOG_VALUES.has(option)) take(words)
  else if (!LOG_FLAGS.has(option)) return false
  return true
}

const netmap: OptionReader = (draft, option, words, family) => {
  const to = option === '--to' ? parseNetwork(take(words) ?? '', family) : undefined
  if (to === undefined) return false
  draft['to'] = to
  return true
}

const tcpmss: OptionReader = (draft, option, words) => {
  if (option === '--clamp-mss-to-pmtu') {
    draft['clampToPmtu'] = true
    return true
  }
  const mss = option === '--set-mss' ? parseNumber(take(words) ?? '') : undefined
  if (mss === undefined) return false
  draft['mss'] = mss
  return true
}

const ttl: OptionReader = (draft, option, words) => {
  const op = /^--(?:ttl|hl)-(set|inc|dec)$/.exec(option)?.[1]
  const value = parseNumber(take(words) ?? '')
  if (op === undefined || value === undefined || value > 255) return false
  Object.assign(draft, { op, value })
  return true
}

const tos: OptionReader = (draft, option, words) => {
  const masked = option === '--set-tos' ? parseMasked(take(words) ?? '', 0xff) : undefined
  if (masked === undefined) return false
  Object.assign(draft, masked)
  return true
}

const dscp: OptionReader = (draft, option, words) => {
  const text = take(words) ?? ''
  const value =
    option === '--set-dscp' ? parseNumber(text) : option === '--set-dscp-class' ? dscpClass(text) : undefined
  if (value === undefined || value > 63) return false
  Object.assign(draft, { value, mask: 0x3f })
  return true
}

const setTarget: OptionReader = (draft, option, words) => {
  if (option === '--exist') return true
  if (option !== '--add-set' && option !== '--del-set') return false
  const name = take(words)
  const dims = (take(words) ?? '').split(',')
  if (name === undefined || !dims.every((dim) => dim === 'src' || dim === 'dst')) return false
  Object.assign(draft, { op: option === '--add-set' ? 'add' : 'del', set: name, dims })
  return true
}

const FULL = 0xffffffff

const TARGETS: Readonly<Record<string, TargetReader>> = {
  ACCEPT: plain('ACCEPT'),
  DROP: plain('DROP'),
  RETURN: plain('RETURN'),
  REJECT: {
    start: (family) => ({
      kind: 'REJECT',
      rejectWith: family === 'inet' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable',
    }),
    read: reject,
  },
  MARK: { start: () => ({ kind: 'MARK' }), read: mark, needs: ['op'] },
  CONNMARK: { start: () => ({ kind: 'CONNMARK', value: 0, mask: FULL, nfmask: FULL }), read: connmark, needs: ['op'] },
  NOTRACK: plain('NOTRACK'),
  CT: { start: () => ({ kind: 'CT', notrack: false }), read: ct },
  LOG: { start: () => ({ kind: 'LOG', prefix: '' }), read: log },
  NFLOG: { start: () => ({ kind: 'NFLOG', prefix: '' }), read: log },
  SNAT: { start: () => ({ kind: 'SNAT' }), read: nat('--to-source'), needs: ['range'] },
  DNAT: { start: () => ({ kind: 'DNAT' }), read: nat('--to-destination'), needs: ['range'] },
  MASQUERADE: { start: () => ({ kind: 'MASQUERADE', range: {} }), read: nat('--to-ports') },
  REDIRECT: { start: () => ({ kind: 'REDIRECT', range: {} }), read: nat('--to-ports') },
  NETMAP: { start: () => ({ kind: 'NETMAP' }), read: netmap, needs: ['to'] },
  TCPMSS: { start: () => ({ kind: 'TCPMSS', clampToPmtu: false }), read: tcpmss },
  CHECKSUM: { start: () => ({ kind: 'CHECKSUM' }), read: (_, option) => option === '--checksum-fill' },
  TTL: { start: () => ({ kind: 'TTL' }), read: ttl, needs: ['op'] },
  HL: { start: () => ({ kind: 'TTL' }), read: ttl, needs: ['op'] },
  TOS: { start: () => ({ kind: 'TOS' }), read: tos, needs: ['value'] },
  DSCP: { start: () => ({ kind: 'DSCP' }), read: dscp, needs: ['value'] },
  SET: { start: () => ({ kind: 'SET' }), read: setTarget, needs: ['op'] },
}

/** Whether a name after `-j` is a target packetwalk models, and not a chain. */
export function isTargetName(name: string): boolean {
  return Object.hasOwn(TARGETS, name)
}

/** What stands behind `-j NAME`, all words to the end. `unsupported` keeps the text. */
export function readTarget(name: string, words: Words, family: Family): Target {
  const start = words.at
  const reader = TARGETS[name]!
  const draft = reader.start(family)
  let good = true
  while (good && words.at < words.list.length) good = reader.read(draft, take(words)!, words, family)
  if (good && (reader.needs ?? []).every((key) => draft[key] !== undefined)) return draft as unknown as Target
  words.at = words.list.length
  return { kind: 'unsupported', name, text: [name, ...words.list.slice(start)].join(' ') }
}
