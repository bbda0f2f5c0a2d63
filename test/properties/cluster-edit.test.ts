// What a cluster is after any sequence of edits: as one that is built of the objects a datastore would hold then, with every address
// where it was given.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BuildOptions,
  buildCluster,
  type Cluster,
  collectedCluster,
  collectResources,
  editCluster,
  parseCalicoVersion,
  storedObjects,
} from '../../src/control/index.ts'
import { makingOf } from '../../src/control/policy-edit.ts'
import { drawnEdit, type EditDraw, editDraws } from './cluster-edits.ts'
import { controlClusters } from './control-clusters.ts'
import { runs } from './run.ts'
import { told, twice } from './told-cluster.ts'

const edits = (): fc.Arbitrary<readonly EditDraw[]> => fc.array(editDraws(), { minLength: 1, maxLength: 8 })

describe('a cluster after any edits', () => {
  it('is as one built of the objects that are stored then, and no address is held twice', () => {
    const seen = { edits: 0, moved: 0, ofPods: 0 }
    fc.assert(
      fc.property(
        controlClusters(),
        edits(),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (made, draws, isSettled, isLate, isStored) => {
          const version = { calicoVersion: parseCalicoVersion(made.version)! }
          const options: BuildOptions = isLate ? { ...version, eagerLimit: 0 } : version
          let cluster = buildCluster(collectResources(made.objects), options)
          // As read from a datastore: its blocks are objects, and pods say their addresses.
          if (isStored && cluster.findings.faults.length === 0) cluster = buildCluster(storedObjects(cluster), options)
          draws.forEach((draw, i) => {
            const edit = drawnEdit(cluster.resources, draw, i)
            if (edit === undefined) return
            const before = new Map(cluster.workloadEndpoints.map((one) => [one.netns, one]))
            // Of every other edit nobody runs CNI DEL for the pods that go.
            const leaks = i % 2 === 0 ? undefined : new Set(before.keys())
            const after = editCluster(cluster, edit, { isSettled, ...(leaks && { leaks }) })
            // What Calico refuses, or leaves without an address, is none of the objects that are stored.
            if (after.findings.faults.length > 0) return
            cluster = after
            seen.edits++
            if (makingOf(cluster).edited !== undefined) seen.ofPods++
            expect(twice(cluster)).toEqual([])
            for (const { netns, node, pod, addresses } of cluster.workloadEndpoints) {
              const was = before.get(netns)
              if (was === undefined || was.node !== node || edit.removals?.includes(was.pod)) seen.moved++
              else expect([netns, pod.metadata.name, addresses]).toEqual([netns, was.pod.metadata.name, was.addresses])
            }
          })
          expect(told(cluster)).toEqual(told(buildCluster(storedObjects(cluster), options)))
          const { cluster: collected } = collectedCluster(cluster, true)
          expect(told(collected)).toEqual(told(buildCluster(storedObjects(collected), options)))
        },
      ),
      { ...runs(40), endOnFailure: true },
    )
    const { numRuns } = runs(40)
    expect(seen.edits).toBeGreaterThan(1.5 * numRuns)
    expect(seen.moved).toBeGreaterThan(numRuns / 4)
    // Those that cost what changed, where nothing more follows from them.
    expect(seen.ofPods).toBeGreaterThan(numRuns / 4)
  }, 600_000)

  it('is the same in whatever order edits came that have nothing to do with each other', () => {
    const independent = ['relabel', 'relabel-node', 'policy', 'service', 'mesh', 'namespace', 'strict'] as const
    const pairs = fc.shuffledSubarray([...independent], { minLength: 2, maxLength: 2 })
    let seen = 0
    fc.assert(
      fc.property(controlClusters(), pairs, fc.nat(1000), fc.nat(1000), (made, kinds, a, b) => {
        const options: BuildOptions = { calicoVersion: parseCalicoVersion(made.version)! }
        const first = buildCluster(collectResources(made.objects), options)
        const drawn = kinds.flatMap((kind) => drawnEdit(first.resources, { kind, a, b }, 0) ?? [])
        const edited = (list: typeof drawn): Cluster =>
          list.reduce((cluster, edit) => editCluster(cluster, edit, { isSettled: true }), first)
        const [one, other] = [edited(drawn), edited([...drawn].reverse())]
        seen += drawn.length
        expect(told(one)).toEqual(told(other))
      }),
      { ...runs(16), endOnFailure: true },
    )
    expect(seen).toBeGreaterThan(runs(16).numRuns)
  }, 300_000)
})
