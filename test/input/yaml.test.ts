// Two readers of YAML: one of our own for what kubectl and people write, and the full parser for all else. What the first reads, the
// second reads as well, and both give the same values at the same places (`FC_RUNS=150000 FC_SEED=…` looks further: nothing found).
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { sourceOf } from '../../src/input/byte-source.ts'
import { parseText } from '../../src/input/documents.ts'
import { utf8Bytes } from '../../src/input/utf8-text.ts'
import { parseYaml } from '../../src/input/yaml/full.ts'
import { YamlPieces } from '../../src/input/yaml/yaml-pieces.ts'
import { runs } from '../properties/run.ts'

/** All paths inside a value, and one behind each that does not exist. */
function pathsOf(value: unknown, base: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [base, [...base, 'beyond']]
  const inner = Array.isArray(value) ? value.map((one, i) => [i, one] as const) : Object.entries(value)
  return [base, [...base, 'beyond'], ...inner.flatMap(([key, one]) => pathsOf(one, [...base, key]))]
}

/** What a reader gives, with the place of everything. */
function told(read: typeof parseText, text: string): unknown {
  const { documents, issues } = read({ name: 'a.yaml', text })
  return {
    issues,
    documents: documents.map(({ value, placeOf }) => ({
      value,
      places: pathsOf(value).map((path) => [path.join('.'), placeOf(path)]),
    })),
  }
}

/** Whether our own reader takes a text. */
function isOurs(text: string): boolean {
  const pieces = new YamlPieces('a.yaml', sourceOf(utf8Bytes(text)))
  return [...pieces.documents()].length >= 0 && !pieces.isOther
}

function agree(text: string): void {
  if (isOurs(text)) expect(told(parseText, text), text).toEqual(told(parseYaml, text))
}

const OURS: Readonly<Record<string, string>> = {
  'a word alone': 'a\n',
  'a map': 'a: 1\nb: two\n',
  'a map in a map': 'a:\n  b:  \n    c: d\n  e: f\n',
  'a list in a map, as far in': 'a:\n  - 1\n  - 2\nb: c\n',
  'a list in a map, not further in': 'a:\n- 1\n- b: 2\n  c: 3\nd: 4\n',
  'a list of lists': '- - 1\n  - 2\n- - 3\n',
  'items that begin on the next line': '-\n  a: 1\n-\n  - b\n',
  'a value on the next line': 'a:\n  word\nb:\n  "quoted"\n',
  'nothing behind a key': 'a:\nb: # nothing\nc:\n',
  'numbers, truth values, null':
    'a: [1, -2, +3, 007, 0o17, 0xfF, 1.5, -.5, 1., 1e3, 2E-2, -0, true, False, NULL, ~, null]\n',
  'words that look like them': 'a: [1.2.3.4, 10.0.0.0/8, 0x, 0o8, 1e, tRue, nul, .5.5, -, +, 1_000, yes, on]\n'.replace(
    ' -,',
    ' "-",',
  ),
  'words with marks inside':
    'a: b#c\nd: e:f\ng: h - i\nj: k, l\nm: n [o] {p}\nq: http://r.s:80/t?u=v\nw: -x\ny: ?z\n:a: b\n',
  comments: '# first\na: 1 # one\n  # in between\nb: # two\n  c: 3\n# last\n',
  'comments between items': 'a:\n# x\n- 1\n  # y\n- 2\n',
  'double quotes': 'a: "b: c # d"\n"e f": "\\t\\"\\\\\\u00e4\\x41\\U0001F600\\/\\0"\n',
  'single quotes': "a: 'it''s'\n'b # c': ''\n'd''e': '\"'\n",
  'flow form': 'a: {b: 1, "c": [d, e f, \'g\'], h: {}, }\ni: []\nj: [[1], {k: l}]\n',
  'a text, line by line': 'a: |\n  b\n    c\n\n  d: #e\nf: 1\n',
  'a text without its last end': 'a: |-\n  b\n  c\n\nd: 1\n',
  'a text with all its ends': 'a: |+\n  b\n\n\nd: 1\n',
  'a text with an empty line first': 'a: |\n\n  b\nc: 1\n',
  'an empty text': 'a: |\nb: |-\nc: |+\n\nd: 1\n',
  'a text with a comment on its first line': 'a: | # comment\n  b # no comment\nc: 1\n',
  'a text in a list': '- |\n  a\n- b: |\n    c\n  d: 1\n',
  'a text with tabs': 'a: |\n  b\tc\n',
  'a folded text': 'a: >\n  b\n  c\n\n  d\n\n\n  e\nf: >-\n  g\n',
  'a word over several lines': 'a: b\n  c d\n\n\n   e\nf:\n  g\n  h # i\n- j'.replace('\n- j', '\nk:\n- l\n  - m\n'),
  'a word over lines that begin with marks': 'a: b\n  - c\n  "d"\n  [e\n  ? f\n',
  'quotes over several lines': "a: \"b  \n  c\n\n  d  \"\ne: 'f\n  ''g''\n\n\n   # h'\ni:\n- \"\n  j\n  \"\n",
  'quotes with escaped ends of lines': 'a: "b \\\n  c\\\n    \\  d\\\\\n  e"\n',
  'what kubectl says of a pod that was evicted':
    "status:\n  message: 'The node was low on resource: memory. Threshold quantity: 100Mi, available:\n    91796Ki. Container etcd was using 87368Ki, request is 100Mi, has larger consumption\n    of memory. '\n  phase: Failed\n",
  documents: '---\na: 1\n---\nb: 2\n',
  'empty documents': '# nothing\n---\n---\n# nothing\n--- # x\na: 1\n',
  'keys that look like values': '1: a\ntrue: b\nnull: c\n1.5: d\n',
  'the end without an end of line': 'a: 1\nb:\n- c',
  'a map that is further in': '  a: 1\n  b: 2\n',
}

