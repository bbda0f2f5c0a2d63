// The stream of `packetwalk calico`: one answer a request, whatever the others are.
import { describe, expect, it } from 'vitest'
import { answerLine, VERB_NAMES } from '../../src/calico/index.ts'
import { CALICO_VERBS } from '../../src/cli/choices.ts'

const ROWS: readonly (readonly [name: string, line: string, answer: object])[] = [
  ['a text that is no JSON', '{', { id: null, error: 'this line is no JSON' }],
  [
    'a value that is no map',
    '3',
    { id: null, error: 'a request is a map, e.g. {"verb":"selector","selector":"all()"}' },
  ],
  ['a verb nobody knows', '{"id":1,"verb":"sing"}', { id: 1, error: `verb: expected one of ${VERB_NAMES.join(', ')}` }],
  [
    'a field the verb does not know',
    '{"id":"a","verb":"selector","selector":"all()","lables":{}}',
    { id: 'a', error: 'lables: no such field' },
  ],
  ['a field of another sort', '{"id":2,"verb":"selector","selector":3}', { id: 2, error: 'selector: expected text' }],
  [
    'a release that is none',
    '{"id":2,"verb":"selector","selector":"all()","calicoVersion":"newest"}',
    { id: 2, error: 'calicoVersion: expected a release, e.g. v3.29.1' },
  ],
]

describe('a line that cannot be answered says why', () => {
  it.each(ROWS)('%s', (_name, line, answer) => {
    expect(answerLine(line)).toEqual(answer)
  })
})

describe('a line', () => {
  it('may leave out the verb when the command names it', () => {
    const { id, ...answer } = answerLine('{"id":7,"selector":"has(a)","labels":{"a":""}}', 'selector')
    expect(id).toBe(7)
    expect(answer).toMatchObject({ result: { accepted: true, match: true } })
  })

  it('may write null for what is absent', () => {
    const answer = answerLine('{"verb":"selector","selector":"a ==","labels":null,"calicoVersion":null}')
    expect(answer).toMatchObject({ id: null, result: { accepted: false } })
  })
})

it('the command knows the verbs that the library answers', () => {
  expect(CALICO_VERBS).toEqual(VERB_NAMES)
})
