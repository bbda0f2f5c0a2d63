// Time: any events, then quiet, and everything is as the final objects make it at once; and at every moment on the way every packet
// ends once, and nobody has the address of another.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, plus } from '../../src/control/address-number.ts'
import { type Cluster, collectResources, parseCalicoVersion, storedObjects } from '../../src/control/index.ts'
import { Lab, type LabOptions } from '../../src/lab/index.ts'
import type { PacketEvent, Stamped } from '../../src/model/index.ts'
import type { ClusterEvent } from '../../src/timeline/index.ts'
import { type ControlCluster, controlClusters } from './control-clusters.ts'
import { plainNetwork } from './plain-network.ts'
import { runs } from './run.ts'
import { drawnEvents, type EventDraw, eventDraws, FIRST, gapAfter, happen, mend } from './timed-events.ts'

function open({ objects, version }: ControlCluster, options: LabOptions): Lab {
  const resources = collectResources([...objects, ...FIRST])
  return Lab.fromResources(resources, { calicoVersion: parseCalicoVersion(version)!, ...options })
}

/** Addresses that IPAM holds for pods that are gone. */
function leaked({ ipam }: Pick<Cluster, 'ipam'>): readonly string[] {
  return ipam.blocks.flatMap((block) =>
    [...(block.strays?.keys() ?? [])].map((slot) => addressOf(plus(block.base, slot))),
  )
}

/** Addresses that two have, or one who is there and one who is gone. */
function twice({ ipam }: Cluster): readonly string[] {
  const all = [
    ...ipam.pods.flatMap(({ allocations }) => allocations.map(({ address }) => address)),
    ...[...ipam.tunnels.values()].flatMap((own) => Object.values(own)),
    ...leaked({ ipam }),
  ]
  return all.filter((address, i) => all.indexOf(address) !== i)
}

/** How often an address was held for a pod that is gone. */
let leaks = 0

/** Events one after the other, with the times between them; `pass` lets time pass. @returns how many had something to be about */
function play(lab: Lab, draws: readonly EventDraw[], pass: (seconds: number, turn: number) => void): number {
  let last: readonly ClusterEvent[] = []
  let happened = 0
  draws.forEach((draw, turn) => {
    last = draw.kind === 'same' ? last : drawnEvents(lab.objects!, draw, turn)
    const refused = happen(lab, last)
    if (refused.length < last.length) happened++
    expect(twice(lab.cluster!)).toEqual([])
    leaks += leaked(lab.cluster!).length
    pass(gapAfter(draw), turn)
  })
  return happened
}

const sequences = () => fc.array(eventDraws(), { minLength: 1, maxLength: 12 })

describe('any events, then quiet', () => {
  it.each([
    ['calico', 6],
    ['instant', 6],
  ] as const)(
    'give the network that the final objects give at once (delays: %s)',
    (delays, many) => {
      let happened = 0
      fc.assert(
        fc.property(controlClusters(), sequences(), fc.nat(1000), (made, draws, seed) => {
          const lab = open(made, { delays, seed })
          happened += play(lab, draws, (seconds) => lab.wait(seconds))
          mend(lab)
          expect(lab.isQuiet).toBe(true)
          expect(twice(lab.cluster!)).toEqual([])
          expect(leaked(lab.cluster!)).toEqual([])
          const calicoVersion = parseCalicoVersion(made.version)!
          const atOnce = Lab.fromResources(storedObjects(lab.cluster!), { calicoVersion, seed })
          expect(plainNetwork(lab.network)).toEqual(plainNetwork(atOnce.network))
        }),
        { ...runs(many), endOnFailure: true },
      )
      expect(happened).toBeGreaterThan(2 * runs(many).numRuns)
      expect(leaks).toBeGreaterThan(0)
    },
    3_600_000,
  )

  it('give the same in whatever order those come that have nothing to do with each other', () => {
    // Who gets which address depends on the order; none of these is about addresses.
    const independent = ['relabel', 'relabel-node', 'policy', 'service', 'mesh', 'namespace', 'felix-field'] as const
    const pairs = fc.shuffledSubarray([...independent], { minLength: 2, maxLength: 2 })
    fc.assert(
      fc.property(controlClusters(), pairs, fc.nat(1000), fc.nat(1000), fc.nat(3), (made, kinds, a, b, gap) => {
        const ends = [kinds, [...kinds].reverse()].map((order) => {
          const lab = open(made, { delays: 'calico', seed: a })
          const events = kinds.map((kind) => drawnEvents(lab.objects!, { kind, a, b, gap }, 0))
          for (const kind of order) {
            happen(lab, events[kinds.indexOf(kind)]!)
            lab.wait(gapAfter({ kind, a, b, gap }))
          }
          return plainNetwork(lab.quiet().network)
        })
        expect(ends[0]).toEqual(ends[1])
      }),
      { ...runs(4), endOnFailure: true },
    )
  }, 3_600_000)
})

