import type { Match, PortRange, Target } from '../../model/index.ts'
import { isHostPrefix, isIpv4, prefixAddress } from '../../wire/index.ts'
import { u32Text } from './u32.ts'
import { quoteText } from './words.ts'

/*
 * What `iptables -L` writes of matches and targets, which is not what a rule is written with: every extension has words of its own.
 * @linux iptables extensions/libxt_*.c, libipt_*.c: their print functions
 */

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`
const twoDigits = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`
const bang = (invert: boolean | undefined): string => (invert === true ? ' !' : '')
const not = (invert: boolean | undefined): string => (invert === true ? '!' : '')

function range({ low, high }: PortRange): string {
  return low === high ? String(low) : `${low}:${high}`
}

function masked(value: number, mask: number): string {
  return mask === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`
}

function port(side: 's' | 'd', ports: (PortRange & { readonly invert?: boolean }) | undefined): string {
  if (ports === undefined) return ''
  return ` ${side}pt${ports.low === ports.high ? '' : 's'}:${not(ports.invert)}${range(ports)}`
}

function ports(match: Extract<Match, { kind: 'tcp' | 'udp' | 'sctp' | 'dccp' | 'udplite' }>): string {
  const { kind, sport, dport, option, flags } = match
  const optionText = option === undefined ? '' : ` option=${not(option.invert)}${option.number}`
  const flagsText =
    flags === undefined ? '' : ` flags:${not(flags.invert)}${twoDigits(flags.mask)}/${twoDigits(flags.comp)}`
  return ` ${kind}${port('s', sport)}${port('d', dport)}${optionText}${flagsText}`
}

function icmp({ kind, type, code, invert }: Extract<Match, { kind: 'icmp' | 'icmp6' }>): string {
  const name = kind === 'icmp' ? 'icmp' : 'ipv6-icmp'
  const codes =
    code === undefined ? '' : code.low === code.high ? ` code ${code.low}` : ` codes ${code.low}-${code.high}`
  return ` ${name}${bang(invert)}type ${type}${codes}`
}

function conntrack(match: Extract<Match, { kind: 'conntrack' }>): string {
  const { state, ctproto, ctorigdstport, status, ctdir } = match
  const sides = (['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'] as const).map((key) => {
    const side = match[key]
    return side === undefined ? '' : `${bang(side.invert)} ${key} ${network(side.prefix)}`
  })
  return [
    state === undefined ? '' : `${bang(state.invert)} ctstate ${state.states.join(',')}`,
    ctproto === undefined ? '' : `${bang(ctproto.invert)} ctproto ${ctproto.protocol}`,
    ...sides,
    ctorigdstport === undefined ? '' : `${bang(ctorigdstport.invert)} ctorigdstport ${range(ctorigdstport)}`,
    status === undefined ? '' : `${bang(status.invert)} ctstatus ${status.bits.join(',')}`,
    ctdir === undefined ? '' : ` ctdir ${ctdir}`,
  ].join('')
}

/** A network; a host without its length. */
function network(prefix: Extract<Match, { kind: 'source' }>['prefix']): string {
  return isHostPrefix(prefix) ? prefixAddress(prefix) : prefix
}

function addrtype(match: Extract<Match, { kind: 'addrtype' }>): string {
  const side = (name: string, one: typeof match.srcType): string =>
    one === undefined ? '' : ` ${name}-type ${not(one.invert)}${one.types.join(',')}`
  const limit = `${match.limitIfaceIn === true ? ' limit-in' : ''}${match.limitIfaceOut === true ? ' limit-out' : ''}`
  return ` ADDRTYPE match${side('src', match.srcType)}${side('dst', match.dstType)}${limit}`
}

function rpfilter({ loose, validmark, acceptLocal, invert }: Extract<Match, { kind: 'rpfilter' }>): string {
  const flags = [loose && 'loose', validmark && 'validmark', acceptLocal && 'accept-local', invert && 'invert']
  return ` rpfilter${flags.map((flag) => (typeof flag === 'string' ? ` ${flag}` : '')).join('')}`
}

function statistic({ mode, invert, probability, every, packet }: Extract<Match, { kind: 'statistic' }>): string {
  if (mode === 'random') return ` statistic mode random${bang(invert)} probability ${(probability ?? 0).toFixed(11)}`
  const behind = packet === undefined || packet === 0 ? '' : ` packet ${packet}`
  return ` statistic mode nth${bang(invert)} every ${every ?? 1}${behind}`
}

function physdev(match: Extract<Match, { kind: 'physdev' }>): string {
  const flag = (name: string, one: { readonly invert?: boolean } | undefined, value = ''): string =>
    one === undefined ? '' : `${bang(one.invert)} --physdev-${name}${value}`
  const { isIn, physdevIn, isOut, physdevOut, isBridged } = match
  return [
    ' PHYSDEV match',
    flag('is-in', isIn),
    flag('in', physdevIn, ` ${physdevIn?.name}`),
    flag('is-out', isOut),
    flag('out', physdevOut, ` ${physdevOut?.name}`),
    flag('is-bridged', isBridged),
  ].join('')
}

function iprange({ src, dst }: Extract<Match, { kind: 'iprange' }>): string {
  const side = (name: string, one: typeof src): string =>
    one === undefined ? '' : ` ${name} IP range${bang(one.invert)} ${one.from}-${one.to}`
  return `${side('source', src)}${side('destination', dst)}`
}

const TTL_SIGNS = { eq: '==', lt: '<', gt: '>' } as const

function ttl(name: string, { op, ttl: value, invert }: Extract<Match, { kind: 'ttl' }>): string {
  return ` ${name} match ${name} ${op === 'eq' && invert === true ? '!=' : TTL_SIGNS[op]} ${value}`
}

/** A match as `iptables -L` prints it behind the columns, with the blank before it; '' for what has a column. */
export function matchListText(match: Match, family: 'inet' | 'inet6'): string {
  switch (match.kind) {
    case 'source':
    case 'destination':
    case 'in-interface':
    case 'out-interface':
    case 'protocol':
    case 'fragment':
      return ''
    case 'tcp':
    case 'udp':
    case 'sctp':
    case 'dccp':
    case 'udplite':
      return ports(match)
    case 'icmp':
    case 'icmp6':
      return icmp(match)
    case 'mark':
      return ` mark match${bang(match.invert)} ${masked(match.mark, match.mask)}`
    case 'connmark':
      return ` connmark match ${not(match.invert)} ${masked(match.mark, match.mask)}`
    case 'conntrack':
      return conntrack(match)
    case 'set':
      return `${bang(match.invert)} match-set ${match.set} ${match.dims.join(',')}`
    case 'multiport':
      return ` multiport ${match.side} ${bang(match.invert)}${match.ports.map(range).join(',')}`
    case 'comment':
      return ` /* ${match.comment} */`
    case 'addrtype':
      return addrtype(match)
    case 'rpfilter':
      return rpfilter(match)
    case 'statistic':
      return statistic(match)
    case 'physdev':
      return physdev(match)
    case 'limit':
      return ` limit: avg ${match.rate.replace(/\/(s|m|h|d)[a-z]*$/, (_, unit: string) => RATES[unit] ?? '')} burst ${match.burst}`
    case 'recent':
      return recent(match)
    case 'iprange':
      return iprange(match)
    case 'length':
      return ` length ${not(match.invert)}${range(match.range)}`
    case 'ttl':
      return ttl(family === 'inet' ? 'TTL' : 'HL', match)
    case 'tos':
      return ` tos match${not(match.invert)}${twoDigits(match.value)}/${twoDigits(match.mask)}`
    case 'dscp':
      return ` DSCP match ${not(match.invert)}${twoDigits(match.value)}`
    case 'pkttype':
      return ` PKTTYPE ${not(match.invert)}= ${match.type}`
    case 'mac':
      return ` MAC${bang(match.invert)} ${match.source}`
    case 'u32':
      return ` u32${bang(match.invert)} "${u32Text(match.tests)}"`
    default:
      return ` ${match.text}`
  }
}

const RECENT = { set: 'SET', rcheck: 'CHECK', update: 'UPDATE', remove: 'REMOVE' } as const

function recent(match: Extract<Match, { kind: 'recent' }>): string {
  const words = [`${match.invert === true ? ' !' : ''} recent: ${RECENT[match.op]}`]
  if (match.seconds !== undefined) words.push(`seconds: ${match.seconds}`)
  if (match.reap === true) words.push('reap')
  if (match.hitcount !== undefined) words.push(`hit_count: ${match.hitcount}`)
  if (match.rttl === true) words.push('TTL-Match')
  words.push(`name: ${match.name}`, `side: ${match.side === 'rsource' ? 'source' : 'dest'}`, `mask: ${match.mask}`)
  return words.join(' ')
}

const RATES: Readonly<Record<string, string>> = { s: '/sec', m: '/min', h: '/hour', d: '/day' }

/** How a mark is set, in the word for what the numbers come down to. */
function setMark(name: string, value: number, mask: number): string {
  if (value === 0) return ` ${name} and ${hex(~mask)}`
  if (value === mask) return ` ${name} or ${hex(value)}`
  if (mask === 0) return ` ${name} xor ${hex(value)}`
  return mask === 0xffffffff ? ` ${name} set ${hex(value)}` : ` ${name} xset ${hex(value)}/${hex(mask)}`
}

function connmark({ op, value, mask, nfmask }: Extract<Target, { kind: 'CONNMARK' }>): string {
  if (op === 'set-xmark') return setMark('CONNMARK', value, mask)
  const verb = op === 'save-mark' ? 'save' : 'restore'
  if (mask !== nfmask) return ` CONNMARK ${verb} nfmask ${hex(nfmask)} ctmask ~${hex(mask)}`
  return ` CONNMARK ${verb}${mask === 0xffffffff ? '' : ` mask ${hex(mask)}`}`
}

function span(low: number | string | undefined, high: number | string | undefined): string {
  if (low === undefined) return ''
  return high === undefined || high === low ? String(low) : `${low}-${high}`
}

/** @linux extensions/libxt_NFLOG.c nflog_print */
function nflog({ prefix, group = 0, size }: Extract<Target, { kind: 'NFLOG' }>): string {
  return [
    ...(prefix === '' ? [] : [` nflog-prefix ${quoteText(prefix)}`]),
    ...(group === 0 ? [] : [` nflog-group ${group}`]),
    ...(size === undefined ? [] : [` nflog-size ${size}`]),
  ].join('')
}

/** Where to, and how ports are chosen. */
function nat({ kind, range: to }: Extract<Target, { kind: 'SNAT' | 'DNAT' | 'MASQUERADE' | 'REDIRECT' }>): string {
  const [addresses, numbers] = [span(to.minAddress, to.maxAddress), span(to.minPort, to.maxPort)]
  const flags = `${to.random === true ? ' random' : ''}${to.randomFully === true ? ' random-fully' : ''}${to.persistent === true ? ' persistent' : ''}`
  if (kind === 'MASQUERADE') return `${numbers === '' ? '' : ` masq ports: ${numbers}`}${flags}`
  if (kind === 'REDIRECT') return `${numbers === '' ? '' : ` redir ports ${numbers}`}${flags}`
  const isV6 = to.minAddress !== undefined && !isIpv4(to.minAddress)
  const host = isV6 && numbers !== '' ? `[${addresses}]` : addresses
  return ` to:${host}${numbers === '' ? '' : `:${numbers}`}${flags}`
}

const TTL_WORDS = { set: 'set to', inc: 'increment by', dec: 'decrement by' } as const

/** What `iptables -L` prints of a target besides its name, with the blank before it. */
export function targetListText(target: Target, family: 'inet' | 'inet6'): string {
  switch (target.kind) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
    case 'jump':
    case 'goto':
      return ''
    case 'REJECT':
      return ` reject-with ${target.rejectWith}`
    case 'MARK':
      return setMark('MARK', target.value, target.mask)
    case 'CONNMARK':
      return connmark(target)
    case 'NOTRACK':
      return ' NOTRACK'
    case 'CT':
      return ` CT${target.notrack ? ' notrack' : ''}${target.helper === undefined ? '' : ` helper ${target.helper}`}${target.zone === undefined ? '' : ` zone ${target.zone}`}`
    case 'LOG':
      return ` LOG flags 0 level 4${target.prefix === '' ? '' : ` prefix "${target.prefix}"`}`
    case 'NFLOG':
      return nflog(target)
    case 'SNAT':
    case 'DNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
      return nat(target)
    case 'NETMAP':
      return ` to:${target.to}`
    case 'TCPMSS':
      return target.clampToPmtu ? ' TCPMSS clamp to PMTU' : ` TCPMSS set ${target.mss ?? 0}`
    case 'CHECKSUM':
      return ' CHECKSUM fill'
    case 'TTL':
      return ` ${family === 'inet' ? 'TTL' : 'HL'} ${TTL_WORDS[target.op]} ${target.value}`
    case 'TOS':
      return ` TOS set ${twoDigits(target.value)}/${twoDigits(target.mask)}`
    case 'DSCP':
      return ` DSCP set ${twoDigits(target.value)}`
    case 'SET':
      return ` ${target.op}-set ${target.set} ${target.dims.join(',')}`
    default:
      return target.text.replace(/^\S+/, '')
  }
}

/** The name of a target as the column shows it. */
export function targetName(target: Target | undefined, family: 'inet' | 'inet6'): string {
  if (target === undefined) return ''
  switch (target.kind) {
    case 'jump':
    case 'goto':
      return target.chain
    case 'NOTRACK':
      return 'CT'
    case 'TTL':
      return family === 'inet' ? 'TTL' : 'HL'
    case 'unsupported':
      return target.name
    default:
      return target.kind
  }
}
