import { describe, expect, it } from 'vitest'
import { isPodReady, NO_TIMING, podWord } from '../../src/controllers/index.ts'
import { deployment, nodes, template, World } from './world.ts'

describe('a Deployment', () => {
  it('makes a ReplicaSet, and that pods, which are bound to nodes evenly and run', () => {
    const world = new World(nodes(3), NO_TIMING).put(deployment('web', 3)).settle()
    const [set] = world.resources.podSets
    expect(set?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/)
    const { pods } = world.resources
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(
      pods.map(() => expect.stringMatching(new RegExp(`^${set?.metadata.name}-[bcdfghjklmnpqrstvwxz2456789]{5}$`))),
    )
    expect(pods.map(({ spec }) => spec.nodeName).sort()).toEqual(['n1', 'n2', 'n3'])
    expect(pods.every(isPodReady)).toBe(true)
    expect(pods.map(podWord)).toEqual(['Running', 'Running', 'Running'])
  })

  it('is rolled out with no more pods missing, nor beyond, than may be', () => {
    const world = new World(nodes(4)).put(deployment('web', 8)).pass(60)
    const seen: [number, number][] = []
    world.put(deployment('web', 8, { template: template('web', 'nginx:2') }))
    for (let i = 0; i < 400; i++) {
      world.pass(0.25)
      const alive = world.resources.pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      seen.push([alive.length, alive.filter(isPodReady).length])
    }
    expect(Math.max(...seen.map(([all]) => all))).toBe(10)
    expect(Math.min(...seen.map(([, ready]) => ready))).toBe(6)
    const images = world.resources.pods.map(({ spec }) => spec.containers?.[0]?.image)
    expect(images).toEqual(Array.from({ length: 8 }, () => 'nginx:2'))
    expect(world.resources.podSets.map(({ spec }) => spec.replicas).sort()).toEqual([0, 8])
  })
})
