import { type GoRegexp, goRegexp } from '../../model/index.ts'
import {
  type Cidr,
  contains,
  type Family,
  familyOf,
  INADDR_BROADCAST,
  type Ip,
  ipv4ToNumber,
  ipv6ToKey,
  isIpv4,
  isIpv4LinkLocal,
  isIpv4Loopback,
  isIpv4Multicast,
  isIpv6LinkLocal,
  isIpv6Multicast,
  type Prefix,
} from '../../wire/index.ts'

/** An interface of a machine, as calico-node finds it at its start. */
export interface HostInterface {
  /** Name. */
  readonly name: string
  /** Addresses of both families, in the kernel's order. */
  readonly addresses: readonly Cidr[]
}

/** Names that first-found and skip-interface= never take. @calico node/pkg/lifecycle/startup/autodetection */
const ALWAYS_SKIPPED: RegExp =
  /^(docker|cbr|dummy|podman|virbr|lxcbr|veth|lo|br-|cali|tunl|flannel|kube-ipvs|cni|vxlan(-v6)?\.calico|wireguard\.cali|wg-v6\.cali|nodelocaldns)/

/** Which interfaces and addresses are looked at. */
export interface Wanted {
  /** Names must match one of these; absent: any. */
  readonly include?: readonly string[]
  /** Names that match one of these are passed over, with the usual ones. */
  readonly exclude?: readonly string[]
  /** Addresses must be in one of these; absent: anywhere. */
  readonly within?: readonly Prefix[]
}

/** Something that autodetection passed over, and why. */
export interface Skipped {
  /** The interface. */
  readonly dev: string
  /** The address, where the interface itself was looked at. */
  readonly address?: Ip
  /** Why. */
  readonly why: 'name-excluded' | 'name-not-asked-for' | 'no-address' | 'not-global-unicast' | 'outside-ranges'
}

/** What a look over the interfaces found. */
export interface Look {
  /** The first address that fits, and its interface. */
  readonly found?: Taken
  /** Whether any interface was left to look at. */
  readonly anyInterface: boolean
  /** What was passed over before, in the order in which it was looked at. */
  readonly skipped: readonly Skipped[]
}

/** An address and the interface that has it. */
export interface Taken {
  /** The address with the length of its subnet. */
  readonly cidr: Cidr
  /** The interface. */
  readonly dev: string
}

/** Whether a name is one of those that autodetection never takes. */
export function isUsuallySkipped(name: string): boolean {
  return ALWAYS_SKIPPED.test(name)
}

/**
 * The first address that fits, over the interfaces from the highest index down; undefined when a pattern is none.
 *
 * @param interfaces - by index
 */
export function lookOver(interfaces: readonly HostInterface[], family: Family, wanted: Wanted): Look | undefined {
  const { include, exclude, within } = wanted
  const isIn = include === undefined || include.length === 0 ? undefined : patternOf(include)
  const isOut = exclude === undefined ? undefined : usualOr(exclude)
  if (isIn === null || isOut === null) return undefined
  const skipped: Skipped[] = []
  let anyInterface = false
  for (const { name: dev, addresses } of [...interfaces].reverse()) {
    if (isIn?.test(dev) === false || isOut?.test(dev) === true) {
      skipped.push({ dev, why: isOut?.test(dev) === true ? 'name-excluded' : 'name-not-asked-for' })
      continue
    }
    anyInterface = true
    const own = addresses.filter(({ address }) => familyOf(address) === family)
    if (own.length === 0) skipped.push({ dev, why: 'no-address' })
    for (const cidr of own) {
      const { address } = cidr
      const why = !isGlobalUnicast(address)
        ? 'not-global-unicast'
        : within !== undefined && !within.some((range) => contains(range, address))
          ? 'outside-ranges'
          : undefined
      if (why === undefined) return { found: { cidr, dev }, anyInterface, skipped }
      skipped.push({ dev, address, why })
    }
  }
  return { anyInterface, skipped }
}

/** The interface that has an address, and the address with its length there; that of the highest index. */
export function interfaceWith(interfaces: readonly HostInterface[], address: Ip): Taken | undefined {
  for (const { name: dev, addresses } of [...interfaces].reverse()) {
    const cidr = addresses.find((one) => one.address === address)
    if (cidr !== undefined) return { cidr, dev }
  }
  return undefined
}

/** Several patterns as one; null when that is no pattern of Go. */
function patternOf(patterns: readonly string[]): GoRegexp | null {
  const made = goRegexp(`(${patterns.join(')|(')})`)
  return typeof made === 'string' ? null : made
}

/** The names that are never taken, and those that match a pattern; null when one is none. The engine of patterns is loaded for these only. */
function usualOr(patterns: readonly string[]): GoRegexp | null {
  if (patterns.length === 0) return ALWAYS_SKIPPED
  const own = patternOf(patterns)
  return own && { test: (name) => ALWAYS_SKIPPED.test(name) || own.test(name) }
}

/** What Go calls global unicast: private addresses are, addresses of loopback, link and groups are not. */
export function isGlobalUnicast(address: Ip): boolean {
  if (isIpv4(address)) {
    const number = ipv4ToNumber(address)
    const special = isIpv4Loopback(number) || isIpv4LinkLocal(number) || isIpv4Multicast(number)
    return !special && number !== 0 && number !== INADDR_BROADCAST
  }
  const key = ipv6ToKey(address)
  return !isIpv6LinkLocal(key) && !isIpv6Multicast(key) && address !== '::' && address !== '::1'
}
