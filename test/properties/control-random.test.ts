// What holds in any cluster: the order in which objects arrive decides nothing, tables lead nowhere in circles, and who is
// connected by Calico's rules is connected by the packets.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildCluster,
  type Cluster,
  collectResources,
  type KnownResource,
  ownersOf,
  type Propagation,
  propagate,
  type WorkloadEndpoint,
  worldOfCluster,
} from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { contains, familyOf, hostPrefix, type Ip, type Prefix } from '../../src/wire/index.ts'
import { type ControlCluster, controlClusters } from './control-clusters.ts'
import { NextHops } from './next-hops.ts'
import { runs } from './run.ts'

/** An order by a number for each object, and some of them twice. */
function shuffled(objects: readonly KnownResource[], keys: readonly number[]): KnownResource[] {
  const keyOf = (i: number): number => (keys[i % keys.length]! * (i + 1) * 7919) % 104_729
  const twice = [...objects, ...objects.filter((_, i) => keyOf(i) % 3 === 0)]
  return twice
    .map((one, i) => [keyOf(i), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one)
}

/** Everything that was built and said, as text. */
function told({ network, findings }: Cluster): unknown {
  const { faults, warnings, notes } = findings
  return JSON.parse(JSON.stringify({ network, faults, warnings, notes }))
}

it('objects in another order, and some of them twice, make the same network and findings', () => {
  fc.assert(
    fc.property(controlClusters(), fc.array(fc.nat(100_000), { minLength: 30, maxLength: 30 }), (made, keys) => {
      const inOrder = buildCluster(collectResources(made.objects))
      expect(told(buildCluster(collectResources(shuffled(made.objects, keys))))).toEqual(told(inOrder))
    }),
    runs(16),
  )
})

/** Who learns what over BGP, by its fixed point. */
class Learnt {
  readonly #cluster: Cluster
  readonly #spread = new Map<Prefix, Propagation>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Whether a node's routes lead to a pod of another node: by its block, by its own address, or by way of who has its block. */
  knows(node: string, { node: home }: WorkloadEndpoint, address: Ip): boolean {
    const block = this.#cluster.ipam.blocks.find(({ cidr }) => contains(cidr, address))
    if (block?.affinity === home) return this.#has(node, block.cidr)
    const own = hostPrefix(address)
    const owner = block?.affinity
    return this.#has(node, own) || (owner !== undefined && this.#has(node, block!.cidr) && this.#has(owner, own))
  }

  #has(node: string, prefix: Prefix): boolean {
    return this.#of(prefix).best(node) !== undefined
  }

  #of(prefix: Prefix): Propagation {
    let known = this.#spread.get(prefix)
    if (known === undefined) {
      const world = worldOfCluster(this.#cluster, familyOf(prefix))
      if ('fault' in world) throw new Error(world.fault)
      known = propagate(world, ownersOf(this.#cluster, prefix))
      this.#spread.set(prefix, known)
    }
    return known
  }
}

/** A pod, and the address of it that is talked to. */
type End = readonly [pod: WorkloadEndpoint, address: Ip]

/** Whether Calico's rules lead from one pod to another: by a tunnel, by encryption, or by plain routes on one Ethernet. */
function isLed(made: ControlCluster, learnt: Learnt, [{ node }]: End, [to, address]: End): boolean {
  const family = familyOf(address)
  if (node === to.node || (family === 4 && made.wireguard)) return true
  const isPlain = family === 4 ? made.mode === 'none' : made.mode6 === 'none'
  const isIpip = family === 4 && made.mode.startsWith('ipip')
  const isBird = isPlain || (isIpip && Number(made.version.split('.')[1]) < 33)
  if (isBird && !(made.bird && learnt.knows(node, to, address))) return false
  return !isPlain || made.segmentOf.get(node) === made.segmentOf.get(to.node)
}

describe('pods of any two nodes', () => {
  it('are connected by the tables and by packets where Calico connects them', () => {
    const seen = { answered: 0, lost: 0, six: 0, named: 0 }
    fc.assert(
      fc.property(controlClusters(), (made) => {
        const lab = Lab.fromResources(collectResources(made.objects))
        const { network, workloadEndpoints } = lab.cluster!
        const learnt = new Learnt(lab.cluster!)
        // Routing tables tell owners apart, not their prefixes: where that matters, a finding says so.
        const isNamed = lab.cluster!.findings.notes.some(
          ({ code, effect }) => (code === 'bgp_filter' || code === 'bgp_field') && effect !== 'harmless',
        )
        const tables = { 4: new NextHops(network), 6: new NextHops(network, 'inet6') }
        for (const from of workloadEndpoints) {
          for (const to of workloadEndpoints) {
            if (from === to) continue
            for (const address of to.addresses) {
              const family = familyOf(address)
              const source = from.addresses.find((own) => familyOf(own) === family)
              if (source === undefined) continue
              const [near, far]: [End, End] = [
                [from, source],
                [to, address],
              ]
              const isWanted = isLed(made, learnt, near, far) && isLed(made, learnt, far, near)
              const what = `${made.version} ${made.mode} ${made.mode6} ${from.netns} → ${address} of ${to.node}`
              if (!made.wireguard || family === 6) {
                const way = tables[family].walk(from.netns, address)
                expect(new Set(way).size, `${what}: ${way.join(' → ')}`).toBe(way.length)
                const arrives = tables[family].arrives(from.netns, address) && tables[family].arrives(to.netns, source)
                if (!isNamed) expect(arrives, `tables: ${what}: ${way.join(' → ')}`).toBe(isWanted)
              }
              if (isNamed) {
                seen.named++
                continue
              }
              const { trace, diagnosis } = lab.ping(from.netns, address)
              const { disposition } = trace
              expect(disposition.kind === 'answered', `packets: ${what}: ${JSON.stringify(disposition)}`).toBe(isWanted)
              if (isWanted) expect(disposition).toMatchObject({ by: to.netns })
              else
                expect(
                  diagnosis.map(({ code }) => code),
                  what,
                ).not.toEqual([])
              if (isWanted) seen.answered++
              else seen.lost++
              if (family === 6) seen.six++
            }
          }
        }
      }),
      { ...runs(16), endOnFailure: true },
    )
    expect(seen.answered).toBeGreaterThan(160)
    expect(seen.lost).toBeGreaterThan(4)
    expect(seen.named).toBeLessThan(seen.answered / 4)
    expect(seen.six).toBeGreaterThan(40)
  })
})
