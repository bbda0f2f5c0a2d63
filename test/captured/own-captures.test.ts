// Captures that our own tracer writes, without the names of their devices: each is found to be where it was taken, and every packet is named.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CapturedSource, explainCapture, type Place } from '../../src/captured/index.ts'
import { openPacket } from '../../src/captured/packet.ts'
import { collectResources } from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'
import type { Run } from '../../src/shell/index.ts'
import type { FrameHop } from '../../src/trace/index.ts'
import { IP_PROTOCOL, parseHex, TCP_FLAG, writePcap } from '../../src/wire/index.ts'
import { controlClusters } from '../properties/control-clusters.ts'

const name = ({ netns, dev }: Place): string => `${netns}/${dev}`

/** The frames of a run by the device that saw them. */
function framesByDevice({ trace }: Run): Map<string, FrameHop[]> {
  const devices = new Map<string, FrameHop[]>()
  for (const hop of trace.hops) {
    if (hop.kind !== 'tx' && hop.kind !== 'rx') continue
    const list = devices.get(name(hop)) ?? []
    devices.set(name(hop), [...list, hop])
  }
  return devices
}

function pcapOf(frames: readonly FrameHop[]): Uint8Array {
  const packets = frames.map(({ time, bytes }) => ({ timestamp: BigInt(Math.round(time)), bytes: parseHex(bytes)! }))
  return writePcap(frames[0]!.linkType, packets)
}

function explained(lab: Lab, frames: readonly FrameHop[]): CapturedSource {
  return explainCapture(lab, [{ name: 'x.pcap', bytes: pcapOf(frames) }]).sources[0]!
}

const ASKS: Readonly<Record<string, (lab: Lab, a: string, b: string) => Run>> = {
  ping: (lab, a, b) => lab.ping(a, b, { count: 2 }),
  'ping in fragments': (lab, a, b) => lab.ping(a, b, { size: 2500 }),
  tcp: (lab, a, b) => lab.tcp(a, b, 8080, { request: 3000, reply: 2000 }),
  udp: (lab, a, b) => lab.udp(a, b, 4000, { size: 100 }),
}

const asks = fc.constantFrom(...Object.keys(ASKS))

/** A run between two ends of a random cluster; undefined where they have no address in common. */
function runIn(lab: Lab, nodes: readonly string[], pick: readonly [number, number], how: string): Run | undefined {
  const ends = [...lab.pods, ...nodes.map((node) => `node/${node}`)]
  const [a, b] = pick.map((at) => ends[at % ends.length]!) as [string, string]
  if (a === b) return undefined
  const moment = lab.snapshot()
  const run = ASKS[how]!(lab, a, b)
  lab.restore(moment)
  return run
}

const pair = fc.tuple(fc.nat(), fc.nat())

it('are found where they were taken, or there and at places that see the same; every packet is named', () => {
  let captures = 0
  fc.assert(
    fc.property(controlClusters(), pair, asks, ({ objects, nodes }, pick, how) => {
      const lab = Lab.fromResources(collectResources(objects))
      const run = runIn(lab, nodes, pick, how)
      if (run === undefined) return
      for (const [device, frames] of framesByDevice(run)) {
        const { place, alternatives, packets, placeBy } = explained(lab, frames)
        expect(packets.filter((one) => one.explained === 'unknown' || one.explained === 'elsewhere')).toEqual([])
        expect(packets.every(({ what }) => what !== '')).toBe(true)
        // What only asks for hardware addresses belongs to no conversation.
        if (packets.every(({ flow }) => flow === undefined)) continue
        captures++
        expect([placeBy, [place, ...alternatives].map((one) => name(one!))]).toEqual([
          'computed',
          expect.arrayContaining([device]),
        ])
      }
    }),
    { numRuns: Number(process.env['FC_RUNS'] ?? 8), seed: 11 },
  )
  expect(captures).toBeGreaterThan(30)
}, 240_000)

describe('a packet that is taken out', () => {
  /** Whether its lack shows in what else is there: it is answered, or answers, or is acknowledged. */
  function shows({ bytes, linkType }: FrameHop): boolean {
    const { upper, layers } = openPacket(parseHex(bytes)!, linkType)
    if (layers.at(-1)?.protocol === IP_PROTOCOL.ICMPV6 && upper!.type > 129) return false
    if (upper?.protocol === 'icmp') return true
    return upper?.protocol === 'tcp' && (upper.length > 0 || (upper.flags & (TCP_FLAG.SYN | TCP_FLAG.FIN)) !== 0)
  }

  it('is reported missing, and nothing is where nothing was taken out', () => {
    let removed = 0
    const how = fc.constantFrom('ping', 'tcp')
    fc.assert(
      fc.property(controlClusters(), pair, how, fc.nat(), fc.nat(), ({ objects, nodes }, pick, ask, at, nth) => {
        const lab = Lab.fromResources(collectResources(objects))
        const run = runIn(lab, nodes, pick, ask)
        if (run?.ok !== true) return
        const devices = [...framesByDevice(run).values()].filter((frames) => {
          const ways = frames
            .filter(shows)
            .map((frame) => openPacket(parseHex(frame.bytes)!, frame.linkType).layers.at(-1)!.source)
          return new Set(ways).size === 2
        })
        if (devices.length === 0) return
        const frames = devices[at % devices.length]!
        expect(explained(lab, frames).missing).toEqual([])
        const candidates = frames.filter(shows)
        const victim = candidates[nth % candidates.length]!
        const { missing } = explained(
          lab,
          frames.filter((frame) => frame !== victim),
        )
        removed++
        expect([victim.line, missing.length]).toEqual([victim.line, expect.any(Number)])
        expect([victim.line, missing.length > 0]).toEqual([victim.line, true])
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 15), seed: 5 },
    )
    expect(removed).toBeGreaterThan(5)
  }, 240_000)
})
