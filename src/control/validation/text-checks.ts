import { goRegexp } from '../../model/index.ts'
import { contains, familyOf, type Ip, type Prefix, parseCidr, parseIp, prefixOf } from '../../wire/index.ts'
import { isSelectorFault, parseSelector } from '../selector.ts'

/** What a text must be. */
export interface TextCheck {
  /** What would be right. */
  readonly what: string
  /** Whether a text is. */
  readonly ok: (text: string) => boolean
  /** What the author of a wrong text may have meant. */
  readonly hint?: (text: string) => string | undefined
}

/** A check by a pattern. */
export function like(pattern: RegExp, what: string): TextCheck {
  return { what, ok: (text) => pattern.test(text) }
}

/** An address or range, taken apart. */
export interface Net {
  readonly address: Ip
  readonly length: number
  readonly prefix: Prefix
}

/** A range with a mask; undefined when it is none. */
export function netOf(text: string): Net | undefined {
  const cidr = parseCidr(text)
  return cidr && { ...cidr, prefix: prefixOf(cidr.address, cidr.length) }
}

/** A range, or an address as the range of itself. */
export function netOrAddress(text: string): Net | undefined {
  const address = parseIp(text)
  if (address === undefined) return netOf(text)
  const length = familyOf(address) === 4 ? 32 : 128
  return { address, length, prefix: prefixOf(address, length) }
}

/** Whether no host bits are set. */
function isStrict({ address, prefix }: Net): boolean {
  return prefix.startsWith(`${address}/`)
}

/** Whether two ranges have an address in common. */
export function touches(a: Net, b: Net): boolean {
  if (familyOf(a.address) !== familyOf(b.address)) return false
  return contains(a.prefix, b.address) || contains(b.prefix, a.address)
}

function addressOf(family: 4 | 6): (text: string) => boolean {
  return (text) => {
    const address = parseIp(text)
    return address !== undefined && familyOf(address) === family
  }
}

function rangeOf(family: 4 | 6 | undefined, strict: boolean): (text: string) => boolean {
  return (text) => {
    const net = netOrAddress(text)
    if (net === undefined || (strict && !isStrict(net))) return false
    return family === undefined || familyOf(net.address) === family
  }
}

function maskedHint(text: string): string | undefined {
  const net = netOrAddress(text)
  return net === undefined || isStrict(net) ? undefined : `${text} has host bits; ${net.prefix} is meant?`
}

/** An address of either family. */
export const ADDRESS: TextCheck = { what: 'an IP address', ok: (text) => parseIp(text) !== undefined }
/** An IPv4 address. */
export const IPV4: TextCheck = { what: 'an IPv4 address', ok: addressOf(4) }
/** An IPv6 address. */
export const IPV6: TextCheck = { what: 'an IPv6 address', ok: addressOf(6) }
/** A range, host bits are welcome. */
export const RANGE: TextCheck = { what: 'an address or a CIDR', ok: rangeOf(undefined, false) }
/** An IPv4 range, host bits are welcome. */
export const RANGE4: TextCheck = { what: 'an IPv4 address or CIDR', ok: rangeOf(4, false) }
/** An IPv6 range, host bits are welcome. */
export const RANGE6: TextCheck = { what: 'an IPv6 address or CIDR', ok: rangeOf(6, false) }
/** A range without host bits. */
export const NET: TextCheck = {
  what: 'an address, or a CIDR without host bits',
  ok: rangeOf(undefined, true),
  hint: maskedHint,
}
/** An IPv4 range without host bits. */
export const NET4: TextCheck = { what: 'an IPv4 CIDR without host bits', ok: rangeOf(4, true), hint: maskedHint }
/** An IPv6 range without host bits. */
export const NET6: TextCheck = { what: 'an IPv6 CIDR without host bits', ok: rangeOf(6, true), hint: maskedHint }

/** A range with its mask written out, as a rule of a policy has it. */
export const RULE_NET: TextCheck = { what: 'a CIDR with its prefix length', ok: (text) => netOf(text) !== undefined }

/** A selector. */
export const SELECTOR: TextCheck = {
  what: 'a selector',
  ok: (text) => !isSelectorFault(parseSelector(text)),
  hint: (text) => {
    const parsed = parseSelector(text)
    return isSelectorFault(parsed) ? `expected ${parsed.expected} at character ${parsed.position}` : undefined
  },
}

