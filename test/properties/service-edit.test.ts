// What a cluster is after any edits of Services, of what tells of their endpoints, and of pods: as one that is built of the objects of then,
// and what is otherwise on a node is told as if all of it were read.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BuildOptions,
  buildCluster,
  type Cluster,
  type ClusterEdit,
  collectResources,
  editCluster,
  parseCalicoVersion,
  type Resources,
  storedObjects,
} from '../../src/control/index.ts'
import { makingOf } from '../../src/control/policy-edit.ts'
import { object } from '../control/cluster-objects.ts'
import { drawnEdit, type EditDraw, editDraws } from './cluster-edits.ts'
import { controlClusters } from './control-clusters.ts'
import { runs } from './run.ts'
import { FIRST } from './timed-events.ts'
import { expectTold, told } from './told-cluster.ts'

const KINDS: readonly EditDraw['kind'][] = [
  'service',
  'no-service',
  'slice',
  'change-service',
  'change-service',
  'many-services',
  'told-slice',
  'told-slice',
  'no-slice',
  'endpoints',
  'no-endpoints',
  'ready',
  'ready',
  'ready-and-slice',
  'policy-of-service',
  'no-policy',
  'pod',
  'no-pod',
  'relabel',
]

function isOfServices({ upserts = {}, removals = [] }: ClusterEdit): boolean {
  const lists = ['services', 'endpointSlices', 'endpoints']
  const kinds = ['Service', 'EndpointSlice', 'Endpoints']
  return Object.keys(upserts).every((list) => lists.includes(list)) && removals.every((one) => kinds.includes(one.kind))
}

/** Rules of all pods ask where the first Services lead to. */
const POLICY = object('GlobalNetworkPolicy', 'to-first', {
  selector: 'all()',
  types: ['Egress'],
  egress: FIRST.map(({ metadata: { name } }) => ({
    action: 'Allow',
    destination: { services: { name, namespace: 'default' } },
  })),
})

/** Pods say where they are: nobody has to stand for an address. */
function stated(cluster: Cluster, options: BuildOptions): Cluster {
  const { ipamBlocks: _, blockAffinities: _affinities, ipamHandles: _handles, ...objects } = storedObjects(cluster)
  const resources: Resources = { ...objects, ipamBlocks: [], blockAffinities: [], ipamHandles: [] }
  return buildCluster(resources, options)
}

describe('a cluster after any edits of Services', () => {
  it.each([
    ['which are made when they are read', 0],
    ['which are made at once', 256],
  ])(
    'is as one built of the objects of then, with namespaces %s',
    (_how, eagerLimit) => {
      const seen = { edits: 0, quick: 0 }
      const draws = fc.array(editDraws(KINDS), { minLength: 1, maxLength: 12 })
      fc.assert(
        fc.property(controlClusters(), draws, fc.boolean(), fc.boolean(), (made, all, isSettled, isStated) => {
          const options: BuildOptions = { calicoVersion: parseCalicoVersion(made.version)!, eagerLimit }
          const first = buildCluster(collectResources([...made.objects, ...FIRST, POLICY]), options)
          if (first.findings.faults.length > 0) return
          let cluster = isStated ? stated(first, options) : first
          for (const [i, draw] of all.entries()) {
            const edit = drawnEdit(cluster.resources, draw, i)
            if (edit === undefined) continue
            const after = editCluster(cluster, edit, { isSettled })
            if (after.findings.faults.length > 0) continue
            seen.edits++
            if (makingOf(after).edited !== undefined && isOfServices(edit)) {
              seen.quick++
              expectTold(cluster, after)
              // With sessions told anew all objects are looked at.
              if (i % 3 === 0)
                expect(told(after)).toEqual(told(editCluster(cluster, edit, { isSettled, bgpSessions: [] })))
            }
            cluster = after
          }
          // Stored pods say where they are: none stands for an address any more.
          if (cluster.findings.notes.some(({ code }) => code === 'endpoints_stand_in')) return
          expect(told(cluster)).toEqual(told(buildCluster(storedObjects(cluster), options)))
        }),
        { ...runs(16), endOnFailure: true },
      )
      expect(seen.edits).toBeGreaterThan(2 * runs(16).numRuns)
      expect(seen.quick).toBeGreaterThan(runs(16).numRuns)
    },
    600_000,
  )
})