/** Times between two packets of a probe, in milliseconds: with no common beat. */
const EVERY = [97, 211, 307, 401, 503] as const

function probed(lab: Lab): () => void {
  const { pods } = lab
  const ends = (at: number) => ({ from: pods[at % pods.length]!, to: pods[(at + 1) % pods.length]! })
  const watches = [
    lab.every(EVERY[0], { ping: ends(0) }),
    lab.every(EVERY[1], { ping: { ...ends(1), size: 3000 } }),
    lab.every(EVERY[2], { udp: { ...ends(0), port: 53 } }),
    lab.every(EVERY[3], { tcp: { ...ends(2), port: 81, hold: true } }),
    lab.every(EVERY[4], { tcp: { ...ends(1), port: 80 } }),
  ]
  return () => {
    for (const watch of watches) watch.stop()
  }
}

/** How often each packet ended, and what was recorded of it last. */
class Ends {
  readonly of = new Map<number, number>()
  private readonly last = new Map<number, Stamped<PacketEvent>>()

  /** Reads what was recorded, and makes room. */
  read({ recorder }: Lab): void {
    for (let i = 0; i < recorder!.length; i++) {
      const event = recorder!.eventAt(i)
      if (event.packet === 0) continue
      this.of.set(event.packet, (this.of.get(event.packet) ?? 0) + (event.kind === 'end' ? 1 : 0))
      this.last.set(event.packet, event)
    }
    recorder!.clear()
  }

  get areAllThere(): boolean {
    return [...this.of.values()].every((count) => count > 0)
  }

  /** Packets that did not end once, and where they were last. */
  get odd(): readonly string[] {
    return [...this.of].flatMap(([packet, count]) => {
      const { kind, netns, dev, time } = this.last.get(packet)!
      return count === 1
        ? []
        : [`packet ${packet} ended ${count} times, last ${kind} at ${netns}/${dev}, ${time / 1e9} s`]
    })
  }
}

describe('at every moment', () => {
  it('a packet ends once, delivered or dropped for a cause, whatever happens while it is on its way', () => {
    let packets = 0
    fc.assert(
      fc.property(controlClusters(), sequences(), fc.nat(1000), (made, draws, seed) => {
        const lab = open(made, { delays: 'calico', seed })
        const stop = probed(lab)
        const ends = new Ends()
        play(lab, draws, (seconds, turn) => {
          lab.wait(Math.min(4, seconds))
          // On, to some microseconds after a probe has sent: the next event befalls packets that are under way.
          const beat = EVERY[turn % EVERY.length]! * 1e6
          const { now } = lab.simulation.clock
          lab.wait(((Math.floor(now / beat) + 1) * beat + ((seed + 7 * turn) % 45) * 1000 - now) / 1e9)
          ends.read(lab)
        })
        stop()
        // Longest wait segments that TCP sends again, then those that wait for keys meanwhile.
        for (let minutes = 0; minutes < 60 && (minutes < 5 || !ends.areAllThere); minutes += 5) {
          lab.wait(300)
          ends.read(lab)
        }
        packets += ends.of.size
        expect(ends.odd).toEqual([])
      }),
      { ...runs(4), endOnFailure: true },
    )
    expect(packets).toBeGreaterThan(100 * runs(4).numRuns)
  }, 3_600_000)
})
