// Edits of pods alone: what is made anew of a cluster, what is the very same, and after which edits all objects are looked at.
import { describe, expect, it } from 'vitest'
import {
  buildCluster,
  type Cluster,
  type ClusterEdit,
  collectResources,
  editCluster,
  type KnownResource,
  type PodResource,
  storedObjects,
} from '../../src/control/index.ts'
import { makingOf } from '../../src/control/policy-edit.ts'
import { cablesIn, changesBetween } from '../../src/model/index.ts'
import { node, object, pod, pool } from './cluster-objects.ts'

const labelled = (name: string, on: string, app: string, extra: object = {}): PodResource => {
  const made = pod(name, on) as PodResource
  return { ...made, metadata: { ...made.metadata, labels: { app }, ...extra } }
}

const POLICY = object('GlobalNetworkPolicy', 'db', {
  selector: "app == 'db'",
  types: ['Ingress'],
  ingress: [{ action: 'Allow', source: { selector: "app == 'web'" } }],
})

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '10.96.0.10', selector: { app: 'web' }, ports: [{ port: 80 }] },
} as unknown as KnownResource

const SLICE = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-x', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ port: 80 }],
  endpoints: [],
} as unknown as KnownResource

const OBJECTS: readonly KnownResource[] = [
  pool('p', '10.65.0.0/16', { ipipMode: 'Always', blockSize: 30 }),
  node('a', '10.0.0.1/24'),
  node('b', '10.0.0.2/24'),
  node('c', '10.0.0.3/24'),
  labelled('db-0', 'a', 'db'),
  labelled('db-1', 'b', 'db'),
  labelled('web-0', 'b', 'web'),
  labelled('job-0', 'c', 'job'),
]

function built(more: readonly KnownResource[], eagerLimit: number): Cluster {
  return buildCluster(collectResources([...OBJECTS, ...more]), { eagerLimit })
}

const cluster = (...more: readonly KnownResource[]): Cluster => built(more, 0)

const put = (...pods: readonly PodResource[]): ClusterEdit => ({ upserts: { pods } })
const gone = (name: string): ClusterEdit => ({
  removals: [{ kind: 'Pod', apiVersion: 'v1', namespace: 'default', name }],
})

/** Which namespaces are others after an edit, and of which of the rest the firewall may be. */
function changed(before: Cluster, edit: ClusterEdit): { readonly names: readonly string[]; readonly rules: string[] } {
  const after = editCluster(before, edit)
  const { names, firewalls } = changesBetween(before.network.namespaces, after.network.namespaces)!
  const rules = [...firewalls].filter(
    (name) => !names.includes(name) && before.network.namespaces[name] !== after.network.namespaces[name],
  )
  return { names: [...names].sort(), rules: rules.sort() }
}

describe.each([
  ['which are made when they are read', 0],
  ['which are made at once', 256],
])('what an edit of pods makes anew of namespaces %s', (_how, eagerLimit) => {
  const cluster = (...more: readonly KnownResource[]): Cluster => built(more, eagerLimit)

  it.each<[string, readonly KnownResource[], ClusterEdit, readonly string[], readonly string[]]>([
    ['a pod that no policy knows', [POLICY], put(labelled('job-1', 'a', 'job')), ['a', 'default/job-1'], []],
    // A set of the policy has one more: only where the policy is.
    ['one that a set holds', [POLICY], put(labelled('web-1', 'c', 'web')), ['c', 'default/web-1'], ['a', 'b']],
    ['one that a Service leads to', [SERVICE], put(labelled('web-1', 'c', 'web')), ['c', 'default/web-1'], ['a', 'b']],
    ['one that is gone', [POLICY], gone('job-0'), ['c', 'default/job-0'], []],
    ['other labels', [POLICY], put(labelled('db-0', 'a', 'job')), ['a', 'default/db-0'], []],
    ['labels that a set asks for', [POLICY], put(labelled('job-0', 'c', 'web')), ['c', 'default/job-0'], ['a', 'b']],
  ])('%s', (_, more, edit, names, rules) => {
    expect(changed(cluster(...more), edit)).toEqual({ names, rules })
  })

  it('leaves wires, endpoints and routes of all others the very same', () => {
    const before = cluster()
    const after = editCluster(editCluster(before, gone('db-0')), put(labelled('new', 'b', 'db')))
    const wiresOf = ({ network }: Cluster, netns: string) => cablesIn(network.wires)(netns)
    expect(wiresOf(after, 'default/db-1')[0]).toBe(wiresOf(before, 'default/db-1')[0])
    expect(after.network.namespaces['c']).toBe(before.network.namespaces['c'])
    expect(after.network.shared).toBe(before.network.shared)
    expect(after.destinations).toBe(before.destinations)
    const [, first, second] = before.workloadEndpoints
    expect(after.workloadEndpoints.map(({ netns }) => netns)).toEqual(
      ['db-1', 'web-0', 'job-0', 'new'].map((name) => `default/${name}`),
    )
    expect([after.workloadEndpoints[0], after.workloadEndpoints[1]]).toEqual([first, second])
    expect(after.workloadEndpoints[0]).toBe(first)
  })

  it('gives back at the end, and gives what is next', () => {
    const all = editCluster(cluster(), gone('db-1'))
    const one = editCluster(all, put(labelled('x', 'b', 'job')))
    const two = editCluster(one, put(labelled('y', 'b', 'job')))
    const of = (c: Cluster, name: string) => c.workloadEndpoints.find(({ netns }) => netns === `default/${name}`)
    const before = cluster().workloadEndpoints.find(({ netns }) => netns === 'default/db-1')
    expect(of(one, 'x')?.addresses).not.toEqual(before?.addresses)
    expect(of(two, 'y')?.addresses).toEqual(before?.addresses)
  })
})

