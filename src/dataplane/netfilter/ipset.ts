import { eachMember, type IpSet } from '../../model/index.ts'
import { IP_PROTOCOL } from '../../wire/index.ts'
import { maskAddr, parseMember, partOfPacket, SET_PARTS, type SetPart } from './ipset-key.ts'
import { engineAddr } from './nat-range.ts'
import type { NfPacket } from './packet.ts'
import type { Addr } from './tuple.ts'

/** A compiled ipset. `source[i]` says whether dimension i looks at the source. */
export interface CompiledSet {
  /** No rule changes it, and it looks at nothing of a packet but addresses and ports. */
  readonly steady: boolean
  /** Whether the packet is in the set. */
  test(p: NfPacket, source: readonly boolean[]): boolean
  /** Adds what the packet offers (target SET). */
  add(p: NfPacket, source: readonly boolean[]): void
  /** Removes it. */
  del(p: NfPacket, source: readonly boolean[]): void
  /** Remembers the members; the function returned puts them back. */
  keep(): () => void
}

/** Members that share their prefix lengths. */
interface Tier {
  readonly lengths: readonly number[]
  /** Key to whether it is an exception (`nomatch`). */
  readonly members: Map<Addr, boolean>
}

/**
 * The hash types: a lookup per combination of prefix lengths in use, the most specific first. A set of a selector holds every pod
 * of a cluster: of addresses no more are read than it takes to find one, since an address by itself beats every range.
 */
class HashSet implements CompiledSet {
  private readonly parts: readonly SetPart[]
  private readonly family: 'inet' | 'inet6' | undefined
  private readonly rest: Iterator<string>
  readonly steady: boolean
  private isRead = false
  private tiers: Tier[] = []

  constructor(set: IpSet, parts: readonly SetPart[], own: boolean) {
    this.steady = !own && !parts.includes('mac')
    this.parts = parts
    this.family = parts.includes('mac') ? undefined : (set.family ?? 'inet')
    this.rest = eachMember(set)[Symbol.iterator]()
  }

  test(p: NfPacket, source: readonly boolean[]): boolean {
    if (this.family !== undefined && this.family !== p.family) return false
    const { parts } = this
    if (parts.length === 1) return this.testOne(partOfPacket(p, parts[0]!, source[0]!))
    this.readAll()
    const values = this.valuesOf(p, source)
    if (values === null) return false
    for (const tier of this.tiers) {
      const nomatch = tier.members.get(keyOf(this.masked(values, tier.lengths)))
      if (nomatch !== undefined) return !nomatch
    }
    return false
  }

  add(p: NfPacket, source: readonly boolean[]): void {
    this.readAll()
    const values = this.valuesOf(p, source)
    if (values !== null) this.tier(this.fullLengths(values)).members.set(keyOf(values), false)
  }

  del(p: NfPacket, source: readonly boolean[]): void {
    this.readAll()
    const values = this.valuesOf(p, source)
    if (values !== null) this.tier(this.fullLengths(values)).members.delete(keyOf(values))
  }

  keep(): () => void {
    this.readAll()
    const copy = (tiers: Tier[]): Tier[] => tiers.map((tier) => ({ ...tier, members: new Map(tier.members) }))
    const kept = copy(this.tiers)
    return () => {
      this.tiers = copy(kept)
    }
  }

  private testOne(value: Addr): boolean {
    if (value === -1) return false
    if (!this.isRead && this.findsHost(value)) return true
    for (const tier of this.tiers) {
      const length = tier.lengths[0]!
      const nomatch = tier.members.get(
        length === 0 && this.parts[0] === 'mac' ? value : maskOne(this.parts[0]!, value, length),
      )
      if (nomatch !== undefined) return !nomatch
    }
    return false
  }

  /** Reads members until one is this address by itself; where none is, all are read. */
  private findsHost(value: Addr): boolean {
    if (isAddress(this.parts[0]!)) {
      const hosts = this.tier([this.family === 'inet6' ? 128 : 32]).members
      if (hosts.get(value) === false) return true
      for (let text = this.next(); text !== undefined; text = this.next()) {
        if (/[ /,]/.test(text)) {
          this.readOne(text)
          continue
        }
        const address = engineAddr(text)
        hosts.set(address, false)
        if (address === value) return true
      }
    }
    this.readAll()
    return false
  }

  /** The next member that was not read; undefined where all were. */
  private next(): string | undefined {
    const { value, done } = this.rest.next()
    this.isRead = done === true
    return done === true ? undefined : value
  }

  private readAll(): void {
    for (let text = this.next(); text !== undefined; text = this.next()) this.readOne(text)
  }

  private readOne(text: string): void {
    const words = text.split(' ')
    for (const m of parseMember(words[0]!, this.parts) ?? []) {
      this.tier(m.lengths).members.set(keyOf(m.values), words.includes('nomatch'))
    }
  }

