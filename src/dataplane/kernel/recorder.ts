import {
  ARP_VERDICTS,
  type ArpVerdict,
  BRIDGE_DECISIONS,
  type Candidate,
  type ConnectionPicture,
  type DropCause,
  ENDS,
  type EndKind,
  type HeldBack,
  HOOKS,
  KEEPERS,
  type Lookup,
  NEIGH_STATES,
  type NeighbourPicture,
  type Network,
  type OuterChoice,
  type PacketEvent,
  type RecordLog,
  type RuleHit,
  type Stamped,
  TAKERS,
  type TableName,
  type Tunnel,
  VERDICTS,
} from '../../model/index.ts'
import { assertNever, type Ip6Key, keyToIpv6, keyToMac, numberToIpv4 } from '../../wire/index.ts'

/** Kinds of row. */
export const ROW = {
  tx: 1,
  rx: 2,
  routeInput: 3,
  routeOutput: 4,
  rpFilter: 5,
  forward: 6,
  deliver: 7,
  end: 8,
  rule: 9,
  hookEnd: 10,
  conntrack: 11,
  natSource: 12,
  natDestination: 13,
  neighbour: 14,
  neighbourQueued: 15,
  neighbourChange: 16,
  arp: 17,
  nd: 18,
  encap: 19,
  decap: 20,
  fragment: 21,
  reassemble: 22,
  icmpError: 23,
  pathMtu: 24,
  redirect: 25,
  bridge: 26,
  learn: 27,
  create: 28,
  clone: 29,
  program: 30,
  network: 31,
  held: 32,
} as const

/** What a row refers to, by the kind of row; kinds that are not here refer to nothing. */
export interface RowRef {
  routeInput: { readonly lookup: Lookup; readonly refused: DropCause } | Lookup
  routeOutput: Lookup
  rpFilter: Lookup
  end: DropCause | null
  rule: RuleHit
  hookEnd: { readonly table: TableName; readonly unmodelled: string } | TableName
  conntrack: ConnectionPicture
  natSource: Renamed
  natDestination: Renamed
  neighbour: NeighbourPicture
  neighbourQueued: NeighbourPicture
  neighbourChange: NeighbourPicture
  nd: { readonly target: string; readonly sender: string }
  encap: OuterHeaders & { readonly chosenBy: OuterChoice }
  decap: OuterHeaders
  icmpError: HeldBack | null
  pathMtu: number | string
  redirect: { readonly destination: number | string; readonly gateway: number | string }
  program: string
  network: Network
}

/** An address, or address and port, before and after NAT. */
interface Renamed {
  readonly from: string
  readonly to: string
}

/** Outer headers of a tunnel; addresses in engine form. */
interface OuterHeaders {
  readonly tunnel: Tunnel
  readonly source: number | string
  readonly destination: number | string
}

const NO_BYTES = new Uint8Array(0)

/**
 * Events in growing typed arrays: cheap to write (`NsLog` has a method a kind), made into values only when somebody reads.
 * Attach one to a simulation to record; with none attached nothing is written.
 */
export class Recorder implements RecordLog {
  /** Number of events. */
  length = 0
  private kinds = new Uint8Array(256)
  private times = new Float64Array(256)
  private nss = new Int32Array(256)
  private devs = new Int32Array(256)
  private packets = new Int32Array(256)
  private as = new Float64Array(256)
  private bs = new Float64Array(256)
  private cs = new Float64Array(256)
  private starts = new Int32Array(256)
  private ends = new Int32Array(256)
  private refs: unknown[] = []
  private pool = new Uint8Array(16384)
  private used = 0
  private settled = 0
  private latest: Network | null = null
  private readonly nsNames: string[] = ['']
  private readonly devNames: string[] = ['']
  private readonly nsIds = new Map<string, number>()
  private readonly devIds = new Map<string, number>()

  /** Id under which a namespace name is stored. */
  nsId(name: string): number {
    return intern(this.nsNames, this.nsIds, name)
  }

  /** Id under which an interface name is stored. */
  devId(name: string): number {
    return intern(this.devNames, this.devIds, name)
  }

  /** Appends a row without bytes. Callers are the writers of `NsLog`, which know what the columns of a kind mean. */
  add(
    kind: number,
    time: number,
    ns: number,
    dev: number,
    packet: number,
    a: number,
    b: number,
    c: number,
    ref: RowRef[keyof RowRef] | undefined,
  ): void {
    const i = this.length
    if (i === this.kinds.length) this.grow()
    this.length = i + 1
    this.kinds[i] = kind
    this.times[i] = time
    this.nss[i] = ns
    this.devs[i] = dev
    this.packets[i] = packet
    this.as[i] = a
    this.bs[i] = b
    this.cs[i] = c
    this.starts[i] = 0
    this.ends[i] = 0
    this.refs[i] = ref
  }

