import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OtherResource } from '../../src/control/index.ts'
import { placeIn, withPut, withTakenOut } from '../../src/timeline/places.ts'

const pod = (name: string): OtherResource =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } }) as OtherResource
const keyOf = (name: string): string => `Pod/default/${name}`
const plainly = (list: readonly OtherResource[], name: string): number =>
  list.findIndex(({ metadata }) => metadata.name === name)

const edit = fc.record({ name: fc.constantFrom(...'abcdefgh'), op: fc.constantFrom('put', 'take', 'add', 'back') })

describe('places of objects', () => {
  test('are those that a look through the list finds, over edits, and in lists of before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...'abcdef'), { maxLength: 12 }),
        fc.array(edit, { maxLength: 30 }),
        (first, edits) => {
          const lists: (readonly OtherResource[])[] = [first.map(pod)]
          let list = lists[0]!
          for (const { name, op } of edits) {
            const place = placeIn(list, keyOf(name))
            if (op === 'back') list = lists[name.charCodeAt(0) % lists.length]!
            else if (op === 'add' && place < 0) list = withPut(list, new Map(), [pod(name)])
            else if (op === 'put' && place >= 0) list = withPut(list, new Map([[place, pod(name)]]), [])
            else if (op === 'take') {
              const those = list.filter(({ metadata }) => metadata.name === name).slice(-1)
              const left = list.filter((one) => one !== those[0])
              list = withTakenOut(list, those)
              expect(list).toEqual(left)
            }
            lists.push(list)
          }
          for (const one of lists)
            for (const name of 'abcdefgh') expect(placeIn(one, keyOf(name))).toBe(plainly(one, name))
        },
      ),
    )
  })
})
