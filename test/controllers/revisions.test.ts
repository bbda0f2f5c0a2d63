// What DaemonSets and StatefulSets were is kept in ControllerRevisions.
import { describe, expect, it } from 'vitest'
import { NO_TIMING } from '../../src/controllers/index.ts'
import { daemonSet, nodes, template, World } from './world.ts'

/** Images of the templates that are kept, by their numbers. */
function kept(world: World): string[] {
  return [...world.resources.controllerRevisions]
    .sort((a, b) => a.revision - b.revision)
    .map(({ revision, data }) => `${revision} ${data?.spec?.template?.spec?.containers?.[0]?.image}`)
}

const of = (image: string, more: object = {}) => daemonSet('agent', { template: template('agent', image), ...more })

describe('ControllerRevisions', () => {
  it('of one that is made: its template, named after the label that its pods have', () => {
    const world = new World(nodes(1), NO_TIMING).put(of('x:1')).settle()
    const [revision] = world.resources.controllerRevisions
    const hash = world.resources.pods[0]?.metadata.labels?.['controller-revision-hash']
    expect(revision?.metadata.name).toBe(`agent-${hash}`)
    expect(revision?.metadata.ownerReferences).toMatchObject([{ kind: 'DaemonSet', name: 'agent' }])
    expect(kept(world)).toEqual(['1 x:1'])
  })

  it('of one that was given: none while nobody changes it, then what it was and what it is', () => {
    const world = new World([...nodes(2), of('x:1')], NO_TIMING).settle()
    expect(kept(world)).toEqual([])
    world.put(of('x:2')).settle()
    expect(kept(world)).toEqual(['1 x:1', '2 x:2'])
  })

  it('a template that comes back is the newest again, and so has a new number', () => {
    const world = new World(nodes(1), NO_TIMING)
    for (const image of ['x:1', 'x:2', 'x:3', 'x:1']) world.put(of(image)).settle()
    expect(kept(world)).toEqual(['2 x:2', '3 x:3', '4 x:1'])
  })

  it('a change that is none of the template keeps nothing new', () => {
    const world = new World(nodes(1), NO_TIMING).put(of('x:1')).settle()
    world.put(of('x:1', { updateStrategy: { type: 'OnDelete' } })).settle()
    expect(kept(world)).toEqual(['1 x:1'])
  })

  it('no more are kept than revisionHistoryLimit says, besides the newest and those of pods', () => {
    const world = new World(nodes(1), NO_TIMING)
    for (const image of ['x:1', 'x:2', 'x:3', 'x:4']) world.put(of(image, { revisionHistoryLimit: 1 })).settle()
    expect(kept(world).at(-1)).toBe('4 x:4')
    expect(kept(world).length).toBeLessThanOrEqual(3)
  })

  it('go with whom they are of', () => {
    const world = new World(nodes(1), NO_TIMING).put(of('x:1')).settle()
    world.remove('DaemonSet', 'agent').settle()
    expect(world.resources.controllerRevisions).toEqual([])
  })
})
