// Patches and apply: what becomes of fields that one side has and the other has not.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPatched } from '../../../src/shell/kubectl/json-patch.ts'
import { appliedOn, merged, PLAIN_MERGE, patchFault, strategic } from '../../../src/shell/kubectl/merge.ts'

const POD = strategic('Pod')
const containers = (...names: string[]) => ({
  spec: { containers: names.map((name) => ({ name, image: `${name}:1` })) },
})

describe('strategic patches', () => {
  it('merges containers by name, ports of Services by number, and replaces other lists', () => {
    expect(merged(containers('a', 'b'), { spec: { containers: [{ name: 'b', image: 'b:2' }] } }, POD)).toEqual({
      spec: {
        containers: [
          { name: 'a', image: 'a:1' },
          { name: 'b', image: 'b:2' },
        ],
      },
    })
    expect(
      merged(
        { spec: { ports: [{ port: 80, name: 'x' }] } },
        { spec: { ports: [{ port: 80, nodePort: 30000 }, { port: 81 }] } },
        strategic('Service'),
      ),
    ).toEqual({ spec: { ports: [{ port: 80, name: 'x', nodePort: 30000 }, { port: 81 }] } })
    expect(merged({ spec: { ports: [1, 2] } }, { spec: { ports: [3] } }, POD)).toEqual({ spec: { ports: [3] } })
    expect(merged({ spec: { ports: [{ port: 80 }] } }, { spec: { ports: [{ port: 81 }] } }, PLAIN_MERGE)).toEqual({
      spec: { ports: [{ port: 81 }] },
    })
  })

  it('takes away what is null, and elements and maps by their directives', () => {
    expect(merged({ a: { b: 1, c: 2 } }, { a: { b: null } }, POD)).toEqual({ a: { c: 2 } })
    expect(merged(containers('a', 'b'), { spec: { containers: [{ name: 'a', $patch: 'delete' }] } }, POD)).toEqual(
      containers('b'),
    )
    expect(merged({ a: { b: 1, c: 2 } }, { a: { d: 3, $patch: 'replace' } }, POD)).toEqual({ a: { d: 3 } })
  })

  it('says which directives are not modelled', () => {
    expect(patchFault({ spec: { '$setElementOrder/containers': [] } })).toBe(
      'the directive $setElementOrder/containers is not modelled',
    )
    expect(patchFault({ a: [{ $patch: 'merge' }] })).toBe('$patch: merge is not modelled; delete and replace are')
    expect(patchFault({ a: [{ $patch: 'delete' }], b: 1 })).toBeUndefined()
  })
})

describe('apply', () => {
  it('takes away what was applied last and is gone, and leaves what others set', () => {
    const last = { metadata: { labels: { app: 'a', team: 'x' } }, spec: { replicas: 2, paused: true } }
    const given = { metadata: { labels: { app: 'b' } }, spec: { replicas: 3 } }
    const now = {
      metadata: { labels: { app: 'a', team: 'x', own: '1' }, uid: 'u' },
      spec: { replicas: 2, paused: true, kept: 1 },
      status: { n: 1 },
    }
    expect(appliedOn(last, given, now, POD)).toEqual({
      metadata: { labels: { app: 'b', own: '1' }, uid: 'u' },
      spec: { replicas: 3, kept: 1 },
      status: { n: 1 },
    })
  })

  it('takes a container away that was applied last, and leaves one that somebody else added', () => {
    expect(appliedOn(containers('a', 'b'), containers('a'), containers('a', 'b', 'sidecar'), POD)).toEqual(
      containers('a', 'sidecar'),
    )
  })

  it('takes nothing away where nothing is known of what was applied last', () => {
    expect(appliedOn(undefined, { a: 1 }, { b: 2 }, POD)).toEqual({ a: 1, b: 2 })
  })

  const map = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'containers'),
    fc.oneof(fc.integer(), fc.dictionary(fc.constantFrom('x', 'y'), fc.integer())),
    { noNullPrototype: true },
  )

  it('of the same thing twice changes nothing the second time, and has all that was given', () => {
    fc.assert(
      fc.property(map, map, map, (last, given, now) => {
        const once = appliedOn(last, given, now, POD)
        expect(appliedOn(given, given, once, POD)).toEqual(once)
        expect(once).toMatchObject(given)
      }),
    )
  })
})

describe('JSON patches', () => {
  const value = { a: { b: [1, 2] }, 'x/y': 1 }
  it.each([
    [[{ op: 'add', path: '/a/b/-', value: 3 }], { a: { b: [1, 2, 3] }, 'x/y': 1 }],
    [[{ op: 'add', path: '/a/b/0', value: 0 }], { a: { b: [0, 1, 2] }, 'x/y': 1 }],
    [[{ op: 'replace', path: '/a/b/1', value: 9 }], { a: { b: [1, 9] }, 'x/y': 1 }],
    [[{ op: 'remove', path: '/x~1y' }], { a: { b: [1, 2] } }],
    [[{ op: 'remove', path: '/a/b/0' }], { a: { b: [2] }, 'x/y': 1 }],
    [[{ op: 'copy', from: '/a', path: '/c' }], { a: { b: [1, 2] }, 'x/y': 1, c: { b: [1, 2] } }],
    [[{ op: 'move', from: '/a', path: '/c' }], { 'x/y': 1, c: { b: [1, 2] } }],
    [[{ op: 'test', path: '/a/b/0', value: 1 }], value],
    [[{ op: 'add', path: '', value: { all: 1 } }], { all: 1 }],
  ])('%j', (operations, after) => expect(jsonPatched(value, operations)).toMatchObject({ value: after }))

  it.each([
    [
      [{ op: 'replace', path: '/nothing', value: 1 }],
      'replace operation does not apply: doc is missing path: /nothing',
    ],
    [[{ op: 'remove', path: '/a/b/7' }], 'remove operation does not apply: doc is missing path: /a/b/7'],
    [[{ op: 'test', path: '/x~1y', value: 2 }], 'testing path /x~1y failed'],
    [[{ op: 'jump', path: '/a' }], 'unexpected kind: jump'],
    [[{ op: 'add', path: '/a/b/x', value: 1 }], 'add operation does not apply'],
    [{ op: 'add' }, 'a JSON patch is a list of operations'],
  ])('%j is refused', (operations, words) => expect(String(jsonPatched(value, operations))).toContain(words))

  it('leaves the value as it was', () => {
    jsonPatched(value, [{ op: 'remove', path: '/a' }])
    expect(value).toEqual({ a: { b: [1, 2] }, 'x/y': 1 })
  })
})
