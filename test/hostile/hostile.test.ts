// Input that is broken, enormous or meant to do harm: every case of test/fixtures/hostile holds.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../support/source-files.ts'
import { CASES, caseFaults, expectationOf } from './run-case.ts'

beforeAll(() => {
  execFileSync(process.execPath, ['tools/setup.mjs'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }) // builds dist/
}, 240_000)

const ids = readdirSync(CASES).sort()

describe('hostile cases', () => {
  it.each(ids)(
    '%s',
    (id) => {
      expect(caseFaults(id), expectationOf(id).right).toEqual([])
    },
    240_000,
  )
})
