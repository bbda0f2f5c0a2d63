import type { OtherResource } from '../../../control/index.ts'
import type { Plain } from '../../../model/index.ts'
import { isFields, type PlainMap, plain } from '../object.ts'
import type { Seen } from '../seen.ts'
import { eventLines, labelLines } from './parts.ts'

/** Any object, field by field, as kubectl describes those of CRDs. @kubernetes kubectl/pkg/describe/describe.go printUnstructuredContent */
export function genericLines(seen: Seen, object: OtherResource, namespaced: boolean): string[] {
  const { metadata, apiVersion, kind, placeOf: _, ...rest } = object as OtherResource & PlainMap
  return [
    `Name:\t${metadata.name}`,
    `Namespace:\t${namespaced ? (metadata.namespace ?? 'default') : ''}`,
    ...labelLines(object),
    `API Version:\t${apiVersion}`,
    `Kind:\t${kind}`,
    ...fieldLines(plain(rest) as PlainMap, 0),
    ...eventLines(seen, object),
  ]
}

function fieldLines(fields: PlainMap, level: number): string[] {
  const pad = ' '.repeat(level * 2)
  return Object.keys(fields)
    .sort()
    .flatMap((key) => {
      const value = fields[key] as Plain
      const title = `${pad}${labelOf(key)}:`
      if (isFields(value)) return [title, ...fieldLines(value as PlainMap, level + 1)]
      if (!Array.isArray(value)) return [`${title}\t${value === null ? '<nil>' : String(value)}`]
      return [
        title,
        ...(value as readonly Plain[]).flatMap((item) =>
          isFields(item) ? fieldLines(item as PlainMap, level + 1) : [`${pad}  ${String(item)}`],
        ),
      ]
    })
}

const ACRONYMS: ReadonlySet<string> = new Set([
  'API',
  'DNS',
  'FQDN',
  'GRPC',
  'HTTP',
  'HTTPS',
  'ID',
  'IP',
  'TCP',
  'TLS',
  'UDP',
  'UID',
  'URI',
  'URL',
  'UUID',
])

/** `ipipMode` is `Ipip Mode`, `podIP` is `Pod IP`. */
function labelOf(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_]+/)
    .map((word) =>
      ACRONYMS.has(word.toUpperCase())
        ? word.toUpperCase()
        : `${word.slice(0, 1).toUpperCase()}${word.slice(1).toLowerCase()}`,
    )
    .join(' ')
}
