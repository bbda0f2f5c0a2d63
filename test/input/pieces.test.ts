// Files are read object by object, through a window, and what nobody reads is left out as it goes by. None of that shows: the same
// objects at the same places as when the text is read in whole, wherever the window ends.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { sourceOf } from '../../src/input/byte-source.ts'
import type { Input, InputDocument } from '../../src/input/document.ts'
import { parseText } from '../../src/input/documents.ts'
import { loadResources } from '../../src/input/index.ts'
import { JsonPieces } from '../../src/input/json/json-pieces.ts'
import { ALL } from '../../src/input/kept.ts'
import { objectsOf } from '../../src/input/objects.ts'
import { PulledSource } from '../../src/input/pulled-source.ts'
import { utf8Bytes, utf8Text } from '../../src/input/utf8-text.ts'
import { YamlPieces } from '../../src/input/yaml/yaml-pieces.ts'
import { InputError, type Issue } from '../../src/model/index.ts'
import { runs } from '../properties/run.ts'

/** All paths inside a value, and one behind each that does not exist. */
function pathsOf(value: unknown, base: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [base, [...base, 'beyond']]
  const inner = Array.isArray(value) ? value.map((one, i) => [i, one] as const) : Object.entries(value)
  return [base, [...base, 'beyond'], ...inner.flatMap(([key, one]) => pathsOf(one, [...base, key]))]
}

/** The objects of documents with the place of everything, and what is none. */
function told(documents: Iterable<InputDocument>): unknown {
  const issues: Issue[] = []
  const objects = [...documents].flatMap((document) => objectsOf(document, issues))
  return {
    issues,
    objects: objects.map(({ value, placeOf, ...rest }) => ({
      ...rest,
      value,
      places: pathsOf(value).map((path) => [path.join('.'), placeOf(path)]),
    })),
  }
}

/** What is read through a window of some bytes; undefined when it is left to be read in whole. */
function throughWindow(
  text: string,
  window: number,
  Pieces: typeof JsonPieces | typeof YamlPieces = JsonPieces,
): unknown {
  const pieces = new Pieces('a', sourceOf(utf8Bytes(text)), () => ALL, 0, window)
  const objects = told(pieces.documents())
  return pieces.isOther ? undefined : objects
}

function inWhole(text: string): unknown {
  const { documents, issues } = parseText({ name: 'a', text })
  expect(issues, text).toEqual([])
  return told(documents)
}

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', labels: { 'ä "b"': 'ö\n\u2028', 'f:{"x"}': '\ud83d\ude00' } },
  spec: { list: [1, -2.5e3, [], {}, [[true], null]] },
}
const LISTS: Readonly<Record<string, unknown>> = {
  'a list as kubectl sorts it': {
    apiVersion: 'v1',
    items: [POD, POD, { ...POD, kind: 'Node' }],
    kind: 'List',
    metadata: {},
  },
  'a typed list, its type first': { kind: 'PodList', apiVersion: 'v1', items: [{ metadata: { name: 'b' } }, POD] },
  'a typed list, its type last': {
    items: [POD, { metadata: { name: 'b' } }, POD, 5, null, [POD]],
    kind: 'PodList',
    apiVersion: 'v1',
  },
  'a list without items': { apiVersion: 'v1', kind: 'List', items: [] },
  'a list with other items': { apiVersion: 'v1', kind: 'List', items: { a: 1 } },
  'a plain array': [POD, [POD], 'x', {}],
  'an object': POD,
  'an object that has items': { kind: 'Basket', apiVersion: 'v1', items: [POD] },
  'a list in a list': {
    kind: 'List',
    apiVersion: 'v1',
    items: [{ kind: 'List', apiVersion: 'v1', items: [POD] }, POD],
  },
}

