import { isRecord } from '../../model/index.ts'
import type { FieldPath } from '../origin.ts'
import { judge } from './judge.ts'
import { knownKind } from './kinds.ts'
import type { Fields, Refusal } from './shape.ts'

/**
 * Why Calico would not take an object that somebody creates; nothing when it would.
 * @returns undefined when the object is none of Calico's
 */
export function refusalsOf(object: unknown): readonly Refusal[] | undefined {
  if (!isRecord(object)) return undefined
  const { kind, apiVersion, ...members } = object as Fields
  const known = knownKind(kind, apiVersion)
  if (known === undefined) return undefined
  return 'shape' in known ? judge(members, known.shape) : [known.refusal]
}

/** Why the webhooks of Calico would not let a user create an object, whatever it says. @calico webhooks/pkg/clusterinfo */
export function webhookRefusalsOf({ kind }: Fields): readonly Refusal[] {
  return kind === 'ClusterInformation' ? [{ at: [], message: 'only Calico itself writes its ClusterInformation' }] : []
}

/** A path as it is written, e.g. `spec.ingress[0].source.nets`. */
export function pathText(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    if (!/^[A-Za-z0-9_-]+$/.test(part)) return `${text}[${JSON.stringify(part)}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}