/** Right or wrong, but not for our own reader. */
const THEIRS: Readonly<Record<string, string>> = {
  'an anchor and its alias': 'a: &x\n  b: 1\nc: *x\n',
  'a tag': 'a: !!str 1\n',
  'a byte order mark': '\ufeffa: 1\n',
  'a byte order mark of each document': '\ufeff# first\na: 1\n---\n\ufeff- b\n',
  'numbers that JSON does not have': 'a: [.inf, -.Inf, .NaN]\n',
  'words over several lines that end in a comment': 'a: b\n  c # d\n  e\n',
  'a word over lines that hold a colon': 'a: b\n  c: d\n',
  'quotes over lines that are not further in': 'a:\n  b: "c\n  d"\n',
  'quotes over lines with tabs': 'a: "b\n \tc"\n',
  'an escaped end of line before an empty one': 'a: "b\\\n\n  c"\n',
  'an escaped blank at the end of a line': 'a: "b\\ \n  c"\n',
  'flow form over two lines': 'a: [b,\n  c]\n',
  'a key of more than a word': '? a\n: b\n',
  'a merge': '<<: {a: 1}\n',
  'a directive': '%YAML 1.2\n---\na: 1\n',
  'an end of a document': 'a: 1\n...\nb: 2\n',
  'a document behind its mark': '--- {a: 1}\n',
  'a text with its indentation': 'a: |2\n   b\n',
  'a folded text with lines further in': 'a: >\n  b\n    c\n',
  'a text at the end without an end': 'a: |\n  b',
  'ends of lines of Windows': 'a: 1\r\nb: 2\r\n',
  'nothing behind blanks': 'a:  \nb: 1\n',
  'a key twice': 'a: 1\na: 2\n',
  'a tab for blanks': 'a:\n\tb: 1\n',
  'a tab behind a key': 'a\t: 1\n:\t: b\n',
  'a tab behind a value': 'a: 1\t# b\n',
  'a map on the line of its key': 'a: b: c\n',
  'lines that are not as far in as others': 'a:\n    b: 1\n  c: 2\n',
  'a list where a key should be': 'a: 1\n- b\n',
  'quotes that do not close': 'a: "b\n',
  'text behind quotes': 'a: "b" c\n',
  'no escape': 'a: "\\q"\n',
  'a mark alone in a list': 'a: [-]\n',
  'a pair in a list': 'a: [b: c]\n',
  'a bracket that does not close': 'a: [b\n',
  'more levels than are read': `a: ${'['.repeat(101)}${']'.repeat(101)}\n`,
}

describe('our own reader of YAML', () => {
  it.each(Object.entries(OURS))('reads %s as the full parser does', (_, text) => {
    expect(isOurs(text)).toBe(true)
    agree(text)
  })

  it.each(Object.entries(THEIRS))('leaves %s to the full parser', (_, text) => {
    expect(isOurs(text)).toBe(false)
    expect(told(parseText, text)).toEqual(told(parseYaml, text))
  })

  it('reads what kubectl writes: the demo clusters', () => {
    const folder = 'examples/demo'
    const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
    expect(files.length).toBeGreaterThan(2)
    for (const file of files) {
      const text = readFileSync(`${folder}/${file}`, 'utf8')
      expect(isOurs(text), file).toBe(true)
      agree(text)
    }
  })
})

const word = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom(
    'yes',
    'null',
    '~',
    '1',
    '-1',
    '0x1f',
    '1e5',
    '.5',
    'a: b',
    'a #b',
    '- a',
    '#',
    ':',
    '?',
    '',
    ' a',
    "'",
    '"',
  ),
  fc
    .array(fc.constantFrom('a', ' ', '\n', '  ', '#', ':', '-', "'", '"', ',', '{', ']', '\t', '\\'), { maxLength: 9 })
    .map((parts) => parts.join('')),
)
const value = fc.letrec((tie) => ({
  leaf: fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
  list: fc.array(tie('any'), { maxLength: 4 }),
  map: fc.dictionary(fc.oneof(fc.stringMatching(/^[a-z.]{1,8}$/), word), tie('any'), { maxKeys: 4 }),
  any: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('list'), tie('map')),
})).map

const style = fc.record({
  indent: fc.constantFrom(2, 4),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 20, 80),
  singleQuote: fc.boolean(),
  collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
  blockQuote: fc.constantFrom(true, false, 'folded' as const, 'literal' as const),
})

/** A text with some of its characters gone, doubled or others. */
const damaged = fc
  .tuple(
    value,
    style,
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('', '\n', ' ', '  ', '#', ':', '- ', '"', "'", '|', '[', '}', '\t', '---\n', 'a'),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([one, how, changes]) => {
    let text = stringify(one, how)
    for (const [where, mark] of changes) {
      const at = where % (text.length + 1)
      text = text.slice(0, at) + mark + text.slice(mark === '' ? at + 1 : at)
    }
    return text
  })

describe('what both readers take', () => {
  it('is the same, in documents of any style and damaged ones', { timeout: 900_000 }, () => {
    const seen = { ours: 0, all: 0 }
    fc.assert(
      fc.property(damaged, (text) => {
        seen.all++
        if (isOurs(text)) seen.ours++
        agree(text)
      }),
      runs(1000),
    )
    expect(seen.ours).toBeGreaterThan(seen.all / 5)
  })
})
