// Pods that the objects give no address keep theirs from one side to the other, whatever comes before them in the file. FC_RUNS=40 found
// nothing.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { reviewOf } from '../../src/review/index.ts'
import { mirrored } from './review-lines.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}}, status: {addresses: [{type: InternalIP, address: ${address}}]}}`
const pod = (name: string, more = ''): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: default}, spec: {nodeName: ${name < 'm' ? 'n1' : 'n2'}, containers: [{name: c, image: i}]}${more}}`
const HEAD = [
  node('n1', '10.0.1.1'),
  node('n2', '10.0.1.2'),
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: p}, spec: {cidr: 192.168.0.0/16, ipipMode: Always}}',
]
const cluster = (names: readonly string[]): Lab =>
  Lab.load([...HEAD, ...names.map((name) => pod(name))].join('\n---\n'))

describe('a pod that comes first in the file', () => {
  it('moves no address of those behind it, and is told', () => {
    const { objects, state, notes } = reviewOf(cluster(['c', 'd', 'z']), cluster(['a', 'c', 'd', 'z']), {
      reach: false,
    })
    expect(objects.map(({ op, object }) => `${op} ${object}`)).toEqual(['added Pod/default/a'])
    expect(state.filter(({ thing, op }) => thing === 'address' && op !== 'added')).toEqual([])
    expect(notes).toEqual([
      '2 pods of both clusters have no address in the objects: here it is the same in both, as if pods of one only had come later',
    ])
  })

  it('is told nothing of where addresses are in the objects', () => {
    const given = (name: string, ip: string): string => pod(name, `, status: {podIP: ${ip}}`)
    const [was, now] = [[given('c', '192.168.0.1')], [pod('a'), given('c', '192.168.0.1')]].map((pods) =>
      Lab.load([...HEAD, ...pods].join('\n---\n')),
    )
    expect(reviewOf(was!, now!, { reach: false }).notes).toEqual([])
  })
})

describe('pods that come, go and change places', () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'x', 'y', 'z']
  const some = fc.shuffledSubarray(NAMES)
  it('leave the addresses of all others as they are, and the same the other way round', () => {
    fc.assert(
      fc.property(some, some, (was, now) => {
        const [a, b] = [cluster(was), cluster(now)]
        const review = reviewOf(a, b, { reach: false })
        const both = new Set(was.filter((name) => now.includes(name)).map((name) => `default/${name}`))
        const moved = review.state.filter(({ thing, on }) => thing === 'address' && on.some((name) => both.has(name)))
        expect(moved).toEqual([])
        expect(mirrored(reviewOf(b, a, { reach: false }))).toEqual(review)
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 12) },
    )
  })
})
