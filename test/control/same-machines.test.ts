// Edits of nodes: where pods may run and what is only shown makes no other network.
import { describe, expect, it } from 'vitest'
import {
  buildCluster,
  type Cluster,
  collectResources,
  editCluster,
  type NodeResource,
} from '../../src/control/index.ts'
import { node, pod, pool } from './cluster-objects.ts'

const OBJECTS = [
  pool('p', '10.65.0.0/16', { ipipMode: 'Always' }),
  node('a', '10.0.0.1/24'),
  node('b', '10.0.0.2/24'),
  pod('one', 'a'),
  pod('two', 'b'),
]

const built = (): Cluster => buildCluster(collectResources(OBJECTS))
const edited = (cluster: Cluster, change: (node: NodeResource) => NodeResource): Cluster =>
  editCluster(cluster, { upserts: { nodes: [change(cluster.resources.nodes[1]!)] } })
const namesOf = ({ nodes }: Cluster): string[] => nodes.map(({ name }) => name)

const TAINT = { key: 'k', effect: 'NoExecute' } as const

describe('an edit of a node', () => {
  it.each<[string, (node: NodeResource) => NodeResource]>([
    ['is cordoned', (one) => ({ ...one, spec: { ...one.spec, unschedulable: true } })],
    ['is tainted', (one) => ({ ...one, spec: { ...one.spec, taints: [TAINT] } })],
    [
      'is not ready',
      (one) => ({ ...one, status: { ...one.status, conditions: [{ type: 'Ready', status: 'False' }] } }),
    ],
  ])('that %s leaves the network the very same', (_, change) => {
    const before = built()
    const after = edited(before, change)
    expect(after.network).toBe(before.network)
    expect(after.resources.nodes).toEqual([before.resources.nodes[0], change(before.resources.nodes[1]!)])
    expect(buildCluster(after.resources).network.namespaces).toEqual(before.network.namespaces)
  })

  it.each<[string, (node: NodeResource) => NodeResource]>([
    ['has other labels', (one) => ({ ...one, metadata: { ...one.metadata, labels: { rack: '1' } } })],
    ['has another pod range', (one) => ({ ...one, spec: { podCIDR: '10.99.0.0/24' } })],
    [
      'is told from another place',
      (one) => ({ ...one, placeOf: () => ({ file: 'x', line: 1, column: 1 }) }) as NodeResource,
    ],
  ])('that %s makes it anew', (_, change) => {
    const before = built()
    expect(edited(before, change).network).not.toBe(before.network)
  })

  it('is kept by the edits after it: of policies, of pods, of other nodes', () => {
    const cordoned = edited(built(), (one) => ({ ...one, spec: { unschedulable: true } }))
    const more = editCluster(cordoned, { upserts: { pods: [pod('three', 'a')] as never } })
    expect(more.resources.nodes).toBe(cordoned.resources.nodes)
    expect(more.workloadEndpoints.map(({ netns }) => netns)).toContain('default/three')
    const grown = editCluster(more, { upserts: { nodes: [node('c', '10.0.0.3/24')] as never } })
    expect(namesOf(grown)).toEqual(['a', 'b', 'c'])
    expect(grown.resources.nodes[1]!.spec).toEqual({ unschedulable: true })
  })
})
