// Every example of docs/calico.md is asked: the answer below it is the one that is given.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { answerLine } from '../../src/calico/index.ts'
import { ROOT } from '../support/source-files.ts'

const EXAMPLE = /^```console\necho '(.*)' \| packetwalk calico\n```\n\n```json\n([\s\S]*?)\n```/gm
const EXAMPLES = [...readFileSync(`${ROOT}docs/calico.md`, 'utf8').matchAll(EXAMPLE)].map(
  ([, request = '', answer = '']) => [request, answer] as const,
)

describe('examples of docs/calico.md', () => {
  it('are there', () => {
    expect(EXAMPLES.length).toBeGreaterThan(0)
  })

  it.each(EXAMPLES)('%s', (request, answer) => {
    expect(answerLine(request)).toEqual(JSON.parse(answer))
  })
})