  private valuesOf(p: NfPacket, source: readonly boolean[]): Addr[] | null {
    const out: Addr[] = []
    for (const [i, part] of this.parts.entries()) {
      const value = partOfPacket(p, part, source[i] ?? source[source.length - 1]!)
      if (value === -1) return null
      out.push(value)
    }
    return out
  }

  private masked(values: readonly Addr[], lengths: readonly number[]): Addr[] {
    return values.map((v, i) => maskOne(this.parts[i]!, v, lengths[i]!))
  }

  private fullLengths(values: readonly Addr[]): number[] {
    return values.map((v, i) => (isAddress(this.parts[i]!) ? (typeof v === 'number' ? 32 : 128) : 0))
  }

  private tier(lengths: readonly number[]): Tier {
    const known = this.tiers.find((t) => t.lengths.every((n, i) => n === lengths[i]))
    if (known !== undefined) return known
    const fresh: Tier = { lengths, members: new Map() }
    this.tiers = [...this.tiers, fresh].sort((a, b) => moreSpecific(a.lengths, b.lengths))
    return fresh
  }
}

function isAddress(part: SetPart): boolean {
  return part === 'ip' || part === 'net'
}

function maskOne(part: SetPart, value: Addr, length: number): Addr {
  return part === 'net' ? maskAddr(value, length) : value
}

function moreSpecific(a: readonly number[], b: readonly number[]): number {
  for (const [i, n] of a.entries()) if (n !== b[i]) return b[i]! - n
  return 0
}

function keyOf(values: readonly Addr[]): Addr {
  return values.length === 1 ? values[0]! : values.join('|')
}

/** `bitmap:port` (TCP and UDP only) and `bitmap:ip`. */
class BitmapSet implements CompiledSet {
  private readonly members = new Set<number>()
  private readonly ports: boolean
  readonly steady: boolean

  constructor(set: IpSet, own: boolean) {
    this.steady = !own
    this.ports = set.type === 'bitmap:port'
    for (const text of set.members) {
      const [low, high] = text
        .split(' ')[0]!
        .split('-')
        .map((x) => (this.ports ? Number(x) : (engineAddr(x) as number)))
      for (let n = low!; n <= (high ?? low!); n++) this.members.add(n)
    }
  }

  test(p: NfPacket, source: readonly boolean[]): boolean {
    return this.members.has(this.valueOf(p, source[0]!))
  }

  add(p: NfPacket, source: readonly boolean[]): void {
    const value = this.valueOf(p, source[0]!)
    if (value >= 0) this.members.add(value)
  }

  del(p: NfPacket, source: readonly boolean[]): void {
    this.members.delete(this.valueOf(p, source[0]!))
  }

  keep(): () => void {
    const kept = [...this.members]
    return () => {
      this.members.clear()
      for (const n of kept) this.members.add(n)
    }
  }

  private valueOf(p: NfPacket, source: boolean): number {
    if (!this.ports) return p.family === 'inet' ? (source ? p.src4 : p.dst4) : -1
    if (p.protocol !== IP_PROTOCOL.TCP && p.protocol !== IP_PROTOCOL.UDP) return -1
    const value = partOfPacket(p, 'port', source) as number
    return value < 0 ? -1 : value & 0xffff
  }
}

/** `list:set`: in the list when in one of its sets. */
class ListSet implements CompiledSet {
  private readonly sets: readonly CompiledSet[]
  readonly steady: boolean

  constructor(sets: readonly CompiledSet[]) {
    this.sets = sets
    this.steady = sets.every((set) => set.steady)
  }

  test(p: NfPacket, source: readonly boolean[]): boolean {
    return this.sets.some((s) => s.test(p, source))
  }

  add(p: NfPacket, source: readonly boolean[]): void {
    this.sets[0]?.add(p, source)
  }

  del(p: NfPacket, source: readonly boolean[]): void {
    for (const s of this.sets) s.del(p, source)
  }

  keep(): () => void {
    const kept = this.sets.map((s) => s.keep())
    return () => {
      for (const putBack of kept) putBack()
    }
  }
}

/** Compiled sets by model value; shared by all namespaces whose rules only look. */
const compiled = new WeakMap<IpSet, CompiledSet>()

/**
 * Compiles a set.
 * @param byName - the namespace's sets, for `list:set`
 * @param own - true when a SET target may change it: then it is not shared
 */
export function compileSet(set: IpSet, byName: (name: string) => CompiledSet | undefined, own: boolean): CompiledSet {
  if (set.type === 'list:set') {
    return new ListSet(set.members.flatMap((m) => byName(m.split(' ')[0]!) ?? []))
  }
  const known = own ? undefined : compiled.get(set)
  if (known !== undefined) return known
  const parts = SET_PARTS[set.type]
  const fresh = parts === undefined ? new BitmapSet(set, own) : new HashSet(set, parts, own)
  if (!own) compiled.set(set, fresh)
  return fresh
}
