// What can be changed in a file, and a sample of it.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const K = ts.SyntaxKind
/** Each operator and what it becomes. */
const OPERATORS = new Map([
  [K.EqualsEqualsEqualsToken, '!=='],
  [K.ExclamationEqualsEqualsToken, '==='],
  [K.LessThanToken, '<='],
  [K.LessThanEqualsToken, '<'],
  [K.GreaterThanToken, '>='],
  [K.GreaterThanEqualsToken, '>'],
  [K.AmpersandAmpersandToken, '||'],
  [K.BarBarToken, '&&'],
  [K.QuestionQuestionToken, '&&'],
  [K.PlusToken, '-'],
  [K.MinusToken, '+'],
  [K.AsteriskToken, '+'],
  [K.AmpersandToken, '|'],
  [K.BarToken, '&'],
  [K.LessThanLessThanToken, '>>>'],
  [K.GreaterThanGreaterThanGreaterThanToken, '<<'],
])

/**
 * A sentence for people. Its words may change at any time, and a test that repeats them would only be a second copy;
 * what a tool prints (options, keywords, names of fields) has fewer words and is drawn.
 */
const isProse = (text) => text.trim().split(/\s+/).length >= 4

/** The change a node offers, or undefined: what stands between `start` and `end` becomes `text`. */
function changeOf(node, source) {
  const whole = (text) => ({ start: node.getStart(source), end: node.end, text })
  if (ts.isBinaryExpression(node)) {
    const { operatorToken } = node
    const text = OPERATORS.get(operatorToken.kind)
    return text === undefined ? undefined : { start: operatorToken.getStart(source), end: operatorToken.end, text }
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken)
    return whole(node.operand.getText(source))
  if (ts.isConditionalExpression(node)) {
    const [yes, no] = [node.whenTrue.getText(source), node.whenFalse.getText(source)]
    return { start: node.whenTrue.getStart(source), end: node.whenFalse.end, text: `${no} : ${yes}` }
  }
  if (node.kind === K.TrueKeyword) return whole('false')
  if (node.kind === K.FalseKeyword) return whole('true')
  if (ts.isNumericLiteral(node)) return whole(`(${node.text} + 1)`)
  if (ts.isStringLiteral(node) && !isProse(node.text)) return whole(node.text === '' ? "'mutant'" : "''")
  return undefined
}

/** Types are no expressions, and vanish before the tests run. */
const isType = (node) =>
  ts.isTypeNode(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node)

/** The name of a property is no value. */
const isName = (node) => {
  const { parent } = node
  return parent !== undefined && (parent.name === node || parent.propertyName === node)
}

/**
 * All mutants of a file, in the order of their nodes. `from` and `to` are the ends of the expression that changes, `at` says
 * which of equal ones in equal lines it is: with the text of the line that names it after other lines have moved.
 */
export function mutantsOf(file) {
  const code = readFileSync(file, 'utf8')
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true)
  const lines = code.split('\n')
  const times = new Map()
  const found = []
  const visit = (node) => {
    if (isType(node)) return
    const change = isName(node) ? undefined : changeOf(node, source)
    if (change !== undefined) {
      const line = source.getLineAndCharacterOfPosition(change.start).line
      const before = code.slice(change.start, change.end)
      const key = `${lines[line].trim()} ${before}`
      times.set(key, (times.get(key) ?? 0) + 1)
      const place = { file, line: line + 1, words: lines[line].trim(), at: times.get(key), before }
      found.push({ ...place, ...change, from: node.getStart(source), to: node.end })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Numbers below 1 from a seed (mulberry32). */
function numbers(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws so many of a list; each has the same chance. */
export function draw(all, count, seed) {
  const left = [...all]
  const next = numbers(seed)
  const drawn = []
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(Math.floor(next() * left.length), 1))
  return drawn
}

/** The TypeScript files of a folder, or the file. */
export function filesOf(path) {
  if (statSync(path).isFile()) return [path]
  const inside = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()
  return inside.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')).map((name) => join(path, name))
}
