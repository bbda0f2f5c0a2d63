import { isAlias, isNode, LineCounter, parseAllDocuments, type YAMLError, type Document as YamlDocument } from 'yaml'
import type { Place, PlaceOf } from '../control/index.ts'
import type { Issue } from '../model/index.ts'

/** Text to read: a file, standard input, a cell of a notebook. */
export interface InputText {
  /** Name used in errors: a path, or `-` for standard input. */
  readonly name: string
  /** Content: YAML or JSON, one or many documents. */
  readonly text: string
}

/** One document of a text. */
export interface InputDocument {
  /** Name of the text. */
  readonly file: string
  /** The plain value. */
  readonly value: unknown
  /** Where a path inside the value stands. */
  readonly placeOf: PlaceOf
}

/** What a text held. */
export interface ParsedText {
  /** Documents that could be read, empty ones left out. */
  readonly documents: readonly InputDocument[]
  /** Syntax errors. */
  readonly issues: readonly Issue[]
}

/** Aliases a document may expand to: more is a bomb. */
const MAX_ALIASES = 1000

/**
 * Splits a text into documents. JSON is read by the fast JSON parser and only looked at again when somebody asks for a
 * place; everything else is YAML 1.2 (so `yes` is a word, not a truth value).
 */
export function parseText(input: InputText): ParsedText {
  const json = parseJson(input)
  if (json !== undefined) return json
  const lines = new LineCounter()
  const issues: Issue[] = []
  const documents: InputDocument[] = []
  const parsed = parseAllDocuments(input.text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  for (const document of Array.isArray(parsed) ? parsed : []) {
    if (document.errors.length > 0) {
      issues.push(...firstErrors(document.errors).map((error) => syntaxIssue(input.name, error, lines)))
      continue
    }
    const value = plainValue(document, input.name, lines, issues)
    if (value !== undefined && value !== null) {
      documents.push({ file: input.name, value, placeOf: placesIn(document, input.name, lines) })
    }
  }
  return { documents, issues }
}

function parseJson(input: InputText): ParsedText | undefined {
  const first = input.text.trimStart()[0]
  if (first !== '{' && first !== '[') return undefined
  try {
    const value: unknown = JSON.parse(input.text)
    let places: PlaceOf | undefined
    const placeOf: PlaceOf = (path) => {
      if (places === undefined) {
        const lines = new LineCounter()
        const [document] = parseAllDocuments(input.text, { lineCounter: lines, prettyErrors: false })
        places = document === undefined ? () => undefined : placesIn(document as YamlDocument, input.name, lines)
      }
      return places(path)
    }
    return { documents: [{ file: input.name, value, placeOf }], issues: [] }
  } catch {
    return undefined // several JSON documents, or YAML's flow form, or an error the YAML parser tells with its place
  }
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
      received: error instanceof Error ? error.message : String(error),
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

const EXPECTED: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'each key once in a map',
  TAB_AS_INDENT: 'spaces for indentation, not tabs',
  BAD_INDENT: 'consistent indentation',
  MISSING_CHAR: 'a closing quote, bracket or brace, or a colon',
  UNEXPECTED_TOKEN: 'YAML or JSON',
  BAD_ALIAS: 'an alias of an anchor that exists',
  MULTILINE_IMPLICIT_KEY: 'a key on one line, followed by a colon',
  BLOCK_AS_IMPLICIT_KEY: 'a nested map on a line of its own, indented',
  TAG_RESOLVE_FAILED: 'a value the tag can hold',
  UNRESOLVED_TAG: 'a standard YAML tag',
}

/** The first error, which the others of a document follow from; keys given twice are errors of their own. */
function firstErrors(errors: readonly YAMLError[]): YAMLError[] {
  return errors.filter((error, i) => i === 0 || error.code === 'DUPLICATE_KEY')
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
    received: error.message.split('\n')[0] ?? error.code,
  }
}
