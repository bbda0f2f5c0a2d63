// A transformer for TypeScript's emitter that writes out named numbers. An imported constant is a load and a check wherever it is
// used, since an engine cannot know that it stays; a packet on its way meets hundreds.
import ts from 'typescript'

/** The number that a constant expression has, or undefined. */
function numberOf(node, checker) {
  if (ts.isNumericLiteral(node)) return Number(node.text)
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return numberOf(node.expression, checker)
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    const value = numberOf(node.operand, checker)
    return value === undefined ? undefined : -value
  }
  if (ts.isIdentifier(node)) return numberOfName(node, checker)
  if (ts.isPropertyAccessExpression(node)) return numberOfMember(node, checker)
  return undefined
}

/** What a name stands for: the `const` it was declared by, here or in another module. */
function declarationOf(name, checker) {
  const found = checker.getSymbolAtLocation(name)
  if (found === undefined) return undefined
  const symbol = (found.flags & ts.SymbolFlags.Alias) === 0 ? found : checker.getAliasedSymbol(found)
  const node = symbol.valueDeclaration
  const isConst =
    node !== undefined &&
    ts.isVariableDeclaration(node) &&
    (ts.getCombinedNodeFlags(node) & ts.NodeFlags.Const) !== 0 &&
    ts.isSourceFile(node.parent.parent.parent)
  return isConst ? node : undefined
}

function numberOfName(name, checker) {
  const node = declarationOf(name, checker)
  if (node?.initializer === undefined || node.name === name) return undefined
  return numberOf(node.initializer, checker)
}

/** `NAMES.ONE` of an object that was declared `as const`. */
function numberOfMember(node, checker) {
  if (!ts.isIdentifier(node.expression)) return undefined
  const initializer = declarationOf(node.expression, checker)?.initializer
  if (initializer === undefined || !ts.isAsExpression(initializer) || !ts.isConstTypeReference(initializer.type))
    return undefined
  const type = checker.getTypeAtLocation(node)
  return type.isNumberLiteral() ? type.value : undefined
}

function isName(node) {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  return ts.isShorthandPropertyAssignment(parent) || parent.name === node || parent.propertyName === node
}

/** A transformer that puts numbers in the place of their names. */
export function numbersWrittenOut(checker) {
  return ({ factory }) => {
    const literal = (value) => {
      const positive = factory.createNumericLiteral(Math.abs(value))
      return value < 0 ? factory.createPrefixUnaryExpression(ts.SyntaxKind.MinusToken, positive) : positive
    }
    const visit = (node) => {
      if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return node
      const isUse = ts.isPropertyAccessExpression(node) || (ts.isIdentifier(node) && !isName(node))
      const value = isUse ? numberOf(node, checker) : undefined
      return value === undefined ? ts.visitEachChild(node, visit, undefined) : literal(value)
    }
    return (file) => ts.visitEachChild(file, visit, undefined)
  }
}
