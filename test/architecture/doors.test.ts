// The doors of the package: few names behind the front one, and every list of them says the same.
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { ENTRIES } from '../../tools/bundle-size.mjs'
import { ROOT } from '../support/source-files.ts'

const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8')
const doors = Object.keys(ENTRIES)

/** Names a file of re-exports gives. */
function namesOf(path: string): string[] {
  const syntax = ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022)
  return syntax.statements.flatMap((statement) => {
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined
    return clause !== undefined && ts.isNamedExports(clause) ? clause.elements.map(({ name }) => name.text) : []
  })
}

describe('doors', () => {
  it('are at most 60 names wide at the front', () => {
    const names = namesOf('src/index.ts')
    expect(names).toContain('Lab')
    expect(names.length).toBeLessThanOrEqual(60)
  })

  it('are those of package.json, each with the file of its room', () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, { default: string }> }
    const { './package.json': _, ...listed } = exports
    const built = Object.entries(ENTRIES).map(([door, file]) => [
      door,
      file.replace('src/', './dist/').replace('.ts', '.js'),
    ])
    expect(Object.entries(listed).map(([door, target]) => [door, target.default])).toEqual(built)
  })

  it('are documented by typedoc', () => {
    const { entryPoints } = JSON.parse(read('typedoc.json')) as { entryPoints: string[] }
    expect(entryPoints).toEqual(Object.values(ENTRIES))
  })

  it('are in the table of the README', () => {
    const rows = [...read('README.md').matchAll(/^\| `packetwalk(\/[a-z]+)?` \|/gm)].map(([, door = '']) => `.${door}`)
    expect(rows).toEqual(doors)
  })
})
