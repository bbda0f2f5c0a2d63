import type { Neighbour, NeighbourPicture } from '../../model/index.ts'
import { type Ip6Key, keyToIpv6, keyToMac, numberToIpv4 } from '../../wire/index.ts'
import { type Deadline, deadlineOf, type Timer } from '../kernel/clock.ts'
import type { Neighbour as KernelNeighbour, NeighFamily } from '../kernel/neighbour.ts'
import type { NeighParms, NetDevice } from '../kernel/net-device.ts'
import { NUD_FAILED, nudName, nudOf } from '../kernel/nud.ts'
import type { PacketOnDevice } from '../kernel/skb.ts'

/** One neighbour entry (`struct neighbour`). Times are nanoseconds of virtual time. */
export class Neigh implements KernelNeighbour {
  /** Family. */
  readonly family: NeighFamily
  /** IPv4: uint32; IPv6: 16-char key. */
  readonly key: number | string
  /** Device. */
  readonly dev: NetDevice
  /** One of the NUD_ constants. */
  state = 0
  /** Link-layer address, 48-bit number; 0 while unknown. */
  lladdr = 0
  /** It says it is a router (IPv6). */
  isRouter = false
  /** Last proof that it is there. */
  confirmed: number
  /** Last time a packet needed it while not connected. */
  used: number
  /** Last change. */
  updated: number
  /** Solicitations sent in this round. */
  probes = 0
  /** Packets that wait for the address. */
  queue: PacketOnDevice[] = []
  /** Memory they take (`truesize`). */
  queueBytes = 0
  /** Pending timer. */
  timer: Timer | null = null
  /** Comes from the model: stays over flushes of dynamic entries when permanent. */
  seeded = false
  /** Removed from the table. */
  dead = false
  /** Link header for `headerProtocol`, made on first use. */
  header: Uint8Array | null = null
  /** Protocol the header was made for. */
  headerProtocol = 0
  /** Source address the header was made with. */
  headerSource = -1
  /** As a snapshot kept it last. */
  saved: SavedNeigh | null = null
  private cachedRef: NeighbourPicture | null = null
  private refState = -1
  private refLladdr = -1

  constructor(dev: NetDevice, family: NeighFamily, key: number | string) {
    this.dev = dev
    this.family = family
    this.key = key
    const { now } = dev.ns.sim.clock
    this.used = now
    this.updated = now
    this.confirmed = now - 2 * this.parms.baseReachableTime
  }

  /** Parameters of its device and family. */
  get parms(): NeighParms {
    return this.family === 'inet' ? this.dev.neigh4 : this.dev.neigh6
  }

  /** The address as text. */
  get dst(): string {
    return typeof this.key === 'number' ? numberToIpv4(this.key) : keyToIpv6(this.key as Ip6Key)
  }

  /** What records refer to: an immutable picture of the entry as it is now. */
  get ref(): NeighbourPicture {
    const { state, lladdr } = this
    if (this.cachedRef !== null && this.refState === state && this.refLladdr === lladdr) return this.cachedRef
    this.refState = state
    this.refLladdr = lladdr
    this.cachedRef = {
      dst: this.dst,
      dev: this.dev.name,
      lladdr: lladdr === 0 ? '' : keyToMac(lladdr),
      state: nudName(state),
    }
    return this.cachedRef
  }
}

/** One entry as a snapshot keeps it. */
export interface SavedNeigh {
  /** The entry itself: packets and timers refer to it. */
  readonly entry: Neigh
  /** Its fields as they were. */
  readonly fields: Pick<
    Neigh,
    'state' | 'lladdr' | 'isRouter' | 'confirmed' | 'used' | 'updated' | 'probes' | 'queueBytes' | 'seeded' | 'dead'
  >
  /** Packets that waited for it. */
  readonly queue: readonly PacketOnDevice[]
  /** When its timer was to fire. */
  readonly deadline: Deadline | null
}

/** A copy of an entry, with copies of what waits for it. Of one that is as it was saved last it is the same copy. */
export function saveEntry(entry: Neigh): SavedNeigh {
  const deadline = deadlineOf(entry.timer)
  if (entry.saved !== null && isAs(entry, entry.saved, deadline)) return entry.saved
  const { state, lladdr, isRouter, confirmed, used, updated, probes, queueBytes, seeded, dead } = entry
  entry.saved = {
    entry,
    fields: { state, lladdr, isRouter, confirmed, used, updated, probes, queueBytes, seeded, dead },
    queue: entry.queue.map((skb) => skb.again()),
    deadline,
  }
  return entry.saved
}

/** Whether an entry is what its copy says. */
function isAs(entry: Neigh, { fields, queue, deadline: saved }: SavedNeigh, deadline: Deadline | null): boolean {
  return (
    entry.queue.length + queue.length === 0 &&
    saved?.at === deadline?.at &&
    saved?.seq === deadline?.seq &&
    saved?.wheel === deadline?.wheel &&
    (Object.keys(fields) as (keyof typeof fields)[]).every((field) => entry[field] === fields[field])
  )
}

/** An entry as `ip neigh` would print it. */
export function asModel(entry: Neigh): Neighbour {
  return {
    dst: entry.dst as Neighbour['dst'],
    dev: entry.dev.name,
    ...(entry.lladdr === 0 || (entry.state & (NUD_FAILED | nudOf('INCOMPLETE'))) !== 0
      ? {}
      : { lladdr: keyToMac(entry.lladdr) }),
    state: nudName(entry.state),
    ...(entry.isRouter ? { router: true } : {}),
  }
}
