// One grammar of headers: fields are found by the offsets of wire, and a number of a protocol has one home.
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { everyNode, lineOf, type SourceFile, sourceFiles } from '../support/source-files.ts'

/** Functions of wire whose second argument is a place in a buffer, or in a header. */
const ACCESS =
  /^((read|write)(U8|U16|U24|U32|U48|Mac|Ip6Key)|ipv4At|ipv6At|bytesToMac|bytesToIpv6|wireguardIndex|field|bits)$/

/** What packets, and parts of them, are called. */
const PACKETS = /\b(bytes|packet|message|segment|frame|inner|outer|quote|payload)$/

/** Bytes that are no packet. */
const NO_HEADERS: Readonly<Record<string, string>> = {
  'wire/base64.ts': 'groups of three bytes of any data',
  'wire/bytes.ts': 'numbers of some bytes',
  'wire/checksum.ts': 'words of any data',
  'wire/crc32.ts': 'words of any data',
  'wire/ipv6-address.ts': 'the bytes of an address',
  'wire/utf8.ts': 'the bytes of a character',
  'wire/wireguard.ts': 'a number whose first byte is the lowest',
  'wire/pcapng-read.ts': 'blocks of a file',
  'wire/pcapng-write.ts': 'blocks of a file',
  'input/archive.ts': 'the marks files begin with',
  'input/zip.ts': 'records of a file',
}

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
      ts.isElementAccessExpression(node) && PACKETS.test(node.expression.getText())
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
    'ipv4At(print, quote + 16)',
    "field('ttl', 8, 1)",
    'message[1]',
  ])('%s is an offset in digits', (text) => {
    expect(offsetsInDigits(parse(text))).toHaveLength(1)
  })

  it.each(['bytes[at + IPV4_TTL]', 'bytes[0]', 'words[1]', 'readU16(bytes, at)', 'f(at + 6)'])('%s is none', (text) => {
    expect(offsetsInDigits(parse(text))).toEqual([])
  })

  const found = new Map(files.map((file) => [file.path, offsetsInDigits(file.syntax)]))

  it('have names wherever a packet is read or written', () => {
    const headers = [...found].filter(([path]) => !Object.hasOwn(NO_HEADERS, path))
    expect(headers.flatMap(([, offsets]) => offsets)).toEqual([])
  })

  it.each(Object.entries(NO_HEADERS))('are needed in %s: %s', (path) => {
    expect(found.get(path)).not.toEqual([])
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