describe('JSON through a window', () => {
  it.each(Object.entries(LISTS))('%s is read as in whole, wherever the window ends', (_, value) => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 4), `\r\n\t${JSON.stringify(value)}\n`]) {
      const whole = inWhole(text)
      for (let window = 1; window <= text.length + 1; window += window < 40 ? 1 : 37)
        expect(throughWindow(text, window), `${window} ${text}`).toEqual(whole)
    }
  })

  it.each<[string, unknown]>([
    ['a map of items that is no list', { items: [POD], apiVersion: 'v1', kind: 'Basket' }],
    ['a list without an apiVersion', { items: [POD], kind: 'List' }],
  ])('%s is left to be read in whole', (_, value) => {
    expect(throughWindow(JSON.stringify(value), 1000)).toBeUndefined()
  })

  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"b":{"ä":1,"\\u00e4":1}}]',
    `${'['.repeat(201)}${']'.repeat(201)}`,
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":-}',
    '{"a":1e}',
    '{"a":+1}',
    '{"a":tru}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":"\n"}',
    '{"a":"b',
    '{"a" 1}',
    '{"a":1,}',
    '[1,]',
    '[1 2]',
    '{a:1}',
    '[}',
    '{"a":1}}',
    '{"a":1} x',
    '',
    ' ',
    '1',
  ])('%s is left to be read in whole', (text) => {
    for (const window of [1, 3, 100]) expect(throughWindow(text, window)).toBeUndefined()
  })

  it('takes of any text what JSON.parse takes, and the same of it', { timeout: 900_000 }, () => {
    const damaged = fc
      .tuple(
        fc.oneof(fc.constantFrom(...Object.values(LISTS)), fc.object({ maxDepth: 3 })),
        fc.nat(2),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom('', '"', ',', '{', ']', ' ', '\\', ':', '0', '-', 'e')), {
          maxLength: 2,
        }),
        fc.integer({ min: 1, max: 200 }),
      )
      .map(([value, indent, changes, window]) => {
        let text = JSON.stringify(value, null, indent) ?? ''
        for (const [where, mark] of changes) {
          const at = where % (text.length + 1)
          text = text.slice(0, at) + mark + text.slice(at + (mark === '' ? 1 : 0))
        }
        // No half of a character, which has no bytes.
        return { text: utf8Text(utf8Bytes(text)), window }
      })
    const seen = { taken: 0, all: 0 }
    fc.assert(
      fc.property(damaged, ({ text, window }) => {
        seen.all++
        const read = throughWindow(text, window)
        if (read === undefined) return
        seen.taken++
        expect(() => JSON.parse(text) as unknown).not.toThrow()
        expect(read).toEqual(inWhole(text))
      }),
      runs(300),
    )
    expect(seen.taken).toBeGreaterThan(seen.all / 10)
  })
})

describe('YAML through a window', () => {
  const { 'a list with other items': _, ...lists } = LISTS
  it.each(Object.entries(lists))('%s is read as in whole, wherever the window ends', (_, value) => {
    for (const how of [{ indentSeq: false }, { indent: 4 }, { lineWidth: 20 }]) {
      const text = `# first\n---\n# second\n\n${stringify(value, { aliasDuplicateObjects: false, ...how })}# last\n---\n`
      const whole = inWhole(text)
      const length = utf8Bytes(text).length
      for (let window = 1; window <= length + 1; window += window < 40 ? 1 : 37)
        expect(throughWindow(text, window, YamlPieces), `${window} ${text}`).toEqual(whole)
    }
  })

  it('several documents are read as in whole', () => {
    const text = Object.values(lists)
      .map((value) => `---\n${stringify(value, { aliasDuplicateObjects: false })}`)
      .join('')
    for (const window of [1, 10, 100, 1000]) expect(throughWindow(text, window, YamlPieces)).toEqual(inWhole(text))
  })

  it.each<[string, string]>([
    ['a map of items that is no list', 'items:\n- kind: Pod\n  apiVersion: v1\nkind: Basket\napiVersion: v1\n'],
    ['a list without an apiVersion', 'items:\n- kind: Pod\n  apiVersion: v1\nkind: List\n'],
    ['a list of no items', 'apiVersion: v1\nitems:\nkind: List\n'],
    ['a list with other items', 'apiVersion: v1\nkind: List\nitems:\n  a: 1\n'],
    ['an alias of an anchor in another item', 'kind: List\napiVersion: v1\nitems:\n- a: &b 1\n- a: *b\n'],
    ['an alias of nothing', 'kind: List\napiVersion: v1\nitems:\n- a: *b\n- a: 1\n'],
    ['a key that stands twice', 'kind: List\napiVersion: v1\nitems:\n- a: 1\n  a: 2\n- a: 1\n'],
    ['quotes that do not close in their item', 'kind: List\napiVersion: v1\nitems:\n- a: "b\n- c": 1\n'],
    [
      'lines that are less far in',
      '  apiVersion: v1\n  items:\n  - kind: Pod\n    apiVersion: v1\n  kind: List\n b: 1\n',
    ],
    ['items that are not as far in', 'apiVersion: v1\nitems:\n  - kind: Pod\n    apiVersion: v1\n - b\nkind: List\n'],
  ])('%s is left to be read in whole', (_, text) => {
    for (const window of [1, 30, 1000]) expect(throughWindow(text, window, YamlPieces)).toBeUndefined()
  })

  it.each<[string, string]>([
    ['an anchor and its alias', '- kind: Pod\n  apiVersion: v1\n  \u00e4: &b {c: 1}\n  d: *b\n  e: [*b]\n'],
    ['flow form over several lines', '- {kind: Pod,\n   apiVersion: v1,\n  # comment\n\n   d: [1,\n     2]}\n'],
    ['a tag', '- kind: Pod\n  apiVersion: !!str v1\n  a: !!str 5\n'],
    ['a text with its indentation', '-\n  apiVersion: v1\n  kind: Pod\n  a: |2-\n     b\n    c\n'],
    ['numbers that JSON does not have', '- kind: Pod\n  apiVersion: v1\n  a: .inf\n# last\n'],
  ])('an item with %s is read by the full parser, and the others are not', (_, item) => {
    const pod = '- kind: Pod\n  apiVersion: v1\n  a: 1\n'
    for (const text of [
      `apiVersion: v1\nitems:\n${pod}${item}${pod}${item}kind: List\n`,
      `kind: List\napiVersion: v1\nitems:\n  ${`${item}${pod}`.trimEnd().replaceAll('\n', '\n  ')}`,
      `${item}${pod}${item}---\n${pod}`,
    ]) {
      const whole = inWhole(text)
      for (let window = 1; window <= text.length + 5; window += window < 40 ? 1 : 13)
        expect(throughWindow(text, window, YamlPieces), `${window} ${text}`).toEqual(whole)
    }
  })

  it('takes of any text what is taken in whole, and the same of it', { timeout: 900_000 }, () => {
    const how = fc.record({ indent: fc.constantFrom(2, 3), indentSeq: fc.boolean(), lineWidth: fc.constantFrom(0, 20) })
    const changes = fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(
          ...[
            '',
            '\n',
            ' ',
            '  ',
            '#',
            ': ',
            '- ',
            '"',
            "'",
            '|',
            '|2',
            '>',
            '---\n',
            '&a ',
            '*a ',
            '!!str ',
            '{',
            '}',
            '\t',
            '\r',
            'items:\n',
          ],
        ),
      ),
      { maxLength: 2 },
    )
    const values = fc.oneof(fc.constantFrom(...Object.values(LISTS)), fc.jsonValue({ maxDepth: 3 }))
    const seen = { taken: 0, all: 0 }
    fc.assert(
      fc.property(values, how, changes, fc.integer({ min: 1, max: 200 }), (value, style, marks, window) => {
        let text = stringify(value, { aliasDuplicateObjects: false, ...style })
        for (const [where, mark] of marks) {
          const at = where % (text.length + 1)
          text = text.slice(0, at) + mark + text.slice(at + (mark === '' ? 1 : 0))
        }
        text = utf8Text(utf8Bytes(text))
        seen.all++
        const read = throughWindow(text, window, YamlPieces)
        if (read === undefined) return
        seen.taken++
        expect(read, text).toEqual(inWhole(text))
      }),
      runs(300),
    )
    expect(seen.taken).toBeGreaterThan(seen.all / 5)
  })
})

