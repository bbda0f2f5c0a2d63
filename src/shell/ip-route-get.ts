import { type RouteQuestion, routeGet, strerror } from '../dataplane/index.ts'
import { parseNumber, protocolNumber, routeGetJson, routeGetText, routeLine } from '../linux/index.ts'
import { type Ip, isIpv4, parseIp } from '../wire/index.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** Flags in front of `route get`. */
export interface RouteGetFlags {
  /** `-j`. */
  readonly json: boolean
  /** `-d`. */
  readonly details: boolean
  /** `-4` or `-6`. */
  readonly family: 'inet' | 'inet6' | undefined
}

/** What `ip route get` was asked. */
interface Asked {
  dst?: Ip
  src?: Ip
  iif?: string
  oif?: string
  tos?: number
  mark?: number
  uid?: number
  ipproto?: number
  sport?: number
  dport?: number
  fibmatch?: true
  warning?: string
}

/** Numbers, and the words that take them. */
const NUMBERS: ReadonlySet<string> = new Set(['mark', 'uid', 'tos', 'dsfield', 'sport', 'dport'])

/** `ip route get [to] ADDRESS [from ADDRESS] [iif DEV] [oif DEV] [mark N] …`: the way of one packet, by the tables as they are now. */
export function ipRouteGet(host: Host, words: readonly string[], flags: RouteGetFlags): Run {
  const asked = parse(words, flags.family)
  if (typeof asked === 'string') return failed(asked)
  const { dst, iif, oif, uid, fibmatch, warning, ...rest } = asked
  if (dst === undefined) return failed('need at least a destination address')
  for (const dev of [iif, oif]) {
    if (dev !== undefined && host.model.interfaces[dev] === undefined) return failed(`Cannot find device "${dev}"`)
  }
  const question: RouteQuestion = {
    dst,
    ...rest,
    ...(iif === undefined ? {} : { iif }),
    ...(oif === undefined ? {} : { oif }),
  }
  const found = routeGet(host.ns, question, uid ?? 0)
  if (typeof found === 'string') {
    const why = found === 'EXDEV' ? 'Invalid cross-device link' : strerror(found)
    return failed(`RTNETLINK answers: ${why}`, 2)
  }
  const said = warning === undefined ? '' : `${warning}\n`
  if (fibmatch === true && found.route !== undefined)
    return printed(`${routeLine(found.route, host.view)}${found.family === 'inet' ? ' ' : ''}\n`, said)
  return printed(flags.json ? `${JSON.stringify([routeGetJson(found, flags)])}\n` : routeGetText(found, flags), said)
}

function parse(words: readonly string[], wanted: 'inet' | 'inet6' | undefined): Asked | string {
  const asked: Asked = {}
  let family = wanted
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (word === 'fibmatch') {
      asked.fibmatch = true
      continue
    }
    if (word === 'notify' || word === 'connected') continue
    const named = KEYWORDS.has(word)
    const value = named ? words[++i] : word
    if (value === undefined) return `Command line is not complete. Try option "help"`
    if (!named || word === 'to' || word === 'from') {
      const address = addressIn(value, family)
      if (typeof address === 'string') return address
      family ??= isIpv4(address.ip) ? 'inet' : 'inet6'
      if (word === 'from') asked.src = address.ip
      else asked.dst = address.ip
      if (address.warning !== undefined) asked.warning = address.warning
    } else if (word === 'iif') asked.iif = value
    else if (word === 'oif' || word === 'dev') asked.oif = value
    else if (word === 'vrf') return `Error: argument "${value}" is wrong: Invalid VRF`
    else {
      const number = NUMBERS.has(word) ? parseNumber(value) : protocolNumber(value)
      if (number === undefined) return `Error: argument "${value}" is wrong: Invalid "${word}" value`
      asked[word === 'dsfield' ? 'tos' : (word as 'mark')] = number
    }
  }
  return asked
}

const KEYWORDS: ReadonlySet<string> = new Set(['to', 'from', 'iif', 'oif', 'dev', 'vrf', 'ipproto', ...NUMBERS])

/** An address, perhaps with a length that means nothing here. */
function addressIn(
  text: string,
  family: 'inet' | 'inet6' | undefined,
): { readonly ip: Ip; readonly warning?: string } | string {
  if (text === 'default' || text === 'any' || text === 'all') {
    return { ip: parseIp(family === 'inet6' ? '::' : '0.0.0.0') as Ip }
  }
  const [address = '', length, ...more] = text.split('/')
  const ip = more.length > 0 ? undefined : parseIp(address)
  if (ip === undefined || (family !== undefined && isIpv4(ip) !== (family === 'inet'))) {
    return `Error: ${family === undefined ? 'any valid' : family} prefix is expected rather than "${text}".`
  }
  const whole = isIpv4(ip) ? 32 : 128
  if (length === undefined || length === String(whole)) return { ip }
  return { ip, warning: `Warning: /${length} as prefix is invalid, only /${whole} (or none) is supported.` }
}
