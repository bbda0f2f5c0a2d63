import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../../src/control/index.ts'
import { SECOND } from '../../../src/dataplane/index.ts'
import { keptIn } from '../../../src/model/index.ts'
import { faultsOfBgp, isFrozen, statusOfBgp } from '../../../src/timeline/bgp/bgp-answers.ts'
import { type BgpEvent, befallen, bgpAt, bgpAtRest, nextOfBgp } from '../../../src/timeline/bgp/bgp-events.ts'
import type { BgpState } from '../../../src/timeline/bgp/bgp-state.ts'
import { BIRD_TIMERS, NO_TIMERS } from '../../../src/timeline/bgp/timers.ts'
import { build, node, object, pod, pool, routesMatching } from '../../control/cluster-objects.ts'

// As text 10.0.0.10 is smaller than 10.0.0.9: node1 dials both, node3 dials node2.
const NODES = [node('node1', '10.0.0.9/24'), node('node2', '10.0.0.10/24'), node('node3', '10.0.0.11/24')]
const PODS = [pod('a', 'node1'), pod('b', 'node2'), pod('c', 'node3')]
const POOL = pool('p', '192.168.0.0/16')
const OBJECTS = [...NODES, POOL, ...PODS]
const CLUSTER = build(OBJECTS)

const bird = (name: string, action: 'start' | 'stop' | 'kill'): BgpEvent => ({ kind: 'bird', node: name, action })
const machine = (name: string, action: 'on' | 'off'): BgpEvent => ({ kind: 'machine', node: name, action })
const way = (a: string, b: string, words: string | null): BgpEvent => ({ kind: 'way', a, b, words })
const configured = ({ bgp, nodes }: Cluster, at?: readonly string[]): BgpEvent => ({
  kind: 'configured',
  plan: bgp,
  nodes,
  ...(at === undefined ? {} : { at }),
})

/** The state after events at seconds. */
function stateAt(events: readonly (readonly [number, BgpEvent])[], at: number, cluster = CLUSTER, seed = 1): BgpState {
  let state = bgpAtRest(cluster.bgp, cluster.nodes, { timers: BIRD_TIMERS, seed }, 0, cluster.bgpFaults)
  for (const [time, event] of events) if (time <= at) state = befallen(state, [event], time * SECOND)
  return bgpAt(state, at * SECOND)
}

/** Whose routes a node has, as its kernel would have them; `=` in front where BIRD leaves it alone. */
function has(state: BgpState, name: string, objects = OBJECTS): string {
  if (isFrozen(state, name, 4)) return '='
  const bgpSessions = faultsOfBgp(state)
  return keptIn(
    keptIn(answers, objects, () => new Map()),
    `${name} ${JSON.stringify(bgpSessions)}`,
    () => {
      const cluster = build(objects, 'v3.30.0', { bgpSessions })
      const owners = new Map(cluster.ipam.blocks.map((block) => [block.cidr as string, block.affinity!]))
      return routesMatching(cluster, name, /via.*proto bird/)
        .map((line) => owners.get(line.split(' ')[0]!)!)
        .sort()
        .join(' ')
    },
  )
}

const answers = new Map<readonly object[], Map<string, string>>()

const said = (state: BgpState, name: string): readonly string[] | undefined =>
  statusOfBgp(state, name, 4)?.map(({ peer, info }) => `${peer}: ${info}`)

/** When something of the answer changes between two seconds, and to what. */
function over(
  events: readonly (readonly [number, BgpEvent])[],
  until: number,
  tell: (state: BgpState) => string,
): string[] {
  const list: string[] = []
  for (let at = 0; at <= until; at++) {
    const now = tell(stateAt(events, at + 0.5))
    if (list.at(-1)?.split(': ')[1] !== now) list.push(`${at}: ${now}`)
  }
  return list
}

