import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseText } from '../../src/input/documents.ts'

const read = (text: string) => parseText({ name: 'c.json', text })

describe('JSON is read once, and its places are found in the text', () => {
  const list = `{
  "kind": "List",
  "items": [
    {"kind": "Node", "metadata": {"name": "a \\"{[ quoted"}},
    {"kind": "Pod",
     "spec": {"ports": [80, -1.5e3, true, null]}}
  ]
}`

  it.each<[string, (string | number)[], number, number]>([
    ['the document', [], 1, 1],
    ['a key of the map', ['kind'], 2, 11],
    ['an item', ['items', 1], 5, 5],
    ['a field behind a string with brackets', ['items', 0, 'metadata', 'name'], 4, 43],
    ['a number in a list', ['items', 1, 'spec', 'ports', 1], 6, 29],
    ['null', ['items', 1, 'spec', 'ports', 3], 6, 43],
    ['the parent of what is not there', ['items', 1, 'spec', 'none', 'deeper'], 6, 14],
    ['the list of an item that is not there', ['items', 7], 3, 12],
  ])('%s', (_what, path, line, column) => {
    expect(read(list).documents[0]?.placeOf(path)).toEqual({ file: 'c.json', line, column })
  })

  it('several values behind each other are several documents', () => {
    const { documents } = read('{"kind":"A"}\n{"kind":"B"}\n\n{\n "kind":"C"}')
    expect(documents.map(({ value }) => value)).toEqual([{ kind: 'A' }, { kind: 'B' }, { kind: 'C' }])
    expect(documents.map(({ placeOf }) => placeOf(['kind'])?.line)).toEqual([1, 2, 5])
  })

  it('any value is what JSON.parse says, and every leaf is found where it stands', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const { documents, issues } = read(text)
        expect(issues).toEqual([])
        expect(JSON.stringify(documents[0]?.value)).toBe(JSON.stringify(JSON.parse(text)))
        for (const { path, leaf } of leaves(JSON.parse(text), [])) {
          const place = documents[0]!.placeOf(path)!
          const rest = text.split('\n')[place.line - 1]!.slice(place.column - 1)
          expect(rest.startsWith(JSON.stringify(leaf))).toBe(true)
        }
      }),
    )
  })
})

function leaves(value: unknown, path: (string | number)[]): { path: (string | number)[]; leaf: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, leaf: value }]
  if (Array.isArray(value)) return value.flatMap((item, i) => leaves(item, [...path, i]))
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
}

describe('what a document may not be', () => {
  const deep = (n: number) => `${'['.repeat(n)}${']'.repeat(n)}`

  it.each<[string, string, { line?: number; column?: number; expected: string }]>([
    ['JSON with a key twice', '{"a":{"b":1,\n"b":2}}', { line: 2, column: 1, expected: 'each key once in a map' }],
    ['the same key, escaped', '{"a":1,"\\u0061":2}', { line: 1, column: 8, expected: 'each key once in a map' }],
    ['YAML with a key twice', 'a:\n  b: 1\n  b: 2', { line: 3, column: 3, expected: 'each key once in a map' }],
    ['JSON too deep', deep(201), { line: 1, column: 201, expected: 'at most 200 lists and maps inside each other' }],
    [
      'YAML too deep',
      `a: ${deep(200)}`,
      { line: 1, column: 203, expected: 'at most 200 lists and maps inside each other' },
    ],
    [
      'YAML deeper than its parser goes',
      `a: ${deep(50_000)}`,
      { expected: 'at most 200 lists and maps inside each other' },
    ],
  ])('%s', (_what, text, want) => {
    const { documents, issues } = read(text)
    expect(documents).toEqual([])
    expect(issues).toEqual([expect.objectContaining({ kind: 'syntax', ...want })])
  })

  it('but 200 levels are fine, in both', () => {
    expect(read(deep(200)).issues).toEqual([])
    expect(read(`a: ${deep(199)}`).issues).toEqual([])
  })

  it('and the same key in two maps of a list is', () => {
    expect(read('[{"a":1},{"a":2}]').issues).toEqual([])
  })
})
