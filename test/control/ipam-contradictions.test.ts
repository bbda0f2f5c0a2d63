// What real datastores hold against each other: the routes each node has, and what is said of it. Felix goes by blocks and
// allocations, BIRD by affinities and the kernel's routes (facts/felix-routes.md §4, facts/bgp.md §4).
import { describe, expect, test } from 'vitest'
import type { KnownResource } from '../../src/control/index.ts'
import { Lab } from '../../src/index.ts'
import { routeLine } from '../../src/linux/index.ts'
import { describeIssue, routesOf, validate } from '../../src/model/index.ts'
import { build, node, object, pod, pool } from './cluster-objects.ts'

const CIDR = '10.0.0.64/26'

interface BlockParts {
  readonly cidr?: string
  /** Slot → who holds it. */
  readonly held?: Readonly<Record<number, Readonly<Record<string, string>>>>
  readonly deleted?: boolean
}

function block(affinity: string | null, { cidr = CIDR, held = {}, deleted }: BlockParts = {}): KnownResource {
  const size = 2 ** (32 - Number(cidr.split('/')[1]))
  const slots = Object.keys(held).map(Number)
  return object('IPAMBlock', cidr.replace(/[./]/g, '-'), {
    cidr,
    affinity: affinity === null ? null : `host:${affinity}`,
    allocations: Array.from({ length: size }, (_, slot) => (slots.includes(slot) ? slots.indexOf(slot) : null)),
    unallocated: Array.from({ length: size }, (_, slot) => slot).filter((slot) => !slots.includes(slot)),
    attributes: slots.map((slot) => ({ handle_id: `h${slot}`, secondary: held[slot] })),
    ...(deleted === undefined ? {} : { deleted }),
  })
}

function affinity(name: string, spec: object = {}): KnownResource {
  const cidr = (spec as { cidr?: string }).cidr ?? CIDR
  return object('BlockAffinity', `${name}-${cidr.replace(/[./]/g, '-')}`, {
    cidr,
    node: name,
    state: 'confirmed',
    deleted: 'false',
    ...spec,
  })
}

const NODES = ['a', 'b', 'c'].map((name, i) => node(name, `10.9.0.${i + 1}/24`))
const holder = (name: string, on: string) => ({ namespace: 'default', pod: name, node: on })

type Mode = 'plain' | 'ipip' | 'vxlan'
const POOLS: Readonly<Record<Mode, object>> = {
  plain: {},
  ipip: { ipipMode: 'Always' },
  vxlan: { vxlanMode: 'Always' },
}

interface Case {
  readonly name: string
  readonly objects: readonly KnownResource[]
  readonly mode?: Mode
  readonly pool?: object
  /** Routes into the pool by node, host routes of tunnels left out. */
  readonly routes: Readonly<Record<string, readonly string[]>>
  /** A piece of each warning. */
  readonly warnings: readonly string[]
}

const VIA_A = `${CIDR} via 10.9.0.1 dev eth0 proto bird`
const OWN = `blackhole ${CIDR} proto bird`

