import { describe, expect, it } from 'vitest'
import type { NodeResource, PodResource, Taint, Toleration } from '../../src/control/index.ts'
import { isPodReady, nodeWord, podWord } from '../../src/controllers/index.ts'
import { daemonSet, deployment, node, nodes, SECOND, template, World } from './world.ts'

/** A cluster that runs a Deployment and a DaemonSet. */
function running(count = 3): World {
  const world = new World(nodes(count)).put(deployment('web', 3), daemonSet('agent')).pass(10)
  world.events = []
  return world
}

function silent(world: World, name: string): void {
  world.more = { silent: new Map([[name, world.now]]) }
}

function on(world: World, name: string): PodResource[] {
  return world.resources.pods.filter(({ spec }) => spec.nodeName === name)
}

function taintsOf({ spec }: NodeResource): string[] {
  return (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort()
}

describe('a node whose kubelet falls silent', () => {
  it('is lost after 40 s; its pods take no connections, and are ended after five minutes more', () => {
    const world = running()
    silent(world, 'n1')
    world.pass(39)
    expect(nodeWord(world.resources.nodes[0]!)).toBe('Ready')
    expect(on(world, 'n1').every(isPodReady)).toBe(true)
    world.pass(2)
    expect(nodeWord(world.resources.nodes[0]!)).toBe('NotReady')
    expect(taintsOf(world.resources.nodes[0]!)).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ])
    expect(on(world, 'n1').some(isPodReady)).toBe(false)
    world.pass(298)
    expect(world.resources.pods).toHaveLength(6)
    world.pass(10)
    const left = on(world, 'n1').map((pod) => [pod.metadata.name.split('-')[0], podWord(pod)])
    expect(left.sort()).toEqual([
      ['agent', 'Running'],
      ['web', 'Terminating'],
    ])
    expect(
      world.resources.pods.filter((pod) => pod.metadata.labels?.['app'] === 'web' && isPodReady(pod)),
    ).toHaveLength(3)
  })

  it('is as it was when it is heard of again before that', () => {
    const world = running()
    const names = world.podNames()
    silent(world, 'n1')
    world.pass(100)
    world.more = {}
    world.pass(5)
    expect(world.resources.nodes.map(nodeWord)).toEqual(['Ready', 'Ready', 'Ready'])
    expect(world.resources.nodes.flatMap(taintsOf)).toEqual([])
    expect(world.podNames()).toEqual(names)
    expect(world.resources.pods.every(isPodReady)).toBe(true)
  })

  it('that is deleted takes its pods with it', () => {
    const world = running()
    world.remove('Node', 'n1').pass(60)
    expect(on(world, 'n1')).toEqual([])
    expect(
      world.resources.pods.filter((pod) => pod.metadata.labels?.['app'] === 'web' && isPodReady(pod)),
    ).toHaveLength(3)
  })
})

describe('a node', () => {
  it('that is cordoned keeps its pods and gets no new ones but those of DaemonSets', () => {
    const world = running()
    world.put(...world.resources.nodes.map((one) => ({ ...one, spec: { unschedulable: one.metadata.name !== 'n3' } })))
    world.put(deployment('late', 2), daemonSet('second')).pass(10)
    expect(
      on(world, 'n1')
        .map((pod) => pod.metadata.labels?.['app'])
        .sort(),
    ).toEqual(['agent', 'second', 'web'])
    expect(
      on(world, 'n3')
        .map((pod) => pod.metadata.labels?.['app'])
        .sort(),
    ).toEqual(['agent', 'late', 'late', 'second', 'web'])
  })

  const CONTROL_PLANE: Taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }
  const EXECUTED: Taint = { key: 'dedicated', value: 'gpu', effect: 'NoExecute' }
  it.each<[name: string, taint: Taint, tolerations: Toleration[], takes: boolean]>([
    ['a taint that nobody tolerates', CONTROL_PLANE, [], false],
    ['one that is tolerated by its key', CONTROL_PLANE, [{ key: CONTROL_PLANE.key, operator: 'Exists' }], true],
    ['one that everything is tolerated of', EXECUTED, [{ operator: 'Exists' }], true],
    ['one of another value', EXECUTED, [{ key: 'dedicated', value: 'cpu', effect: 'NoExecute' }], false],
    ['one of the same value', EXECUTED, [{ key: 'dedicated', value: 'gpu' }], true],
    ['one that is only disliked', { key: 'slow', effect: 'PreferNoSchedule' }, [], true],
    [
      'a toleration of another effect',
      CONTROL_PLANE,
      [{ key: CONTROL_PLANE.key, operator: 'Exists', effect: 'NoExecute' }],
      false,
    ],
  ])('%s', (_, taint, tolerations, takes) => {
    const only = node('n1', { spec: { taints: [taint] } })
    const world = new World([only])
      .put(deployment('web', 1, { template: template('web', 'nginx', { tolerations }) }))
      .pass(10)
    expect(world.resources.pods.map(podWord)).toEqual([takes ? 'Running' : 'Pending'])
  })

  it.each<[seconds: number | undefined, alive: boolean, at: number]>([
    [undefined, true, 10_000],
    [60, true, 59],
    [60, false, 61],
    [0, false, 1],
  ])('that sends pods away waits as long as a pod bears it: %s s', (tolerationSeconds, alive, at) => {
    const toleration = {
      key: 'dedicated',
      operator: 'Exists',
      ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
    }
    const bare: PodResource = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { nodeName: 'n1', tolerations: [toleration], terminationGracePeriodSeconds: 1000 },
      status: { phase: 'Running' },
    }
    const world = new World([...nodes(1), bare])
    world.put(node('n1', { spec: { taints: [EXECUTED] } })).pass(at)
    expect(podWord(world.pod('a'))).toBe(alive ? 'Running' : 'Terminating')
  })
})

