import type { OtherResource } from '../../../control/index.ts'
import { eventsAbout, toldWhen } from '../events.ts'
import { LAST_APPLIED, listAt, textAt, textsAt } from '../object.ts'
import type { Seen } from '../seen.ts'
import { entries, titledTable } from './tabbed.ts'

/** Labels and annotations; that of `kubectl apply` is not shown. */
export function labelLines({ metadata }: OtherResource): string[] {
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations ?? {}
  return [...entries('Labels', metadata.labels ?? {}, '='), ...entries('Annotations', annotations, ': ')]
}

/** What controllers tell of an object. */
export function eventLines(seen: Seen, object: OtherResource): string[] {
  const rows = eventsAbout(seen, object).map((one) => [
    textAt(one, 'type') ?? '',
    textAt(one, 'reason') ?? '',
    toldWhen(one, seen.time),
    textAt(one, 'source', 'component') ?? '',
    textAt(one, 'message') ?? '',
  ])
  return titledTable('Events', ['Type', 'Reason', 'Age', 'From', 'Message'], rows)
}

/** Conditions of an object, as far as they are kept. */
export function conditionLines(
  object: OtherResource,
  columns: readonly (readonly [head: string, key: string])[],
): string[] {
  const all = listAt(object, 'status', 'conditions')
  if (all.length === 0) return []
  const rows = all.map((one) => columns.map(([, key]) => textAt(one, key) ?? ''))
  const lines = titledTable(
    'Conditions',
    columns.map(([head]) => head),
    rows,
  )
  // Of conditions kubectl underlines nothing.
  return lines.filter((_, i) => i !== 2)
}

/** Containers of a pod or of a template. */
export function containerLines(containers: readonly unknown[], indent: string, isTemplate: boolean): string[] {
  return containers.flatMap((one) => {
    const ports = listAt(one, 'ports')
    const of = (key: string): string =>
      ports.length === 0
        ? '<none>'
        : ports.map((port) => `${textAt(port, key) ?? '0'}/${textAt(port, 'protocol') ?? 'TCP'}`).join(', ')
    const many = ports.length > 1 ? 's' : ''
    const env = listAt(one, 'env').map((variable) => `${textAt(variable, 'name')}:\t${textAt(variable, 'value') ?? ''}`)
    return [
      `${indent}${isTemplate ? ' ' : '  '}${textAt(one, 'name') ?? ''}:`,
      `${indent}    Image:\t${textAt(one, 'image') ?? '<unknown>'}`,
      `${indent}    Port${many}:\t${of('containerPort')}`,
      `${indent}    Host Port${many}:\t${of('hostPort')}`,
      ...(env.length === 0 ? [] : [`${indent}    Environment:`, ...env.map((text) => `${indent}      ${text}`)]),
    ]
  })
}

/** Tolerations, one below the other. */
export function tolerationLines(spec: unknown): string[] {
  const texts = listAt(spec, 'tolerations').map((one) => {
    const [key = '', value, effect, seconds] = ['key', 'value', 'effect', 'tolerationSeconds'].map((field) =>
      textAt(one, field),
    )
    const operator = textAt(one, 'operator') === 'Exists' ? ' op=Exists' : ''
    return `${key}${value === undefined ? '' : `=${value}`}${effect === undefined ? '' : `:${effect}`}${operator}${seconds === undefined ? '' : ` for ${seconds}s`}`
  })
  if (texts.length === 0) return ['Tolerations:\t<none>']
  return texts.sort().map((text, i) => `${i === 0 ? 'Tolerations:' : ''}\t${text}`)
}

/** Labels that nodes of a pod must have. */
export function nodeSelectorLines(spec: unknown): string[] {
  return entries('Node-Selectors', textsAt(spec, 'nodeSelector'), '=')
}

/** Fields that are there. */
export function optional(title: string, text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : [`${title}:\t${text}`]
}