const CASES: readonly Case[] = [
  {
    name: 'one affinity, as the block says',
    objects: [block('a'), affinity('a')],
    routes: { a: [OWN], b: [VIA_A], c: [VIA_A] },
    warnings: [],
  },
  {
    name: 'a block without any affinity in the input: its owner announces it',
    objects: [block('a')],
    routes: { a: [OWN], b: [VIA_A], c: [VIA_A] },
    warnings: [],
  },
  {
    name: 'two affinities: both announce it, the others spread over both, each drops what is not its own',
    objects: [block('a'), affinity('a'), affinity('b')],
    routes: {
      a: [OWN],
      b: [OWN],
      c: [`${CIDR} proto bird nexthop via 10.9.0.1 dev eth0 weight 1 nexthop via 10.9.0.2 dev eth0 weight 1`],
    },
    warnings: [
      'expected the node that IPAMBlock/10-0-0-64-26 names as its affinity, a; each of a and b announces 10.0.0.64/26',
    ],
  },
  {
    name: 'two affinities, IPIP: by both tunnels',
    mode: 'ipip',
    objects: [block('a'), affinity('a'), affinity('b')],
    routes: {
      c: [
        `${CIDR} proto bird nexthop via 10.9.0.1 dev tunl0 weight 1 onlink nexthop via 10.9.0.2 dev tunl0 weight 1 onlink`,
      ],
    },
    warnings: ['each of a and b announces'],
  },
  {
    name: 'two affinities, VXLAN: Felix goes by the block',
    mode: 'vxlan',
    objects: [block('a'), affinity('a'), affinity('b')],
    routes: { a: [`blackhole ${CIDR} proto 80`], b: [`${CIDR} via 10.0.0.64 dev vxlan.calico onlink`] },
    warnings: ['each of a and b announces'],
  },
  {
    name: 'two affinities and no block',
    objects: [affinity('a'), affinity('b')],
    routes: { a: [OWN], b: [OWN] },
    warnings: ['expected the only node with an affinity for 10.0.0.64/26, which a has'],
  },
  {
    name: 'three affinities: three next hops would be at a fourth node, none at them',
    objects: [block('a'), affinity('a'), affinity('b'), affinity('c')],
    routes: { a: [OWN], b: [OWN], c: [OWN] },
    warnings: ['b, for 10.0.0.64/26', 'c, for 10.0.0.64/26'],
  },
  {
    name: 'the second affinity is pending: it announces nothing',
    objects: [block('a'), affinity('a'), affinity('b', { state: 'pending' })],
    routes: { a: [OWN], b: [VIA_A], c: [VIA_A] },
    warnings: ['expected the node that IPAMBlock/10-0-0-64-26 names as its affinity, a, received b'],
  },
  {
    name: 'the second affinity is marked as deleted: it is none',
    objects: [block('a'), affinity('a'), affinity('b', { deleted: 'true' })],
    routes: { a: [OWN], b: [VIA_A], c: [VIA_A] },
    warnings: [],
  },
  {
    name: 'the affinity is another node’s than the block’s: that one announces, the owner’s pods are routes of their own',
    objects: [block('a', { held: { 1: holder('x', 'a') } }), affinity('b'), pod('x', 'a', { ip: '10.0.0.65' })],
    routes: {
      a: ['10.0.0.65 dev cali… scope link', `${CIDR} via 10.9.0.2 dev eth0 proto bird`],
      b: [OWN, '10.0.0.65 via 10.9.0.1 dev eth0 proto bird'],
      c: [`${CIDR} via 10.9.0.2 dev eth0 proto bird`, '10.0.0.65 via 10.9.0.1 dev eth0 proto bird'],
    },
    warnings: ['names as its affinity, a; each of b announces'],
  },
  {
    name: 'a block whose owner lost the affinity: nobody announces it, each pod is a route of its own',
    objects: [
      block('a', { held: { 1: holder('x', 'a') } }),
      affinity('c', { cidr: '10.0.1.0/26' }),
      block('c', { cidr: '10.0.1.0/26' }),
      pod('x', 'a', { ip: '10.0.0.65' }),
    ],
    routes: { b: ['10.0.0.65 via 10.9.0.1 dev eth0 proto bird', '10.0.1.0/26 via 10.9.0.3 dev eth0 proto bird'] },
    warnings: ['expected a BlockAffinity of a for 10.0.0.64/26; without one BIRD of a does not announce it'],
  },
  {
    name: 'a block without owner: each address is a route of its own',
    objects: [block(null, { held: { 1: holder('x', 'a'), 2: holder('y', 'b') } }), pod('x', 'a'), pod('y', 'b')],
    routes: {
      c: ['10.0.0.65 via 10.9.0.1 dev eth0 proto bird', '10.0.0.66 via 10.9.0.2 dev eth0 proto bird'],
    },
    warnings: [
      'expected a node as owner of 10.0.0.64/26; without one each of its addresses is a route of its own, received none, with 2 addresses',
    ],
  },
  {
    name: 'a block that is marked as deleted counts as gone',
    objects: [block('a', { deleted: true })],
    routes: { a: [], b: [], c: [] },
    warnings: ['false: a block that is marked as deleted counts as gone'],
  },
  {
    name: 'an address held by another node than the owner: a route of its own, also at the owner',
    objects: [block('a', { held: { 3: holder('x', 'b') } }), affinity('a'), pod('x', 'b')],
    routes: {
      a: [OWN, '10.0.0.67 via 10.9.0.2 dev eth0 proto bird'],
      c: [VIA_A, '10.0.0.67 via 10.9.0.2 dev eth0 proto bird'],
    },
    warnings: [],
  },
  {
    name: 'VXLAN: an address lent to another node by the block alone, its pod is not in the input',
    mode: 'vxlan',
    objects: [block('a', { held: { 9: holder('gone', 'b') } }), affinity('a')],
    routes: {
      c: ['10.0.0.73 via 10.0.78.64 dev vxlan.calico onlink', `${CIDR} via 10.0.0.64 dev vxlan.calico onlink`],
    },
    warnings: [],
  },
  {
    name: 'a /26 of old inside a /25: the longer one decides',
    pool: { blockSize: 25 },
    objects: [
      block('a', { cidr: '10.0.0.0/25' }),
      block('b', { cidr: '10.0.0.0/26' }),
      affinity('a', { cidr: '10.0.0.0/25' }),
      affinity('b', { cidr: '10.0.0.0/26' }),
    ],
    routes: {
      a: ['blackhole 10.0.0.0/25 proto bird', '10.0.0.0/26 via 10.9.0.2 dev eth0 proto bird'],
      b: ['10.0.0.0/25 via 10.9.0.1 dev eth0 proto bird', 'blackhole 10.0.0.0/26 proto bird'],
      c: ['10.0.0.0/25 via 10.9.0.1 dev eth0 proto bird', '10.0.0.0/26 via 10.9.0.2 dev eth0 proto bird'],
    },
    warnings: [
      'a block of /25, which is the blockSize of IPPool/p',
      'a range apart from IPAMBlock/10-0-0-0-25 (10.0.0.0/25)',
    ],
  },
  {
    name: 'the other way round in the input: the same',
    pool: { blockSize: 25 },
    objects: [block('b', { cidr: '10.0.0.0/26' }), block('a', { cidr: '10.0.0.0/25' })],
    routes: { c: ['10.0.0.0/25 via 10.9.0.1 dev eth0 proto bird', '10.0.0.0/26 via 10.9.0.2 dev eth0 proto bird'] },
    warnings: ['a block of /25', 'a range apart from IPAMBlock/10-0-0-0-26'],
  },
  {
    name: 'blocks of another size than the pool’s stay; new ones have the pool’s, and lie elsewhere',
    pool: { blockSize: 28, cidr: '10.0.0.0/25' },
    objects: [block('a'), pod('x', 'b')],
    routes: { c: [VIA_A, '10.0.0.48/28 via 10.9.0.2 dev eth0 proto bird'] },
    warnings: ['a block of /28, which is the blockSize of IPPool/p'],
  },
  {
    name: 'an affinity of a block that is not there beside blocks that are',
    objects: [block('a'), affinity('a'), affinity('b', { cidr: '10.0.0.128/26' })],
    routes: { c: [VIA_A, '10.0.0.128/26 via 10.9.0.2 dev eth0 proto bird'] },
    warnings: ['expected an IPAMBlock of 10.0.0.128/26'],
  },
]

