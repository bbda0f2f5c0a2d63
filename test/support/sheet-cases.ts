// Cases of the tests that come from a sheet of facts, by their names: `[ipam.md §3] …` in the name of a case, of a row of a
// table, or of what it stands in.
import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { ROOT } from './source-files.ts'

/** A section of a sheet, as names of cases cite it. */
const SECTION = /\b([a-z-]+\.md) ?§ ?[A-Z]?\d/

/** Cases by sheet, and the sections cited. */
export interface SheetCases {
  readonly bySheet: ReadonlyMap<string, number>
  readonly total: number
}

/** What a file says of its cases. */
interface Place {
  readonly file: ts.SourceFile
  /** Tables at the top of the file, by name. */
  readonly tables: ReadonlyMap<string, ts.ArrayLiteralExpression>
}

function bare(node: ts.Expression): ts.Expression {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node))
    return bare(node.expression)
  return node
}

function tablesOf(file: ts.SourceFile): ReadonlyMap<string, ts.ArrayLiteralExpression> {
  const tables = new Map<string, ts.ArrayLiteralExpression>()
  const look = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined) {
      const value = bare(node.initializer)
      if (ts.isArrayLiteralExpression(value)) tables.set(node.name.text, value)
    }
    ts.forEachChild(node, look)
  }
  look(file)
  return tables
}

/** The rows of a table, those of tables inside it, too; undefined where they are computed. */
function rowsOf(value: ts.Expression, { tables }: Place): readonly ts.Node[] | undefined {
  const table = bare(value)
  if (ts.isIdentifier(table)) {
    const named = tables.get(table.text)
    return named === undefined ? undefined : rowsOf(named, { tables } as Place)
  }
  if (!ts.isArrayLiteralExpression(table)) return undefined
  return table.elements.flatMap((row) =>
    ts.isSpreadElement(row) ? (rowsOf(row.expression, { tables } as Place) ?? [row]) : [row],
  )
}

/** `describe`, `it` or `test`, with the rows of its table. */
function caseOf(call: ts.CallExpression, place: Place) {
  const { expression } = call
  const each = ts.isCallExpression(expression) ? expression : undefined
  const callee = each?.expression ?? expression
  const base = ts.isPropertyAccessExpression(callee) ? callee.expression : callee
  if (!ts.isIdentifier(base) || !['describe', 'it', 'test'].includes(base.text)) return undefined
  const [name] = call.arguments
  if (name === undefined || call.arguments.length < 2) return undefined
  const table = each?.arguments[0]
  const rows = table === undefined ? undefined : rowsOf(table, place)
  return { isGroup: base.text === 'describe', name: name.getText(place.file), rows }
}

function countIn(
  place: Place,
  node: ts.Node,
  cited: string | undefined,
  times: number,
  found: Map<string, number>,
): void {
  const one = ts.isCallExpression(node) ? caseOf(node, place) : undefined
  if (one === undefined) {
    ts.forEachChild(node, (child) => countIn(place, child, cited, times, found))
    return
  }
  const sheet = SECTION.exec(one.name)?.[1] ?? cited
  if (one.isGroup) {
    const body = (node as ts.CallExpression).arguments.at(-1)!
    countIn(place, body, sheet, times * (one.rows?.length ?? 1), found)
    return
  }
  const add = (of: string, count: number): void => void found.set(of, (found.get(of) ?? 0) + count)
  if (sheet !== undefined) add(sheet, times * (one.rows?.length ?? 1))
  else
    for (const row of one.rows ?? []) {
      const own = SECTION.exec(row.getText(place.file))?.[1]
      if (own !== undefined) add(own, times)
    }
}

/** Counts them in every file of the tests. */
export function sheetCases(): SheetCases {
  const bySheet = new Map<string, number>()
  for (const path of readdirSync(`${ROOT}test`, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.test.ts')) continue
    const text = readFileSync(`${ROOT}test/${path}`, 'utf8')
    if (!text.includes('.md')) continue
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
    countIn({ file, tables: tablesOf(file) }, file, undefined, 1, bySheet)
  }
  return { bySheet, total: [...bySheet.values()].reduce((sum, count) => sum + count, 0) }
}
