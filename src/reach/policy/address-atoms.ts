import type { PolicyBook, SetId } from '../../control/index.ts'
import { keptIn, pushTo } from '../../model/index.ts'
import {
  addressAt,
  addressBits,
  addressCount,
  bytesToIpv6,
  contains,
  containsPrefix,
  type Family,
  familyOf,
  hostPrefix,
  type Ip,
  ipv4ToNumber,
  ipv6ToBytes,
  isHostPrefix,
  type Prefix,
  parsePrefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from '../../wire/index.ts'

/** Addresses that nothing which anybody asks tells apart. */
export interface Atom {
  /** Number. */
  readonly id: number
  /** An address of it. */
  readonly address: Ip
  /** Ranges and sets that have it, by name; of sets with ports its ports there. */
  readonly tokens: ReadonlyMap<string, string>
}

/** What addresses are told apart by. */
export interface AddressFacts {
  /** Sets that rules ask. */
  readonly sets: Iterable<SetId>
  /** Ranges that anybody asks. */
  readonly nets: Iterable<Prefix>
  /** Members of sets. */
  readonly book: Pick<PolicyBook, 'set'>
}

/** What is asked of addresses outside. */
export interface OutsideFacts {
  /** Whether somebody has it. */
  readonly isTaken: (address: Ip) => boolean
  /** Whether it is behind the networks of nodes, and in none of them: such a one stands for a range that has one. */
  readonly isFar: (address: Ip) => boolean
  /** What else tells addresses apart. */
  readonly sortOf: (address: Ip) => string
}

/** A part of the addresses: ranges, without others that lie in them. */
export interface Region {
  /** The atom of its addresses, with one of them. */
  readonly atom: Atom
  /** Ranges. */
  readonly nets: readonly Prefix[]
  /** Ranges in them that are another part. */
  readonly except: readonly Prefix[]
}

/** Sorts addresses by the sets and ranges they are in. */
export class AddressAtoms {
  private readonly byAddress = new Map<string, string[]>()
  private readonly byRange = new Map<Family, Map<number, Map<Prefix, string[]>>>()
  private readonly atoms = new Map<string, Atom>()
  private readonly known = new Map<Ip, Atom>()

  constructor({ sets, nets, book }: AddressFacts) {
    for (const net of nets) this.range(net, net)
    for (const id of sets) {
      for (const family of [4, 6] as const) {
        const { type, members } = book.set(id, family)
        for (const member of members) this.member(id, member, type === 'hash:net')
      }
    }
  }

  private member(id: SetId, member: string, isNet: boolean): void {
    if (!isNet) {
      const comma = member.indexOf(',')
      pushTo(this.byAddress, member.slice(0, comma), `${id} ${member.slice(comma + 1)}`)
      return
    }
    const net = member.includes('/') ? parsePrefix(member) : undefined
    if (net === undefined) pushTo(this.byAddress, member, id)
    else if (isHostPrefix(net)) pushTo(this.byAddress, prefixAddress(net), id)
    else this.range(net, id)
  }

  private range(net: Prefix, token: string): void {
    const lengths = keptIn(this.byRange, familyOf(net), () => new Map<number, Map<Prefix, string[]>>())
    pushTo(
      keptIn(lengths, prefixLength(net), () => new Map<Prefix, string[]>()),
      net,
      token,
    )
  }

  /** The atom of an address. */
  of(address: Ip): Atom {
    return keptIn(this.known, address, () => {
      const tokens = [...(this.byAddress.get(address) ?? [])]
      for (const [length, ranges] of this.byRange.get(familyOf(address)) ?? []) {
        for (const token of ranges.get(prefixOf(address, length)) ?? []) tokens.push(token)
      }
      const key = `${familyOf(address)} ${tokens.sort().join('|')}`
      return keptIn(this.atoms, key, () => ({ id: this.atoms.size, address, tokens: byName(tokens) }))
    })
  }

  /**
   * All addresses outside of some ranges, in parts. Where a part has no address that nobody has, it is left out: its addresses are
   * ends of their own.
   * @param inside - ranges that are not outside
   */
  regions(family: Family, inside: readonly Prefix[], { isTaken, isFar, sortOf }: OutsideFacts): Region[] {
    const all = (family === 4 ? '0.0.0.0/0' : '::/0') as Prefix
    const hosts = [...this.byAddress.keys()].filter((one) => familyOf(one) === family && !isTaken(one as Ip))
    const ranges = [...(this.byRange.get(family)?.values() ?? [])].flatMap((one) => [...one.keys()])
    const nets = [...new Set([all, ...ranges, ...hosts.map((one) => hostPrefix(one as Ip))])]
      .filter((net) => !inside.some((range) => containsPrefix(range, net)))
      .sort((a, b) => prefixLength(a) - prefixLength(b))
    const found = new Map<string, { atom: Atom; nets: Prefix[]; except: Prefix[] }>()
    for (const net of nets) {
      const within = outermost([...nets, ...inside].filter((one) => one !== net && containsPrefix(net, one)))
      const address =
        someAddress(net, within, (one) => isTaken(one) || !isFar(one)) ?? someAddress(net, within, isTaken)
      if (address === undefined) continue
      const atom = this.of(address)
      const part = keptIn(found, `${atom.id} ${sortOf(address)}`, () => ({
        atom: { ...atom, address },
        nets: [] as Prefix[],
        except: [] as Prefix[],
      }))
      part.nets.push(net)
      part.except.push(...within)
    }
    return [...found.values()].map(({ atom, ...part }) => {
      const isOwn = (net: Prefix): boolean => part.nets.includes(net)
      return { atom, nets: outermost(part.nets), except: part.except.filter((net) => !isOwn(net)) }
    })
  }
}

function byName(tokens: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  for (const token of tokens) {
    const space = token.indexOf(' ')
    const [name, rest] = space < 0 ? [token, ''] : [token.slice(0, space), token.slice(space + 1)]
    map.set(name, map.has(name) ? `${map.get(name)} ${rest}` : rest)
  }
  return map
}

/** Those of some ranges that lie in no other. */
function outermost(nets: readonly Prefix[]): Prefix[] {
  const unique = [...new Set(nets)].sort((a, b) => prefixLength(a) - prefixLength(b))
  const kept: Prefix[] = []
  for (const net of unique) if (!kept.some((one) => containsPrefix(one, net))) kept.push(net)
  return kept
}

/** Addresses of the part of IPv6 that registries give out, which is far from the start of all. @rfc 4291 §2.4 */
const PUBLIC_IPV6 = ['2600::10', '2a00::10', '2400::10'] as Ip[]

/** Places in a range that are tried first: its first addresses are those of networks and routers. */
const PLACES = [10, 1, 2, 3, 100, 0]

/** An address of a range that is in none of others, and that nobody has. */
function someAddress(net: Prefix, within: readonly Prefix[], isTaken: (address: Ip) => boolean): Ip | undefined {
  const count = addressCount(net)
  const isFree = (address: Ip): boolean => !within.some((one) => contains(one, address)) && !isTaken(address)
  const offsets = [...PLACES, Math.floor(Math.min(count, 2 ** 32) / 2) + 10, Math.min(count, 2 ** 32) - 2]
  for (const offset of offsets) {
    if (offset < 0 || offset >= count) continue
    const address = addressAt(net, offset)
    if (isUsable(address) && isFree(address)) return address
  }
  for (const address of familyOf(net) === 6 ? [...PUBLIC_IPV6, middleOf(net)] : []) {
    if (contains(net, address) && isUsable(address) && isFree(address)) return address
  }
  // Behind each of the ranges inside of it.
  for (const one of within) {
    const after = addressAfter(one)
    if (after !== undefined && contains(net, after) && isUsable(after) && isFree(after)) return after
  }
  return undefined
}

/** An address in the middle of a range of IPv6: networks inside of it are mostly at its start. */
function middleOf(net: Prefix): Ip {
  const bytes = ipv6ToBytes(prefixAddress(net))
  const bit = Math.min(prefixLength(net), 127)
  bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7))
  return bytesToIpv6(bytes)
}

/** Whether an address is one that machines have: IPv4 from 1.0.0.0 to 223.255.255.255 without 127.0.0.0/8, IPv6 of unicast. */
export function isUsable(address: Ip): boolean {
  if (familyOf(address) === 6) return !address.startsWith('ff') && !address.startsWith('fe8') && !/^::/.test(address)
  const first = Number(address.slice(0, address.indexOf('.')))
  return first > 0 && first < 224 && first !== 127
}

function addressAfter(net: Prefix): Ip | undefined {
  const length = prefixLength(net)
  const all = prefixOf(prefixAddress(net), 0)
  if (addressBits(net) === 128) return undefined
  const place = ipv4ToNumber(prefixAddress(net)) + 2 ** (32 - length)
  return place < 2 ** 32 ? addressAt(all, place) : undefined
}
