import { stringify } from 'yaml'

/** Plain data as YAML: every value written out, and no line broken. */
export function yamlText(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}