const FULL_POD = {
  metadata: {
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"a":"\\"b"}', 'projectcalico.org/x': 'y' },
    managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': { 'k:{"name":"web"}': {} } } }],
    name: 'web',
    labels: { app: 'web' },
    uid: 'x',
  },
  spec: {
    nodeName: 'n',
    containers: [
      { name: 'web', env: [{ name: 'A', value: 'b' }], command: ['a'], image: 'i', ports: [{ containerPort: 80 }] },
    ],
    volumes: [{ name: 'v' }],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.1',
    conditions: [{ type: 'Ready', status: 'True', message: 'm' }],
    qosClass: 'Best',
  },
}
/** Objects of many kinds, right and wrong, all of which are full of what nobody reads. */
const OBJECTS: readonly object[] = [
  { apiVersion: 'v1', kind: 'Pod', ...FULL_POD },
  { ...FULL_POD, apiVersion: 'v1', kind: 'Pod' },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'w' },
    spec: [1],
    status: { conditions: {}, podIPs: [{ ip: 'x', y: 1 }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'k' },
    spec: { containers: [{ name: 'kube-proxy', args: ['--proxy-mode=ipvs'] }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 5 } },
    spec: {},
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', managedFields: 1 },
    spec: { taints: [] },
    status: { images: [{}], addresses: [] },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { clusterIP: 'None', ipFamilies: ['IPv4'], ports: [{ port: 80, x: 1 }] },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'b' } },
  { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' }, metadata: { name: 'c' } },
  {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 't', namespace: 'd', labels: {} },
    spec: { a: [1] },
  },
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: 'p' },
    spec: { cidr: '10.0.0.0/8', what: 1 },
    status: {},
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'calico-node' },
    spec: {
      template: {
        spec: { containers: [{ name: 'calico-node', env: [{ name: 'IP', value: 'autodetect' }], args: ['a'], x: 1 }] },
      },
    },
  },
]

