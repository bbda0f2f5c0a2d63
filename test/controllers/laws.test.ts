// What must hold of controllers for all clusters and all that is done to them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PodResource, Taint } from '../../src/control/index.ts'
import {
  CONTROLLER_NAMES,
  type ControllerName,
  isPodReady,
  NO_TIMING,
  reconciled,
  USUAL_TIMING,
} from '../../src/controllers/index.ts'
import { wantsNode } from '../../src/controllers/node-fit.ts'
import { tolerationsOf, untolerated } from '../../src/controllers/taints.ts'
import { bareNode, daemonSet, deployment, node, nodes, statefulSet, template, World } from './world.ts'

/** Something that is done to a cluster, and seconds that pass then. */
interface Deed {
  readonly what: (world: World) => void
  readonly seconds: number
}

const NAMES = ['a', 'b', 'c']
const name = fc.constantFrom(...NAMES)
const TAINTS: Taint[] = [
  { key: 'dedicated', value: 'x', effect: 'NoSchedule' },
  { key: 'dedicated', value: 'x', effect: 'NoExecute' },
]
const tolerations = fc.constantFrom([], [{ key: 'dedicated', operator: 'Exists' }], [{ operator: 'Exists' }])
const spec = fc.record({
  nodeSelector: fc.constantFrom({}, { zone: 'a' }),
  tolerations,
  terminationGracePeriodSeconds: fc.constantFrom(0, 5, 30),
})

const what: fc.Arbitrary<Deed['what']> = fc.oneof(
  fc
    .record({
      name,
      replicas: fc.integer({ min: 0, max: 4 }),
      image: fc.constantFrom('x:1', 'x:2'),
      spec,
      recreate: fc.boolean(),
    })
    .map(
      ({ name, replicas, image, spec, recreate }) =>
        (world: World) =>
          void world.put(
            deployment(name, replicas, {
              template: template(name, image, spec),
              ...(recreate ? { strategy: { type: 'Recreate' } } : {}),
            }),
          ),
    ),
  fc.record({ name, image: fc.constantFrom('x:1', 'x:2'), spec }).map(
    ({ name, image, spec }) =>
      (world: World) =>
        void world.put(daemonSet(`ds-${name}`, { template: template(`ds-${name}`, image, spec) })),
  ),
  fc.record({ name, replicas: fc.integer({ min: 0, max: 3 }), image: fc.constantFrom('x:1', 'x:2') }).map(
    ({ name, replicas, image }) =>
      (world: World) =>
        void world.put(statefulSet(`st-${name}`, replicas, { template: template(`st-${name}`, image) })),
  ),
  fc
    .constantFrom(...NAMES, ...NAMES.map((one) => `ds-${one}`), ...NAMES.map((one) => `st-${one}`))
    .map((name) => (world: World) => {
      for (const kind of ['Deployment', 'DaemonSet', 'StatefulSet']) world.remove(kind, name)
    }),
  fc.nat(30).map((i) => (world: World) => {
    const one = world.resources.pods[i]
    if (one !== undefined) world.remove('Pod', one.metadata.name)
  }),
  fc
    .record({
      i: fc.integer({ min: 1, max: 4 }),
      zone: fc.boolean(),
      taint: fc.constantFrom(undefined, ...TAINTS),
      cordoned: fc.boolean(),
    })
    .map(({ i, zone, taint, cordoned }) => (world: World) => {
      const was = world.resources.nodes.find(({ metadata }) => metadata.name === `n${i}`) ?? bareNode(`n${i}`)
      const kept = (was.spec?.taints ?? []).filter(({ key }) => key !== 'dedicated')
      world.put({
        ...was,
        metadata: { name: `n${i}`, ...(zone ? { labels: { zone: 'a' } } : {}) },
        spec: { unschedulable: cordoned, taints: taint === undefined ? kept : [...kept, taint] },
      })
    }),
  fc.integer({ min: 2, max: 4 }).map((i) => (world: World) => void world.remove('Node', `n${i}`)),
  fc.integer({ min: 1, max: 4 }).map((i) => (world: World) => {
    world.more = { silent: new Map([[`n${i}`, world.now]]) }
  }),
  fc.constant((world: World) => {
    world.more = {}
  }),
)
const deeds = fc.array(fc.record({ what, seconds: fc.constantFrom(0, 0, 1, 3, 20, 400) }), { maxLength: 8 })

