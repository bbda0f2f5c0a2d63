// The guide's table of first causes is the list of codes.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { FINDING_CODES } from '../../src/model/index.ts'
import { ROOT } from '../support/source-files.ts'

it('the guide tells every code of a finding, and no other', () => {
  const guide = readFileSync(`${ROOT}docs/guide.md`, 'utf8')
  const section = /^## Why it failed.*?(?=^## )/ms.exec(guide)?.[0] ?? ''
  const rows = [...section.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, code]) => code)
  expect(rows.sort()).toEqual([...FINDING_CODES].sort())
})