/** What loading gives, or what is wrong; with the place of everything that is kept. */
function loaded(text: string): unknown {
  try {
    const { resources, warnings, unread } = loadResources([{ name: 'a', text }])
    const placed = Object.entries(resources).map(([list, all]) => [
      list,
      (all as readonly { readonly placeOf: (path: readonly (string | number)[]) => unknown }[]).map(
        ({ placeOf, ...rest }) => ({
          rest,
          places: pathsOf(rest).map((path) => placeOf(path)),
        }),
      ),
    ])
    return { placed, warnings, unread }
  } catch (error) {
    if (error instanceof InputError) return error.issues
    throw error
  }
}

describe('what nobody reads', () => {
  it.each(OBJECTS.map((one, i) => [i, one] as const))('is missed by nobody: object %i', (_, one) => {
    for (const value of [one, { apiVersion: 'v1', items: [one, OBJECTS[0]], kind: 'List' }]) {
      // Behind its end mark a document is read in whole.
      const yaml = stringify(value, { aliasDuplicateObjects: false })
      expect(loaded(yaml)).toEqual(loaded(`${yaml}...\n`))
      const text = JSON.stringify(value, null, 2)
      // Behind the mark of a document it is YAML, which is read in whole.
      expect(loaded(text)).toEqual(loaded(`${text}\n---\n`))
    }
  })
})

describe('what is longer than a text may be', () => {
  it.each<[string, string, number]>([
    ['JSON', `{"apiVersion":"v1","items":[\n${JSON.stringify(POD)},\n{"kind": Pod}`, 3],
    ['YAML', 'apiVersion: v1\nitems:\n- kind: Pod\n  apiVersion: v1\n- a: *b\n- c\n', 5],
  ])('is told the line from which on it is something else: %s', (_, text, line) => {
    const head = utf8Bytes(text)
    // Blanks without end.
    const piece = (start: number, end: number): Uint8Array => {
      const bytes = new Uint8Array(end - start).fill(32)
      if (start < head.length) bytes.set(head.subarray(start, end))
      return bytes
    }
    try {
      loadResources([{ name: 'a', bytes: { piece } }])
      expect.unreachable()
    } catch (error) {
      expect((error as InputError).message).toBe(
        `a:${line}: expected JSON or YAML as kubectl writes it, or at most 268435456 bytes of another form, received something else here`,
      )
    }
  })
})

describe('bytes', () => {
  it('that come one after the other are kept, for who asks again', () => {
    const all = Uint8Array.from({ length: (1 << 22) * 2 + 1000 }, (_, i) => (i * 31) & 0xff)
    let at = 0
    const source = new PulledSource((into) => {
      const some = all.subarray(at, at + Math.min(into.length, 70_001))
      into.set(some)
      at += some.length
      return some.length
    })
    for (const [start, end] of [
      [0, 10],
      [5, 5],
      [4_194_000, 4_195_000],
      [100, 8_389_000],
      [4_194_304, 8_388_608],
      [0, 1e9],
      [all.length, 1e9],
      [all.length + 5, 1e9],
      [0, 10],
    ] as const)
      expect(Buffer.compare(source.piece(start, end), all.subarray(start, end)), `${start} ${end}`).toBe(0)
  })

  const text = '\u00e4: 1\nkind: Pod\n'
  const utf16 = (isBig: boolean): Uint8Array =>
    Uint8Array.from(
      [0xfeff, ...Array.from(text, (char) => char.charCodeAt(0))].flatMap((unit) => {
        const bytes = [unit >> 8, unit & 0xff]
        return isBig ? bytes : bytes.reverse()
      }),
    )
  it.each<[string, Uint8Array]>([
    ['UTF-8', utf8Bytes(text)],
    ['UTF-8 with its mark', utf8Bytes(`\ufeff${text}`)],
    ['UTF-16', utf16(true)],
    ['UTF-16, the other way round', utf16(false)],
  ])('are read as %s', (_, bytes) => {
    const expected = { file: 'a', line: 1, column: 1, path: ['apiVersion'], received: 'nothing' }
    for (const given of [bytes, sourceOf(bytes)]) {
      try {
        loadResources([{ name: 'a', bytes: given }])
        expect.unreachable()
      } catch (error) {
        expect((error as InputError).issues).toEqual([expect.objectContaining(expected)])
      }
    }
  })

  it.each([`\ufeff${JSON.stringify(POD)}`, `\ufeff${stringify(POD)}`])(
    'of JSON and YAML with the mark have places without it',
    (text) => {
      const pods = (input: Input): unknown =>
        loadResources([input]).resources.pods.map(({ placeOf }) => placeOf?.(['metadata', 'name']))
      expect(pods({ name: 'a', bytes: utf8Bytes(text) })).toEqual(pods({ name: 'a', text: text.slice(1) }))
    },
  )
})
