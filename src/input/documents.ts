import type { Issue } from '../model/index.ts'
import { sourceOf } from './byte-source.ts'
import { DEEPEST, type InputText, KEYS_ONCE, type ParsedText, SHALLOW } from './document.ts'
import { JsonPieces } from './json/json-pieces.ts'
import { jsonValues, scanJson } from './json-scan.ts'
import { TextLines } from './text-lines.ts'
import { utf8BytesOf } from './utf8-text.ts'
import { parseYaml } from './yaml/full.ts'
import { YamlPieces } from './yaml/yaml-pieces.ts'

/**
 * Splits a text into documents. JSON, and YAML as kubectl writes it, are read by readers of our own, and places are looked up when
 * somebody asks; everything else goes to the parser of all of YAML 1.2 (so `yes` is a word, not a truth value).
 */
export function parseText(input: InputText): ParsedText {
  return parsePieces(input) ?? parseWrongJson(input) ?? parseYaml(input)
}

/** What our own readers take; undefined when it is something else. */
function parsePieces({ name, text }: InputText): ParsedText | undefined {
  const bytes = utf8BytesOf(text)
  if (bytes === undefined) return undefined
  for (const Pieces of [JsonPieces, YamlPieces]) {
    const pieces = new Pieces(name, sourceOf(bytes))
    const documents = [...pieces.documents()]
    if (!pieces.isOther) return { documents, issues: [] }
  }
  return undefined
}

/** JSON with a key that stands twice, or with too many levels; undefined when it is something else. */
function parseWrongJson({ name, text }: InputText): ParsedText | undefined {
  const lines = new TextLines(name, text)
  const issues: Issue[] = []
  const fault = (offset: number, path: readonly (string | number)[], expected: string, received: string): Issue => ({
    kind: 'syntax',
    ...lines.place(offset),
    path,
    expected,
    received,
  })
  for (const { start, end } of jsonValues(text)) {
    if (text[start] !== '{' && text[start] !== '[') return undefined
    const part = text.slice(start, end)
    try {
      JSON.parse(part)
    } catch {
      return undefined // YAML's flow form, or an error the YAML parser tells with its place
    }
    const { duplicates, tooDeep } = scanJson(part, DEEPEST)
    for (const { offset, path } of duplicates)
      issues.push(fault(start + offset, path, KEYS_ONCE, 'Map keys must be unique'))
    if (tooDeep !== undefined) issues.push(fault(start + tooDeep, [], SHALLOW, 'more'))
  }
  return issues.length > 0 ? { documents: [], issues } : undefined
}
