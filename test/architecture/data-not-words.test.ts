// Reasons, rule text and words are made for people; nothing in the rooms that explain may read them again.
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { everyNode, lineOf, type SourceFile, sourceFiles } from '../support/source-files.ts'

/** Rooms that turn events into explanations. */
const EXPLAINERS: ReadonlySet<string> = new Set(['trace', 'diagnose'])

/** Ways to look into a text. */
const BANNED: ReadonlySet<string> = new Set([
  'endsWith',
  'includes',
  'match',
  'matchAll',
  'replace',
  'replaceAll',
  'search',
  'split',
  'startsWith',
])

/** Files that read text of others, and whose. */
const READS: Readonly<Record<string, string>> = {
  'diagnose/commands.ts': 'commands of its own: which of them ask the API server',
  'trace/diff.ts': 'lines of tcpdump: fields drawn by lot are masked',
  'trace/json.ts': 'JSON: where the parser stopped',
  'trace/read-frame.ts': 'lines of tcpdump: several become one',
  'trace/version-1.ts': 'traces of version 1, which had prose in two fields',
}

function offences(file: SourceFile): string[] {
  const found: string[] = []
  everyNode(file.syntax, (node) => {
    const place = `${file.path}:${lineOf(node)}`
    if (ts.isRegularExpressionLiteral(node)) found.push(`${place} ${node.text}`)
    if (ts.isPropertyAccessExpression(node) && BANNED.has(node.name.text)) found.push(`${place} .${node.name.text}`)
    if (ts.isIdentifier(node) && node.text === 'RegExp') found.push(`${place} RegExp`)
  })
  return found
}

const files = sourceFiles().filter((file) => EXPLAINERS.has(file.room))

describe('rooms that explain', () => {
  it('find no reason, hint or role by matching text', () => {
    expect(files.length).toBeGreaterThan(20)
    expect(files.filter((file) => READS[file.path] === undefined).flatMap(offences)).toEqual([])
  })

  it('have no exception that is not needed', () => {
    const needed = files.filter((file) => offences(file).length > 0).map((file) => file.path)
    expect(Object.keys(READS).filter((path) => !needed.includes(path))).toEqual([])
  })

  it('import no lookup: whoever decides says why', () => {
    const imported = files.flatMap((file) =>
      file.imports.filter((one) => one.specifier.includes('dataplane') || one.specifier.includes('lookup')),
    )
    expect(imported).toEqual([])
  })
})
