// JSONPath as kubectl takes it: what it leads to, and what of it is refused.
import { describe, expect, it } from 'vitest'
import { jsonPath, valuesAt } from '../../../src/shell/kubectl/json-path.ts'
import { filledTemplate } from '../../../src/shell/kubectl/json-path-template.ts'

const LIST = {
  kind: 'List',
  items: [
    {
      metadata: { name: 'a', labels: { 'kubernetes.io/os': 'linux' } },
      status: { ready: true, n: 1, ips: ['x', 'y'] },
    },
    { metadata: { name: 'b' }, status: { ready: false, n: 2, ips: [] } },
    { metadata: { name: 'c' }, status: { n: 3, conditions: [{ type: 'Ready', status: 'True' }] } },
  ],
}
const at = (path: string): unknown => {
  const parsed = jsonPath(path)
  return typeof parsed === 'string' ? parsed : valuesAt(parsed, LIST, LIST)
}

describe('paths', () => {
  it.each<[path: string, values: readonly unknown[]]>([
    ['.kind', ['List']],
    ['kind', ['List']],
    ['$.kind', ['List']],
    ['.items[0].metadata.name', ['a']],
    ['.items[-1].metadata.name', ['c']],
    ['.items[9].metadata.name', []],
    ['.items[*].metadata.name', ['a', 'b', 'c']],
    ['.items.*.metadata.name', ['a', 'b', 'c']],
    ['.items[0:2].metadata.name', ['a', 'b']],
    ['.items[::2].metadata.name', ['a', 'c']],
    ['.items[0,2].metadata.name', ['a', 'c']],
    ["['kind']", ['List']],
    ["['items'][0]['metadata']['name']", ['a']],
    ['.items[0].metadata.labels.kubernetes\\.io/os', ['linux']],
    ["['items'][0].metadata.labels['kubernetes.io/os']", ['linux']],
    ['..name', ['a', 'b', 'c']],
    ['.items[?(@.status.n>1)].metadata.name', ['b', 'c']],
    ['.items[?(@.status.n>=2)].metadata.name', ['b', 'c']],
    ['.items[?(@.status.n<2)].metadata.name', ['a']],
    ['.items[?(@.metadata.name=="b")].status.n', [2]],
    [".items[?(@.metadata.name!='b')].status.n", [1, 3]],
    ['.items[?(@.status.ready==true)].metadata.name', ['a']],
    ['.items[?(@.status.conditions)].metadata.name', ['c']],
    ['.items[*].status.conditions[?(@.type=="Ready")].status', ['True']],
    ['.nothing.at.all', []],
    ['.items.name', []],
    ['.toString', []],
  ])('%s', (path, values) => expect(at(path)).toEqual(values))

  it.each([
    ['.items[0', 'unterminated array'],
    ['.items[x]', 'invalid array index x'],
    ['.items[?(@.a=="b" && @.c)]', 'packetwalk models filters of one comparison'],
    ['.items[?(@.a=~"b")]', 'packetwalk models filters of one comparison'],
    ['.items[?(@.a==b)]', 'unrecognized identifier b'],
    ['.items[::0]', 'step must be > 0'],
    ['.a b', 'unrecognized character in action'],
  ])('%s is refused', (path, words) => expect(String(at(path))).toContain(words))
})

describe('templates', () => {
  it.each([
    ['{.items[*].metadata.name}', 'a b c'],
    ['names: {.items[*].metadata.name}!', 'names: a b c!'],
    ['{range .items[*]}{.metadata.name}={.status.n}{"\\n"}{end}', 'a=1\nb=2\nc=3\n'],
    ['{range .items[*]}{@.metadata.name}{","}{end}', 'a,b,c,'],
    ['{range .items[*]}{$.kind}{" "}{end}', 'List List List '],
    ['{range .items[0:1]}{range .status.ips[*]}[{@}]{end}{end}', '[x][y]'],
    ['{.items[0].status.ips}', '["x","y"]'],
    ['{.items[0].metadata}', '{"name":"a","labels":{"kubernetes.io/os":"linux"}}'],
    ['{.nothing}', ''],
    ["{'a b'}", 'a b'],
    ['plain', 'plain'],
  ])('%s', (template, text) => expect(filledTemplate(template, LIST)).toEqual({ text }))

  it.each([
    ['{.items', 'unclosed action'],
    ['{range .items[*]}x', 'unclosed range'],
    ['{end}', 'not in range, nothing to end'],
  ])('%s is refused', (template, words) =>
    expect(filledTemplate(template, LIST)).toEqual({ error: `error: error parsing jsonpath ${template}, ${words}` }),
  )
})
