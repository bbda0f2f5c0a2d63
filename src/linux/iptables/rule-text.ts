import type { IptRule, Match, NatRange, PortRange, Target } from '../../model/index.ts'
import { isHostPrefix, prefixAddress, withPort } from '../../wire/index.ts'
import { protocolText } from '../protocol.ts'
import { u32Text } from './u32.ts'
import { tcpFlagsText } from './values.ts'
import { quoteText, quoteWord } from './words.ts'

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

function masked(value: number, mask: number): string {
  return mask === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`
}

function not(invert: boolean | undefined): string {
  return invert === true ? '! ' : ''
}

function range(ports: PortRange): string {
  return ports.low === ports.high ? String(ports.low) : `${ports.low}:${ports.high}`
}

/** The options of a conntrack match. */
function conntrackText(match: Extract<Match, { kind: 'conntrack' }>): string {
  const words: string[] = []
  if (match.state !== undefined) words.push(`${not(match.state.invert)}--ctstate ${match.state.states.join(',')}`)
  if (match.ctproto !== undefined) words.push(`${not(match.ctproto.invert)}--ctproto ${match.ctproto.protocol}`)
  for (const key of ['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'] as const) {
    const side = match[key]
    if (side !== undefined) words.push(`${not(side.invert)}--${key} ${side.prefix}`)
  }
  if (match.ctorigdstport !== undefined)
    words.push(`${not(match.ctorigdstport.invert)}--ctorigdstport ${range(match.ctorigdstport)}`)
  if (match.status !== undefined) words.push(`${not(match.status.invert)}--ctstatus ${match.status.bits.join(',')}`)
  if (match.ctdir !== undefined) words.push(`--ctdir ${match.ctdir}`)
  return ['-m conntrack', ...words].join(' ')
}

function portsText(match: Extract<Match, { kind: 'tcp' | 'udp' | 'sctp' | 'dccp' | 'udplite' }>): string {
  const words = [`-m ${match.kind}`]
  if (match.sport !== undefined) words.push(`${not(match.sport.invert)}--sport ${range(match.sport)}`)
  if (match.dport !== undefined) words.push(`${not(match.dport.invert)}--dport ${range(match.dport)}`)
  if (match.option !== undefined) words.push(`${not(match.option.invert)}--tcp-option ${match.option.number}`)
  if (match.flags !== undefined) {
    words.push(
      `${not(match.flags.invert)}--tcp-flags ${tcpFlagsText(match.flags.mask)} ${tcpFlagsText(match.flags.comp)}`,
    )
  }
  return words.join(' ')
}

function physdevText(match: Extract<Match, { kind: 'physdev' }>): string {
  const words = ['-m physdev']
  if (match.isIn !== undefined) words.push(`${not(match.isIn.invert)}--physdev-is-in`)
  if (match.physdevIn !== undefined) words.push(`${not(match.physdevIn.invert)}--physdev-in ${match.physdevIn.name}`)
  if (match.isOut !== undefined) words.push(`${not(match.isOut.invert)}--physdev-is-out`)
  if (match.physdevOut !== undefined)
    words.push(`${not(match.physdevOut.invert)}--physdev-out ${match.physdevOut.name}`)
  if (match.isBridged !== undefined) words.push(`${not(match.isBridged.invert)}--physdev-is-bridged`)
  return words.join(' ')
}

function addrtypeText(match: Extract<Match, { kind: 'addrtype' }>): string {
  const words = ['-m addrtype']
  if (match.srcType !== undefined) words.push(`${not(match.srcType.invert)}--src-type ${match.srcType.types.join(',')}`)
  if (match.dstType !== undefined) words.push(`${not(match.dstType.invert)}--dst-type ${match.dstType.types.join(',')}`)
  if (match.limitIfaceIn === true) words.push('--limit-iface-in')
  if (match.limitIfaceOut === true) words.push('--limit-iface-out')
  return words.join(' ')
}

function statisticText(match: Extract<Match, { kind: 'statistic' }>): string {
  if (match.mode === 'random')
    return `-m statistic --mode random ${not(match.invert)}--probability ${(match.probability ?? 0).toFixed(11)}`
  return `-m statistic --mode nth ${not(match.invert)}--every ${match.every ?? 1} --packet ${match.packet ?? 0}`
}

function recentText(match: Extract<Match, { kind: 'recent' }>): string {
  const words = [`-m recent ${not(match.invert)}--${match.op}`]
  if (match.seconds !== undefined) words.push(`--seconds ${match.seconds}`)
  if (match.reap === true) words.push('--reap')
  if (match.hitcount !== undefined) words.push(`--hitcount ${match.hitcount}`)
  if (match.rttl === true) words.push('--rttl')
  return [...words, `--name ${match.name} --mask ${match.mask} --${match.side}`].join(' ')
}

/** A match as `iptables-save` prints it. */
function matchText(match: Match, family: 'inet' | 'inet6'): string {
  switch (match.kind) {
    case 'source':
      return `${not(match.invert)}-s ${match.prefix}`
    case 'destination':
      return `${not(match.invert)}-d ${match.prefix}`
    case 'in-interface':
      return `${not(match.invert)}-i ${match.name}`
    case 'out-interface':
      return `${not(match.invert)}-o ${match.name}`
    case 'protocol':
      return `${not(match.invert)}-p ${protocolText(match.protocol)}`
    case 'fragment':
      return `${not(match.invert)}-f`
    case 'tcp':
    case 'udp':
    case 'sctp':
    case 'dccp':
    case 'udplite':
      return portsText(match)
    case 'icmp':
    case 'icmp6': {
      const option = match.kind === 'icmp' ? '-m icmp' : '-m icmp6'
      const name = match.kind === 'icmp' ? '--icmp-type' : '--icmpv6-type'
      const type = match.kind === 'icmp' && match.type === 255 ? 'any' : String(match.type)
      return `${option} ${not(match.invert)}${name} ${type}${match.code === undefined ? '' : `/${range(match.code)}`}`
    }
    case 'mark':
    case 'connmark':
      return `-m ${match.kind} ${not(match.invert)}--mark ${masked(match.mark, match.mask)}`
    case 'conntrack':
      return conntrackText(match)
    case 'set':
      return `-m set ${not(match.invert)}--match-set ${match.set} ${match.dims.join(',')}`
    case 'multiport':
      return `-m multiport ${not(match.invert)}--${match.side} ${match.ports.map(range).join(',')}`
    case 'comment':
      return `-m comment --comment ${quoteText(match.comment)}`
    case 'addrtype':
      return addrtypeText(match)
    case 'rpfilter':
      return `-m rpfilter${match.loose === true ? ' --loose' : ''}${match.validmark === true ? ' --validmark' : ''}${match.acceptLocal === true ? ' --accept-local' : ''}${match.invert === true ? ' --invert' : ''}`
    case 'statistic':
      return statisticText(match)
    case 'physdev':
      return physdevText(match)
    case 'limit':
      return `-m limit --limit ${match.rate
        .replace(/\/s(ec(ond)?)?$/, '/sec')
        .replace(/\/m(in(ute)?)?$/, '/min')
        .replace(/\/h(our)?$/, '/hour')
        .replace(/\/d(ay)?$/, '/day')}${match.burst === 5 ? '' : ` --limit-burst ${match.burst}`}`
    case 'recent':
      return recentText(match)
    case 'iprange': {
      const side = (name: string, value: typeof match.src): string =>
        value === undefined ? '' : ` ${not(value.invert)}--${name}-range ${value.from}-${value.to}`
      return `-m iprange${side('src', match.src)}${side('dst', match.dst)}`
    }
    case 'length':
      return `-m length ${not(match.invert)}--length ${range(match.range)}`
    case 'ttl':
      return family === 'inet'
        ? `-m ttl ${not(match.invert)}--ttl-${match.op} ${match.ttl}`
        : `-m hl ${not(match.invert)}--hl-${match.op} ${match.ttl}`
    case 'tos':
      return `-m tos ${not(match.invert)}--tos 0x${match.value.toString(16).padStart(2, '0')}/0x${match.mask.toString(16).padStart(2, '0')}`
    case 'dscp':
      return `-m dscp ${not(match.invert)}--dscp 0x${match.value.toString(16).padStart(2, '0')}`
    case 'pkttype':
      return `-m pkttype ${not(match.invert)}--pkt-type ${match.type}`
    case 'mac':
      return `-m mac ${not(match.invert)}--mac-source ${match.source}`
    case 'u32':
      return `-m u32 ${not(match.invert)}--u32 "${u32Text(match.tests)}"`
    default:
      return match.text
  }
}

function natText(name: string, option: string, nat: NatRange): string {
  const address =
    nat.minAddress === undefined
      ? ''
      : nat.maxAddress === undefined || nat.maxAddress === nat.minAddress
        ? nat.minAddress
        : `${nat.minAddress}-${nat.maxAddress}`
  const ports =
    nat.minPort === undefined
      ? ''
      : nat.maxPort === undefined || nat.maxPort === nat.minPort
        ? String(nat.minPort)
        : `${nat.minPort}-${nat.maxPort}`
  const where = option === '--to-ports' ? ports : ports === '' ? address : withPort(address, ports)
  const words = [name, ...(where === '' ? [] : [option, where])]
  if (nat.random === true) words.push('--random')
  if (nat.randomFully === true) words.push('--random-fully')
  if (nat.persistent === true) words.push('--persistent')
  return `-j ${words.join(' ')}`
}

/** A target as `iptables-save` prints it. */
function targetText(target: Target, family: 'inet' | 'inet6'): string {
  switch (target.kind) {
    case 'jump':
      return `-j ${target.chain}`
    case 'goto':
      return `-g ${target.chain}`
    case 'REJECT':
      return `-j REJECT --reject-with ${target.rejectWith}`
    case 'MARK':
      return `-j MARK --${target.op === 'set-xmark' ? 'set-xmark' : `${target.op}-mark`} ${hex(target.value)}/${hex(target.mask)}`
    case 'CONNMARK':
      return target.op === 'set-xmark'
        ? `-j CONNMARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`
        : `-j CONNMARK --${target.op} --nfmask ${hex(target.nfmask)} --ctmask ${hex(target.mask)}`
    case 'CT':
      return `-j CT${target.notrack ? ' --notrack' : ''}${target.helper === undefined ? '' : ` --helper ${target.helper}`}${target.zone === undefined ? '' : ` --zone ${target.zone}`}`
    case 'LOG':
      return `-j LOG${target.prefix === '' ? '' : ` --log-prefix ${quoteText(target.prefix)}`}${target.level === undefined ? '' : ` --log-level ${target.level}`}`
    case 'NFLOG':
      return nflogText(target)
    case 'SNAT':
      return natText('SNAT', '--to-source', target.range)
    case 'DNAT':
      return natText('DNAT', '--to-destination', target.range)
    case 'MASQUERADE':
    case 'REDIRECT':
      return natText(target.kind, '--to-ports', target.range)
    case 'NETMAP':
      return `-j NETMAP --to ${isHostPrefix(target.to) ? prefixAddress(target.to) : target.to}`
    case 'TCPMSS':
      return `-j TCPMSS ${target.clampToPmtu ? '--clamp-mss-to-pmtu' : `--set-mss ${target.mss ?? 0}`}`
    case 'CHECKSUM':
      return '-j CHECKSUM --checksum-fill'
    case 'TTL':
      return family === 'inet' ? `-j TTL --ttl-${target.op} ${target.value}` : `-j HL --hl-${target.op} ${target.value}`
    case 'TOS':
      return `-j TOS --set-tos 0x${target.value.toString(16).padStart(2, '0')}/0x${target.mask.toString(16).padStart(2, '0')}`
    case 'DSCP':
      return `-j DSCP --set-dscp 0x${target.value.toString(16).padStart(2, '0')}`
    case 'SET':
      return `-j SET --${target.op}-set ${target.set} ${target.dims.join(',')}`
    case 'unsupported':
      return `-j ${target.text}`
    default:
      return `-j ${target.kind}`
  }
}

/** @linux extensions/libxt_NFLOG.c nflog_save */
function nflogText({ prefix, group = 0, size }: Extract<Target, { kind: 'NFLOG' }>): string {
  return [
    '-j NFLOG',
    ...(prefix === '' ? [] : [`--nflog-prefix ${quoteText(prefix)}`]),
    ...(group === 0 ? [] : [`--nflog-group ${group}`]),
    ...(size === undefined ? [] : [`--nflog-size ${size}`]),
  ].join(' ')
}

/** A rule as `iptables-save` prints it: in the words it was read in, else from its parts. */
export function ruleText(
  chain: string,
  rule: Pick<IptRule, 'matches' | 'target' | 'text'>,
  family: 'inet' | 'inet6',
): string {
  if (rule.text !== undefined) return rule.text
  const words = ['-A', quoteWord(chain), ...rule.matches.map((match) => matchText(match, family))]
  if (rule.target !== undefined) words.push(targetText(rule.target, family))
  return words.join(' ')
}
