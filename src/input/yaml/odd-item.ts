import type { Place } from '../../control/index.ts'
import type { BytePlace, ByteSource } from '../byte-source.ts'
import type { InputDocument } from '../document.ts'
import { utf8Text } from '../utf8-text.ts'
import { parseYaml } from './full.ts'

/** An item of a list of block form: its dash, and where its last line ends. */
export interface ItemLines extends BytePlace {
  /** Where its last line ends, as an index in the source. */
  readonly end: number
  /** The way to the list it is in. */
  readonly list: readonly string[]
}

/** What is read of an item. */
export type OddItem = Pick<InputDocument, 'value' | 'placeOf'>

/** An item of a list that is for the full parser, by itself; undefined when that does not take it either, as it stands there alone. */
export function oddItem(file: string, source: ByteSource, lines: ItemLines): OddItem | undefined {
  const { documents, issues } = parsed(file, source, lines)
  const [document] = documents
  if (document === undefined || documents.length > 1 || issues.length > 0) return undefined
  const list = lines.list.reduce((value, key) => (value as Readonly<Record<string, unknown>>)[key], document.value)
  if (!Array.isArray(list) || list.length !== 1) return undefined
  // A tree of places is many times as large as the item: it is made again when somebody asks.
  return { value: list[0], placeOf: (path) => placeIn(file, source, lines, path) }
}

/** As it stands in the list: no deeper, no less far in. */
function parsed(
  file: string,
  source: ByteSource,
  { offset, end, lineAt, list }: ItemLines,
): ReturnType<typeof parseYaml> {
  const around = list.map((key) => `${key}:\n`).join('')
  return parseYaml({ name: file, text: around + ' '.repeat(offset - lineAt) + utf8Text(source.piece(offset, end)) })
}

function placeIn(
  file: string,
  source: ByteSource,
  lines: ItemLines,
  path: readonly (string | number)[],
): Place | undefined {
  const place = parsed(file, source, lines).documents[0]?.placeOf([...lines.list, 0, ...path])
  return place && { ...place, line: place.line - lines.list.length + lines.line - 1 }
}
