// Objects as kubectl and calicoctl print them, and that they are read again as they were.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { objectJson, objectYaml } from '../../src/shell/object-text.ts'

describe('objectYaml', () => {
  it('sorts keys, and puts lists below their key', () => {
    const pod = {
      metadata: { name: 'web', labels: { version: '1.10', app: 'web' }, annotations: {} },
      kind: 'Pod',
      apiVersion: 'v1',
      spec: {
        nodeName: 'n1',
        containers: [
          { name: 'a', ports: [{ containerPort: 80 }] },
          { name: 'b', args: [] },
        ],
      },
    }
    expect(objectYaml(pod)).toBe(`apiVersion: v1
kind: Pod
metadata:
  annotations: {}
  labels:
    app: web
    version: "1.10"
  name: web
spec:
  containers:
  - name: a
    ports:
    - containerPort: 80
  - args: []
    name: b
  nodeName: n1
`)
  })

  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['all()', 'all()'],
    ["app == 'web'", "app == 'web'"],
    ["has(x) # y: 'z'", "'has(x) # y: ''z'''"],
    ['', '""'],
    ['true', '"true"'],
    ['No', '"No"'],
    ['null', '"null"'],
    ['~', '"~"'],
    ['010', '"010"'],
    ['1e3', '"1e3"'],
    ['12:30:45', '"12:30:45"'],
    ['2024-05-06T07:08:09Z', '"2024-05-06T07:08:09Z"'],
    ['v1.31.0', 'v1.31.0'],
    ['fd00::/64', 'fd00::/64'],
    ['node: x', "'node: x'"],
    ['- x', "'- x'"],
    ['-x', '-x'],
    ['*', "'*'"],
    ['{"a":1}', `'{"a":1}'`],
    ['a\u0007', '"a\\u0007"'],
    ['one\ntwo\n', '|\n  one\n  two'],
    ['one\ntwo', '|-\n  one\n  two'],
  ])('writes the text %j', (text, yaml) => {
    expect(objectYaml({ a: text })).toBe(`a: ${yaml}\n`)
  })

  it('is read again as it was', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...': -#\'"\n {}[],&*!|>%@`~019.eETz_+'.split('')) }),
      fc.constantFrom('yes', 'NULL', '0x1f', '1_000', '.5', '-.inf', '.NaN', '1:30', '2001-1-1', '<<', '='),
    )
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(text, tie('any'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).any
    fc.assert(
      fc.property(fc.dictionary(text, value, { maxKeys: 4, noNullPrototype: true }), (map) => {
        const keysFit = (one: unknown): boolean =>
          typeof one !== 'object' ||
          one === null ||
          Object.entries(one).every(
            ([key, item]) => (Array.isArray(one) || (!/\n/.test(key) && key !== '__proto__')) && keysFit(item),
          )
        fc.pre(keysFit(map))
        const yaml = objectYaml(map as never)
        expect(parse(yaml)).toEqual(map)
      }),
      { numRuns: 500 },
    )
  })
})

it('objectJson sorts keys and indents by four', () => {
  expect(objectJson({ b: [1], a: { d: null, c: 'x' } })).toBe(
    '{\n    "a": {\n        "c": "x",\n        "d": null\n    },\n    "b": [\n        1\n    ]\n}\n',
  )
})
