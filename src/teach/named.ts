import { didYouMean, InputError } from '../model/index.ts'

/**
 * The row of a table that has a name.
 * @param what - what a row is, with its article: `a scene`
 * @throws InputError for a name that no row has, with the nearest that one has
 */
export function named<T extends { readonly name: string }>(rows: readonly T[], name: string, what: string): T {
  const row = rows.find((one) => one.name === name)
  if (row !== undefined) return row
  const words = rows.map((one) => one.name)
  const expected = `${what}; ${didYouMean(String(name), words)}`
  throw new InputError([
    { kind: 'invalid', file: '', path: [], expected, received: JSON.stringify(name) ?? 'undefined' },
  ])
}
