import { isRecord } from '../../model/index.ts'
import { familyOf, type Ip, type Prefix, parseCidr, parseIp, prefixLength, prefixOf } from '../../wire/index.ts'
import { addressOf, numberOf } from '../address-number.ts'
import { type CniFailure, cniFailure } from './failure.ts'

type Fields = Readonly<Record<string, unknown>>

/** An address to count with, in either family. */
function countOf(address: Ip): bigint {
  return BigInt(numberOf(address))
}

function addressAt(count: bigint, subnet: Prefix): Ip {
  return addressOf(familyOf(subnet) === 4 ? Number(count) : count)
}

/** What the plugin host-local keeps on its host, by network: files under /var/lib/cni/networks. */
export interface HostLocalStore {
  /** Who has an address: container and interface. */
  readonly held: Map<Ip, string>
  /** The address that was last given out of each set of ranges. */
  readonly last: Map<number, Ip>
}

/** A range of addresses. */
interface Range {
  readonly subnet: Prefix
  readonly first: bigint
  readonly last: bigint
  readonly gateway: bigint
}

/** The node's own ranges, which `usePodCidr` stands for. */
export interface PodRanges {
  readonly ipv4?: string
  readonly ipv6?: string
}

/** An empty store. */
export function hostLocalStore(): HostLocalStore {
  return { held: new Map(), last: new Map() }
}

/**
 * Addresses of host-local: one of each set of ranges, the next one behind that which was given out last.
 *
 * @param holder - container and interface
 * @param podRanges - the node's own, when they are asked for
 */
export function hostLocalAddresses(
  ipam: Fields,
  store: HostLocalStore,
  holder: string,
  podRanges: () => PodRanges | CniFailure,
): Ip[] | CniFailure {
  const sets = rangeSets(ipam, podRanges)
  if (!Array.isArray(sets)) return sets
  if (sets.length === 0) return cniFailure('other', 'no IP ranges specified')
  const given: Ip[] = []
  for (const [i, ranges] of sets.entries()) {
    const address = nextFree(ranges, store, i, given)
    const why =
      address === undefined ? noAddress(ranges) : isHolder(store, holder) ? duplicate(holder, ranges) : undefined
    if (address === undefined || why !== undefined) {
      return cniFailure('other', `failed to allocate for range ${i}: ${why}`)
    }
    given.push(address)
    store.last.set(i, address)
  }
  for (const address of given) store.held.set(address, holder)
  return given
}

/** Gives back what a container has at an interface. */
export function releaseHostLocal(store: HostLocalStore, holder: string): void {
  for (const [address, by] of store.held) if (by === holder) store.held.delete(address)
}

function isHolder(store: HostLocalStore, holder: string): boolean {
  return [...store.held.values()].includes(holder)
}

function duplicate(holder: string, ranges: readonly Range[]): string {
  const [container] = holder.split(' ')
  return `an address of ${textOf(ranges)} has been allocated to ${container}, duplicate allocation is not allowed`
}

function noAddress(ranges: readonly Range[]): string {
  return `no IP addresses available in range set: ${textOf(ranges)}`
}

function textOf(ranges: readonly Range[]): string {
  const ends = ranges.map(({ subnet, first, last }) => [first, last].map((count) => addressAt(count, subnet)).join('-'))
  return ends.join(',')
}

/** The next address behind the last one that nobody has; gateways are never given out. */
function nextFree(ranges: readonly Range[], store: HostLocalStore, set: number, also: readonly Ip[]): Ip | undefined {
  const last = store.last.get(set)
  const from = last === undefined ? -1 : ranges.findIndex((range) => holds(range, last))
  const start = from < 0 ? 0 : from
  for (let turn = 0; turn <= ranges.length; turn++) {
    const range = ranges[(start + turn) % ranges.length]!
    const low = turn === 0 && from >= 0 ? countOf(last!) + 1n : range.first
    const high = turn === ranges.length ? (from >= 0 ? countOf(last!) : range.first - 1n) : range.last
    for (let number = low; number <= high; number++) {
      const address = addressAt(number, range.subnet)
      if (number !== range.gateway && !store.held.has(address) && !also.includes(address)) return address
    }
  }
  return undefined
}

