// What the sheets of facts say by example is asked of the code: a case or a row for each, with the section in its name.
import { expect, it } from 'vitest'
import { sheetCases } from '../support/sheet-cases.ts'

it('at least 400 cases come from sheets of facts, and say so', () => {
  const { bySheet, total } = sheetCases()
  console.info(`${total} cases from sheets:`, Object.fromEntries(bySheet))
  expect(total).toBeGreaterThanOrEqual(400)
})
