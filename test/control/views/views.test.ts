// What of a node is whose: a namespace put together of what several programs have seen equals, part by part, what the cluster has that its
// writer has seen.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildCluster,
  type Cluster,
  collectResources,
  type NodeViews,
  nodeOfViews,
} from '../../../src/control/index.ts'
import { type Namespace, writtenOut } from '../../../src/model/index.ts'
import { controlClusters } from '../../properties/control-clusters.ts'
import { runs } from '../../properties/run.ts'

/** A namespace as plain data that shares nothing with others. */
function plain({ network }: Cluster, ns: Namespace | undefined): unknown {
  return ns === undefined ? undefined : JSON.parse(JSON.stringify(writtenOut(network, ns)))
}

const VIEWS = ['machine', 'cni', 'bird', 'proxy', 'felixSets', 'felixDevices', 'felixRoutes', 'felixRules'] as const

describe('programs that have seen the same', () => {
  it('have written the very namespace of that cluster', () => {
    fc.assert(
      fc.property(controlClusters(), ({ objects }) => {
        const cluster = buildCluster(collectResources(objects))
        const views: NodeViews = { machine: cluster, cni: cluster, felix: cluster, bird: cluster, proxy: cluster }
        for (const { name } of cluster.nodes) expect(nodeOfViews(name, views)).toBe(cluster.network.namespaces[name])
      }),
      runs(6),
    )
  })

  it('have written the same, whoever has seen it in which of two clusters of the same objects', () => {
    fc.assert(
      fc.property(controlClusters(), fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), ({ objects }, turns) => {
        const one = buildCluster(collectResources(objects))
        const other = buildCluster(collectResources(objects))
        const pick = (i: number): Cluster => (turns[i] === true ? other : one)
        const own = Object.fromEntries(VIEWS.map((view, i) => [view, pick(i)])) as unknown as NodeViews
        for (const { name } of one.nodes) {
          const made = nodeOfViews(name, { ...own, felix: one })
          expect(plain(one, made)).toEqual(plain(one, one.network.namespaces[name]))
        }
      }),
      runs(15),
    )
  })
})