function holds({ subnet, first, last }: Range, address: Ip): boolean {
  return familyOf(subnet) === familyOf(address) && countOf(address) >= first && countOf(address) <= last
}

function rangeSets(ipam: Fields, podRanges: () => PodRanges | CniFailure): Range[][] | CniFailure {
  const { subnet, ranges = [] } = ipam
  if (!Array.isArray(ranges)) {
    return cniFailure('other', 'failed to parse host-local IPAM ranges section; was expecting a list')
  }
  const sets: Range[][] = []
  for (const given of [...(subnet === undefined ? [] : [[ipam]]), ...ranges]) {
    if (!Array.isArray(given)) {
      return cniFailure('other', 'failed to parse host-local IPAM range set; was expecting a list')
    }
    const set: Range[] = []
    for (const fields of given) {
      const range = isRecord(fields) ? readRange(fields, podRanges) : NO_RANGE
      if ('reason' in range) return range
      set.push(range)
    }
    sets.push(set)
  }
  return sets
}

const NO_RANGE = cniFailure('other', 'failed to parse host-local IPAM data; was expecting a dict')

/** A range, with the limits that are not said: all of the subnet but its ends, and the first one for the gateway. */
function readRange(fields: Fields, podRanges: () => PodRanges | CniFailure): Range | CniFailure {
  const text = subnetText(String(fields['subnet'] ?? ''), podRanges)
  if (typeof text !== 'string') return text
  const cidr = parseCidr(text)
  if (cidr === undefined) return cniFailure('other', `invalid CIDR address: ${text}`)
  const subnet = prefixOf(cidr.address, cidr.length)
  const family = familyOf(subnet)
  const bits = family === 4 ? 32 : 128
  if (subnet !== `${cidr.address}/${cidr.length}`) {
    return cniFailure(
      'other',
      `Network has host bits set. For a subnet mask of length ${cidr.length} the network is ${subnet}`,
    )
  }
  if (cidr.length > bits - 2) return cniFailure('other', `Network ${subnet} too small to allocate from`)
  const base = countOf(cidr.address)
  const end = base + (1n << BigInt(bits - prefixLength(subnet))) - 1n
  const limit = (name: string, usual: bigint): bigint => {
    const address = parseIp(String(fields[name] ?? ''))
    return address === undefined ? usual : countOf(address)
  }
  return {
    subnet,
    first: limit('rangeStart', base + 1n),
    last: limit('rangeEnd', family === 4 ? end - 1n : end),
    gateway: limit('gateway', base + 1n),
  }
}

/** A subnet, or the node's own range where one of the two words stands for it, in any case. */
function subnetText(text: string, podRanges: () => PodRanges | CniFailure): string | CniFailure {
  const word = text.toLowerCase()
  if (word !== 'usepodcidr' && word !== 'usepodcidripv6') return text
  const own = podRanges()
  if ('reason' in own) return own
  const family = word === 'usepodcidr' ? 4 : 6
  const range = own[`ipv${family}`]
  const name = family === 4 ? 'usePodCidr' : 'usePodCidrIPv6'
  return range ?? cniFailure('other', `${name} found but there is no IPv${family} CIDR configured`)
}

/** The ranges of a node by family. */
export function podRangesOf(cidrs: readonly string[], node: string): PodRanges | CniFailure {
  if (cidrs.length === 0) return cniFailure('other', `no podCidr for node ${node}`)
  const own: { ipv4?: string; ipv6?: string } = {}
  for (const cidr of cidrs) own[familyOf(cidr) === 4 ? 'ipv4' : 'ipv6'] = cidr
  if (cidrs.length === 1 || (own.ipv4 !== undefined && own.ipv6 !== undefined)) return own
  return cniFailure('other', 'ClusterCIDR contains two ranges of the same type')
}
