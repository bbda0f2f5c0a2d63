// One Typha of several (components.md §3): who is connected to it goes on with what it serves; who loses it finds another.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const NODES = ['node1', 'node2', 'node3', 'node4'] as const
const node = (name: string, i: number): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: 192.168.0.${i + 1}/24}}}`
const pod = (name: string, on: string, more = ''): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}${more}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const typha = (on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: calico-typha-${on}, namespace: kube-system, labels: {k8s-app: calico-typha}}, spec: {nodeName: ${on}, hostNetwork: true, containers: [{name: c}]}}`
const POOL = '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16}}'
const DENY = `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny}, spec: {podSelector: {}}}`

type Delays = 'calico' | 'instant'

function open(delays: Delays, typhas: readonly string[] = ['node1', 'node2']): Lab {
  const pods = [...NODES.map((name) => pod(`on-${name}`, name)), pod('client', 'node1')]
  return Lab.load([...NODES.map(node), POOL, ...pods, ...typhas.map(typha)].join('\n---\n'), { delays })
}

const act = (lab: Lab, on: string | undefined, action: 'cut' | 'heal' | 'stop' | 'start' | 'kill'): Lab =>
  lab.occur({ kind: 'agent', agent: 'typha', action, ...(on === undefined ? {} : { node: on }) })

/** Nodes whose pods a policy that has been applied protects: Felix there has heard of it. */
const hearing = (lab: Lab): string[] => NODES.filter((name) => !lab.ping('default/client', `default/on-${name}`).ok)

describe.each(['calico', 'instant'] as const)('with Typha on node1 and node2 (delays: %s)', (delays) => {
  /** Who hears by node2, found by cutting that one off. */
  const clients = (): string[] => {
    const lab = act(open(delays), 'node2', 'cut').apply(DENY).quiet()
    const heard = hearing(lab)
    return NODES.filter((name) => !heard.includes(name))
  }

  it('a node with one of its own hears by that one, and each other by one of the two', () => {
    expect(clients()).toContain('node2')
    expect(clients()).not.toContain('node1')
  })

  it('cut off, it serves what it had: its clients learn nothing new, until it is healed', () => {
    const lab = act(open(delays), 'node2', 'cut').apply(DENY).quiet()
    expect(hearing(lab).length).toBeLessThan(NODES.length)
    expect(hearing(act(lab, 'node2', 'heal').quiet())).toEqual(NODES)
  })

  it('cut off, and then killed: its clients find the other one, and get a snapshot', () => {
    const lab = act(open(delays), 'node2', 'cut').apply(DENY).quiet()
    expect(hearing(act(lab, 'node2', 'kill').quiet())).toEqual(NODES)
  })

  it('stopped: its clients find the other one, and hear all', () => {
    expect(hearing(act(open(delays), 'node2', 'stop').apply(DENY).quiet())).toEqual(NODES)
  })

  it('both stopped: nobody hears; one is back: all do', () => {
    const lab = act(act(open(delays), 'node1', 'stop'), 'node2', 'stop')
      .apply(DENY)
      .quiet()
    expect(hearing(lab)).toEqual([])
    expect(hearing(act(lab, 'node1', 'start').quiet())).toEqual(NODES)
  })

  it('all of Typha cut off is as it was without names', () => {
    expect(hearing(act(open(delays), undefined, 'cut').apply(DENY).quiet())).toEqual([])
  })
})

describe('an event of a Typha', () => {
  it.each([
    ['on a node without one', ['node1', 'node2'], 'node3', /a node where Typha runs: .*node[12].*received "node3"/s],
    ['where no pod of it is among the objects', [], 'node1', /no node, which means all of Typha.*received "node1"/s],
  ] as const)('%s is refused', (_, typhas, on, words) => {
    expect(() => act(open('calico', typhas), on, 'cut')).toThrow(words)
  })
})
