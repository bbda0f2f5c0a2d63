import { describe, expect, it } from 'vitest'
import type { PodResource } from '../../src/control/index.ts'
import { isPodReady, NO_TIMING, podWord } from '../../src/controllers/index.ts'
import { limitsOf } from '../../src/controllers/kubernetes/deployment.ts'
import { goesBefore } from '../../src/controllers/kubernetes/replicaset.ts'
import { daemonSet, deployment, EPOCH, nodes, statefulSet, template, World } from './world.ts'

describe('a StatefulSet', () => {
  it('makes its pods one after the other, each when the one before is ready', () => {
    const world = new World(nodes(2)).put(statefulSet('db', 3))
    const seen = new Set<string>()
    for (let i = 0; i < 60; i++) {
      world.pass(0.2)
      seen.add(world.resources.pods.map((pod) => `${pod.metadata.name}:${isPodReady(pod) ? 'ready' : 'not'}`).join(' '))
    }
    expect([...seen]).toEqual([
      'db-0:not',
      'db-0:ready db-1:not',
      'db-0:ready db-1:ready db-2:not',
      'db-0:ready db-1:ready db-2:ready',
    ])
  })

  it('takes the last away first, and makes a lost one anew under its name', () => {
    const world = new World(nodes(2)).put(statefulSet('db', 3)).pass(30)
    world.remove('Pod', 'db-1').pass(10)
    expect(world.podNames()).toEqual(['db-0', 'db-1', 'db-2'])
    world.put(statefulSet('db', 1)).pass(20)
    expect(world.resources.pods.map((pod) => [pod.metadata.name, podWord(pod)])).toContainEqual(['db-2', 'Terminating'])
    expect(podWord(world.pod('db-1'))).toBe('Running')
    world.pass(60)
    expect(world.podNames()).toEqual(['db-0'])
  })

  it('replaces pods of another template from the last on, down to its partition', () => {
    const world = new World(nodes(2)).put(statefulSet('db', 3)).pass(30)
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }
    world.put(statefulSet('db', 3, { template: template('db', 'pg:2'), updateStrategy })).pass(300)
    const image = (name: string): string | undefined => world.pod(name).spec.containers?.[0]?.image
    expect(['db-0', 'db-1', 'db-2'].map(image)).toEqual(['nginx:1', 'pg:2', 'pg:2'])
  })
})

describe('a DaemonSet', () => {
  it('has a pod on every node it wants, and on a node that comes later', () => {
    const world = new World(nodes(2), NO_TIMING).put(daemonSet('agent')).settle()
    expect(world.resources.pods.map(({ spec }) => spec.nodeName)).toEqual(['n1', 'n2'])
    const labelled = nodes(2).map((one, i) => ({ ...one, metadata: { ...one.metadata, labels: { edge: String(i) } } }))
    const spec = template('agent', 'x', { nodeSelector: { edge: '1' } })
    world.put(...labelled, daemonSet('agent', { template: spec })).settle()
    expect(world.resources.pods.map((pod) => pod.spec.nodeName)).toEqual(['n2'])
  })

  it('replaces its pods one node after the other', () => {
    const world = new World(nodes(3)).put(daemonSet('agent')).pass(10)
    world.put(daemonSet('agent', { template: template('agent', 'x:2') }))
    let least = 3
    for (let i = 0; i < 300; i++) least = Math.min(least, world.pass(0.5).resources.pods.filter(isPodReady).length)
    expect(least).toBeGreaterThanOrEqual(2)
    expect(world.resources.pods.map(({ spec }) => spec.containers?.[0]?.image)).toEqual(['x:2', 'x:2', 'x:2'])
  })
})

describe('what is made for another', () => {
  it('goes when the other is deleted: Deployment, ReplicaSet, pods', () => {
    const world = new World(nodes(2)).put(deployment('web', 2)).pass(10)
    world.remove('Deployment', 'web').pass(1)
    expect(world.resources.podSets).toEqual([])
    expect(world.resources.pods.map(podWord)).toEqual(['Terminating', 'Terminating'])
    world.pass(31)
    expect(world.resources.pods).toEqual([])
  })

  it('stays when it says so no longer: --cascade=orphan', () => {
    const world = new World(nodes(2)).put(deployment('web', 2)).pass(10)
    const free = world.resources.podSets.map(({ metadata: { ownerReferences: _, ...metadata }, ...rest }) => ({
      ...rest,
      metadata,
    }))
    world
      .put(...free)
      .remove('Deployment', 'web')
      .pass(60)
    expect(world.resources.podSets).toHaveLength(1)
    expect(world.resources.pods.map(podWord)).toEqual(['Running', 'Running'])
  })

  it('stays when its owner was never given', () => {
    const owned: PodResource = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-abc-1', ownerReferences: [{ kind: 'ReplicaSet', name: 'web-abc' }] },
      spec: { nodeName: 'n1' },
    }
    expect(new World([...nodes(1), owned]).pass(600).podNames()).toEqual(['web-abc-1'])
  })

  it('goes with its namespace', () => {
    const home = { apiVersion: 'v1', kind: 'Namespace' as const, metadata: { name: 'default' } }
    const world = new World([...nodes(2), home]).put(deployment('web', 2)).pass(10)
    world.put({ ...home, metadata: { name: 'default', deletionTimestamp: '2024-05-01T00:00:10Z' } }).pass(60)
    const { deployments, podSets, pods, namespaces } = world.resources
    expect([deployments, podSets, pods, namespaces]).toEqual([[], [], [], []])
  })
})

