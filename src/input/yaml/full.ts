import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type YAMLError,
  type Document as YamlDocument,
} from 'yaml'
import type { Place, PlaceOf } from '../../control/index.ts'
import type { Issue } from '../../model/index.ts'
import { DEEPEST, type InputDocument, type InputText, KEYS_ONCE, type ParsedText, SHALLOW } from '../document.ts'

/** Aliases a document may expand to: more is a bomb. */
const MAX_ALIASES = 1000

/** All of YAML, and what is wrong in it. */
export function parseYaml(input: InputText): ParsedText {
  const lines = new LineCounter()
  const issues: Issue[] = []
  const documents: InputDocument[] = []
  for (const document of yamlDocuments(input, lines)) {
    if (document.errors.length > 0) {
      issues.push(syntaxIssue(input.name, document.errors[0]!, lines))
      continue
    }
    const faults = keyAndDepthFaults(document, input.name, lines)
    issues.push(...faults)
    if (faults.length > 0) continue
    const value = plainValue(document, input.name, lines, issues)
    if (value !== undefined && value !== null) {
      documents.push({ file: input.name, value, placeOf: placesIn(document, input.name, lines) })
    }
  }
  return { documents, issues }
}

/** The documents of YAML text. The parser's own look for keys given twice compares each with all, so it is turned off. */
function yamlDocuments(input: InputText, lines: LineCounter): readonly YamlDocument[] {
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false }
  const parsed = parseAllDocuments(input.text, options)
  return Array.isArray(parsed) ? (parsed as YamlDocument[]) : []
}

/** Keys that stand twice in a map, and what lies too deep. */
function keyAndDepthFaults(document: YamlDocument, file: string, lines: LineCounter): Issue[] {
  const issues: Issue[] = []
  const told = (node: unknown, expected: string, received: string): void => {
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0
    const { line, col } = lines.linePos(offset)
    issues.push({ kind: 'syntax', file, line, column: col, path: [], expected, received })
  }
  let level: unknown[] = [document.contents]
  for (let depth = 1; level.length > 0; depth++) {
    const inner: unknown[] = []
    for (const node of level) {
      if (isSeq(node)) for (const item of node.items) inner.push(item)
      if (!isMap(node)) continue
      const keys = new Set<unknown>()
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? key.value : key
        if (keys.has(name)) told(key, KEYS_ONCE, 'Map keys must be unique')
        keys.add(name)
        inner.push(value)
      }
    }
    level = inner.filter((node) => isSeq(node) || isMap(node))
    if (depth === DEEPEST && level.length > 0) {
      told(level[0], SHALLOW, 'more')
      break
    }
  }
  return issues
}

function plainValue(document: YamlDocument, file: string, lines: LineCounter, issues: Issue[]): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (error) {
    const { line, col } = lines.linePos(document.range?.[0] ?? 0)
    issues.push({
      kind: 'syntax',
      file,
      line,
      column: col,
      path: [],
      expected: `aliases that resolve, and at most ${MAX_ALIASES} of them`,
      received: withoutSource((error as Error).message),
    })
    return undefined
  }
}

/** Looks up places in a parsed document; a path that does not exist gives the place of its nearest parent. */
function placesIn(document: YamlDocument, file: string, lines: LineCounter): PlaceOf {
  return (path): Place | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : nodeAt(document, path.slice(0, length))
      if (isNode(node) && node.range) {
        const { line, col } = lines.linePos(node.range[0])
        return { file, line, column: col }
      }
    }
    return undefined
  }
}

function nodeAt(document: YamlDocument, path: readonly (string | number)[]): unknown {
  try {
    const node: unknown = document.getIn(path, true)
    return isAlias(node) ? (node.resolve(document) ?? node) : node
  } catch {
    return undefined // a path through a scalar
  }
}

/** A message of the YAML parser without the piece of source it may end with: the text may be a key or a password. */
function withoutSource(message: string): string {
  return message.replace(/(?<=[\w)]): [\s\S]*$|\n[\s\S]*$/, '')
}

const EXPECTED: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'spaces for indentation, not tabs',
  BAD_INDENT: 'consistent indentation',
  MISSING_CHAR: 'a closing quote, bracket or brace, or a colon',
  UNEXPECTED_TOKEN: 'YAML or JSON',
  BAD_ALIAS: 'an alias of an anchor that exists',
  MULTILINE_IMPLICIT_KEY: 'a key on one line, followed by a colon',
  BLOCK_AS_IMPLICIT_KEY: 'a nested map on a line of its own, indented',
  TAG_RESOLVE_FAILED: 'a value the tag can hold',
  UNRESOLVED_TAG: 'a standard YAML tag',
  RESOURCE_EXHAUSTION: SHALLOW,
}

function syntaxIssue(file: string, error: YAMLError, lines: LineCounter): Issue {
  const { line, col } = lines.linePos(error.pos[0])
  return {
    kind: 'syntax',
    file,
    line,
    column: col,
    path: [],
    expected: EXPECTED[error.code] ?? 'valid YAML',
    received: error.code === 'RESOURCE_EXHAUSTION' ? 'more' : withoutSource(error.message),
  }
}