function done(all: readonly Deed[], timing = USUAL_TIMING, order?: readonly ControllerName[]): World {
  const world = new World(nodes(3), timing)
  for (const { what, seconds } of all) {
    what(world)
    world.more = { ...world.more, ...(order === undefined ? {} : { controllers: order }) }
    world.pass(seconds)
  }
  world.more = order === undefined ? {} : { controllers: order }
  return world.pass(1000)
}

/** What there is, whatever it is called. */
function shape({ resources }: World): unknown {
  const pods = resources.pods.map((pod) => [
    pod.metadata.labels?.['app'],
    pod.spec.containers?.[0]?.image,
    isPodReady(pod),
    pod.status?.phase,
    pod.metadata.deletionTimestamp !== undefined,
  ])
  const sets = resources.podSets.map(({ kind, spec }) => [
    kind,
    spec.replicas,
    spec.template?.spec?.containers?.[0]?.image,
  ])
  const taints = resources.nodes.map(({ metadata, spec }) => [
    metadata.name,
    (spec?.taints ?? []).map(({ key, effect }) => `${key} ${effect}`).sort(),
  ])
  return { pods: pods.map(String).sort(), sets: sets.map(String).sort(), taints: taints.map(String).sort() }
}

function isAdmitted(world: World, pod: PodResource): boolean {
  const on = world.resources.nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName)
  if (on === undefined) return false
  const executing = (on.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
  return wantsNode(pod.spec, on) || untolerated(executing, tolerationsOf(pod.spec)) === undefined
}

describe('controllers', () => {
  it('come to rest: what they made they leave alone', () => {
    fc.assert(
      fc.property(deeds, (all) => {
        const world = done(all)
        const again = reconciled(world.resources, world.context())
        expect(again.isChange).toBe(false)
        expect(again.events).toEqual([])
        expect(again.memory).toEqual(world.memory)
      }),
      { numRuns: 40 },
    )
  })

  it('make the same of the same', () => {
    fc.assert(
      fc.property(deeds, (all) => {
        expect(done(all).resources).toEqual(done(all).resources)
      }),
      { numRuns: 20 },
    )
  })

  it('make the same in any order', () => {
    const orders = fc.shuffledSubarray([...CONTROLLER_NAMES], { minLength: CONTROLLER_NAMES.length })
    fc.assert(
      fc.property(deeds, orders, (all, order) => {
        expect(shape(done(all, NO_TIMING, order))).toEqual(shape(done(all, NO_TIMING)))
      }),
      { numRuns: 40 },
    )
  })

  it('leave no orphan, and no pod where it may not be', () => {
    fc.assert(
      fc.property(deeds, (all) => {
        const world = done(all)
        const { deployments, daemonSets, podSets, pods } = world.resources
        const there = new Set(
          [...deployments, ...daemonSets, ...podSets].map(({ kind, metadata }) => `${kind}/${metadata.name}`),
        )
        for (const one of [...pods, ...podSets]) {
          for (const { kind, name } of one.metadata.ownerReferences ?? []) expect(there).toContain(`${kind}/${name}`)
        }
        for (const pod of pods) if (pod.spec.nodeName !== undefined) expect(isAdmitted(world, pod)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('give every workload what it wants, where every node takes every pod', () => {
    fc.assert(
      fc.property(deeds, (all) => {
        const world = done(all)
        // Nobody wires pods on a node that joined: there is no calico-node here.
        for (const { metadata } of world.resources.nodes) {
          if (!world.memory.cni.has(metadata.name)) world.remove('Node', metadata.name)
        }
        world.put(
          ...world.resources.nodes.map(({ metadata }) => ({
            ...node(metadata.name),
            metadata: { name: metadata.name, labels: { zone: 'a' } },
          })),
        )
        world.pass(2000)
        for (const { metadata, spec } of world.resources.deployments) {
          const own = world.resources.pods.filter((pod) => pod.metadata.labels?.['app'] === metadata.name)
          expect(own.map((pod) => pod.spec.containers?.[0]?.image)).toEqual(
            Array.from({ length: spec.replicas ?? 1 }, () => spec.template?.spec?.containers?.[0]?.image),
          )
        }
      }),
      { numRuns: 40 },
    )
  })
})
