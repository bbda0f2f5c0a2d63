import type { Network } from '../model/index.ts'
import type { Opened } from './flows.ts'
import { keyOf, looseKeyOf } from './keys.ts'
import type { Packet } from './packet.ts'
import type { Place } from './report.ts'
import type { SimulatedFlow, SimulatedFrame } from './simulated.ts'

/** The frames of the simulation by place and by what they are. */
export class PlaceIndex {
  private readonly byPlace = new Map<
    string,
    { readonly place: Place; readonly frames: Map<string, SimulatedFrame[]> }
  >()
  private readonly byKey = new Map<string, SimulatedFrame[]>()

  constructor(flows: readonly SimulatedFlow[]) {
    for (const { frames } of flows) for (const frame of frames) this.add(frame)
  }

  private add(frame: SimulatedFrame): void {
    const { place, key, looseKey } = frame
    for (const name of [placeName(place), placeName({ netns: place.netns, dev: ANY })]) {
      const one = this.byPlace.get(name) ?? {
        place: name.endsWith(`/${ANY}`) ? { ...place, dev: ANY } : place,
        frames: new Map(),
      }
      this.byPlace.set(name, one)
      for (const each of [key, looseKey]) pushFrame(one.frames, each, frame)
    }
    for (const each of [key, looseKey]) pushFrame(this.byKey, each, frame)
  }

  /** Places, with what they have. */
  get places(): readonly { readonly place: Place; readonly frames: ReadonlyMap<string, readonly SimulatedFrame[]> }[] {
    return [...this.byPlace.values()]
  }

  /** The frames a packet equals, at one place or at any. */
  framesLike(packet: Packet, place?: Place): readonly SimulatedFrame[] {
    const frames = place === undefined ? this.byKey : this.byPlace.get(placeName(place))?.frames
    return frames === undefined ? [] : likeIn(frames, packet)
  }
}

/** Several devices of a namespace, as `tcpdump -i any` has them. */
export const ANY = 'any'

/** A place as people write it. */
export function placeName({ netns, dev }: Place): string {
  return `${netns}/${dev}`
}

function pushFrame(map: Map<string, SimulatedFrame[]>, key: string, frame: SimulatedFrame): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [frame])
  else list.push(frame)
}

/** Frames with the same key; of fragments, which the simulation may cut otherwise, and of what is cut off, those of the same ends. */
function likeIn(frames: ReadonlyMap<string, readonly SimulatedFrame[]>, packet: Packet): readonly SimulatedFrame[] {
  const found = frames.get(keyOf(packet))
  if (found !== undefined) return found
  const last = packet.layers.at(-1)
  const isPart = last !== undefined && (last.isFragment || packet.upper === undefined)
  return isPart ? (frames.get(looseKeyOf(packet)) ?? []) : []
}

/** How well a place fits packets; the first difference decides. */
interface Fit {
  readonly place: Place
  /** Packets that it has, and how alike: same TTLs, same hardware addresses, same way through the device. */
  readonly marks: readonly number[]
  readonly explained: number
}

/** Where packets were captured, as far as can be told: the place that explains most of them, and those that do as well. */
export function placesOf(
  index: PlaceIndex,
  packets: readonly Opened[],
  network: Network,
  interfaceName: string,
): { readonly best: readonly Place[]; readonly explained: number } {
  const kinds = new Set(packets.map(({ packet }) => packet.link?.kind))
  const isCooked = kinds.has('cooked')
  const hasDevices = packets.some(({ packet }) => packet.link?.ifindex !== undefined)
  const fits = index.places
    .filter(({ place }) => (place.dev === ANY) === (isCooked && !hasDevices) || (isCooked && place.dev !== ANY))
    .map(({ place, frames }) => fitOf(place, frames, packets, interfaceName))
    .filter(({ explained }) => explained > 0)
  const [first] = fits.sort((a, b) => compare(b.marks, a.marks))
  if (first === undefined) return { best: [], explained: 0 }
  const equal = fits.filter(({ marks }) => compare(marks, first.marks) === 0).map(({ place }) => place)
  return { best: equal.sort((a, b) => rankOf(network, a) - rankOf(network, b)), explained: first.explained }
}

function fitOf(
  place: Place,
  frames: ReadonlyMap<string, readonly SimulatedFrame[]>,
  packets: readonly Opened[],
  interfaceName: string,
): Fit {
  let [explained, ttls, macs, ways] = [0, 0, 0, 0]
  const seen = new Set<string>()
  for (const { raw, packet } of packets) {
    const like = likeIn(frames, packet).filter((frame) => isSameKind(frame.packet, packet))
    if (like.length === 0) continue
    explained++
    for (const { key } of like) seen.add(key)
    if (like.some((frame) => ttlsOf(frame.packet) === ttlsOf(packet))) ttls++
    if (like.some((frame) => frame.packet.link?.macs === packet.link?.macs)) macs++
    const way = raw.direction ?? packet.link?.direction
    if (way !== undefined && like.some(({ kind }) => kind === way)) ways++
  }
  const isNamed = interfaceName === place.dev || interfaceName === placeName(place)
  const own = new Set([...frames.values()].flatMap((list) => list.map(({ key }) => key)))
  const unseen = [...own].filter((key) => !seen.has(key)).length
  return { place, explained, marks: [explained, Number(isNamed), ways, ttls, macs, -unseen] }
}

/** A capture without link layer is of a device without one; one that is cooked may be of any. */
function isSameKind(a: Packet, b: Packet): boolean {
  return b.link?.kind === 'cooked' || a.link?.kind === b.link?.kind
}

function ttlsOf({ layers }: Packet): string {
  return layers.map(({ ttl }) => ttl).join(' ')
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

/** Where people capture: on nodes, then in pods, then elsewhere. */
function rankOf({ namespaces }: Network, { netns }: Place): number {
  const role = namespaces[netns]?.role
  return role === 'node' ? 0 : role === 'pod' ? 1 : 2
}
