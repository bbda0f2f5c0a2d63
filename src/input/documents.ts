import { type Issue, once } from '../model/index.ts'
import { DEEPEST, type InputDocument, type InputText, KEYS_ONCE, type ParsedText, SHALLOW } from './document.ts'
import { JsonPlaces, jsonValues, scanJson } from './json-scan.ts'
import { TextLines } from './text-lines.ts'
import { blockPlaces, readBlockYaml } from './yaml/block.ts'
import { parseYaml } from './yaml/full.ts'

/**
 * Splits a text into documents. JSON is read by the fast JSON parser, YAML as kubectl writes it by a reader of our own, and places are
 * looked up when somebody asks; everything else goes to the parser of all of YAML 1.2 (so `yes` is a word, not a truth value).
 */
export function parseText(input: InputText): ParsedText {
  return parseJson(input) ?? parseBlocks(input) ?? parseYaml(input)
}

/** YAML in the form that kubectl writes; undefined when it is something else. Places are looked up when somebody asks. */
function parseBlocks({ name, text }: InputText): ParsedText | undefined {
  const read = readBlockYaml(text)
  if (read === undefined) return undefined
  const lines = new TextLines(name, text)
  const documents = read
    .filter(({ value }) => value !== null)
    .map((document): InputDocument => {
      const places = once(() => blockPlaces(text, document))
      return { file: name, value: document.value, placeOf: (path) => lines.place(places()(path)) }
    })
  return { documents, issues: [] }
}

/** JSON: one value, or several behind each other (JSON Lines, what `jq` prints). Undefined when it is something else. */
function parseJson({ name, text }: InputText): ParsedText | undefined {
  const places = new JsonPlaces(name, text)
  const documents: InputDocument[] = []
  const issues: Issue[] = []
  const fault = (offset: number, path: readonly (string | number)[], expected: string, received: string): Issue => ({
    kind: 'syntax',
    ...places.place(offset),
    path,
    expected,
    received,
  })
  for (const { start, end } of jsonValues(text)) {
    if (text[start] !== '{' && text[start] !== '[') return undefined
    const part = text.slice(start, end)
    let value: unknown
    try {
      value = JSON.parse(part)
    } catch {
      return undefined // YAML's flow form, or an error the YAML parser tells with its place
    }
    const { duplicates, tooDeep } = scanJson(part, DEEPEST)
    for (const { offset, path } of duplicates)
      issues.push(fault(start + offset, path, KEYS_ONCE, 'Map keys must be unique'))
    if (tooDeep !== undefined) issues.push(fault(start + tooDeep, [], SHALLOW, 'more'))
    documents.push({ file: name, value, placeOf: (path) => places.placeOf(path, start) })
  }
  if (documents.length === 0) return undefined
  return issues.length > 0 ? { documents: [], issues } : { documents, issues }
}