describe('contradictions of a datastore', () => {
  test.each(CASES)('$name', ({ objects, mode = 'plain', pool: spec = {}, routes, warnings }) => {
    const { cidr = '10.0.0.0/16', ...rest } = spec as { cidr?: string }
    const cluster = build([...NODES, pool('p', cidr, { ...POOLS[mode], ...rest }), ...objects])
    expect(cluster.findings.faults).toEqual([])
    const said = cluster.findings.warnings.map(describeIssue)
    expect(said).toHaveLength(warnings.length)
    for (const warning of warnings) expect(said).toContainEqual(expect.stringContaining(warning))
    for (const [name, want] of Object.entries(routes)) {
      const ns = cluster.network.namespaces[name]!
      const found = routesOf(cluster.network, ns)
        .filter(({ dst, table }) => table === 'main' && /^10\.0\.[01]\./.test(dst))
        .map((route) =>
          routeLine(route)
            .trim()
            .replace(/dev cali\w+/, 'dev cali…'),
        )
      expect(new Set(found), name).toEqual(new Set(want))
    }
    expect(validate(cluster.network)).toEqual([])
  })
})

describe('a tunnel address outside of every pool', () => {
  test('is given back, and said', () => {
    const annotations = { 'projectcalico.org/IPv4IPIPTunnelAddr': '10.77.0.1' }
    const cluster = build([node('a', '10.9.0.1/24', { annotations }), pool('p', '10.0.0.0/16', POOLS.ipip)])
    expect(cluster.ipam.tunnels.get('a')?.ipip).toMatch(/^10\.0\./)
    expect(cluster.findings.warnings.map(describeIssue)).toEqual([
      expect.stringContaining(
        'an address of IPPool p; calico-node gives this one back and takes another, received 10.77.0.1',
      ),
    ])
  })
})

