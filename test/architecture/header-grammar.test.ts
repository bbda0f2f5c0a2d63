// One grammar of headers: fields are found by the offsets of wire, and a number of a protocol has one home.
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { everyNode, lineOf, type SourceFile, sourceFiles } from '../support/source-files.ts'

/** Reads and writes of wire whose second argument is a place in a buffer. */
const ACCESS = /^(read|write)(U8|U16|U24|U32|U48|Mac|Ip6Key)$/

/** Numbers that have a home, by how their names begin. */
const NUMBERS =
  /^(ICMP|ICMPV6|NUD|IPTOS|ETHERTYPE|ETH_P|IP_PROTOCOL|IPPROTO|NEXTHDR|RT_SCOPE|RT_TABLE|SCOPE_(LINK|HOST))_?/
/** Names the kernel's headers have for what wire and `kernel/rtn` name otherwise; a file that declares one has its own copy. */
const COPIES = /^(DF|MF|IP_DF|IP_MF|LOCAL|MAIN|ETH_P|IPPROTO|NEXTHDR|SCOPE_(LINK|HOST))(_|$)/
/** Where such numbers are declared. */
const HOMES = /^(wire|dataplane\/kernel)\//

/** Whether an expression adds a number written in digits. */
function addsDigits(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return addsDigits(node.expression)
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return false
  return [node.left, node.right].some((side) => ts.isNumericLiteral(side) || addsDigits(side))
}

function offsetsInDigits(syntax: ts.SourceFile): string[] {
  const found: string[] = []
  everyNode(syntax, (node) => {
    const place =
      ts.isElementAccessExpression(node) && /\bbytes$/.test(node.expression.getText())
        ? node.argumentExpression
        : ts.isCallExpression(node) && ACCESS.test(node.expression.getText())
          ? node.arguments[1]
          : undefined
    if (place === undefined) return
    const digits = ts.isNumericLiteral(place) ? place.text !== '0' : addsDigits(place)
    if (digits) found.push(`${syntax.fileName}:${lineOf(node)} ${node.getText()}`)
  })
  return found
}

/** Constants at the top of a file whose names are those of numbers of protocols. */
function numbersDeclared(file: SourceFile): { name: string; place: string; home: boolean }[] {
  return file.syntax.statements.flatMap((statement) => {
    if (!ts.isVariableStatement(statement)) return []
    return statement.declarationList.declarations.flatMap((declaration) => {
      const name = declaration.name.getText()
      const { initializer } = declaration
      const isNumber = initializer !== undefined && (ts.isNumericLiteral(initializer) || ts.isAsExpression(initializer))
      if (!isNumber || !(NUMBERS.test(name) || COPIES.test(name))) return []
      return [{ name, place: `src/${file.path}:${lineOf(declaration)} ${name}`, home: HOMES.test(file.path) }]
    })
  })
}

const files = sourceFiles()
const parse = (text: string): ts.SourceFile => ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2022, true)

describe('offsets of header fields', () => {
  it.each([
    'bytes[at + 8]',
    'skb.bytes[9]',
    'readU16(bytes, at + 6)',
    'writeU32(p.bytes, p.at + 12, 0)',
    'readIp6Key(b, (at + length) + 1)',
  ])('%s is an offset in digits', (text) => {
    expect(offsetsInDigits(parse(text))).toHaveLength(1)
  })

  it.each(['bytes[at + IPV4_TTL]', 'bytes[0]', 'words[1]', 'readU16(bytes, at)', 'f(at + 6)'])('%s is none', (text) => {
    expect(offsetsInDigits(parse(text))).toEqual([])
  })

  it('have names wherever the engine reads or writes a packet', () => {
    const engine = files.filter((file) => file.room === 'dataplane')
    expect(engine.flatMap((file) => offsetsInDigits(file.syntax))).toEqual([])
  })
})

describe('numbers of protocols', () => {
  const declared = files.flatMap(numbersDeclared)

  it('are found', () => {
    expect(declared.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ICMP_TYPE', 'ICMPV6_TYPE', 'NUD_STALE', 'RT_SCOPE', 'IPTOS_RT_MASK', 'ETHERTYPE']),
    )
  })

  it('are declared in wire and dataplane/kernel only', () => {
    expect(declared.filter(({ home }) => !home).map(({ place }) => place)).toEqual([])
  })

  it('are declared once', () => {
    const names = declared.map(({ name }) => name)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })
})
