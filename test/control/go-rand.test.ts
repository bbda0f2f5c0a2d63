import { describe, expect, test } from 'vitest'
import { firstBlockIndex, fnv1 } from '../../src/control/ipam/block-index.ts'
import { GoRandSource } from '../../src/control/ipam/go-rand.ts'
import { RAND_CONSTANTS } from '../../src/control/ipam/rand-constants.ts'

describe('Go’s seeded source (ipam.md §4)', () => {
  test.each([
    [0, -4181792142133755926n],
    [1, -4576982950128230565n],
    [606, 4152330101494654406n],
  ])('constant %i', (i, want) => {
    expect(BigInt.asIntN(64, BigInt(`0x${RAND_CONSTANTS.slice(i * 16, i * 16 + 16)}`))).toBe(want)
  })

  test.each([
    [1, [5577006791947779410n, 8674665223082153551n], [2854263694, 1879968118]],
    [42, [12663951391086054483n, 9832119173398632219n], [2594563336, 896869500]],
  ])('seed %i', (seed, words, cut) => {
    const source = new GoRandSource(seed)
    expect([source.uint64(), source.uint64()]).toEqual(words)
    expect([source.uint32(), source.uint32()]).toEqual(cut)
  })

  test.each([
    ['node1', [3217423002, 3224389328, 3819509332, 696161099, 1694108487, 214313345]],
    ['kind-worker', [2275803786, 3244406033, 2546983509, 2587518994, 3663089275, 1624104719]],
    ['a', [3298005286, 4094072845, 362059691, 874973144, 3563801065, 2064350320]],
  ])('seeded with the name %s', (name, want) => {
    const source = new GoRandSource(fnv1(name))
    expect(want.map(() => source.uint32())).toEqual(want)
  })

  test('a long run uses words it has written itself: equal to the plain recurrence', () => {
    const source = new GoRandSource(7)
    const out: bigint[] = []
    for (let n = 0; n < 2000; n++) out.push(source.uint64())
    for (let n = 607; n < 2000; n++) expect(out[n]).toBe(BigInt.asUintN(64, out[n - 607]! + out[n - 273]!))
  })

  test('seed 0 and 2^31-1 are the same and not degenerate', () => {
    expect(new GoRandSource(0).uint64()).toBe(new GoRandSource(2 ** 31 - 1).uint64())
  })
})

/** facts/ipam.md §3: host, seed, then index among 1024, 64, 4 and 256 blocks. */
const HOSTS: [string, number | undefined, number, (number | undefined)?, (number | undefined)?, number?][] = [
  ['node1', 3957252814, 666, 26, 2, 154],
  ['node2', 3957252813, 416, 32, 0, 44],
  ['node3', 3957252812, 540, 28, 2, 28],
  ['master', 4056684167, 877, 6, 0, 134],
  ['worker1', 1927789516, 942, 46, 1, 166],
  ['worker2', 1927789519, 757, 39, 1, 244],
  ['kind-control-plane', 2016776422, 328, 14, 0, 232],
  ['kind-worker', 801257890, 650, 10, 2, 138],
  ['kind-worker2', 3502291508, 442, 31, 0, 104],
  ['kind-worker3', undefined, 783],
  ['k8s-master', 3076233826, 943, 47, 3, 237],
  ['k8s-node1', 676203741, 145, 17, 1, 113],
  ['k8s-node2', 676203742, 678, 12, 3, 12],
  ['minikube', 2218975071, 481, 2, 1, 156],
  ['minikube-m02', undefined, 823],
  ['minikube-m03', undefined, 604],
  ['ip-10-0-1-10', 1778607497, 778, 10, 2, 125],
  ['load-balancer', 4270604816, Number.NaN, undefined, 2],
]

describe('where a host begins its walk (ipam.md §3)', () => {
  test.each(HOSTS)('%s', (host, seed, in1024, in64, in4, in256) => {
    if (seed !== undefined) expect(fnv1(host)).toBe(seed)
    const wanted: [bigint, number | undefined][] = [
      [1024n, Number.isNaN(in1024) ? undefined : in1024],
      [64n, in64],
      [4n, in4],
      [256n, in256],
    ]
    for (const [blocks, want] of wanted) {
      if (want !== undefined) expect(firstBlockIndex(host, blocks)).toBe(BigInt(want))
    }
  })

  test.each([
    ['node1', 16384n, 5716n],
    ['node2', 16384n, 5164n],
    ['node3', 16384n, 10780n],
    ['kind-worker', 16384n, 650n],
    ['kind-worker2', 16384n, 15464n],
    ['node1', 4096n, 2887n],
    ['node2', 4096n, 1621n],
    ['node3', 4096n, 2588n],
    ['node1', 1n << 58n, 0x0c11_b42f_f17e_a680n >> 6n],
    ['node2', 1n << 58n, 0xd460_b250_0045_0b00n >> 6n],
    ['node3', 1n << 58n, 0x7bf3_bb28_910a_8700n >> 6n],
  ])('%s among %i blocks', (host, blocks, want) => {
    expect(firstBlockIndex(host, blocks)).toBe(want)
  })

  test('one block: index 0', () => expect(firstBlockIndex('node1', 1n)).toBe(0n))
})