describe('pods of a Deployment of which only these were given', () => {
  const owned = (name: string, nodeName: string): PodResource => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'web', 'pod-template-hash': 'abc' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-abc' }],
    },
    spec: { nodeName, containers: [{ name: 'web', image: 'nginx:1' }] },
  })
  const given = (): World =>
    new World([...nodes(2), deployment('web', 2), owned('web-abc-x', 'n1'), owned('web-abc-y', 'n2')])

  it('are counted when it is scaled', () => {
    const world = given().put(deployment('web', 3)).pass(30)
    expect(world.podNames()).toEqual([expect.stringMatching(/^web-abc-.....$/), 'web-abc-x', 'web-abc-y'])
    world.put(deployment('web', 2)).pass(60)
    expect(world.podNames()).toHaveLength(2)
  })

  it('are replaced when its template changes', () => {
    const world = given()
      .put(deployment('web', 2, { template: template('web', 'nginx:2') }))
      .pass(120)
    expect(world.resources.pods.map(({ spec }) => spec.containers?.[0]?.image)).toEqual(['nginx:2', 'nginx:2'])
  })

  it('are made anew when one is gone', () => {
    const world = given().put(deployment('web', 3)).pass(30).remove('Pod', 'web-abc-x').pass(30)
    expect(world.podNames()).toHaveLength(3)
  })
})

describe('when there are too many pods, that goes first which', () => {
  const at = (seconds: number): string => new Date(EPOCH - seconds * 1000).toISOString()
  type Given = Partial<PodResource['metadata']> &
    Omit<PodResource['spec'], 'containers'> &
    NonNullable<PodResource['status']>
  const pod = ({
    name = 'a',
    annotations,
    creationTimestamp = at(4000),
    uid,
    nodeName = 'n1',
    ...status
  }: Given): PodResource => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, creationTimestamp, ...(annotations ? { annotations } : {}), ...(uid ? { uid } : {}) },
    spec: nodeName === '' ? {} : { nodeName },
    status: { phase: 'Running', ...status },
  })
  const ready = (since = 4000) => [{ type: 'Ready', status: 'True', lastTransitionTime: at(since) }]
  const cost = (value: string) => ({ 'controller.kubernetes.io/pod-deletion-cost': value })
  it.each<[name: string, first: Given, second: Given]>([
    ['no node has', { nodeName: '' }, { phase: 'Pending' }],
    ['is pending', { phase: 'Pending', nodeName: 'n9' }, { phase: 'Unknown' }],
    ['is not known', { phase: 'Unknown' }, { phase: 'Running' }],
    [
      'is not ready',
      { conditions: [{ type: 'Ready', status: 'False' }] },
      { conditions: ready(), annotations: cost('-5') },
    ],
    ['is cheaper', { conditions: ready(), annotations: cost('-5') }, { conditions: ready(), nodeName: 'n2' }],
    ['has more of its kind beside it', { nodeName: 'n2', conditions: ready(5000) }, { conditions: ready(1) }],
    ['has been ready for a shorter time', { conditions: ready(10) }, { conditions: ready(4000) }],
    ['was restarted more often', { containerStatuses: [{ restartCount: 3 }] }, { creationTimestamp: at(1) }],
    ['is younger', { creationTimestamp: at(10), uid: 'z' }, { creationTimestamp: at(9000), uid: 'a' }],
    [
      'has the lower id, of two about as old',
      { creationTimestamp: at(4001), uid: 'a' },
      { creationTimestamp: at(4000), uid: 'b' },
    ],
  ])('%s', (_, first, second) => {
    const related = new Map([
      ['n1', 1],
      ['n2', 2],
    ])
    const clock = { now: 0, epoch: EPOCH }
    expect(goesBefore(pod(first), pod(second), related, clock)).toBeLessThan(0)
    expect(goesBefore(pod(second), pod(first), related, clock)).toBeGreaterThan(0)
  })
})

it.each<[maxSurge: number | string, maxUnavailable: number | string, of: number, surge: number, unavailable: number]>([
  ['25%', '25%', 10, 3, 2],
  ['25%', '25%', 1, 1, 0],
  [0, 0, 5, 0, 1],
  ['0%', '10%', 3, 0, 1],
  [2, 7, 3, 2, 3],
])(
  'a strategy of %s beyond and %s missing means of %i pods %i and %i',
  (maxSurge, maxUnavailable, of, surge, unavailable) => {
    expect(limitsOf({ maxSurge, maxUnavailable }, of)).toEqual({ surge, unavailable })
  },
)
