import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDump } from '../../src/dumps/index.ts'
import { parseNamespaceDump } from '../../src/linux/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'
import { plain } from '../support/plain.ts'

const fixture = JSON.parse(readFileSync(new URL('../fixtures/linux/tools.json', import.meta.url), 'utf8')) as {
  files: Record<string, unknown>
  outputs: Record<string, string>
  details: Record<string, string>
}
const fromJson = parseNamespaceDump('n', 'node', fixture.files).namespace

/** The same machine in plain text. */
const plainFiles = new Map([
  ['n/ip-link.txt', fixture.details['ip -d link']!],
  ['n/ip-addr.txt', fixture.outputs['ip addr']!],
  ['n/ip-route.txt', fixture.outputs['ip route show table all']!],
  ['n/rule.txt', fixture.outputs['ip rule']!],
  ['n/rule6.txt', fixture.outputs['ip -6 rule']!],
  ['n/neigh.txt', fixture.outputs['ip neigh']!],
  ['n/neigh-proxy', fixture.outputs['ip neigh show proxy']!],
  ['n/fdb', fixture.outputs['bridge fdb']!],
])

describe('a dump in plain text', () => {
  const dump = parseDump(plainFiles)
  const ns = dump.nodes[0]!.namespace

  it('has no faults', () => expect(dump.issues).toEqual([]))

  it.each(['rules', 'neighbours', 'proxyNeighbours', 'fdb', 'interfaces'] as const)(
    'says the same as JSON: %s',
    (part) => {
      expect(plain(ns[part])).toEqual(plain(fromJson[part]))
    },
  )

  it('says the same as JSON: routes, and more: JSON does not tell a locked MTU', () => {
    const routes = ns.routes.map(({ mtuLock: _, ...route }) => route)
    expect(plain(routes)).toEqual(plain(fromJson.routes))
    expect(ns.routes.filter((route) => route.mtuLock === true).map((route) => route.dst)).toEqual(['10.2.0.0/16'])
  })

  it('guesses kinds without -d, and says so', () => {
    const files = new Map([...plainFiles, ['n/ip-link.txt', fixture.outputs['ip link']!]])
    const [node] = parseDump(files).nodes
    expect(node!.namespace.interfaces['v0']?.kind).toBe('veth')
    expect(node!.namespace.interfaces['br0']?.kind).toBe('bridge')
    expect(node!.uncertain[0]).toBe(
      'link: printed without -d: VXLAN and bridge settings are unknown, kinds of devices are guesses',
    )
  })

  it('never throws on mutated text', () => {
    const names = [...plainFiles.keys()]
    const cut = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(30), fc.string({ maxLength: 10 }))
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(cut, { maxLength: 5 }), (name, cuts) => {
        let text = plainFiles.get(name)!
        for (const [at, length, insert] of cuts) {
          const start = Math.floor(at * text.length)
          text = text.slice(0, start) + insert + text.slice(start + length)
        }
        expect(parseDump(new Map([[name, text]])).nodes).toHaveLength(1)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a dump of several machines', () => {
  const files = new Map<string, string | Uint8Array>([
    ['dump/a/link.json', encodeUtf8(JSON.stringify(fixture.files['link.json']))],
    ['dump/a/addr.json', JSON.stringify(fixture.files['addr.json'])],
    ['dump/b/ip6tables-save', '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n'],
    ['dump/b/notes.md', 'hello'],
  ])
  const dump = parseDump(files, { roles: { b: 'router' } })

  it('has a node for each folder', () => {
    expect(dump.nodes.map((node) => [node.name, node.namespace.role])).toEqual([
      ['a', 'node'],
      ['b', 'router'],
    ])
    expect(Object.keys(dump.network.namespaces)).toEqual(['a', 'b'])
    expect(dump.network.namespaces['b']?.ip6tables?.tables.filter).toBeDefined()
  })

  it('names the file nobody knows', () => {
    expect(dump.issues.map((issue) => issue.file)).toEqual(['dump/b/notes.md'])
  })

  it('says what is missing and what that means', () => {
    expect(dump.nodes[0]!.missing).toContain('route.json')
    expect(dump.nodes[0]!.uncertain).toContain('route.json: there are no routes: nothing leaves this machine')
    expect(dump.nodes[1]!.uncertain).toContain(
      'addr.json: no interface has an address: nothing is delivered here, and no source address can be chosen',
    )
  })

  it('takes files without a folder for one machine', () => {
    const single = parseDump(new Map([['route.txt', 'default via 10.0.0.1 dev eth0']]), { name: 'here' })
    expect(single.nodes[0]!.name).toBe('here')
    expect(single.nodes[0]!.namespace.routes[0]).toMatchObject({ dst: '0.0.0.0/0', via: '10.0.0.1', dev: 'eth0' })
  })
})
