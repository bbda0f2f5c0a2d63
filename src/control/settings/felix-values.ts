import { goRegexp } from '../../model/index.ts'
import { isIpv4, parseIp } from '../../wire/index.ts'
import { FELIX_FIELDS } from '../validation/felix-fields.ts'
import type { Shape } from '../validation/shape.ts'
import { FELIX_TABLE } from './felix-fields.ts'
import { parseHostPort, parsePorts, rangeOf } from './felix-parsers.ts'

/** What a value must be; numbers have bounds. */
export type ValueKind =
  | { readonly kind: 'whole'; readonly low: number; readonly high: number; readonly what: string }
  | { readonly kind: 'flag' }
  | { readonly kind: 'ip' }
  | { readonly kind: 'ipv4' }
  | { readonly kind: 'ipv6' }
  | { readonly kind: 'pattern' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'ports' }
  | { readonly kind: 'host-ports' }
  | { readonly kind: 'ranges' }

const whole = (low: number, high: number, what: string): ValueKind => ({ kind: 'whole', low, high, what })
const MTU = whole(0, 65535, 'an MTU, 0 for automatic')
const PORT = whole(1, 65535, 'a port')

/** Fields of which Felix itself takes less than the API, or reads another form from its environment. */
const OF_FELIX: Readonly<Record<string, ValueKind>> = {
  ipipMTU: MTU,
  vxlanMTU: MTU,
  vxlanMTUV6: MTU,
  vxlanPort: PORT,
  vxlanVNI: whole(0, 16777215, 'a VXLAN network identifier'),
  wireguardMTU: MTU,
  wireguardMTUV6: MTU,
  wireguardListeningPort: PORT,
  wireguardListeningPortV6: PORT,
  wireguardRoutingRulePriority: whole(1, 32765, 'a rule priority'),
  natOutgoingAddress: { kind: 'ip' },
  deviceRouteSourceAddress: { kind: 'ipv4' },
  deviceRouteSourceAddressIPv6: { kind: 'ipv6' },
  deviceRouteProtocol: whole(0, 255, 'a routing protocol number'),
  mtuIfacePattern: { kind: 'pattern' },
  iptablesMarkMask: whole(1, 0xffffffff, 'a mask of bits of the firewall mark'),
  failsafeInboundHostPorts: { kind: 'host-ports' },
  failsafeOutboundHostPorts: { kind: 'host-ports' },
  natPortRange: { kind: 'ports' },
  externalNodesList: { kind: 'ranges' },
}

/** What a field takes, from the shape the API has for it; undefined for texts and what nobody reads. */
function kindOf(name: string, shape: Shape): ValueKind | undefined {
  if (FELIX_TABLE.get(name)?.use !== 'read' && name !== 'bpfEnabled') return undefined
  if (shape.is === 'flag') return { kind: 'flag' }
  return shape.is === 'words' ? { kind: 'words', words: shape.words } : OF_FELIX[name]
}

/** Values of the Felix fields that are read. @calico api/pkg/apis/projectcalico/v3/felixconfig.go */
export const FELIX_VALUES: Readonly<Record<string, ValueKind>> = Object.fromEntries(
  Object.entries(FELIX_FIELDS).flatMap(([name, shape]) => {
    const kind = kindOf(name, shape)
    return kind === undefined ? [] : [[name, kind] as const]
  }),
)

const TRUE = ['true', '1', 'yes', 'y', 't']
const FALSE = ['false', '0', 'no', 'n', 'f']

/** A truth value, or the text of one as Felix reads it from its environment; undefined when it is neither. */
export function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : undefined
  if (text === undefined) return undefined
  return TRUE.includes(text) ? true : FALSE.includes(text) ? false : undefined
}

/** A number, or the text of one. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** Why the text of a variable is no value of a kind: what would be right; undefined when it is one. */
export function wrongText(kind: ValueKind, text: string): string | undefined {
  switch (kind.kind) {
    case 'whole': {
      const number = numberOf(text)
      const ok = number !== undefined && Number.isInteger(number) && number >= kind.low && number <= kind.high
      return ok ? undefined : `${kind.what}: a whole number from ${kind.low} to ${kind.high}`
    }
    case 'flag':
      return flagOf(text) === undefined ? 'true or false' : undefined
    case 'ip':
      return parseIp(text) === undefined ? 'an IP address' : undefined
    case 'ipv4': {
      const address = parseIp(text)
      return address === undefined || !isIpv4(address) ? 'an IPv4 address' : undefined
    }
    case 'ipv6': {
      const address = parseIp(text)
      return address === undefined || isIpv4(address) ? 'an IPv6 address' : undefined
    }
    case 'pattern':
      return typeof goRegexp(text) === 'string' ? 'a regular expression' : undefined
    case 'words':
      return kind.words.some((word) => word.toLowerCase() === text.toLowerCase())
        ? undefined
        : `one of ${kind.words.join(', ')}`
    case 'ports':
      return parsePorts(text) === undefined ? PORTS : undefined
    case 'host-ports':
      return text.toLowerCase() === 'none' || listed(text).every((one) => parseHostPort(one) !== undefined)
        ? undefined
        : HOST_PORTS
    case 'ranges':
      return listed(text).every((one) => rangeOf(one) !== undefined) ? undefined : RANGES
  }
}

/** Words for what values must be. */
export const PORTS = 'a port, or a range low:high'
const HOST_PORTS = 'a list of protocol:port, protocol:net:port or port, or none'
const RANGES = 'a list of addresses and CIDRs'

/** What stands between commas. */
function listed(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