  /** Appends a frame and copies `bytes[from, to)`. */
  frame(
    kind: number,
    time: number,
    ns: number,
    dev: number,
    packet: number,
    linkType: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    this.add(kind, time, ns, dev, packet, linkType, 0, 0, undefined)
    const n = to - from
    if (this.used + n > this.pool.length) this.growPool(n)
    const i = this.length - 1
    const pool = this.pool
    let at = this.used
    this.starts[i] = at
    if (n > 64) {
      pool.set(bytes.subarray(from, to), at)
      at += n
    } else {
      for (let j = from; j < to; j++) pool[at++] = bytes[j] as number
    }
    this.ends[i] = at
    this.used = at
  }

  /** The network is this one from now on: an edit, or the start of a recording. */
  network(time: number, network: Network): void {
    this.settle()
    this.latest = network
    this.add(ROW.network, time, 0, 0, 0, 0, 0, 0, network)
  }

  /** Lookups say why routes lost while the devices they looked at are as they were. */
  private settle(): void {
    for (let i = this.settled; i < this.length; i++) {
      const kind = this.kinds[i]
      if (kind === ROW.routeOutput) settleLookup(this.ref(i, 'routeOutput'))
      else if (kind === ROW.routeInput) {
        const ref = this.ref(i, 'routeInput')
        settleLookup('lookup' in ref ? ref.lookup : ref)
      }
    }
    this.settled = this.length
  }

  /** Forgets all events but which network there is now; keeps the memory. */
  clear(): void {
    const time = this.length === 0 ? 0 : (this.times[this.length - 1] as number)
    this.refs.fill(undefined, 0, this.length)
    this.length = 0
    this.settled = 0
    this.used = 0
    if (this.latest !== null) this.network(time, this.latest)
  }

  /** @inheritDoc */
  eventAt(i: number): Stamped<PacketEvent> {
    return {
      ...this.event(i),
      time: this.times[i] as number,
      netns: this.nsNames[this.nss[i] as number] as string,
      dev: this.devNames[this.devs[i] as number] as string,
      packet: this.packets[i] as number,
    }
  }

