import { describe, expect, it } from 'vitest'
import {
  type Chain,
  eachMember,
  type IpSet,
  isLate,
  lateLookup,
  lateRecord,
  lateSet,
  type NamespaceMember,
  Network,
  namespace,
  type Ruleset,
  wholeNamespace,
} from '../../src/model/index.ts'

/** A node with a filter table each of whose chains is made when read; `made` lists which, and `rulesets` counts whole ones. */
function node(): { network: Network; made: string[]; rulesets: () => number } {
  const made: string[] = []
  let rulesets = 0
  const chain = (name: string): Chain => {
    made.push(name)
    return { rules: [{ matches: [], target: { kind: 'ACCEPT' } }] }
  }
  const ruleset = (): Ruleset => {
    rulesets++
    const names = ['INPUT', 'FORWARD', 'cali-INPUT']
    return { tables: { filter: { chains: lateRecord(names.map((name) => [name, () => chain(name)] as const)) } } }
  }
  const plain = namespace('n', { interfaces: [{ name: 'eth0' }] })
  const { name, role, ...rest } = plain
  const members = [...Object.keys(rest), 'iptables'] as NamespaceMember[]
  const make = (member: NamespaceMember): unknown => (member === 'iptables' ? ruleset() : plain[member])
  const ns = wholeNamespace({ name, role, members, make })
  return { network: new Network({ namespaces: { n: ns } }), made, rulesets: () => rulesets }
}

const filterOf = (network: Network) => network.namespaces['n']?.iptables?.tables.filter

describe('rules that are made when read', () => {
  it('are not made by whoever makes or freezes the network', () => {
    const { network, made, rulesets } = node()
    Object.freeze(network)
    expect([made, rulesets()]).toEqual([[], 0])
  })

  it('are made chain by chain, each once', () => {
    const { network, made, rulesets } = node()
    const first = filterOf(network)?.chains['FORWARD']
    expect(filterOf(network)?.chains['FORWARD']).toBe(first)
    expect(first?.rules).toHaveLength(1)
    expect([made, rulesets()]).toEqual([['FORWARD'], 1])
  })

  it('have their names without being made', () => {
    const { network, made } = node()
    expect(Object.keys(filterOf(network)?.chains ?? {})).toEqual(['INPUT', 'FORWARD', 'cali-INPUT'])
    expect(made).toEqual([])
  })

  it('stay the same objects over an edit of something else in the node', () => {
    const { network, made } = node()
    const edited = network.edit((draft) => {
      draft.namespaces['n']!.sysctls['net.ipv4.ip_forward'] = '1'
    })
    expect(edited.namespaces['n']?.iptables).toBe(network.namespaces['n']?.iptables)
    expect(made).toEqual([])
  })

  it('can be edited like plain data, and the network before keeps its own', () => {
    const { network } = node()
    const edited = network.edit((draft) => {
      draft.namespaces['n']!.iptables!.tables.filter!.chains['FORWARD']!.rules.pop()
    })
    expect(filterOf(edited)?.chains['FORWARD']?.rules).toEqual([])
    expect(filterOf(edited)?.chains['INPUT']?.rules).toHaveLength(1)
    expect(filterOf(network)?.chains['FORWARD']?.rules).toHaveLength(1)
  })

  it('cannot be written', () => {
    const { network } = node()
    const chains = filterOf(network)?.chains as Record<string, unknown>
    expect(() => {
      chains['FORWARD'] = 1
    }).toThrow(TypeError)
  })
})

describe('a record even the names of which are dear', () => {
  const asked: string[] = []
  const names = () => {
    asked.push('names')
    return ['a', 'b']
  }
  const record = lateLookup(
    names,
    (name) => name === 'a' || name === 'b',
    (name) => ({ name }),
  )

  it('gives a value without listing the names, the same each time, and frozen', () => {
    expect(record['a']).toEqual({ name: 'a' })
    expect(record['a']).toBe(record['a'])
    expect(Object.isFrozen(record['a'])).toBe(true)
    expect([record['c'], Object.hasOwn(record, 'b'), Object.hasOwn(record, 'c')]).toEqual([undefined, true, false])
    expect(asked).toEqual([])
  })

  it('lists them when asked', () => {
    expect(Object.keys(record)).toEqual(['a', 'b'])
    expect({ ...record }).toEqual({ a: { name: 'a' }, b: { name: 'b' } })
  })

  it('says that it is late; a copy is not', () => {
    expect([isLate(record), isLate({ ...record }), isLate(lateRecord([['a', () => 1]]))]).toEqual([true, false, true])
  })
})

describe('a set whose members are found when read', () => {
  function counted(members: readonly string[]): { set: IpSet; found: () => number } {
    let found = 0
    const find = function* (): Iterable<string> {
      for (const member of members) {
        found++
        yield member
      }
    }
    const set = lateSet({ name: 's', type: 'hash:net', family: 'inet' }, find, (all) =>
      all.filter((one) => one !== 'c'),
    )
    return { set, found: () => found }
  }

  it('finds none for whoever freezes what it is part of', () => {
    const { set, found } = counted(['a', 'b'])
    Object.freeze(lateRecord([['s', () => set]]))
    expect([Object.isFrozen(set), found()]).toEqual([true, 0])
  })

  it('lists each once, always in the same list', () => {
    const { set, found } = counted(['a', 'b', 'a', 'c'])
    expect(set.members).toEqual(['a', 'b'])
    expect(set.members).toBe(set.members)
    expect(found()).toBe(4)
  })

  it('gives them one after the other, and finds no more than are taken', () => {
    const { set, found } = counted(['a', 'b', 'a', 'c'])
    for (const member of eachMember(set)) if (member === 'b') break
    expect(found()).toBe(2)
    expect([...eachMember(set)]).toEqual(['a', 'b', 'a', 'c'])
  })

  it.each([
    ['copied', (set: IpSet): IpSet => ({ ...set })],
    ['written out', (set: IpSet): IpSet => JSON.parse(JSON.stringify(set))],
  ])('%s is plain data', (_, copy) => {
    const { set } = counted(['b', 'c', 'a', 'b'])
    expect([...eachMember(copy(set))]).toEqual(['b', 'a'])
  })
})