/** A selector in which `global()` is not found. */
export const NOT_GLOBAL: TextCheck = {
  what: 'a selector without global(), which only the namespaceSelector of a rule may have',
  ok: (text) => !text.includes('global('),
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`

/** A name of parts with dots between them. @rfc 1123 §2.1 */
export const NAME: TextCheck = like(
  new RegExp(`^${SUBDOMAIN}$`),
  'a name of lower-case letters, digits, "-" and ".", each part of which begins and ends with a letter or digit',
)
/** A name without dots. */
export const PLAIN_NAME: TextCheck = like(
  new RegExp(`^${LABEL}$`),
  'a name of lower-case letters, digits and "-" that begins and ends with a letter or digit',
)
/** A name with at most one dot, as global policies have. */
export const GLOBAL_POLICY_NAME: TextCheck = like(
  new RegExp(`^(${LABEL}\\.)?${LABEL}$`),
  'a name of lower-case letters, digits and "-", perhaps with a tier and a dot before it',
)
/** A name with at most one dot, or one that Calico's own controllers give. */
export const POLICY_NAME: TextCheck = like(
  new RegExp(`^(${LABEL}(\\.${LABEL})?|(knp|ossg)\\.default\\.${SUBDOMAIN})$`),
  'a name of lower-case letters, digits and "-", perhaps with a tier and a dot before it',
)
/** The id of a container. */
export const CONTAINER_ID: TextCheck = like(
  /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/,
  'letters, digits and "-", with a letter or digit at its ends',
)

/** The name of an interface, or `*`. */
export const INTERFACE: TextCheck = like(/^(\*|[a-zA-Z0-9_.-]{1,15})$/, 'an interface name of 1 to 15 characters, or *')
/** The name of one interface. */
export const ONE_INTERFACE: TextCheck = like(/^[a-zA-Z0-9_.-]{1,15}$/, 'an interface name of 1 to 15 characters')
/** Names of interfaces with `*` in them. */
export const INTERFACE_PATTERN: TextCheck = like(
  /^[a-zA-Z0-9_.*-]{1,15}$/,
  'an interface name of 1 to 15 characters, in which * stands for any',
)
/** The same, but not all interfaces. */
export const SOME_INTERFACES: TextCheck = {
  what: 'an interface name of 1 to 15 characters in which * stands for any, but not * alone',
  ok: (text) => text !== '*' && INTERFACE_PATTERN.ok(text),
}
/** Names of interfaces as iptables has them, `+` stands for any end. */
export const INTERFACE_FILTER: TextCheck = like(
  /^[a-zA-Z0-9:._+-]{1,15}$/,
  'an interface name of 1 to 15 characters, at the end of which + stands for any',
)

/** The name of a port. @calico numorstring, k8s IsValidPortName */
export const PORT_NAME: TextCheck = {
  what: 'a port name: at most 15 lower-case letters, digits and single "-", at least one letter',
  ok: (text) => /^[a-z0-9-]{1,15}$/.test(text) && /[a-z]/.test(text) && !/(^-|--|-$)/.test(text),
}

/** A regular expression of Go. */
export const PATTERN: TextCheck = { what: 'a regular expression', ok: (text) => typeof goRegexp(text) !== 'string' }

/** A hardware address: 6, 8 or 20 bytes with colons or dashes, or in groups of four digits with dots. */
export const MAC: TextCheck = like(
  /^([0-9a-f]{2}(:[0-9a-f]{2}){5}((:[0-9a-f]{2}){2}((:[0-9a-f]{2}){12})?)?|[0-9a-f]{2}(-[0-9a-f]{2}){5}((-[0-9a-f]{2}){2}((-[0-9a-f]{2}){12})?)?|[0-9a-f]{4}(\.[0-9a-f]{4}){2}((\.[0-9a-f]{4})((\.[0-9a-f]{4}){6})?)?)$/i,
  'a MAC address',
)

/** A public key of WireGuard: 32 bytes in base64. */
export const WIREGUARD_KEY: TextCheck = like(/^[A-Za-z0-9+/]{43}=$/, 'a WireGuard key: 32 bytes in base64')

/** The address of a BGP peer, perhaps with a port. */
export const ADDRESS_AND_PORT: TextCheck = {
  what: 'an address, address:port, or [IPv6 address]:port',
  ok: (text) => peerAddress(text) !== undefined,
}

/** The address of a text that may have a port behind it. */
export function peerAddress(text: string): Ip | undefined {
  const found = /^(?:(?<four>\d+\.\d+\.\d+\.\d+)|\[(?<six>[0-9a-fA-F:.]+)\]):(?<port>\d+)$/.exec(text)
  if (found === null) return parseIp(text)
  const { four, six, port } = found.groups!
  if (Number(port) < 1 || Number(port) > 65535) return undefined
  return parseIp(four ?? six ?? '')
}