  /** What the columns of row i say. */
  private event(i: number): PacketEvent {
    const kind = this.kinds[i] as (typeof ROW)[keyof typeof ROW]
    const a = this.as[i] as number
    const b = this.bs[i] as number
    const c = this.cs[i] as number
    switch (kind) {
      case ROW.tx:
        return { kind: 'tx', linkType: a, bytes: this.bytes(i) }
      case ROW.rx:
        return { kind: 'rx', linkType: a, bytes: this.bytes(i) }
      case ROW.routeInput: {
        const ref = this.ref(i, 'routeInput')
        return { kind: 'route', direction: 'input', ...('lookup' in ref ? ref : { lookup: ref }) }
      }
      case ROW.routeOutput:
        return { kind: 'route', direction: 'output', lookup: this.ref(i, 'routeOutput') }
      case ROW.rpFilter:
        return { kind: 'rp-filter', passed: a === 1, lookup: this.ref(i, 'rpFilter') }
      case ROW.forward:
        return { kind: 'forward', hopLimit: a }
      case ROW.deliver:
        return { kind: 'deliver', protocol: a, port: b, by: TAKERS[c] as (typeof TAKERS)[number] }
      case ROW.end: {
        const how = ENDS[a] as EndKind
        return how === 'dropped' ? { kind: 'end', how, cause: this.ref(i, 'end') as DropCause } : { kind: 'end', how }
      }
      case ROW.held:
        return { kind: 'held', by: KEEPERS[a] as (typeof KEEPERS)[number] }
      case ROW.rule: {
        const hook = HOOKS[a] as (typeof HOOKS)[number]
        return { kind: 'rule', hook, position: b, mark: c, hit: this.ref(i, 'rule') }
      }
      case ROW.hookEnd: {
        const ref = this.ref(i, 'hookEnd')
        const [hook, verdict] = [HOOKS[a] as (typeof HOOKS)[number], VERDICTS[b] as (typeof VERDICTS)[number]]
        return { kind: 'hook-end', hook, verdict, ...(typeof ref === 'string' ? { table: ref } : ref) }
      }
      case ROW.conntrack:
        return { kind: 'conntrack', isNew: a === 1, connection: this.ref(i, 'conntrack') }
      case ROW.natSource:
        return { kind: 'nat', side: 'source', ...this.ref(i, 'natSource') }
      case ROW.natDestination:
        return { kind: 'nat', side: 'destination', ...this.ref(i, 'natDestination') }
      case ROW.neighbour:
        return { kind: 'neighbour', entry: this.ref(i, 'neighbour'), queued: false }
      case ROW.neighbourQueued:
        return { kind: 'neighbour', entry: this.ref(i, 'neighbourQueued'), queued: true }
      case ROW.neighbourChange: {
        const entry = this.ref(i, 'neighbourChange')
        return { kind: 'neighbour-change', from: NEIGH_STATES[a] ?? 'NONE', entry }
      }
      case ROW.arp: {
        const verdict = ARP_VERDICTS[a] as ArpVerdict
        return { kind: 'arp', verdict, target: numberToIpv4(b), sender: numberToIpv4(c) }
      }
      case ROW.nd: {
        const { target, sender } = this.ref(i, 'nd')
        const verdict = ARP_VERDICTS[a] as ArpVerdict
        return { kind: 'arp', verdict, target: keyToIpv6(target as Ip6Key), sender: keyToIpv6(sender as Ip6Key) }
      }
      case ROW.encap: {
        const { tunnel, source, destination, chosenBy } = this.ref(i, 'encap')
        const ends = { source: addressText(source), destination: addressText(destination) }
        return { kind: 'encap', tunnel, overhead: a, ...ends, chosenBy }
      }
      case ROW.decap: {
        const { tunnel, source, destination } = this.ref(i, 'decap')
        const ends = { source: addressText(source), destination: addressText(destination) }
        return { kind: 'decap', tunnel, overhead: a, ...ends }
      }
      case ROW.fragment:
        return { kind: 'fragment', mtu: a, fragments: b }
      case ROW.reassemble:
        return { kind: 'reassemble', fragments: a, length: b }
      case ROW.icmpError: {
        const heldBack = this.ref(i, 'icmpError')
        const error = { kind: 'icmp-error', type: a, code: b, info: c } as const
        return heldBack === null ? error : { ...error, heldBack }
      }
      case ROW.pathMtu: {
        const destination = addressText(this.ref(i, 'pathMtu'))
        return { kind: 'path-mtu', destination, mtu: a, locked: b === 1 }
      }
      case ROW.redirect: {
        const { destination, gateway } = this.ref(i, 'redirect')
        return { kind: 'redirect', destination: addressText(destination), gateway: addressText(gateway) }
      }
      case ROW.bridge: {
        const decision = BRIDGE_DECISIONS[a] as (typeof BRIDGE_DECISIONS)[number]
        return { kind: 'bridge', decision, port: this.devNames[b] as string }
      }
      case ROW.learn:
        return { kind: 'learn', mac: keyToMac(a), port: this.devNames[b] as string }
      case ROW.create:
        return { kind: 'create', protocol: a, answers: b }
      case ROW.clone:
        return { kind: 'clone', original: a }
      case ROW.program:
        return { kind: 'program', text: this.ref(i, 'program') }
      case ROW.network:
        return { kind: 'network', network: this.ref(i, 'network') }
      default:
        return assertNever(kind)
    }
  }

  private ref<K extends keyof RowRef>(i: number, _kind: K): RowRef[K] {
    return this.refs[i] as RowRef[K]
  }

  private bytes(i: number): Uint8Array {
    const to = this.ends[i] as number
    return to === 0 ? NO_BYTES : this.pool.subarray(this.starts[i], to)
  }

  private grow(): void {
    const n = this.kinds.length * 2
    this.kinds = copyInto(new Uint8Array(n), this.kinds)
    this.times = copyInto(new Float64Array(n), this.times)
    this.nss = copyInto(new Int32Array(n), this.nss)
    this.devs = copyInto(new Int32Array(n), this.devs)
    this.packets = copyInto(new Int32Array(n), this.packets)
    this.as = copyInto(new Float64Array(n), this.as)
    this.bs = copyInto(new Float64Array(n), this.bs)
    this.cs = copyInto(new Float64Array(n), this.cs)
    this.starts = copyInto(new Int32Array(n), this.starts)
    this.ends = copyInto(new Int32Array(n), this.ends)
  }

  private growPool(need: number): void {
    let n = this.pool.length * 2
    while (n < this.used + need) n *= 2
    this.pool = copyInto(new Uint8Array(n), this.pool)
  }
}

/** Candidates are made when first read, and kept. */
function settleLookup(lookup: Lookup): readonly Candidate[] {
  return lookup.candidates
}

function copyInto<T extends { set(from: T): void }>(to: T, from: T): T {
  to.set(from)
  return to
}

function intern(names: string[], ids: Map<string, number>, name: string): number {
  const known = ids.get(name)
  if (known !== undefined) return known
  names.push(name)
  ids.set(name, names.length - 1)
  return names.length - 1
}

/** An address in engine form as text; '' for none. */
function addressText(address: number | string): string {
  if (typeof address === 'number') return numberToIpv4(address)
  return address === '' ? '' : keyToIpv6(address as Ip6Key)
}
