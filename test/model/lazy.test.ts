import { describe, expect, it } from 'vitest'
import {
  lazyNamespace,
  markLazy,
  type Namespace,
  type NamespaceMembers,
  Network,
  namespace,
  outlineOf,
  route,
  wholeNamespace,
} from '../../src/model/index.ts'

/** Namespaces that are made when read; `made` lists which. */
function lazyNetwork(names: readonly string[]): { network: Network; made: string[] } {
  const made: string[] = []
  const known = new Map<string, Namespace>()
  const read = (name: string): Namespace | undefined => {
    if (!names.includes(name)) return undefined
    const before = known.get(name)
    if (before !== undefined) return before
    made.push(name)
    const fresh = namespace(name, { interfaces: [{ name: 'eth0', addresses: ['10.0.0.1/24'] }] })
    known.set(name, fresh)
    return fresh
  }
  const namespaces = new Proxy<Record<string, Namespace>>(
    {},
    {
      get: (_, key) => read(String(key)),
      has: (_, key) => names.includes(String(key)),
      ownKeys: () => [...names],
      getOwnPropertyDescriptor: (_, key) =>
        names.includes(String(key))
          ? { configurable: true, enumerable: true, get: () => read(String(key)) }
          : undefined,
    },
  )
  markLazy(namespaces, 3)
  return { network: new Network({ namespaces }), made }
}

const blackhole = { ...route('10.9.0.0/16', { type: 'blackhole' }) } as never

describe('an edit of namespaces that are made when read', () => {
  it('makes only what the recipe reads', () => {
    const { network, made } = lazyNetwork(['a', 'b', 'c'])
    const edited = network.edit((draft) => {
      draft.namespaces['b']?.routes.push(blackhole)
    })
    expect(made).toEqual(['b'])
    expect(edited.namespaces['b']?.routes.at(-1)).toEqual(blackhole)
    expect(network.namespaces['b']?.routes).not.toContainEqual(blackhole)
    expect(edited.namespaces['b']?.interfaces).toBe(network.namespaces['b']?.interfaces)
    expect(edited.namespaces['a']).toBe(network.namespaces['a'])
    expect(Object.keys(edited.namespaces)).toEqual(['a', 'b', 'c'])
  })

  it('gives the same network when nothing changes', () => {
    const { network } = lazyNetwork(['a', 'b'])
    expect(network.edit((draft) => void draft.namespaces['a']?.routes.length)).toBe(network)
  })

  it('adds, removes and replaces, one edit over another', () => {
    const { network } = lazyNetwork(['a', 'b', 'c'])
    const edited = network
      .edit((draft) => {
        delete draft.namespaces['a']
        draft.namespaces['d'] = namespace('d') as never
      })
      .edit((draft) => {
        draft.namespaces['e'] = { ...draft.namespaces['c'], name: 'e' } as never
        draft.namespaces['d']?.routes.push(blackhole)
      })
    expect(Object.keys(edited.namespaces)).toEqual(['b', 'c', 'd', 'e'])
    expect(edited.namespaces['a']).toBeUndefined()
    expect('a' in edited.namespaces).toBe(false)
    expect(edited.namespaces['d']?.routes).toContainEqual(blackhole)
    expect(edited.namespaces['e']?.interfaces).toEqual(network.namespaces['c']?.interfaces)
  })

  it('can be undone: removing what was added gives equal data', () => {
    const { network } = lazyNetwork(['a'])
    const back = network
      .edit((draft) => {
        draft.namespaces['a']?.routes.push(blackhole)
      })
      .edit((draft) => {
        draft.namespaces['a']?.routes.pop()
      })
    expect(JSON.stringify(back)).toBe(JSON.stringify(network))
  })
})

describe('a lazy namespace', () => {
  it('is made member by member, each once, when more than its outline is read', () => {
    const whole = namespace('n', { interfaces: [{ name: 'eth0', addresses: ['10.0.0.1/24'] }] })
    const { name: _, role: __, ...rest } = whole
    const made: string[] = []
    const members = Object.fromEntries(
      Object.entries(rest).map(([key, value]) => {
        const make = (): unknown => {
          made.push(key)
          return value
        }
        return [key, make]
      }),
    ) as unknown as NamespaceMembers
    const ns = lazyNamespace({ ...whole, routes: [] }, members)
    expect(outlineOf(ns).interfaces['eth0']?.up).toBe(true)
    expect([ns.name, ns.role, made]).toEqual(['n', whole.role, []])
    expect(ns.routes).toBe(whole.routes)
    expect(made).toEqual(['routes'])
    expect({ ...ns }).toEqual(whole)
    expect(ns.routes).toBe(whole.routes)
    expect(made).toHaveLength(Object.keys(rest).length)
    expect(outlineOf(whole)).toBe(whole)
    expect(wholeNamespace(whole, members)).toEqual(whole)
  })
})
