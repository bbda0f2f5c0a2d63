// Objects that are right by themselves and not together: each pair has its finding, by its stable name, and the same without
// the contradiction has none.
import { describe, expect, it } from 'vitest'
import { FINDING_SORTS, type FindingName } from '../../../src/control/contradictions/finding.ts'
import { contradictions } from '../../../src/control/index.ts'
import { BGP_ROWS } from './bgp-rows.ts'
import { IPAM_ROWS } from './ipam-rows.ts'
import { A, affinity, B, block, calico, node, type Object_, POOL, pod, pool, service } from './objects.ts'

const ROWS = [...IPAM_ROWS, ...BGP_ROWS]

const found = (objects: readonly Object_[]): FindingName[] => [
  ...new Set(contradictions(objects).map(({ name }) => name)),
]

describe('contradictions', () => {
  it.each(ROWS.map(([what, name, wrong, right = []]) => ({ what, name, wrong, right })))(
    '$what: $name',
    ({ name, wrong, right }) => {
      expect(found(wrong)).toContain(name)
      expect(found(right)).not.toContain(name)
    },
  )

  it('are all reached by a case', () => {
    expect(Object.keys(FINDING_SORTS).filter((name) => !ROWS.some(([, known]) => known === name))).toEqual([])
  })

  it('are none in a cluster that is right, whatever stands in its fields', () => {
    expect(
      contradictions([
        POOL,
        A,
        B,
        pod('x', '10.70.0.9'),
        service('10.96.0.10'),
        block('10.70.0.0/26', 'host:a'),
        affinity('a', '10.70.0.0/26'),
      ]),
    ).toEqual([])
    expect(
      contradictions([
        null,
        'x',
        { kind: 'IPPool', spec: 7 },
        { kind: 'Node', metadata: [] },
        { kind: 'Pod', status: { podIPs: 'x' } },
      ]),
    ).toEqual([])
  })

  it('name the objects, what is wrong and what to do', () => {
    expect(contradictions([POOL, pool('q', '10.70.4.0/24')])).toEqual([
      {
        name: 'pools-overlap',
        severity: 'error',
        objects: ['IPPool/p', 'IPPool/q'],
        message: '10.70.0.0/16 and 10.70.4.0/24 overlap',
        remedy: 'give each pool a range of its own',
      },
    ])
  })

  it('take time that grows with the objects', () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      node(`n${i}`, { IPv4Address: `10.9.${i >> 8}.${i & 255}/16` }, { zone: `z${i % 7}` }),
    )
    const peers = Array.from({ length: 5 }, (_, i) =>
      calico('BGPPeer', `p${i}`, { nodeSelector: `zone == 'z${i}'`, peerIP: '198.51.100.1' }),
    )
    expect(contradictions([...many, ...peers, pool('p', '10.64.0.0/12')])).toEqual([])
  })
})
