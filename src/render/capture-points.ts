import { pushTo } from '../model/index.ts'
import type { FrameHop, Trace } from '../trace/index.ts'
import { dissectFrame, parseHex } from '../wire/index.ts'
import type { PcapngOptions } from './pcapng.ts'

/** Where the frames of a capture file are taken. */
export type CaptureAt = NonNullable<PcapngOptions['at']>

/** A frame to be written, and its place among the hops. */
export interface CapturedFrame {
  readonly hop: FrameHop
  readonly index: number
}

/** A device as files name it. */
export function deviceName({ netns, dev }: { readonly netns: string; readonly dev: string }): string {
  return `${netns}/${dev}`
}

/** Frames of a trace with their places. */
function framesOf(trace: Trace): CapturedFrame[] {
  return trace.hops.flatMap((hop, index) => (hop.kind === 'tx' || hop.kind === 'rx' ? [{ hop, index }] : []))
}

/**
 * The device at the other end of each cable, as the frames show it: what one namespace sends and another receives next.
 * The first end that sent is the first of the pair.
 */
export function cablesOf(trace: Trace): ReadonlyMap<string, string> {
  const cables = new Map<string, string>()
  const lastSent = new Map<number, FrameHop>()
  for (const { hop } of framesOf(trace)) {
    const sent = lastSent.get(hop.packet)
    lastSent.delete(hop.packet)
    if (hop.kind === 'tx') lastSent.set(hop.packet, hop)
    else if (sent !== undefined && sent.netns !== hop.netns) {
      const [one, other] = [deviceName(sent), deviceName(hop)]
      if (cables.get(other) !== one) cables.set(one, other)
    }
  }
  return cables
}

/** The frames of a capture file, in order; none at a device that no packet crossed. */
export function framesAt(trace: Trace, at: CaptureAt): CapturedFrame[] {
  const frames = framesOf(trace)
  switch (at) {
    case 'all':
      return frames
    case 'links': {
      const cables = cablesOf(trace)
      return frames.filter(({ hop }) => cables.has(deviceName(hop)))
    }
    case 'wire':
      return onceEach(trace, frames)
    default:
      return frames.filter(({ hop }) => deviceName(hop) === at)
  }
}

/** What one packet is, with its fragments and copies; in the clear and encrypted it is two. */
function identityOf(frame: FrameHop, origins: ReadonlyMap<number, number>): string {
  const layers = dissectFrame(parseHex(frame.bytes) ?? new Uint8Array(0), frame.linkType)
  const encrypted = layers.some((layer) => layer.protocol === 'wireguard')
  return `${origins.get(frame.packet) ?? frame.packet}${encrypted ? ' encrypted' : ''}`
}

/** Every packet by the first it was made from. */
function originsOf(trace: Trace): Map<number, number> {
  const origins = new Map<number, number>()
  for (const { id, parent } of trace.packets)
    origins.set(id, parent === undefined ? id : (origins.get(parent) ?? parent))
  return origins
}

/** How good a cable is to see packets on: the more that go between machines rather than between a node and its pod, the better. */
function rankOf(roles: ReadonlyMap<string, string>, one: string, other: string): number {
  const isPod = (device: string): boolean => INSIDE.has(roles.get(device.slice(0, device.lastIndexOf('/'))) ?? '')
  return isPod(one) || isPod(other) ? 0 : 1
}

/** Roles of namespaces that live on a machine. */
const INSIDE: ReadonlySet<string> = new Set(['pod', 'container'])

/** Cables by how good they are; among equals the one used first. */
function pointsOf(trace: Trace): string[] {
  const roles = new Map(trace.nodes.map((node) => [node.name, node.role]))
  const cables = [...cablesOf(trace)].map(([one, other]) => ({ one, rank: rankOf(roles, one, other) }))
  return cables.sort((a, b) => b.rank - a.rank).map(({ one }) => one)
}

/** Every packet at the best cable it crosses; where it crosses none, at the first device it is seen on. */
function onceEach(trace: Trace, frames: readonly CapturedFrame[]): CapturedFrame[] {
  const origins = originsOf(trace)
  const packets = new Map<string, CapturedFrame[]>()
  for (const frame of frames) pushTo(packets, identityOf(frame.hop, origins), frame)
  const points = pointsOf(trace)
  const chosen = [...packets.values()].flatMap((seen) => {
    const devices = new Set(seen.map(({ hop }) => deviceName(hop)))
    const at = points.find((point) => devices.has(point)) ?? deviceName((seen[0] as CapturedFrame).hop)
    return firstOfEach(seen.filter(({ hop }) => deviceName(hop) === at))
  })
  return chosen.sort((a, b) => a.index - b.index)
}

/** The first frame of each packet id: fragments are several, a packet that comes back to a device is one. */
function firstOfEach(frames: readonly CapturedFrame[]): CapturedFrame[] {
  const ids = new Set<number>()
  return frames.filter(({ hop }) => !ids.has(hop.packet) && ids.add(hop.packet))
}
