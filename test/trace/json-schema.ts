// As much of JSON Schema 2020-12 as docs/trace-schema.json uses; any other keyword is an error, so that nothing passes unread.

export interface Schema {
  readonly [keyword: string]: unknown
}

const KNOWN = new Set(
  '$schema $id $defs $ref title description type const enum properties required additionalProperties items oneOf pattern'.split(
    ' ',
  ),
)

/** What is wrong with a value, each with its path; empty when it is valid. */
export function violations(root: Schema, value: unknown, schema: Schema = root, path = '$'): string[] {
  const unread = Object.keys(schema).filter((key) => !KNOWN.has(key))
  if (unread.length > 0) throw new Error(`the validator does not know ${unread.join(', ')}`)
  const target = schema['$ref'] as string | undefined
  if (target !== undefined) {
    const found = (root['$defs'] as Record<string, Schema>)[target.replace('#/$defs/', '')]
    if (found === undefined) throw new Error(`no ${target}`)
    return violations(root, value, found, path)
  }
  const options = schema['oneOf'] as Schema[] | undefined
  if (options !== undefined) return oneOf(root, value, options, path)
  const faults: string[] = []
  if ('const' in schema && value !== schema['const']) faults.push(`${path}: not ${JSON.stringify(schema['const'])}`)
  const allowed = schema['enum'] as unknown[] | undefined
  if (allowed !== undefined && !allowed.includes(value))
    faults.push(`${path}: ${JSON.stringify(value)} is none of the enum`)
  if (!hasType(value, schema['type'] as string | undefined))
    return [...faults, `${path}: not ${String(schema['type'])}`]
  const pattern = schema['pattern'] as string | undefined
  if (pattern !== undefined && !new RegExp(pattern).test(value as string))
    faults.push(`${path}: does not match ${pattern}`)
  if (schema['type'] === 'object') faults.push(...objectFaults(root, value as Record<string, unknown>, schema, path))
  if (schema['type'] === 'array') {
    const items = schema['items'] as Schema
    faults.push(...(value as unknown[]).flatMap((item, i) => violations(root, item, items, `${path}[${i}]`)))
  }
  return faults
}

function hasType(value: unknown, type: string | undefined): boolean {
  switch (type) {
    case undefined:
      return true
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function objectFaults(root: Schema, value: Record<string, unknown>, schema: Schema, path: string): string[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>
  const missing = ((schema['required'] ?? []) as string[]).filter((key) => !(key in value))
  const faults = missing.map((key) => `${path}.${key}: missing`)
  for (const [key, item] of Object.entries(value)) {
    const property = properties[key]
    if (property !== undefined) faults.push(...violations(root, item, property, `${path}.${key}`))
    else if (schema['additionalProperties'] === false) faults.push(`${path}.${key}: not in the schema`)
  }
  return faults
}

function oneOf(root: Schema, value: unknown, options: readonly Schema[], path: string): string[] {
  const results = options.map((option) => violations(root, value, option, path))
  const fitting = results.filter((faults) => faults.length === 0).length
  if (fitting === 1) return []
  if (fitting > 1) return [`${path}: fits ${fitting} alternatives`]
  const closest = [...results].sort((a, b) => a.length - b.length)[0] ?? []
  return [`${path}: fits no alternative; closest: ${closest.join('; ')}`]
}