describe('BIRD of a node ends', () => {
  test('nothing befalls anybody: everything is up, and nothing is to come', () => {
    const state = stateAt([], 1000)
    expect(faultsOfBgp(state)).toEqual([])
    expect(nextOfBgp(state)).toBeUndefined()
    expect(said(state, 'node1')).toEqual(['node2: Established', 'node3: Established'])
  })

  test('told to stop, it tells its peers, who withdraw its routes at once; its own kernel keeps what it has', () => {
    const state = stateAt([[10, bird('node2', 'stop')]], 11)
    expect([has(state, 'node1'), has(state, 'node2'), has(state, 'node3')]).toEqual(['node3', '=', 'node1'])
    expect(statusOfBgp(state, 'node2', 4)).toBeNull()
    expect(said(state, 'node1')).toEqual(['node2: Active Socket: Connection refused', 'node3: Established'])
  })

  test('killed, it ends its connections: peers keep its routes for 120 s', () => {
    expect(over([[10, bird('node2', 'kill')]], 200, (state) => has(state, 'node1'))).toEqual([
      '0: node2 node3',
      '130: node3',
    ])
  })

  test('a peer that only waits says what it met last', () => {
    // node2 is dialled by node3.
    expect(said(stateAt([[10, bird('node3', 'kill')]], 11), 'node2')).toEqual([
      'node1: Established',
      'node3: Passive Socket: Connection closed',
    ])
    expect(said(stateAt([[10, bird('node3', 'stop')]], 11), 'node2')?.[1]).toBe(
      'node3: Passive Received: Administrative shutdown',
    )
  })

  test('killed and back within 120 s: nobody’s routes change, and BIRD looks at its kernel again once it knows all', () => {
    const events = [
      [10, bird('node2', 'kill')],
      [40, bird('node2', 'start')],
    ] as const
    expect(over(events, 200, (state) => has(state, 'node1'))).toEqual(['0: node2 node3'])
    const own = over(events, 200, (state) => has(state, 'node2'))
    expect(own.map((one) => one.split(': ')[1])).toEqual(['node1 node3', '=', 'node1 node3'])
    expect(Number(own[2]!.split(':')[0])).toBeLessThan(46)
    expect(faultsOfBgp(stateAt(events, 200))).toEqual([])
  })

  test('told to stop and started again: its routes are gone at its peers until its restart is over', () => {
    const events = [
      [10, bird('node2', 'stop')],
      [40, bird('node2', 'start')],
    ] as const
    const seen = over(events, 200, (state) => has(state, 'node1'))
    expect(seen.map((one) => one.split(': ')[1])).toEqual(['node2 node3', 'node3', 'node2 node3'])
    expect(seen[1]).toBe('10: node3')
    expect(Number(seen[2]!.split(':')[0])).toBeLessThan(46)
  })

  test('killed and back after 120 s: they were gone in between', () => {
    const events = [
      [10, bird('node2', 'kill')],
      [200, bird('node2', 'start')],
    ] as const
    const seen = over(events, 300, (state) => has(state, 'node3'))
    expect(seen.slice(0, 2)).toEqual(['0: node1 node2', '130: node1'])
    expect(seen[2]).toMatch(/^20\d: node1 node2$/)
  })

  test('a restart waits for every peer: one that does not answer holds it up for 240 s, while the others keep its routes', () => {
    const events = [
      [1, machine('node3', 'off')],
      [300, bird('node2', 'kill')],
      [301, bird('node2', 'start')],
    ] as const
    const own = over(events, 600, (state) => has(state, 'node2'))
    expect(own.at(-1)).toBe('541: node1')
    expect(over(events, 600, (state) => has(state, 'node1')).at(-1)).toMatch(/^(1[67]\d|2[0-4]\d): node2$/)
  })

  test('maxRestartTime says how long they are kept', () => {
    const bgp = object('BGPConfiguration', 'default', { nodeMeshMaxRestartTime: '15s' })
    const objects = [...NODES, POOL, ...PODS, bgp]
    const cluster = build(objects)
    const seen = [24, 26].map((at) => has(stateAt([[10, bird('node2', 'kill')]], at, cluster), 'node1', objects))
    expect(seen).toEqual(['node2 node3', 'node3'])
  })

  test('IPv4 and IPv6 have a BIRD each', () => {
    const state = stateAt([[1, { kind: 'bird', node: 'node2', family: 6, action: 'stop' }]], 2)
    expect([isFrozen(state, 'node2', 4), isFrozen(state, 'node2', 6)]).toEqual([false, true])
    expect(faultsOfBgp(state)).toEqual([])
  })
})

