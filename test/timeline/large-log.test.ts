// The log of a cluster most of whose nodes move as one: what it leaves out is what nobody looks at, and of that it says so.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stateChanges } from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { cablesIn, type Network } from '../../src/model/index.ts'
import type { LogEntry } from '../../src/timeline/index.ts'
import { runs } from '../properties/run.ts'

const NODES = 70
const PODS = 4

const node = (i: number, more = ''): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: n${i}, annotations: {projectcalico.org/IPv4Address: 172.16.0.${i + 1}/24}}${more}}`
const pod = (name: string, on: number, app: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: ${app}}}, spec: {nodeName: n${on}, containers: [{name: c}]}, status: {phase: Running}}`
const pool = (ipip: string): string =>
  `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.64.0.0/10, ipipMode: ${ipip}, natOutgoing: true}}`
const policy = (from: string): string =>
  `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: {podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {matchLabels: {app: ${from}}}}]}]}}`
const service = (app: string): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {clusterIP: 10.96.0.9, selector: {app: ${app}}, ports: [{port: 80}]}}`

const TEXT = [
  pool('Always'),
  policy('a'),
  service('b'),
  ...Array.from({ length: NODES }, (_, i) => node(i)),
  ...Array.from({ length: NODES * PODS }, (_, i) => pod(`w${i}`, i % NODES, i < NODES ? 'a' : 'b')),
].join('\n---\n')

/** What is told of machines, in the order of the words. */
function told(log: readonly LogEntry[]): string[] {
  return log.flatMap(({ netns, op, thing, what }) =>
    ['object', 'session', 'agent', 'machine', 'nodes', 'conntrack'].includes(thing)
      ? []
      : [`${netns} ${op} ${thing} ${what}`],
  )
}

/** A lab, and each change of its network that a comparison of every namespace finds. */
class Watched {
  readonly lab: Lab
  /** Nodes that the event of now has named: they are looked at. */
  readonly named = new Set<string>()
  /** Nodes that earlier events have named: they are looked at until all is written there. */
  readonly wereNamed = new Set<string>()
  readonly expected: string[] = []
  /** What may be told, of those. */
  readonly possible: string[] = []
  /** How often a node that nobody looks at had changed, without an entry that said so. */
  unsaid = 0
  private read = 0

  constructor(delays: 'calico' | 'instant') {
    this.lab = Lab.load(TEXT, { delays, record: false })
    const { simulation } = this.lab
    const set = simulation.setNetwork.bind(simulation)
    simulation.setNetwork = (network) => {
      this.compare(simulation.network, network)
      set(network)
    }
  }

  /** Whether a namespace is a node that is looked at, a pod of one, or neither node nor pod. */
  private isLookedAt(name: string, networks: readonly Network[], named: ReadonlySet<string>): boolean {
    const isPod = networks.some(({ namespaces }) => namespaces[name]?.role === 'pod')
    const ends = networks.flatMap(({ wires }) => cablesIn(wires)(name)).flatMap((cable) => cable.ends)
    const homes = isPod ? ends.flatMap(({ netns }) => (netns === name ? [] : [netns])) : [name]
    const seen = this.lab.simulation.compiledNamespaces().filter(({ dormant }) => !dormant)
    return homes.some((home) => !isNode(home) || named.has(home) || seen.some((ns) => ns.name === home))
  }

  private compare(was: Network, fresh: Network): void {
    const names = new Set([...Object.keys(was.namespaces), ...Object.keys(fresh.namespaces)])
    let unseen = 0
    for (const name of names) {
      const changes = stateChanges(was, fresh, name)
      const entries = told(changes.map((one) => ({ ...EMPTY, ...one, netns: name })))
      if (this.isLookedAt(name, [was, fresh], this.named)) this.expected.push(...entries)
      else if (this.isLookedAt(name, [was, fresh], this.wereNamed)) this.possible.push(...entries)
      else if (isNode(name)) unseen += changes.length
    }
    const isSaid = this.lab.log.slice(this.read).some(({ thing }) => thing === 'nodes')
    this.read = this.lab.log.length
    if (unseen > 0 && !isSaid) this.unsaid++
  }
}

/** What is in one list and not in the other, and the other way round; what stands twice counts twice. */
function difference(a: readonly string[], b: readonly string[]): readonly [string[], string[]] {
  const left = [...b]
  const only = a.filter((one) => {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  return [only, left]
}

const isNode = (name: string): boolean => /^n\d+$/.test(name)

const EMPTY = { at: 0, event: 0, actor: 'kernel' } as const

type Edit = (watched: Watched, i: number) => void

const restarted =
  (agent: 'felix' | 'kube-proxy'): Edit =>
  ({ lab, named }, i) => {
    named.add(`n${i}`)
    lab.occur({ kind: 'agent', agent, node: `n${i}`, action: 'restart' })
  }

const EDITS: Readonly<Record<string, Edit>> = {
  'a pod comes': ({ lab }, i) => lab.apply(pod(`new${i}`, i, 'a')),
  'a pod has other labels': ({ lab }, i) => lab.apply(pod(`w${i}`, i, 'b')),
  'a pod goes': ({ lab }, i) => {
    const [one] = lab.objects!.pods.filter(({ spec }) => spec.nodeName === `n${i}`)
    if (one !== undefined) lab.delete({ kind: 'Pod', name: one.metadata.name, namespace: 'default' })
  },
  'a policy': ({ lab }, i) => lab.apply(policy(`x${i}`)),
  'a Service': ({ lab }, i) => lab.apply(service(i % 2 === 0 ? 'a' : 'b')),
  'another encapsulation': ({ lab }, i) => lab.apply(pool(i % 2 === 0 ? 'CrossSubnet' : 'Always')),
  'a node is cordoned': ({ lab }, i) => lab.apply(node(i, ', spec: {unschedulable: true}')),
  'Felix restarts': restarted('felix'),
  'kube-proxy restarts': restarted('kube-proxy'),
  'a route by hand': ({ lab }, i) => {
    lab.sh('n0', `ip route add blackhole 10.200.${i}.0/24`)
  },
  packets: ({ lab }, i) => {
    lab.ping(lab.pods[0]!, lab.pods[NODES + (i % 2)]!)
  },
}

const edits = fc.array(fc.tuple(fc.constantFrom(...Object.keys(EDITS)), fc.nat(5)), { minLength: 1, maxLength: 4 })

describe('the log of a cluster most of whose nodes nobody looks at', () => {
  it.each([
    ['instant', 5],
    ['calico', 3],
  ] as const)(
    'names every change of those that are looked at, as a comparison of all finds it, and says of the others that there is one: %s',
    (delays, times) => {
      fc.assert(
        fc.property(edits, (all) => {
          const watched = new Watched(delays)
          const { lab } = watched
          lab.ping('default/w0', 'default/w1')
          for (const [what, i] of all) {
            for (const name of watched.named) watched.wereNamed.add(name)
            watched.named.clear()
            EDITS[what]!(watched, i)
            lab.wait(5)
          }
          const { expected, possible } = watched
          const [missing, more] = difference(expected, told(lab.log))
          expect(missing).toEqual([])
          expect(difference(more, possible)[0]).toEqual([])
          expect(watched.unsaid).toBe(0)
        }),
        { ...runs(times), endOnFailure: true },
      )
    },
    600_000,
  )
})

describe('a node that has heard a broadcast and nothing else', () => {
  const DENY = `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny}, spec: {podSelector: {matchLabels: {app: b}}}}`
  it.each([
    ['another encapsulation', [pool('Never')]],
    ['a policy', [DENY]],
    ['a policy, and another pod', [DENY, pod('late', 9, 'b')]],
    ['another address of its machine', [node(9).replace('172.16.0.10', '172.16.0.110')]],
    ['a node that is gone and comes again', [node(9, ', spec: {unschedulable: true}'), node(9)]],
  ])('is as the objects say when packets come to it: %s', (_, texts) => {
    const lab = Lab.load(TEXT)
    expect(lab.ping('default/w0', 'default/w1').ok).toBe(true)
    const asleep = lab.simulation.netns('n9')
    expect(asleep.dormant).toBe(true)
    for (const text of texts) lab.apply(text)
    const fresh = Lab.fromResources(lab.objects!)
    for (const to of ['default/w9', `default/w${NODES + 9}`]) {
      const [own, other] = [lab, fresh].map((one) => one.ping('default/w0', to))
      expect([to, own!.ok]).toEqual([to, other!.ok])
    }
    expect(asleep.dormant).toBe(false)
  })

  it('is followed by itself from then on, and not before', () => {
    const lab = Lab.load(TEXT)
    const places = (): ReadonlySet<string | undefined> => new Set(lab.log.map(({ netns }) => netns))
    lab.ping('default/w0', 'default/w1')
    lab.apply(policy('b'))
    expect([places().has('n1'), places().has('n9')]).toEqual([true, false])
    expect(lab.log.at(-1)).toMatchObject({
      thing: 'nodes',
      op: 'replace',
      what: `sets, chains of ${NODES - 2} nodes, not looked at`,
    })
    lab.ping('default/w0', 'default/w9')
    lab.apply(policy('a'))
    expect(places().has('n9')).toBe(true)
  })
})

describe('a node that an event has named', () => {
  const restart = { kind: 'agent', agent: 'bird', node: 'n9', action: 'restart' } as const
  const entriesOf = (lab: Lab, netns: string, event: number): readonly LogEntry[] =>
    lab.log.filter((one) => one.netns === netns && one.event === event)

  it('moves with all others again once all that it brought is written', () => {
    const lab = Lab.load(TEXT, { delays: 'calico' })
    lab.occur({ kind: 'agent', agent: 'felix', node: 'n9', action: 'stop' })
    lab.apply(policy('b'))
    lab.wait(30)
    lab.occur({ kind: 'agent', agent: 'felix', node: 'n9', action: 'start' })
    lab.wait(60)
    expect(entriesOf(lab, 'n9', 2).length).toBeGreaterThan(0)
    lab.apply(policy('a'))
    lab.wait(30)
    expect(entriesOf(lab, 'n9', 4)).toEqual([])
    expect(lab.log.at(-1)!.what).toContain(`${NODES} nodes, not looked at`)
    expect(lab.simulation.network === lab.cluster!.network).toBe(true)
  })

  it('is followed for as long as something there is not as elsewhere', () => {
    const lab = Lab.load(TEXT, { delays: 'calico' })
    lab.occur({ kind: 'agent', agent: 'felix', node: 'n9', action: 'stop' })
    for (const from of ['a', 'b']) {
      lab.apply(policy(from))
      lab.wait(60)
    }
    expect(lab.agentState('felix', 'n9')).toBe('stopped')
    expect(lab.agentState('felix', 'n8')).toBe('running')
    lab.quiet()
    const behind = lab.simulation.network.namespaces['n9']!
    expect(behind.ipsets).not.toEqual(lab.cluster!.network.namespaces['n9']!.ipsets)
  })

  it('has programs that run since it happened, whoever moves it', () => {
    const lab = Lab.load(TEXT, { delays: 'calico' })
    lab.wait(100)
    lab.occur(restart)
    lab.wait(100)
    const since = (node: string): number => lab.birdSince(node)!.started
    const started = since('n9')
    expect(started).toBeGreaterThan(since('n8'))
    for (const from of ['b', 'a']) {
      lab.apply(policy(from))
      lab.wait(60)
      expect(since('n9')).toBe(started)
    }
    lab.occur({ kind: 'agent', agent: 'felix', node: 'n9', action: 'restart' })
    expect(since('n9')).toBe(started)
    lab.occur({ kind: 'agent', agent: 'bird', action: 'restart' })
    lab.wait(60)
    expect(since('n9')).toBeGreaterThan(started)
  })

  it('is another when one of its name comes after it is gone', () => {
    const lab = Lab.load(TEXT)
    lab.wait(100)
    lab.occur(restart)
    const started = lab.birdSince('n9')!.started
    lab.apply(policy('b'))
    expect(lab.birdSince('n9')!.started).toBe(started)
    lab.delete({ kind: 'Node', name: 'n9' })
    lab.apply(node(9))
    expect(lab.birdSince('n9')!.started).toBe(lab.birdSince('n8')!.started)
  })

  it('goes on being followed when packets have come there, too', () => {
    const lab = Lab.load(TEXT)
    lab.occur(restart)
    lab.ping('default/w9', 'default/w8')
    lab.apply(policy('b'))
    lab.apply(policy('a'))
    expect(entriesOf(lab, 'n9', 3).length).toBeGreaterThan(0)
  })
})

describe('what a lab keeps', () => {
  it('of its log: as many entries as it is told to, the newest', () => {
    const lab = Lab.load(TEXT, { history: 3 })
    for (let i = 0; i < 5; i++) lab.apply(policy(`x${i}`))
    expect([lab.log.length, lab.log.at(-1)!.event, lab.forgotten > 0]).toEqual([3, 5, true])
    expect(() => Lab.load(TEXT, { history: -1 })).toThrow('options.history')
  })

  it('of records: no row more for networks in which nothing happened', () => {
    const lab = Lab.load(TEXT)
    lab.ping('default/w0', 'default/w1')
    lab.apply(policy('b'))
    const { length } = lab.recorder!
    for (let i = 0; i < 5; i++) lab.apply(policy(`x${i}`))
    expect(lab.recorder!.length).toBe(length)
  })

  it('of records: of what passes in the background, no more than some 16 MiB of frames', () => {
    const lab = Lab.load(TEXT)
    lab.every(100, { ping: { from: 'default/w0', to: 'default/w1', size: 60_000 } })
    lab.wait(30)
    expect(lab.recorder!.size).toBeLessThan(20 * 1024 * 1024)
  })
})
