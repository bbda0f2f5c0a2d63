import fc from 'fast-check'
import type { PodResource, Resources } from 'packetwalk/control'
import { describe, expect, it } from 'vitest'
import { ListedPods, withListedPods } from '../../src/control/listed-pods.ts'

let serial = 0

function pod(): PodResource {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${serial++}` }, spec: {} } as PodResource
}

function resourcesOf(pods: readonly PodResource[]): Resources {
  return { pods, nodes: [] } as unknown as Resources
}

/** What is done to a list: a pod is replaced or taken out by its place among those that are there, or comes last. */
const STEP = fc.record({
  changes: fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 4 }),
  added: fc.nat({ max: 3 }),
})

describe('a list of pods that is edited', () => {
  it('is, written out or not, what the same edits make of an array', () => {
    fc.assert(
      fc.property(fc.nat({ max: 12 }), fc.array(STEP, { maxLength: 60 }), fc.boolean(), (first, steps, isRead) => {
        let plain = Array.from({ length: first }, pod)
        let listed = ListedPods.ofArray(plain)
        for (const { changes, added } of steps) {
          const instead = new Map<PodResource, PodResource | null>()
          for (const [at, isGone] of changes) {
            const was = plain[at % Math.max(1, plain.length)]
            if (was !== undefined) instead.set(was, isGone ? null : pod())
          }
          const fresh = Array.from({ length: added }, pod)
          plain = [...plain.flatMap((one) => instead.get(one) ?? (instead.has(one) ? [] : one)), ...fresh]
          const after = listed.edited({ instead, added: fresh })
          expect(after).toBeDefined()
          listed = after!
          expect(listed.length).toBe(plain.length)
          expect([...listed.backwards()]).toEqual([...plain].reverse())
          if (isRead) expect(listed.array()).toEqual(plain)
        }
        expect(listed.array()).toEqual(plain)
      }),
    )
  })

  it('takes the place of nobody who is not there, or not any more', () => {
    const [a, b] = [pod(), pod()]
    const listed = ListedPods.ofArray([a])
    expect(listed.edited({ instead: new Map([[b, null]]), added: [] })).toBeUndefined()
    const without = listed.edited({ instead: new Map([[a, null]]), added: [b] })!
    expect(without.edited({ instead: new Map([[a, pod()]]), added: [] })).toBeUndefined()
    expect(without.edited({ instead: new Map([[b, null]]), added: [] })!.array()).toEqual([])
  })

  it('is the very same for the very same list, however its objects came by it', () => {
    const pods = [pod(), pod()]
    const listed = ListedPods.of(resourcesOf(pods))
    expect(ListedPods.of(resourcesOf(pods))).toBe(listed)
    const edited = listed.edited({ instead: new Map(), added: [pod()] })!
    const made = withListedPods(resourcesOf(pods), edited)
    expect(ListedPods.of(made)).toBe(edited)
    expect(ListedPods.of({ ...made })).toBe(edited)
    expect(made.pods).toBe(edited.array())
  })

  it('knows a list that somebody else has made of the same edits, and no other', () => {
    const [a, b, c, d] = [pod(), pod(), pod(), pod()]
    const edited = ListedPods.ofArray([a, b, c]).edited({
      instead: new Map([
        [b, d],
        [a, null],
      ]),
      added: [],
    })!
    expect(edited.isSame([d, c])).toBe(true)
    expect(edited.isSame([c, d])).toBe(false)
    expect(edited.isSame([b, c])).toBe(false)
    expect(edited.isSame([d])).toBe(false)
  })
})
