// Edit after edit: a cluster holds on to no cluster before it, so that ten thousand edits take the memory of one.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { buildCluster, type Cluster, collectResources, editCluster, type PodResource } from '../../src/control/index.ts'
import { node, pod, pool } from './cluster-objects.ts'

const OBJECTS = [pool('p', '10.65.0.0/16', { ipipMode: 'Always' }), node('a', '10.0.0.1/24'), pod('one', 'a')]

it.each<[string, (cluster: Cluster, i: number) => Cluster]>([
  ['a pod that comes', (cluster, i) => editCluster(cluster, { upserts: { pods: [pod(`p${i}`, 'a') as PodResource] } })],
  ['a node', (cluster, i) => editCluster(cluster, { upserts: { nodes: [node(`n${i}`, `10.0.1.${i}/24`) as never] } })],
])('holds on to none before it, after edits of %s', async (_, edit) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let cluster = buildCluster(collectResources(OBJECTS), { eagerLimit: 0 })
  const before: WeakRef<object>[] = []
  for (let i = 1; i <= 12; i++) {
    before.push(new WeakRef(cluster), new WeakRef(cluster.network), new WeakRef(cluster.resources.pods))
    cluster = edit(cluster, i)
    expect(cluster.network.namespaces['a']?.iptables).toBeDefined()
  }
  await new Promise((resolve) => setTimeout(resolve, 20))
  collect()
  const alive = new Set(before.map((one) => one.deref()).filter((one) => one !== undefined))
  // The first one is what the others are told from; where no pod is edited, their list is the very same.
  expect(alive.size).toBeLessThanOrEqual(4)
  expect(cluster.nodes.length).toBeGreaterThan(0)
})