describe('what hangs on time or chance is undecided', () => {
  const yaml = (objects: readonly KnownResource[]): string => objects.map((one) => JSON.stringify(one)).join('\n---\n')
  const lab = (objects: readonly KnownResource[]) => Lab.load(yaml([...NODES, pool('p', '10.0.0.0/16'), ...objects]))
  const contested = lab([
    block('a', { held: { 1: holder('x', 'a') } }),
    affinity('a'),
    affinity('b'),
    pod('x', 'a'),
    pod('here', 'a'),
    pod('there', 'c'),
  ])

  test.each([
    ['from a node that spreads', 'default/there', 'default/x', 'undecided'],
    ['the way back is spread', 'default/x', 'default/there', 'undecided'],
    ['between pods of the owner', 'default/here', 'default/x', 'certain'],
    ['from the rival, which drops it', 'node/b', 'default/x', 'certain'],
    ['between nodes', 'node/a', 'node/c', 'certain'],
  ])('two affinities: %s', (_, from, to, certainty) => {
    const { trace } = contested.ping(from, to)
    expect([trace.certainty, trace.notes.some(({ code }) => code === 'block_contested')]).toEqual([
      certainty,
      certainty === 'undecided',
    ])
  })

  const known = [block('a', { held: { 1: holder('x', 'a') } }), pod('x', 'a', { ip: '10.0.0.65' }), pod('z', 'c')]

  test.each<
    [name: string, objects: readonly KnownResource[], flows: Readonly<Record<string, boolean>>, said: string[]]
  >([
    [
      'an address in no block of the input',
      [...known, pod('y', 'b', { ip: '10.0.9.7' }), pod('beside', 'b', { ip: '10.0.9.8' })],
      {
        'default/z>default/y': true,
        'default/y>default/z': true,
        'default/y>node/a': true,
        'default/y>default/beside': false,
        'node/b>default/y': false,
        'default/z>default/x': false,
        'node/a>node/b': false,
      },
      ['an address of one of the blocks of the input, received 10.0.9.7 (and 1 more pod beside it)'],
    ],
    [
      'an address in no block, where affinities alone are given',
      [affinity('a'), pod('x', 'a', { ip: '10.0.0.65' }), pod('z', 'c'), pod('y', 'b', { ip: '10.0.9.7' })],
      { 'default/z>default/y': true, 'default/z>default/x': false },
      ['an address of one of the blocks of the input, received 10.0.9.7'],
    ],
    [
      'an address that another node’s block has given to nobody',
      [...known, pod('y', 'b', { ip: '10.0.0.70' })],
      { 'default/z>default/y': true, 'default/y>default/z': true, 'default/z>default/x': false },
      ['an address that 10.0.0.64/26, a’s block, has given to Pod/default/y, received 10.0.0.70, which is free there'],
    ],
    [
      'an address that another node’s block has lent',
      [
        block('a', { held: { 1: holder('x', 'a'), 6: holder('y', 'b') } }),
        pod('x', 'a', { ip: '10.0.0.65' }),
        pod('y', 'b', { ip: '10.0.0.70' }),
        pod('z', 'c'),
      ],
      { 'default/z>default/y': false, 'default/z>default/x': false },
      [],
    ],
    [
      'no blocks at all: they follow from the pods',
      [pod('x', 'a', { ip: '10.0.0.65' }), pod('y', 'b', { ip: '10.0.9.7' }), pod('z', 'c')],
      { 'default/z>default/y': false, 'default/z>default/x': false },
      [],
    ],
  ])('%s', (_name, objects, flows, said) => {
    const net = lab(objects)
    for (const [flow, open] of Object.entries(flows)) {
      const [from = '', to = ''] = flow.split('>')
      const { trace } = net.ping(from, to)
      expect([flow, trace.notes.some(({ code }) => code === 'block_unknown')]).toEqual([flow, open])
      if (open) expect(trace.certainty).toBe('undecided')
    }
    const warnings = net.notes.filter((line) => line.startsWith('warning: '))
    expect(warnings).toHaveLength(said.length)
    for (const part of said) expect(warnings).toContainEqual(expect.stringContaining(part))
  })

  test('a tunnel’s address in no block of the input', () => {
    const [, ...rest] = NODES
    const annotations = { 'projectcalico.org/IPv4IPIPTunnelAddr': '10.0.9.1' }
    const net = Lab.load(
      yaml([
        node('a', '10.9.0.1/24', { annotations }),
        ...rest,
        pool('p', '10.0.0.0/16', POOLS.ipip),
        block('b', { held: { 1: holder('x', 'b') } }),
        pod('x', 'b', { ip: '10.0.0.65' }),
      ]),
    )
    const { trace } = net.ping('node/a', 'default/x')
    expect([trace.certainty, trace.notes.map(({ code, object }) => `${code} ${object}`)]).toEqual([
      'undecided',
      ['block_unknown Node/a'],
    ])
  })

  test.each([
    ['on two nodes', 'b'],
    ['on one node', 'a'],
  ])('two pods with one address %s', (_, second) => {
    const twice = lab([pod('x', 'a', { ip: '10.0.0.65' }), pod('y', second, { ip: '10.0.0.65' }), pod('z', 'c')])
    expect(twice.ping('default/z', 'default/x').trace.notes.map(({ code }) => code)).toContain('address_twice')
    expect(twice.ping('default/y', 'default/z').trace.certainty).toBe('undecided')
    expect(twice.ping('default/z', 'node/a').trace.certainty).not.toBe('undecided')
  })
})
