import { encodeUtf8 } from '../../wire/index.ts'
import { has, mapAt, refuseIf } from './members.ts'
import {
  type Agreement,
  ANYTHING,
  type Fields,
  type MapShape,
  map,
  needed,
  type Refusal,
  TEXT,
  text,
  textRecord,
} from './shape.ts'
import { NAME, type TextCheck } from './text-checks.ts'

const MOST_OF_ANNOTATIONS = 256 * 1024
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

/** Why a text is no name of a label; undefined when it is one. @calico k8s IsQualifiedName */
function labelNameFault(name: string): string | undefined {
  const parts = name.split('/')
  const own = parts.at(-1)!
  if (parts.length > 2) return 'expected at most one "/" in a name'
  if (parts.length === 2 && (!NAME.ok(parts[0]!) || parts[0]!.length > 253)) {
    return `expected a lower-case domain before the "/" of ${name}`
  }
  if (own.length > 63 || own === '' || !LABEL_VALUE.test(own)) {
    return 'expected a name of at most 63 letters, digits, "-", "_" and "." that begins and ends with a letter or digit'
  }
  return undefined
}

/** Labels are qualified names with short values. */
export const areLabels: Agreement = (labels) =>
  Object.entries(labels).flatMap(([name, value]): Refusal[] => {
    const fault = labelNameFault(name)
    if (fault !== undefined) return [{ at: [name], message: fault }]
    if (typeof value === 'string' && value.length <= 63 && LABEL_VALUE.test(value)) return []
    return [{ at: [name], message: 'expected a value of at most 63 letters, digits, "-", "_" and "."' }]
  })

/** Names of annotations may have capitals; all together they have a limit. */
export const areAnnotations: Agreement = (annotations) => {
  const refusals = Object.keys(annotations).flatMap((name): Refusal[] => {
    const fault = labelNameFault(name.toLowerCase())
    return fault === undefined ? [] : [{ at: [name], message: fault }]
  })
  const size = Object.entries(annotations)
    .flat()
    .reduce<number>((sum, one) => sum + bytesOf(one), 0)
  if (size > MOST_OF_ANNOTATIONS) {
    refusals.push({ at: [], message: `expected at most ${MOST_OF_ANNOTATIONS} bytes of annotations, not ${size}` })
  }
  return refusals
}

function bytesOf(text: unknown): number {
  return typeof text === 'string' ? encodeUtf8(text).length : 0
}

/** A name of at most so many characters. */
function atMost(longest: number): TextCheck {
  return { what: `a name of at most ${longest} characters`, ok: (name) => name.length <= longest }
}

/** What else is written about an object; nobody but the API server looks at it. */
const REST = [
  ...['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'managedFields', 'selfLink'],
  ...['deletionGracePeriodSeconds', 'finalizers', 'ownerReferences', 'generateName', 'clusterName'],
]

/** The shape of `metadata`; every name is a DNS subdomain, some kinds want more. */
export function metadata(check: TextCheck = NAME, longest = 253): MapShape {
  return needed(
    map({
      name: needed(text(atMost(longest), check, NAME)),
      namespace: TEXT,
      labels: textRecord(areLabels),
      annotations: textRecord(areAnnotations),
      ...Object.fromEntries(REST.map((name) => [name, ANYTHING])),
    }),
  )
}

/** A label that stands for the namespace, which is Calico's own. */
export function withoutNamespaceLabel(object: Fields): readonly Refusal[] {
  const labels = mapAt(mapAt(object, 'metadata') ?? {}, 'labels') ?? {}
  return refuseIf(has(labels, NAMESPACE), ['metadata', 'labels', NAMESPACE], 'Calico itself sets this label')
}

const NAMESPACE = 'projectcalico.org/namespace'
