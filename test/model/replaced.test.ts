import { describe, expect, it } from 'vitest'
import { namespace, networkOf } from '../../src/model/index.ts'

describe('a network with namespaces replaced', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => namespace(name, {}))
  const network = networkOf([a!, b!], [])

  it('is what an edit gives, and leaves the one before as it was', () => {
    const other = namespace('a', { interfaces: [{ name: 'eth0', addresses: ['10.0.0.1/24'] }] })
    const replaced = network.replaced(
      new Map([
        ['a', other],
        ['b', undefined],
        ['c', c],
      ]),
      network,
    )
    const edited = network.edit((draft) => {
      draft.namespaces['a'] = other as never
      delete draft.namespaces['b']
      draft.namespaces['c'] = c as never
    })
    expect(replaced).toEqual(edited)
    expect(Object.keys(replaced.namespaces)).toEqual(Object.keys(edited.namespaces))
    expect(Object.keys(network.namespaces)).toEqual(['a', 'b'])
    expect(replaced.namespaces['c']).toBe(c)
  })

  it('cannot be written', () => {
    const { namespaces } = network.replaced(new Map([['c', c]]), network)
    expect(Object.isFrozen(namespaces) && Object.isFrozen(namespaces['c'])).toBe(true)
    expect(network.replaced(new Map(), network).namespaces).toBe(network.namespaces)
  })
})
