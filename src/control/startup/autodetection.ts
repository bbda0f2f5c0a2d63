import { goRegexp } from '../../model/index.ts'
import {
  type Cidr,
  type Family,
  familyOf,
  type Ip,
  type Prefix,
  parseCidr,
  parseIp,
  prefixOf,
} from '../../wire/index.ts'
import { type HostInterface, interfaceWith, type Look, lookOver, type Skipped, type Taken } from './interfaces.ts'

/** A machine that looks for its own address. */
export interface Machine {
  /** Interfaces by index, `lo` among them. */
  readonly interfaces: readonly HostInterface[]
  /** Internal addresses of its Kubernetes Node; absent: it is none. */
  readonly internalIps?: readonly Ip[]
  /** The address the kernel sends from towards another, or why that cannot be told here. */
  readonly sourceTowards: (target: string, family: Family) => Ip | 'no-route' | 'unknown'
}

/** How a machine found its address, or not. */
export type Detection =
  /** Found. */
  | (Taken & { readonly kind: 'found'; readonly skipped: readonly Skipped[] })
  /** Nothing fits. */
  | { readonly kind: 'none'; readonly why: string; readonly skipped: readonly Skipped[] }
  /** There is no such method: calico-node ends. */
  | { readonly kind: 'no-method' }
  /** It depends on what is not known of the machine. */
  | { readonly kind: 'unknown'; readonly what: string }

/** Methods by the beginning of their text. */
type Method =
  | { readonly kind: 'first-found' }
  | { readonly kind: 'interface' | 'skip-interface'; readonly patterns: readonly string[] }
  | { readonly kind: 'cidr'; readonly texts: readonly string[] }
  | { readonly kind: 'can-reach'; readonly target: string }
  | { readonly kind: 'kubernetes-internal-ip' }

/** What stands between commas; blanks around these do not count, those at the ends do. */
const listOf = (text: string): string[] => text.split(/\s*,\s*/)

/** The value of a method variable, read as calico-node reads it; undefined when it is none. */
function readMethod(text: string): Method | undefined {
  if (text === '' || text === 'first-found') return { kind: 'first-found' }
  if (text.startsWith('kubernetes-internal-ip')) return { kind: 'kubernetes-internal-ip' }
  const at = text.indexOf('=')
  const value = text.slice(at + 1)
  switch (at < 0 ? '' : text.slice(0, at)) {
    case 'interface':
      return { kind: 'interface', patterns: listOf(value) }
    case 'skip-interface':
      return { kind: 'skip-interface', patterns: listOf(value) }
    case 'cidr':
      return { kind: 'cidr', texts: listOf(value) }
    case 'can-reach':
      return { kind: 'can-reach', target: value }
    default:
      return undefined
  }
}

const METHODS = 'first-found, interface=, skip-interface=, can-reach=, cidr= or kubernetes-internal-ip'

/** What is wrong with the value of a method variable: what would be right, and what was there; undefined when it is one. */
export function methodFault(text: string): readonly [expected: string, received: string] | undefined {
  const method = readMethod(text)
  if (method === undefined) return [METHODS, text]
  if (method.kind === 'interface' || method.kind === 'skip-interface') {
    const bad = method.patterns.find((pattern) => typeof goRegexp(pattern) === 'string')
    return bad === undefined ? undefined : ['a regular expression of Go', bad]
  }
  if (method.kind !== 'cidr') return undefined
  const bad = method.texts.find((range) => parseCidr(range) === undefined)
  return bad === undefined ? undefined : ['ranges, with commas between them', bad]
}

/**
 * Finds the address of a machine by a method of `IP_AUTODETECTION_METHOD`.
 *
 * @calico node/pkg/lifecycle/startup/autodetection/autodetection_methods.go
 */
export function autodetect(text: string, family: Family, machine: Machine): Detection {
  const method = readMethod(text)
  if (method === undefined) return { kind: 'no-method' }
  const { interfaces } = machine
  switch (method.kind) {
    case 'first-found':
      return fromLook(lookOver(interfaces, family, { exclude: [] }), family)
    case 'interface':
      return fromLook(lookOver(interfaces, family, { include: method.patterns }), family)
    case 'skip-interface':
      return fromLook(lookOver(interfaces, family, { exclude: method.patterns }), family)
    case 'cidr': {
      const within = method.texts.map(rangeOf)
      const wrong = within.indexOf(undefined)
      if (wrong >= 0) return none(`Invalid CIDR "${method.texts[wrong]}"`)
      // Names of interfaces do not count here: docker0 is taken when its address fits.
      return fromLook(lookOver(interfaces, family, { within: within as Prefix[] }), family)
    }
    case 'can-reach':
      return byReach(method.target, family, machine)
    case 'kubernetes-internal-ip':
      return byInternalIp(family, machine)
  }
}

function rangeOf(text: string): Prefix | undefined {
  const cidr = parseCidr(text)
  return cidr && prefixOf(cidr.address, cidr.length)
}

function none(why: string): Detection {
  return { kind: 'none', why, skipped: [] }
}

function fromLook(look: Look | undefined, family: Family): Detection {
  if (look === undefined) return none('Invalid interface regex')
  const { found, anyInterface, skipped } = look
  if (found !== undefined) return { kind: 'found', ...found, skipped }
  const why = anyInterface
    ? `no valid IPv${family} addresses found on the host interfaces`
    : 'no valid host interfaces found'
  return { kind: 'none', why, skipped }
}

/** What a UDP socket connected to the target would send from, with the mask of the interface that has it. */
function byReach(target: string, family: Family, machine: Machine): Detection {
  const address = parseIp(target)
  if (address !== undefined && familyOf(address) !== family) return none(`${target} is no IPv${family} address`)
  const source = machine.sourceTowards(target, family)
  if (source === 'unknown') return { kind: 'unknown', what: `can-reach=${target}: the routes of the machine` }
  if (source === 'no-route') return none('network is unreachable')
  const taken = interfaceWith(machine.interfaces, source)
  if (taken !== undefined) return { kind: 'found', ...taken, skipped: [] }
  return none(`autodetected IPv${family} address does not match any addresses found on local interfaces: ${source}`)
}

/** The first internal address of the Node; an interface must have it, for its mask is wanted. */
function byInternalIp(family: Family, { interfaces, internalIps }: Machine): Detection {
  if (internalIps === undefined) {
    return none("Cannot use method 'kubernetes-internal-ip' when not running on a Kubernetes cluster")
  }
  const address = internalIps.find((ip) => familyOf(ip) === family)
  const taken = address === undefined ? undefined : interfaceWith(interfaces, address)
  if (taken !== undefined) return { kind: 'found', ...taken, skipped: [] }
  return none(address === undefined ? `the Node has no IPv${family} InternalIP` : `no interface has ${address}`)
}

/** The address a machine would send from to a neighbour, with its subnet, the longest around it; itself when it has it. */
export function sourceOnLink(cidrs: readonly Cidr[], target: Ip): Cidr | undefined {
  let best = cidrs.find(({ address }) => address === target)
  if (best !== undefined) return best
  for (const cidr of cidrs) {
    const { address, length } = cidr
    const near = familyOf(address) === familyOf(target) && prefixOf(address, length) === prefixOf(target, length)
    if (near && (best === undefined || length > best.length)) best = cidr
  }
  return best
}