describe('a machine is gone, or the way to it', () => {
  test.each([
    ['a machine without power', machine('node2', 'off'), 'node3', 'Connect Socket: Host is unreachable'],
    ['a way that is closed', way('node1', 'node2', 'Connect'), 'node3', 'Connect'],
  ])('%s: nothing is told; after 160 to 240 s the peer is lost, and its routes go at once', (_, event, left, words) => {
    const seen = over([[10, event]], 400, (state) => has(state, 'node1'))
    expect(seen.map((one) => one.split(': ')[1])).toEqual(['node2 node3', left])
    const lost = Number(seen[1]!.split(':')[0])
    expect(lost).toBeGreaterThanOrEqual(170)
    expect(lost).toBeLessThanOrEqual(251)
    expect(said(stateAt([[10, event]], lost + 1), 'node1')?.[0]).toBe('node2: Idle BGP Error: Hold timer expired')
    expect(said(stateAt([[10, event]], lost + 10), 'node1')?.[0]).toBe(`node2: ${words}`)
  })

  test('a way that opens before that: nothing has happened', () => {
    const events = [
      [10, way('node1', 'node2', 'Connect')],
      [150, way('node1', 'node2', null)],
    ] as const
    expect(over(events, 600, (state) => has(state, 'node1'))).toEqual(['0: node2 node3'])
    expect(faultsOfBgp(stateAt(events, 600))).toEqual([])
  })

  test('a way that opens after it: the dialer gets through within seconds', () => {
    const events = [
      [10, way('node1', 'node2', 'Connect')],
      [400, way('node1', 'node2', null)],
    ] as const
    const seen = over(events, 600, (state) => `${has(state, 'node1')} / ${has(state, 'node2')}`)
    expect(seen.at(-1)).toMatch(/^40[0-6]: node2 node3 \/ node1 node3$/)
  })

  test('a machine that is back before its peers lose it: they learn of its restart, and keep its routes', () => {
    const events = [
      [10, machine('node2', 'off')],
      [60, machine('node2', 'on')],
      [90, bird('node2', 'start')],
    ] as const
    for (const name of ['node1', 'node3']) {
      expect(over(events, 400, (state) => has(state, name))).toHaveLength(1)
      expect(said(stateAt(events, 400), name)).toEqual(expect.arrayContaining(['node2: Established']))
    }
  })

  test('a restart behind a closed way: what each had of the other is kept, and told again once it opens', () => {
    const closed = [
      [10, way('node1', 'node2', 'Connect')],
      [11, bird('node1', 'kill')],
      [12, bird('node1', 'start')],
    ] as const
    const opens = [...closed, [60, way('node1', 'node2', null)]] as const
    expect(faultsOfBgp(stateAt(opens, 59))).toEqual([
      { a: 'node1', b: 'node2', family: 4, info: 'Connect', keeps: ['node1', 'node2'] },
    ])
    expect(faultsOfBgp(stateAt(opens, 400))).toEqual([])
  })
})

describe('what confd writes', () => {
  const four = node('node4', '10.0.0.12/24')
  const grown = [...NODES, four, POOL, ...PODS, pod('d', 'node4')]

  test('a node that comes: its sessions are up once both ends are configured', () => {
    const next = build(grown)
    const events = [
      [10, configured(next, ['node4', 'node1'])],
      [20, configured(next)],
    ] as const
    expect(has(stateAt(events, 15), 'node1', grown)).toBe('node2 node3 node4')
    expect(has(stateAt(events, 15), 'node2', grown)).toBe('node1 node3')
    expect(said(stateAt(events, 15), 'node4')).toEqual(
      expect.arrayContaining([
        'node1: Established',
        'node2: Active Socket: Connection closed',
        'node3: Active Socket: Connection closed',
      ]),
    )
    expect(has(stateAt(events, 30), 'node2', grown)).toBe('node1 node3 node4')
  })

  test('a mesh that is switched off: the first end to hear of it tells the other, whose routes go at once', () => {
    const off = object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })
    const next = build([...NODES, POOL, ...PODS, off])
    const events = [
      [10, configured(next, ['node1'])],
      [20, configured(next)],
    ] as const
    expect(said(stateAt(events, 11), 'node1')).toEqual([])
    expect(said(stateAt(events, 11), 'node3')).toEqual([
      'node1: Passive Received: Peer de-configured',
      'node2: Established',
    ])
    expect(has(stateAt(events, 11), 'node3')).toBe('node2')
    expect(said(stateAt(events, 21), 'node2')).toEqual([])
    expect(stateAt(events, 21).sessions.size).toBe(0)
  })

  test('a peer’s AS number changes on one node: they do not agree until it is changed on both', () => {
    const changed = node('node2', '10.0.0.10/24', { annotations: { 'projectcalico.org/ASNumber': '64513' } })
    const objects = [NODES[0]!, changed, NODES[2]!, POOL, ...PODS]
    const next = build(objects)
    const events = [
      [10, configured(next, ['node2'])],
      [30, configured(next)],
    ] as const
    expect(said(stateAt(events, 15), 'node1')).toEqual(['node2: Idle BGP Error: Bad peer AS', 'node3: Established'])
    expect(has(stateAt(events, 15), 'node1', objects)).toBe('node3')
    expect(said(stateAt(events, 40), 'node1')).toEqual(['node2: Established', 'node3: Established'])
  })

  test('the same objects again change nothing', () => {
    expect(faultsOfBgp(stateAt([[10, configured(build([...NODES, POOL, ...PODS]))]], 10))).toEqual([])
  })
})

