import { describe, expect, it } from 'vitest'
import {
  interfaceOf,
  knownOf,
  lazyNamespace,
  markLazy,
  type Namespace,
  type NamespaceMember,
  type NamespaceSource,
  Network,
  namespace,
  type Outline,
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
  const whole = namespace('n', { interfaces: [{ name: 'eth0', addresses: ['10.0.0.1/24'] }] })
  const { name, role, ...rest } = whole
  const eth0 = whole.interfaces['eth0']!

  function lazy(): { ns: Namespace; made: string[]; source: NamespaceSource } {
    const made: string[] = []
    const make = (member: NamespaceMember): unknown => {
      made.push(member)
      return whole[member]
    }
    const source = { name, role, members: Object.keys(rest) as NamespaceMember[], make }
    const outline: Outline = {
      interface: (dev) => (dev === 'eth0' ? eth0 : undefined),
      interfaces: () => [eth0],
      mayHave: (address) => address === '10.0.0.1',
      sysctls: {},
    }
    return { ns: lazyNamespace(source, outline), made, source }
  }

  it('is made member by member, each once, when more than its outline is read', () => {
    const { ns, made, source } = lazy()
    expect([interfaceOf(ns, 'eth0')?.up, knownOf(ns)?.mayHave('10.0.0.2')]).toEqual([true, false])
    expect([ns.name, ns.role, 'routes' in ns, 'ipsets' in ns, made]).toEqual(['n', role, true, false, []])
    expect(Object.keys(ns)).toEqual(['name', 'role', ...Object.keys(rest)])
    expect(made).toEqual([])
    expect(ns.routes).toBe(whole.routes)
    expect(made).toEqual(['routes'])
    expect({ ...ns }).toEqual(whole)
    expect(JSON.parse(JSON.stringify(ns))).toEqual(JSON.parse(JSON.stringify(whole)))
    expect(ns.routes).toBe(whole.routes)
    expect(made.sort()).toEqual(Object.keys(rest).sort())
    expect(wholeNamespace(source)).toEqual(whole)
  })

  it('has an outline in the form of a namespace', () => {
    const { ns, made } = lazy()
    expect(outlineOf(ns)).toMatchObject({ name, role, interfaces: { eth0 }, routes: [], sysctls: {} })
    expect(outlineOf(ns)).toBe(outlineOf(ns))
    expect(made.filter((member) => member !== 'origin')).toEqual([])
    expect([outlineOf(whole), knownOf(whole)]).toEqual([whole, undefined])
  })

  it('cannot be written, and can be frozen', () => {
    const { ns, made } = lazy()
    expect(() => Object.assign(ns, { routes: [] })).toThrow(TypeError)
    expect(Object.isFrozen(Object.freeze(ns))).toBe(true)
    expect(made).toHaveLength(Object.keys(rest).length)
    expect(ns).toEqual(whole)
  })
})
