import { type JsonPath, jsonPath, valuesAt } from './json-path.ts'

/** A part of a template of `-o jsonpath=…`. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: JsonPath }
  | { readonly kind: 'range'; readonly path: JsonPath; readonly body: readonly Part[] }

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\' }

/** Fills a template: text, `{.path}`, `{"text"}`, `{range .items[*]}…{end}`. @returns what comes out, or `error: …` */
export function filledTemplate(
  template: string,
  root: unknown,
): { readonly text: string } | { readonly error: string } {
  const parsed = partsOf(template)
  if (typeof parsed === 'string') return { error: `error: error parsing jsonpath ${template}, ${parsed}` }
  return { text: written(parsed, root, root) }
}

function partsOf(template: string): readonly Part[] | string {
  const open: { readonly path: JsonPath | undefined; readonly body: Part[] }[] = [{ path: undefined, body: [] }]
  let rest = template
  while (rest !== '') {
    const body = open.at(-1)?.body as Part[]
    const brace = rest.indexOf('{')
    if (brace !== 0) {
      const text = brace === -1 ? rest : rest.slice(0, brace)
      body.push({ kind: 'text', text })
      rest = rest.slice(text.length)
      continue
    }
    const end = closingBrace(rest)
    if (end === -1) return 'unclosed action'
    const action = rest.slice(1, end).trim()
    rest = rest.slice(end + 1)
    if (action === 'end') {
      const done = open.length > 1 ? open.pop() : undefined
      if (done?.path === undefined) return 'not in range, nothing to end'
      open.at(-1)?.body.push({ kind: 'range', path: done.path, body: done.body })
      continue
    }
    const quoted = quotedText(action)
    if (quoted !== undefined) {
      body.push({ kind: 'text', text: quoted })
      continue
    }
    const ranged = /^range\s+(.*)$/s.exec(action)?.[1]
    const path = jsonPath(ranged ?? action)
    if (typeof path === 'string') return path
    if (ranged !== undefined) open.push({ path, body: [] })
    else body.push({ kind: 'path', path })
  }
  return open.length === 1 ? (open[0]?.body as Part[]) : 'unclosed range'
}

function closingBrace(text: string): number {
  let quote = ''
  for (let i = 1; i < text.length; i++) {
    const c = text[i] as string
    if (quote === '') {
      if (c === '}') return i
      quote = c === '"' || c === "'" ? c : ''
    } else if (c === '\\') i++
    else if (c === quote) quote = ''
  }
  return -1
}

function quotedText(action: string): string | undefined {
  const inner = /^"((?:[^"\\]|\\.)*)"$/s.exec(action)?.[1] ?? /^'((?:[^'\\]|\\.)*)'$/s.exec(action)?.[1]
  return inner?.replace(/\\(.)/gs, (whole, c: string) => ESCAPES[c] ?? whole)
}

/** Several values of a path stand with blanks between them; a path of a range begins at what it is at. */
function written(parts: readonly Part[], here: unknown, root: unknown): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text
      const values = valuesAt(part.path, here, root)
      if (part.kind === 'range') return values.map((value) => written(part.body, value, root)).join('')
      return values.map(valueText).join(' ')
    })
    .join('')
}

/** A value as kubectl writes it among text. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
