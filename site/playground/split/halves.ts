// A module in two: what a first trace runs of it, and what comes later: functions, classes, and methods. The first half calls the second
// by stand-ins; the second takes what it needs of the first by an import.
import ts from 'typescript'

/** The two halves of a module, as texts. */
export interface Halves {
  /** The first, with a stand-in for each part of the second. */
  readonly early: string
  /** The second, with all that the module exports. */
  readonly late: string
  /** Names of parts of the second that the first calls, or others do. */
  readonly called: readonly string[]
}

/** Where the halves find each other, and what the stand-ins are made of. */
export interface Places {
  /** The first half, as the second imports it. */
  readonly early: string
  /** Lines that declare `$of`, which gives a part of the second half by its name, and `$standIn`, which makes a class of it. */
  readonly standIns: string
}

/** What is hardly longer than its stand-in stays. */
const SHORTEST = 200
/** V8's name for what sets the fields of an instance. */
const FIELDS = '<instance_members_initializer>'
/** How a method is named in the second half, where it is a function of its instance. */
const methodName = (of: string, method: string): string => `${of}$${method}`

type Named<T> = T & { readonly name: ts.Identifier }
type Method = Named<ts.MethodDeclaration>

const isFunction = (node: ts.Node): node is Named<ts.FunctionDeclaration> =>
  ts.isFunctionDeclaration(node) && node.name !== undefined
const isClass = (node: ts.Node): node is Named<ts.ClassDeclaration> =>
  ts.isClassDeclaration(node) && node.name !== undefined
const isMethod = (node: ts.Node): node is Method => ts.isMethodDeclaration(node) && ts.isIdentifier(node.name)

/**
 * What of a module can come later, by name: functions, classes (not those another is made of), and methods, as `Class.method`.
 * @param ran - names of functions of it that ran: two functions of one name both stay when one of them did
 */
export function waiting(text: string, ran: ReadonlySet<string>, parents: ReadonlySet<string>): readonly string[] {
  return parsed(text).statements.flatMap((one) => {
    if (one.getEnd() - one.getStart() < SHORTEST) return []
    if (isFunction(one)) return ran.has(one.name.text) ? [] : [one.name.text]
    if (!isClass(one)) return []
    if (!parents.has(one.name.text) && isUnused(one, ran)) return [one.name.text]
    return one.members.filter(isMethod).flatMap((method) => {
      const canWait =
        !ran.has(method.name.text) && method.getEnd() - method.getStart() >= SHORTEST && worksOutside(method)
      return canWait ? [`${one.name.text}.${method.name.text}`] : []
    })
  })
}

/** Whether no instance of it was made: its constructor tells, or that no fields were set. */
function isUnused(one: ts.ClassDeclaration, ran: ReadonlySet<string>): boolean {
  const names = one.members.map(({ name }) => (name !== undefined && ts.isIdentifier(name) ? name.text : ''))
  const isCalled = names.some((name) => ran.has(name) || ran.has(`get ${name}`) || ran.has(`set ${name}`))
  if (isCalled || (one.name !== undefined && ran.has(one.name.text))) return false
  if (/\bextends \w*Error\b/.test(one.getText())) return false
  return (
    one.members.some(ts.isConstructorDeclaration) || (one.members.some(ts.isPropertyDeclaration) && !ran.has(FIELDS))
  )
}

/** Whether a method works outside of its class as well. */
function worksOutside(method: Method): boolean {
  let isSo = true
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.SuperKeyword || ts.isPrivateIdentifier(node)) isSo = false
    ts.forEachChild(node, visit)
  }
  visit(method)
  return isSo
}

/** Parts a module. @param names - what of it comes later, as `waiting` names it */
export function halves(text: string, names: ReadonlySet<string>, places: Places): Halves {
  const source = parsed(text)
  const textOf = (one: ts.Node): string => text.slice(one.getStart(source), one.getEnd())
  const methods = source.statements.filter(isClass).flatMap((of) =>
    of.members
      .filter(isMethod)
      .filter(({ name }) => names.has(`${of.name.text}.${name.text}`))
      .map((method) => ({ of, method })),
  )
  const moving = new Set<ts.Node>(methods.map(({ method }) => method))
  const { moved, kept } = withTheirOwn(
    parted(source.statements, (one) => (isFunction(one) || isClass(one)) && names.has(one.name.text)),
    moving,
  )
  const declared = kept.flatMap(declaredNames)
  const exported = new Set(source.statements.filter(isExported).flatMap(declaredNames))
  const used = new Set([...moved, ...moving].flatMap((one) => words(one)))
  const left = new Set(kept.flatMap((one) => words(one, moving)))
  const called = moved.filter((one) => declaredNames(one).some((name) => exported.has(name) || left.has(name)))
  const own = declared.filter((name) => !exported.has(name) && used.has(name))
  const shared = declared.filter((name) => exported.has(name) && used.has(name))
  const early = [
    places.standIns,
    ...kept.map((one) =>
      withoutMethods(
        one,
        methods.filter(({ of }) => of === one).map(({ method }) => method),
        textOf,
      ),
    ),
    ...called.map((one) => standIn(one, isExported(one))),
    `export { ${own.map((name) => `${name} as $${name}`).join(', ')} }`,
  ]
  const late = [
    ...kept
      .filter(ts.isImportDeclaration)
      .filter((one) => words(one).some((word) => used.has(word)))
      .map((one) => textOf(one)),
    `import { ${[...shared, ...own.map((name) => `$${name} as ${name}`)].join(', ')} } from '${places.early}'`,
    `export * from '${places.early}'`,
    ...moved.map((one) => textOf(one).replace(/^export /, '')),
    ...methods.map(({ of, method }) => asFunction(of, method, source)),
    `export { ${moved.flatMap(declaredNames).join(', ')} }`,
  ]
  const asNamed = [
    ...called.flatMap(declaredNames),
    ...methods.map(({ of, method }) => methodName(of.name.text, method.name.text)),
  ]
  return { early: early.join('\n'), late: late.join('\n'), called: asNamed }
}

