// People count seeds 1, 2, 3: what is drawn first from neighbouring seeds has nothing in common all the same.
import { describe, expect, it } from 'vitest'
import { Simulation } from '../../src/dataplane/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { networkOf } from '../../src/model/index.ts'

const SEEDS = 4096

/** Draw `i` of each seed from 0, as a uint32. */
function draws(i: number): number[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const simulation = new Simulation(networkOf([]), { seed })
    for (let n = 0; n < i; n++) simulation.random()
    return simulation.random() >>> 0
  })
}

const bitsOf = (word: number): number => {
  let bits = 0
  for (let rest = word >>> 0; rest !== 0; rest &= rest - 1) bits++
  return bits
}

describe.each([0, 1, 2, 7])('draw %i of 4,096 neighbouring seeds', (i) => {
  const all = draws(i)

  it('has half of its bits different from seed to seed', () => {
    const turned = all.slice(1).map((word, at) => bitsOf(word ^ (all[at] as number)))
    const mean = turned.reduce((sum, n) => sum + n, 0) / turned.length
    // Binomial(32, 1/2): standard error of the mean 0.044; no pair has fewer than four bits turned but once in 100,000.
    expect(Math.abs(mean - 16)).toBeLessThan(0.25)
    expect(Math.min(...turned)).toBeGreaterThanOrEqual(2)
  })

  it('turns every bit half of the time', () => {
    for (let bit = 0; bit < 32; bit++) {
      const turned = all.slice(1).filter((word, at) => (((word ^ (all[at] as number)) >>> bit) & 1) === 1).length
      expect(Math.abs(turned / (SEEDS - 1) - 0.5)).toBeLessThan(0.05)
    }
  })

  it('fills 64 buckets evenly', () => {
    const counts = new Array<number>(64).fill(0)
    for (const word of all) counts[word >>> 26]!++
    const expected = SEEDS / 64
    const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // 63 degrees of freedom: beyond these bounds once in 100,000.
    expect(chiSquare).toBeGreaterThan(20)
    expect(chiSquare).toBeLessThan(128)
  })

  it('is nobody else’s', () => {
    expect(new Set(all).size).toBeGreaterThan(SEEDS - 10)
  })
})

describe('a cluster', () => {
  const OBJECTS = `
apiVersion: crd.projectcalico.org/v1
kind: IPPool
metadata: {name: p}
spec: {cidr: 10.8.0.0/16}
---
apiVersion: v1
kind: Node
metadata: {name: w1, annotations: {projectcalico.org/IPv4Address: 172.20.0.1/24}}
---
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {nodeName: w1}
`
  const macOf = (seed: number): string | null | undefined =>
    Lab.load(OBJECTS, { seed }).network.namespaces['default/a']?.interfaces['eth0']?.mac

  it('has other MAC addresses under each seed, and the same under the same', () => {
    const macs = Array.from({ length: 200 }, (_, seed) => macOf(seed) ?? '')
    expect(new Set(macs).size).toBe(200)
    expect(macs.filter((mac) => (Number.parseInt(mac.slice(0, 2), 16) & 3) !== 2)).toEqual([])
    expect(macOf(7)).toBe(macs[7])
    // In neighbours at least two of the six bytes differ.
    const alike = macs
      .slice(1)
      .filter((mac, i) => mac.split(':').filter((byte, at) => byte !== macs[i]?.split(':')[at]).length < 2)
    expect(alike).toEqual([])
  })
})
