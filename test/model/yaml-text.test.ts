import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Plain, yamlText } from '../../src/model/index.ts'

const CASES: readonly { readonly value: Plain; readonly text: string }[] = [
  { value: 'web', text: 'web' },
  { value: 'no', text: '"no"' },
  { value: '1e3', text: '"1e3"' },
  { value: '10.0.0.1/32', text: '10.0.0.1/32' },
  { value: "app == 'web'", text: `"app == 'web'"` },
  { value: 5432, text: '5432' },
  { value: null, text: 'null' },
  { value: [], text: '[]' },
  { value: {}, text: '{}' },
  { value: { podSelector: {}, ports: [] }, text: 'podSelector: {}\nports: []' },
  {
    value: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
    text: '- from:\n    - podSelector:\n        matchLabels:\n          app: web',
  },
  { value: { '': [[1, 2], 'x: y'] }, text: '"":\n  - - 1\n    - 2\n  - "x: y"' },
]

describe('YAML', () => {
  it.each(CASES)('$text', ({ value, text }) => {
    expect(yamlText(value)).toBe(text)
    expect(parse(text)).toEqual(value)
  })
})
