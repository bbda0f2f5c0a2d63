import type { NatRange, PortRange } from '../../../model/index.ts'
import { assertNever, isIpv4 } from '../../../wire/index.ts'
import type { FelixAction, FelixMatch, FelixRule } from '../rules/chain.ts'

/** The text of rules that their hashes cover: Felix's own, in long options. @calico felix/iptables */

function not(invert: boolean | undefined): string {
  return invert === true ? '! ' : ''
}

const hex = (value: number): string => `0x${value.toString(16)}`

/** A mark: zero stands without `0x`. */
function mark(value: number, mask: number): string {
  return `${value === 0 ? '0' : hex(value)}/${hex(mask)}`
}

function range({ low, high }: PortRange): string {
  return low === high ? String(low) : `${low}:${high}`
}

function addrtypeText({ srcType, dstType, limitIfaceOut }: FelixMatch & { kind: 'addrtype' }): string {
  const words = ['-m addrtype']
  if (srcType !== undefined) words.push(`${not(srcType.invert)}--src-type ${srcType.types.join(',')}`)
  if (dstType !== undefined) words.push(`${not(dstType.invert)}--dst-type ${dstType.types.join(',')}`)
  if (limitIfaceOut === true) words.push('--limit-iface-out')
  return words.join(' ')
}

function icmpText({ kind, type, code, invert }: FelixMatch & { kind: 'icmp' | 'icmp6' }): string {
  const option = kind === 'icmp' ? '-m icmp' : '-m icmp6'
  const name = kind === 'icmp' ? '--icmp-type' : '--icmpv6-type'
  return `${option} ${not(invert)}${name} ${type}${code === undefined ? '' : `/${code.low}`}`
}

function matchText(match: FelixMatch): string {
  switch (match.kind) {
    case 'in-interface':
      return `${not(match.invert)}--in-interface ${match.name}`
    case 'out-interface':
      return `${not(match.invert)}--out-interface ${match.name}`
    case 'source':
      return `${not(match.invert)}--source ${match.prefix}`
    case 'destination':
      return `${not(match.invert)}--destination ${match.prefix}`
    case 'protocol':
      return `${not(match.invert)}-p ${match.word ?? match.protocol}`
    case 'udp':
      return `--dport ${match.dport.low}`
    case 'mark':
      return `-m mark ${not(match.invert)}--mark ${mark(match.mark, match.mask)}`
    case 'conntrack':
      return `-m conntrack ${not(match.state?.invert)}--ctstate ${match.state?.states.join(',') ?? ''}`
    case 'set':
      return `-m set ${not(match.invert)}--match-set ${match.set} ${match.dims.join(',')}`
    case 'multiport': {
      const side = match.side === 'sports' ? '--source-ports' : '--destination-ports'
      return `-m multiport ${not(match.invert)}${side} ${match.ports.map(range).join(',')}`
    }
    case 'addrtype':
      return addrtypeText(match)
    case 'icmp':
    case 'icmp6':
      return icmpText(match)
    case 'rpfilter':
      return `-m rpfilter${match.invert === true ? ' --invert' : ''}${match.validmark === true ? ' --validmark' : ''}`
    case 'limit':
      return `-m limit --limit ${match.rate}${match.burst === 0 ? '' : ` --limit-burst ${match.burst}`}`
    default:
      return assertNever(match)
  }
}

function natText(option: string, { minAddress, minPort, maxPort, randomFully }: NatRange, address: boolean): string {
  const ports = minPort === undefined ? undefined : `${minPort}-${maxPort ?? minPort}`
  const ip = minAddress === undefined || ports === undefined || isIpv4(minAddress) ? minAddress : `[${minAddress}]`
  const to = [address ? ip : undefined, ports].filter((part) => part !== undefined).join(':')
  return `${to === '' ? '' : ` ${option} ${to}`}${randomFully === true ? ' --random-fully' : ''}`
}

function actionText(action: FelixAction): string {
  switch (action.kind) {
    case 'jump':
      return `--jump ${action.chain}`
    case 'goto':
      return `--goto ${action.chain}`
    case 'MARK': {
      const { value, mask, masked } = action
      return `--jump MARK --set-mark ${masked === true ? `${hex(value)}/${hex(mask)}` : mark(value, mask)}`
    }
    case 'LOG':
      return `--jump LOG --log-prefix "${action.prefix}" --log-level ${action.level}`
    case 'NFLOG':
      return `--jump NFLOG --nflog-group ${action.group} --nflog-prefix ${action.prefix} --nflog-size ${action.size}`
    case 'MASQUERADE':
      return `--jump MASQUERADE${natText('--to-ports', action.range, false)}`
    case 'SNAT':
      return `--jump SNAT${natText('--to-source', action.range, true)}`
    case 'DNAT':
      return `--jump DNAT${natText('--to-destination', action.range, true)}`
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
    case 'NOTRACK':
    case 'REJECT':
      return `--jump ${action.kind}`
    default:
      return assertNever(action)
  }
}

/** The longest comment. @linux include/uapi/linux/netfilter/xt_comment.h */
const MAX_COMMENT = 256

/** A comment as Felix dares to write it: what shells could read otherwise becomes `_`. */
export function commentText(text: string): string {
  return text.replace(/[^\w @%+=:,./-]/g, '_').slice(0, MAX_COMMENT)
}

/** Comments, matches and action of a rule in iptables' long options. */
export function hashText({ comment = [], match, action }: FelixRule): string {
  const comments = comment.map((text) => `-m comment --comment "${commentText(text)}"`)
  return [...comments, ...match.map(matchText), ...(action === undefined ? [] : [actionText(action)])].join(' ')
}
