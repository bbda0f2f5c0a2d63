// In which members sets differ over edits of pods: told without looking at all of them, and never otherwise than a comparison finds.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildCluster,
  type Cluster,
  type ClusterEdit,
  collectResources,
  editCluster,
  type PodResource,
} from '../../../src/control/index.ts'
import { movedByPods } from '../../../src/control/policy/moved-members.ts'
import { eachMember, type IpSet } from '../../../src/model/index.ts'
import { runs } from '../../properties/run.ts'
import { node, object, pod, pool } from '../cluster-objects.ts'

const APPS = ['web', 'db', 'job'] as const
const NODES = ['a', 'b'] as const

const labelled = (name: string, on: string, app: string, port: string): PodResource => {
  const made = pod(name, on) as PodResource
  const containers = [{ name: 'c', ports: [{ name: port, containerPort: 80 }] }]
  return { ...made, metadata: { ...made.metadata, labels: { app } }, spec: { ...made.spec, containers } } as PodResource
}

/** Every other address of the pool: a pod that has one is not the only one who puts it in. */
const NETS = Array.from({ length: 64 }, (_, i) => `10.65.0.${2 * i}`)

/** Of every app there is a pod on each node. */
const OBJECTS = [
  pool('p', '10.65.0.0/25', { ipipMode: 'Always', blockSize: 26 }),
  ...NODES.map((name, i) => node(name, `10.0.0.${i + 1}/24`)),
  ...APPS.flatMap((app) => NODES.map((on) => labelled(`${app}-${on}`, on, app, 'http'))),
  object('GlobalNetworkSet', 'ranges', { nets: NETS }),
  object('GlobalNetworkPolicy', 'all', {
    selector: 'all()',
    types: ['Ingress'],
    ingress: [
      { action: 'Allow', source: { selector: "app == 'web' || !has(app)" } },
      { action: 'Allow', source: { selector: "app == 'db'" }, protocol: 'TCP', destination: { ports: ['http'] } },
    ],
  }),
]

type Step = readonly [op: 'put' | 'delete', name: number, on: number, app: number, port: number]

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('put', 'put', 'delete'),
  fc.nat({ max: 8 }),
  fc.nat({ max: NODES.length - 1 }),
  fc.nat({ max: APPS.length - 1 }),
  fc.nat({ max: 1 }),
)

/** Names of pods that were there first, and of others. */
const nameOf = (i: number): string => (i < 6 ? `${APPS[i % 3]}-${NODES[i % 2]}` : `new-${i}`)

function editOf([op, i, on, app, port]: Step, { resources }: Cluster): ClusterEdit {
  const name = nameOf(i)
  const there = resources.pods.find(({ metadata }) => metadata.name === name)
  if (op === 'delete' && there === undefined) return {}
  if (op === 'delete') return { removals: [{ kind: 'Pod', apiVersion: 'v1', namespace: 'default', name }] }
  const home = there?.spec.nodeName ?? NODES[on]!
  return { upserts: { pods: [labelled(name, home, APPS[app]!, port === 0 ? 'http' : 'other')] } }
}

function setsOn(cluster: Cluster, name: string): Readonly<Record<string, IpSet>> {
  return cluster.network.namespaces[name]!.ipsets ?? {}
}

describe('members of sets over edits of pods', () => {
  it('are told as a comparison of all finds them, forwards and backwards', () => {
    let told = 0
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.nat(), (steps, other) => {
      const clusters = [buildCluster(collectResources(OBJECTS), { eagerLimit: 0 })]
      for (const one of steps) clusters.push(editCluster(clusters.at(-1)!, editOf(one, clusters.at(-1)!)))
      const [last, past] = [clusters.at(-1)!, clusters[other % clusters.length]!]
      for (const [was, now] of [
        [past, last],
        [last, past],
      ] as const) {
        const [before, after] = [setsOn(was, 'a'), setsOn(now, 'a')]
        for (const name of Object.keys(after)) {
          const moved = before[name] && movedByPods(before[name], after[name]!)
          if (moved === undefined) continue
          told++
          const [old, fresh] = [new Set(eachMember(before[name]!)), new Set(eachMember(after[name]!))]
          expect([...moved.come].sort(), name).toEqual([...fresh].filter((one) => !old.has(one)).sort())
          expect([...moved.gone].sort(), name).toEqual([...old].filter((one) => !fresh.has(one)).sort())
        }
      }
    })
    fc.assert(property, runs(100))
    expect(told).toBeGreaterThan(0)
  })
})
