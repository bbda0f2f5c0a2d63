/** What JSON can hold. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

/** Words, and ranges of addresses, that need no quotes in YAML. */
const BARE = /^(?:[A-Za-z][A-Za-z0-9./_-]*|\d+(?:\.\d+){3}\/\d+)$/

/** Bare words that YAML takes for something else. */
const TAKEN = /^(?:true|false|yes|no|on|off|null|y|n)$/i

/** A value as YAML in blocks, without a line break at its end. */
export function yamlText(value: Plain, indent = 0): string {
  return linesOf(value, indent).join('\n')
}

function linesOf(value: Plain, indent: number): string[] {
  const pad = ' '.repeat(indent)
  if (isList(value)) return value.length === 0 ? [`${pad}[]`] : value.flatMap((item) => itemLines(item, indent))
  if (value === null || typeof value !== 'object') return [`${pad}${scalar(value)}`]
  const entries = Object.entries(value)
  return entries.length === 0 ? [`${pad}{}`] : entries.flatMap(([key, item]) => entryLines(key, item, indent))
}

function itemLines(item: Plain, indent: number): string[] {
  const [first = '', ...rest] = linesOf(item, indent + 2)
  return [`${' '.repeat(indent)}- ${first.slice(indent + 2)}`, ...rest]
}

function entryLines(key: string, item: Plain, indent: number): string[] {
  const start = `${' '.repeat(indent)}${scalar(key)}:`
  const isNested = item !== null && typeof item === 'object' && Object.keys(item).length > 0
  if (!isNested) return [`${start} ${linesOf(item, 0).join('')}`]
  return [start, ...linesOf(item, indent + 2)]
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value)
}

function scalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value)
  return BARE.test(value) && !TAKEN.test(value) ? value : JSON.stringify(value)
}