describe('the scheduler', () => {
  it.each<[name: string, spec: PodResource['spec'], nodes: string[]]>([
    ['a label', { nodeSelector: { zone: 'b' } }, ['n2']],
    ['a term of affinity', affinity('zone', 'In', 'a'), ['n1']],
    ['a term that excludes', affinity('zone', 'NotIn', 'a'), ['n2', 'n3']],
    ['a number', affinity('rank', 'Gt', '1'), ['n2']],
  ])('binds by %s', (_, spec, names) => {
    const labels: Record<string, string>[] = [{ zone: 'a', rank: '1' }, { zone: 'b', rank: '2' }, {}]
    const named = nodes(3).map((one, i) => ({ ...one, metadata: { ...one.metadata, labels: labels[i]! } }))
    const world = new World(named).put(deployment('web', 4, { template: template('web', 'nginx', spec) })).pass(10)
    expect([...new Set(world.resources.pods.map((pod) => pod.spec.nodeName))].sort()).toEqual(names)
  })

  it('keeps pods apart that want it, and says of those that find no place why', () => {
    const term = { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'kubernetes.io/hostname' }
    const apart = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }
    const world = new World(nodes(2)).put(deployment('db', 3, { template: template('db', 'pg', apart) })).pass(10)
    expect(world.resources.pods.flatMap(({ spec }) => spec.nodeName ?? []).sort()).toEqual(['n1', 'n2'])
    const told = world.events.find(({ reason }) => reason === 'FailedScheduling')
    expect(told?.message).toBe(
      "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    )
  })

  it('spreads pods of an owner, then all pods, then goes by name', () => {
    const world = new World(nodes(3))
      .put(deployment('a', 1))
      .pass(5)
      .put(deployment('b', 2))
      .pass(5)
      .put(deployment('c', 3))
      .pass(5)
    const of = (app: string): string[] =>
      world.resources.pods.flatMap((pod) => (pod.metadata.labels?.['app'] === app ? pod.spec.nodeName! : [])).sort()
    expect([of('a'), of('b'), of('c')]).toEqual([['n1'], ['n2', 'n3'], ['n1', 'n2', 'n3']])
  })
})

function affinity(key: string, operator: string, value: string): PodResource['spec'] {
  const nodeSelectorTerms = [{ matchExpressions: [{ key, operator, values: [value] }] }]
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } }
}

describe('a program that is stopped', () => {
  it.each<[stopped: 'scheduler' | 'kube-controller-manager' | 'api-server', pods: string[]]>([
    ['scheduler', ['Pending', 'Pending']],
    ['kube-controller-manager', []],
    ['api-server', []],
  ])('does nothing until it is started: %s', (program, words) => {
    const world = new World(nodes(2))
    world.more = { stopped: new Set([program]) }
    world.put(deployment('web', 2)).pass(60)
    expect(world.resources.pods.map(podWord)).toEqual(words)
    world.more = {}
    world.pass(10)
    expect(world.resources.pods.map(podWord)).toEqual(['Running', 'Running'])
  })

  it('a kubelet: pods that are bound to its node do not begin, and do not end', () => {
    const world = running()
    const [first] = on(world, 'n1')
    silent(world, 'n1')
    world.remove('Deployment', 'web').remove('DaemonSet', 'agent').pass(35)
    expect(first && podWord(world.pod(first.metadata.name))).toBe('Terminating')
    expect(on(world, 'n2')).toEqual([])
    expect(world.now).toBe(45 * SECOND)
  })
})
