import type { FieldPath } from '../origin.ts'

/** The values of a field and of its plural, each with its path. */
export function fieldsOf(
  one: string,
  value: string | undefined,
  many: string,
  values: readonly string[] | undefined,
): (readonly [text: string, path: FieldPath])[] {
  return [
    ...(value === undefined ? [] : [[value, [one]] as const]),
    ...(values ?? []).map((text, i) => [text, [many, i]] as const),
  ]
}