describe('route reflectors', () => {
  const off = object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })
  const reflector = node('node2', '10.0.0.10/24', {
    labels: { rr: 'yes' },
    annotations: { 'projectcalico.org/RouteReflectorClusterID': '244.0.0.1' },
  })
  const peer = object('BGPPeer', 'rr', { nodeSelector: 'all()', peerSelector: "rr == 'yes'" })
  const objects = [NODES[0]!, reflector, NODES[2]!, POOL, ...PODS, off, peer]
  const cluster = build(objects)

  test.each([
    ['kill', 'node2 node3', ''],
    ['stop', '', ''],
  ] as const)('its BIRD is gone by %s: clients keep what it passed on, or do not', (action, soon, late) => {
    const seen = [11, 200].map((at) => has(stateAt([[10, bird('node2', action)]], at, cluster), 'node1', objects))
    expect(seen).toEqual([soon, late])
  })

  test('a client that dies while the reflector restarts is kept until the reflector knows', () => {
    const events = [
      [10, bird('node2', 'kill')],
      [11, bird('node3', 'stop')],
      [20, bird('node2', 'start')],
    ] as const
    expect(has(stateAt(events, 15, cluster), 'node1', objects)).toBe('node2 node3')
    // node3 does not answer: the restart takes its 240 s.
    expect(has(stateAt(events, 250, cluster), 'node1', objects)).toBe('node2 node3')
    expect(has(stateAt(events, 261, cluster), 'node1', objects)).toBe('node2')
  })
})

describe('laws', () => {
  const events = (seed: number): [number, BgpEvent][] => {
    const actions: BgpEvent[] = []
    const draw = (n: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % n
    }
    for (let i = 0; i < 12; i++) {
      const name = `node${1 + draw(3)}`
      const other = `node${1 + draw(3)}`
      const one = draw(4)
      if (one === 0) actions.push(machine(name, draw(2) === 0 ? 'on' : 'off'))
      else if (one === 1 && name !== other) actions.push(way(name, other, draw(2) === 0 ? null : 'Connect'))
      else actions.push(bird(name, (['start', 'stop', 'kill'] as const)[draw(3)]!))
    }
    let at = 0
    return actions.map((action) => {
      at += draw(150)
      return [at, action]
    })
  }

  const mended: BgpEvent[] = ['node1', 'node2', 'node3'].flatMap((name) => [machine(name, 'on'), bird(name, 'start')])
  const opened = [way('node1', 'node2', null), way('node1', 'node3', null), way('node2', 'node3', null)]

  test('whatever happens: once all is mended, everything is up after the time of all timers', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const list = events(seed)
      const end = list.at(-1)![0]
      const all = [...list, ...[...mended, ...opened].map((event) => [end, event] as [number, BgpEvent])]
      const state = stateAt(all, end + 1000, CLUSTER, seed)
      expect({ seed, faults: faultsOfBgp(state), next: nextOfBgp(state) }).toEqual({
        seed,
        faults: [],
        next: undefined,
      })
      expect(['node1', 'node2', 'node3'].some((name) => isFrozen(state, name, 4))).toBe(false)
    }
  })

  test('a moment is the same whether it is reached by steps or at once', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const list = events(seed)
      const end = list.at(-1)![0] + 300
      const atOnce = stateAt(list, end, CLUSTER, seed)
      let state = bgpAtRest(CLUSTER.bgp, CLUSTER.nodes, { timers: BIRD_TIMERS, seed }, 0)
      const left = [...list]
      for (let at = 0; at <= end; at += 7) {
        while (left.length > 0 && left[0]![0] <= at) {
          const [time, event] = left.shift()!
          state = befallen(state, [event], time * SECOND)
        }
        state = bgpAt(state, at * SECOND)
      }
      state = bgpAt(state, end * SECOND)
      expect({ seed, state: faultsOfBgp(state) }).toEqual({ seed, state: faultsOfBgp(atOnce) })
    }
  })

  test('who does not run has told everybody, or is kept: at once, all is as it will be', () => {
    for (let seed = 1; seed <= 60; seed++) {
      let state = bgpAtRest(CLUSTER.bgp, CLUSTER.nodes, { timers: NO_TIMERS, seed }, 0)
      for (const [, event] of events(seed)) {
        state = bgpAt(befallen(state, [event], 5), 5)
        expect(nextOfBgp(state)).toBeUndefined()
        expect(faultsOfBgp(state).every(({ keeps = [] }) => keeps.every((name) => isFrozen(state, name, 4)))).toBe(true)
      }
    }
  })
})
