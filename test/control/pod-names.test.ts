// Pods found by `namespace/name` in a hash table without texts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PodNames } from '../../src/control/pod-names.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '/', 'é'), maxLength: 3 })
const name = fc.record({ namespace: fc.option(word, { nil: undefined }), name: word })
type Name = { readonly namespace?: string; readonly name: string }

function plainly({ namespace, name }: { namespace: string | undefined; name: string }): Name {
  return namespace === undefined ? { name } : { namespace, name }
}

const written = ({ namespace = 'default', name }: Name): string => `${namespace}/${name}`

describe('names of pods', () => {
  it('are found as in a map of texts, the last of those that are called the same', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 40 }), fc.array(word), (drawn, asked) => {
        const names = drawn.map(plainly)
        const map = new Map(names.map((one, place) => [written(one), place]))
        const index = new PodNames(names.length, (place) => names[place]!)
        for (const text of [...map.keys(), ...asked]) expect(index.placeOf(text)).toBe(map.get(text) ?? -1)
      }),
    )
  })

  it('are found among many', () => {
    const names = Array.from({ length: 5000 }, (_, i): Name => ({ namespace: `ns-${i % 7}`, name: `web-${i}` }))
    const index = new PodNames(names.length, (place) => names[place]!)
    expect(names.map((one) => index.placeOf(written(one)))).toEqual(names.map((_, place) => place))
    expect(index.placeOf('ns-1/web-0')).toBe(-1)
  })
})
