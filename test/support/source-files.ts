// The project's own sources as the rules of test/architecture see them: rooms, imports, banned words.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** Folder of the project. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url))

/** One import, export-from or dynamic import. */
export interface ImportLine {
  /** As written: `./ipv4.ts`, `../wire/index.ts`, `immer`, `node:fs`. */
  readonly specifier: string
  /** From 1. */
  readonly line: number
  /** Written `import type` or `export type`: gone at run time. */
  readonly typeOnly: boolean
}

/** One TypeScript file below src. */
export interface SourceFile {
  /** From src: `wire/ipv4.ts`. */
  readonly path: string
  /** First folder below src; `.` for files directly in it. */
  readonly room: string
  readonly lines: number
  readonly imports: readonly ImportLine[]
  readonly syntax: ts.SourceFile
}

/** Every TypeScript file below src, sorted by path. */
export function sourceFiles(): SourceFile[] {
  return readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map(readSource)
}

function readSource(path: string): SourceFile {
  const text = readFileSync(`${ROOT}src/${path}`, 'utf8')
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  return {
    path,
    room: path.includes('/') ? path.slice(0, path.indexOf('/')) : '.',
    lines: text.split('\n').length - 1,
    imports: importsOf(syntax),
    syntax,
  }
}

/** 1-based line of a node. */
export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile()
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
}

/** Calls `visit` for every node of a file, parents first. */
export function everyNode(file: ts.SourceFile, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node)
    ts.forEachChild(node, step)
  }
  step(file)
}

function importsOf(file: ts.SourceFile): ImportLine[] {
  const found: ImportLine[] = []
  const add = (node: ts.Node | undefined, typeOnly: boolean): void => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return
    found.push({ specifier: node.text, line: lineOf(node), typeOnly })
  }
  everyNode(file, (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false)
    }
  })
  return found
}

/** Path from src that a relative import names, or undefined for a package. */
export function importedPath(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
