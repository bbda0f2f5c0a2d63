// The answer as CSV in parts: a million pairs of classes are more than a text may be long.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { reachCsv, reachCsvParts, reachOf } from '../../src/reach/index.ts'
import { ROOT } from '../support/source-files.ts'

const lab = Lab.load({ name: 'ipip.yaml', text: readFileSync(`${ROOT}examples/demo/ipip.yaml`, 'utf8') })

it('has whole lines in each part, which together are the text', () => {
  const one = reachOf(lab)
  const many = { ...one, cells: Array.from({ length: 2_500 }, (_, i) => one.cells[i % one.cells.length]!) }
  const parts = [...reachCsvParts(many)]
  expect(parts).toHaveLength(4)
  expect(parts.filter((part) => !part.endsWith('\n'))).toEqual([])
  expect(parts.join('')).toBe(reachCsv(many))
})
