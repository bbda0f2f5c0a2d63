// `npm run mutants -- FOLDER`: do the tests notice? Changes one operator or value of a file at a time, drawn from a seed, runs
// the tests that depend on the file, and tells which changes nobody noticed. Slow, and no part of CI.
//
//   npm run mutants -- src/linux --sample 20 --seed 1
//   npm run mutants -- src/linux --tests test/linux --tests test/commands
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** How many mutants. */
    sample: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    /** Run these tests instead of all that import the file. */
    tests: { type: 'string', multiple: true, default: [] },
    /** Seconds after which a run counts as caught: the mutant loops. */
    timeout: { type: 'string', default: '300' },
    /** Only names the mutants drawn. */
    list: { type: 'boolean', default: false },
  },
})
if (positionals.length !== 1) {
  process.stderr.write(
    'usage: npm run mutants -- FOLDER [--sample N] [--seed N] [--tests FOLDER]… [--timeout S] [--list]\n',
  )
  process.exit(2)
}

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
  if (ts.isStringLiteral(node)) return whole(node.text === '' ? "'mutant'" : "''")
  return undefined
}

/** Names and types are no expressions. */
function isOther(node) {
  return (
    ts.isTypeNode(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isInterfaceDeclaration(node)
  )
}

function mutantsOf(file) {
  const text = readFileSync(file, 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found = []
  const visit = (node) => {
    if (isOther(node)) return
    const isName =
      (ts.isPropertyAssignment(node.parent ?? node) && node.parent.name === node) || ts.isLiteralTypeNode(node)
    const change = isName ? undefined : changeOf(node, source)
    if (change !== undefined) {
      const line = source.getLineAndCharacterOfPosition(change.start).line + 1
      found.push({ file, line, before: text.slice(change.start, change.end), ...change })
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

function filesOf(path) {
  if (statSync(path).isFile()) return [path]
  const inside = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()
  return inside.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')).map((name) => join(path, name))
}

/** Runs the tests; true when one fails or they do not end. */
function isCaught(file) {
  const how = values.tests.length > 0 ? ['run', ...values.tests] : ['related', '--run', file]
  const args = ['node_modules/vitest/vitest.mjs', ...how, '--bail', '1', '--reporter', 'dot']
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore', timeout: Number(values.timeout) * 1000 })
  return status !== 0
}

/** Changes the file for as long as the tests run. */
function tryOut({ file, start, end, text }) {
  const original = readFileSync(file, 'utf8')
  const restore = () => writeFileSync(file, original)
  process.once('exit', restore)
  try {
    writeFileSync(file, original.slice(0, start) + text + original.slice(end))
    return isCaught(file)
  } finally {
    restore()
    process.removeListener('exit', restore)
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const all = filesOf(positionals[0]).flatMap(mutantsOf)
const next = numbers(Number(values.seed))
const drawn = []
while (drawn.length < Number(values.sample) && all.length > 0)
  drawn.push(...all.splice(Math.floor(next() * all.length), 1))
const nameOf = ({ file, line, before, text }) =>
  `${file}:${line}  ${before.replaceAll(/\s+/g, ' ')}  →  ${text.replaceAll(/\s+/g, ' ')}`
if (values.list) {
  for (const mutant of drawn) process.stdout.write(`${nameOf(mutant)}\n`)
  process.exit(0)
}

// What fails without a change would count as caught.
for (const file of new Set(drawn.map((mutant) => mutant.file))) {
  if (isCaught(file)) {
    process.stderr.write(`tests of ${file} fail without any change\n`)
    process.exit(1)
  }
  if (values.tests.length > 0) break
}
let caught = 0
for (const mutant of drawn) {
  const isNoticed = tryOut(mutant)
  if (isNoticed) caught++
  process.stdout.write(`${isNoticed ? 'caught  ' : 'SURVIVED'}  ${nameOf(mutant)}\n`)
}
process.stdout.write(`${caught} of ${drawn.length} caught (seed ${values.seed})\n`)