function standIn(one: ts.Statement, isShared: boolean): string {
  const [name] = declaredNames(one)
  const keyword = isShared ? 'export ' : ''
  if (isClass(one)) return `${keyword}const ${name} = /*@__PURE__*/ $standIn($of, '${name}')`
  return `${keyword}function ${name}(...$given) { return $of('${name}')(...$given) }`
}

/** A class of which methods come later. */
function withoutMethods(one: ts.Statement, methods: readonly Method[], textOf: (one: ts.Node) => string): string {
  if (!isClass(one) || methods.length === 0) return textOf(one)
  const start = one.getStart()
  let text = textOf(one)
  for (const method of [...methods].reverse()) {
    const { text: name } = method.name
    const keyword = isStatic(method) ? 'static ' : ''
    const by = `${keyword}${name}(...$given) { return $of('${methodName(one.name.text, name)}').apply(this, $given) }`
    text = text.slice(0, method.getStart() - start) + by + text.slice(method.getEnd() - start)
  }
  return text
}

/** A method as a function: what stands before its parameters is another. */
function asFunction(of: Named<ts.ClassDeclaration>, method: Method, source: ts.SourceFile): string {
  const star = method.asteriskToken === undefined ? '' : '*'
  const isAsync = ts.getModifiers(method)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true
  const rest = source.text.slice(method.name.getEnd(), method.getEnd())
  return `export ${isAsync ? 'async ' : ''}function${star} ${methodName(of.name.text, method.name.text)}${rest}`
}

function isStatic(method: Method): boolean {
  return ts.getModifiers(method)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true
}

function parsed(text: string): ts.SourceFile {
  return ts.createSourceFile('module.js', text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
}

/** Statements of a module, in its order. */
interface Parted {
  /** Those of the second half. */
  readonly moved: readonly ts.Statement[]
  /** Those of the first. */
  readonly kept: readonly ts.Statement[]
}

function parted(all: readonly ts.Statement[], test: (one: ts.Statement) => boolean): Parted {
  return { moved: all.filter(test), kept: all.filter((one) => !test(one)) }
}

/** Tables and helpers of which nobody else speaks go along with what is moved; a table is made of nothing that changes. */
function withTheirOwn({ moved, kept }: Parted, moving: ReadonlySet<ts.Node>): Parted {
  const canMove = (one: ts.Statement): boolean =>
    (ts.isVariableStatement(one) || isFunction(one)) && !isExported(one) && declaredNames(one).length > 0
  const spoken = new Map(kept.map((one) => [one, words(one, moving)]))
  const along = kept.filter((one) => {
    const others = new Set(kept.filter((other) => other !== one).flatMap((other) => spoken.get(other) ?? []))
    return canMove(one) && !declaredNames(one).some((name) => others.has(name))
  })
  if (along.length === 0) return { moved, kept }
  const all = new Set([...moved, ...along])
  const inOrder = [...moved, ...kept].sort((a, b) => a.pos - b.pos)
  return withTheirOwn(
    parted(inOrder, (one) => all.has(one)),
    moving,
  )
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false
  return ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
}

function declaredNames(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => bound(name))
  return isFunction(statement) || isClass(statement) ? [statement.name.text] : []
}

function bound(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : bound(element.name)))
}

/** All identifiers of a node: more than it refers to, never less. @param without - parts that are left out */
function words(node: ts.Node, without: ReadonlySet<ts.Node> = new Set()): readonly string[] {
  const found: string[] = []
  const visit = (one: ts.Node): void => {
    if (without.has(one)) return
    if (ts.isIdentifier(one)) found.push(one.text)
    ts.forEachChild(one, visit)
  }
  visit(node)
  return found
}
