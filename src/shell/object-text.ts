import type { Plain } from '../model/index.ts'

/** Objects as API servers' clients print them: the keys of maps in the order of their letters. @kubernetes sigs.k8s.io/yaml */

/** What YAML 1.1, as Go reads it, takes for something else than text. */
const TAKEN =
  /^(?:|~|[-+]?[._]+|null|true|false|yes|no|on|off|y|n|<<|=|[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+|\d[\d_]*|(?:\d[\d_]*)?\.?\d[\d_]*(?:e[-+]?\d+)?|\d[\d_]*\.(?:\d*)(?:e[-+]?\d+)?|\.inf)|\.nan|\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?|\d{4}-\d\d?-\d\d?(?:(?:t|\s+)[\d:.]+.*)?)$/i

/** What no plain text of YAML begins with, or has in it. */
const NOT_PLAIN = /^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`]|^(?:---|\.\.\.)|^\s|\s$|:(?:\s|$)|\s#/

/** Characters that only the double quotes of YAML can say: controls, and what is no text. */
const UNPRINTABLE = /[^\t\n\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u

/** A value as kubectl prints it with `-o yaml`, with a line break at its end. */
export function objectYaml(value: Plain): string {
  return `${linesOf(value, 0).join('\n')}\n`
}

/** A value as kubectl prints it with `-o json`, with a line break at its end. */
export function objectJson(value: Plain): string {
  return `${JSON.stringify(sorted(value), null, 4)}\n`
}

/** The same with the keys of all maps in order. */
export function sorted(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(entriesOf(value).map(([key, item]) => [key, sorted(item)]))
}

function entriesOf(value: Plain): (readonly [string, Plain])[] {
  return Object.entries(value as { readonly [key: string]: Plain }).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Lists stand as far to the right as the key before them. */
function linesOf(value: Plain, indent: number): string[] {
  const pad = ' '.repeat(indent)
  if (isEmpty(value) || value === null || typeof value !== 'object') return [`${pad}${scalar(value, indent)}`]
  if (Array.isArray(value)) return value.flatMap((item: Plain) => itemLines(item, indent))
  return entriesOf(value).flatMap(([key, item]) => {
    const start = `${pad}${scalar(key, indent)}:`
    if (item === null || typeof item !== 'object' || isEmpty(item)) return [`${start} ${scalar(item, indent)}`]
    return [start, ...linesOf(item, Array.isArray(item) ? indent : indent + 2)]
  })
}

function itemLines(item: Plain, indent: number): string[] {
  const [first = '', ...rest] = linesOf(item, indent + 2)
  return [`${' '.repeat(indent)}- ${first.slice(indent + 2)}`, ...rest]
}

function isEmpty(value: Plain): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function scalar(value: Plain, indent: number): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  if (UNPRINTABLE.test(value)) return JSON.stringify(value)
  if (value.includes('\n')) return blockText(value, indent)
  if (TAKEN.test(value)) return JSON.stringify(value)
  return NOT_PLAIN.test(value) ? `'${value.replaceAll("'", "''")}'` : value
}

/** A text of several lines behind a bar; where that begins with a blank, a reader could not tell how far it is indented. */
function blockText(value: string, indent: number): string {
  if (/^\s/.test(value)) return JSON.stringify(value)
  const chomp = value.endsWith('\n\n') ? '+' : value.endsWith('\n') ? '' : '-'
  const body = value.replace(/\n$/, '').split('\n')
  const pad = ' '.repeat(indent + 2)
  return [`|${chomp}`, ...body.map((line) => (line === '' ? '' : `${pad}${line}`))].join('\n')
}