describe('after which edits all objects are looked at', () => {
  const WISH = { 'cni.projectcalico.org/ipv4pools': '["p"]' }
  it.each<[string, readonly KnownResource[], ClusterEdit, boolean]>([
    ['a pod', [], put(labelled('x', 'a', 'job')), false],
    ['a pod without a node', [], put({ ...labelled('x', 'a', 'job'), spec: {} }), false],
    ['a pod that has ended', [], put({ ...labelled('job-0', 'c', 'job'), status: { phase: 'Succeeded' } }), false],
    [
      'a pod that a Service would select whose endpoints are given',
      [SERVICE, SLICE],
      put(labelled('x', 'a', 'web')),
      true,
    ],
    ['another pod beside it', [SERVICE, SLICE], put(labelled('x', 'a', 'job')), false],
    ['a pod that moves', [], put(labelled('job-0', 'a', 'job')), true],
    ['a pod that wishes a pool', [], put(labelled('x', 'a', 'job', { annotations: WISH })), true],
    [
      'a pod that shares the network of its node',
      [],
      put({ ...labelled('x', 'a', 'j'), spec: { nodeName: 'a', hostNetwork: true } }),
      true,
    ],
    ['a block that is full', [], put(...['x', 'y', 'z'].map((name) => labelled(name, 'b', 'job'))), true],
    [
      'a pod beside a policy',
      [],
      { upserts: { pods: [labelled('x', 'a', 'job')], policies: [POLICY as never] } },
      true,
    ],
    ['a pod on a node that is not there', [], put(labelled('x', 'd', 'job')), true],
  ])('%s', (_, more, edit, isWhole) => {
    expect(makingOf(editCluster(cluster(...more), edit)).edited === undefined).toBe(isWhole)
  })

  it('the first of a cluster with blocks as objects; those after it tell the blocks as they are then', () => {
    const isWhole = (c: Cluster): boolean => makingOf(c).edited === undefined
    const stored = buildCluster(storedObjects(cluster()), { eagerLimit: 0 })
    const first = editCluster(stored, gone('job-0'))
    const second = editCluster(first, put(labelled('x', 'c', 'job')))
    const third = editCluster(second, gone('web-0'))
    expect([first, second, third].map(isWhole)).toEqual([true, false, false])
    const holders = ({ resources }: Cluster): unknown =>
      resources.ipamBlocks.flatMap(({ spec }) =>
        spec.allocations.flatMap((index) =>
          index === null ? [] : (spec.attributes?.[index]?.secondary?.['pod'] ?? []),
        ),
      )
    expect(holders(first)).toEqual(['db-0', 'db-1', 'web-0'])
    expect(holders(third)).toEqual(['db-0', 'db-1', 'x'])
    expect(third.resources.ipamBlocks).toEqual(storedObjects(third).ipamBlocks)
  })
})

it('pods that came and went leave nothing behind in what namespaces are told apart by', () => {
  const passed = (from: Cluster, name: string): Cluster =>
    editCluster(editCluster(from, put(labelled(name, 'c', 'job'))), gone(name))
  const first = passed(cluster(), 'x-0')
  const last = ['x-1', 'x-2', 'x-3'].reduce(passed, first)
  const names = (of: Cluster): unknown => [...makingOf(of).edited!.editions.keys()]
  expect(names(last)).toEqual(names(first))
  expect(names(first)).toEqual(['c'])
  expect(
    changesBetween(editCluster(first, put(labelled('y', 'c', 'job'))).network.namespaces, first.network.namespaces)
      ?.names,
  ).toContain('default/y')
})
