import { checkArgument, didYouMean, InputError, type Issue, isRecord } from '../../model/index.ts'
import { listOfKind, objectName } from '../objects-by-kind.ts'
import type { ObjectReference, OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'

/** The object that is meant. @throws InputError when there is none, or more than one */
export function foundObject(now: Resources, reference: ObjectReference): OtherResource {
  const isRight = isRecord(reference) && typeof reference.kind === 'string' && typeof reference.name === 'string'
  checkArgument(isRight, 'object', 'the reference of an object: { kind, name, namespace }', reference)
  const { kind, name, namespace, apiVersion } = reference
  const wanted = objectName({ kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } })
  const all: readonly OtherResource[] = now[listOfKind(kind)]
  const those = all.filter(
    (one) =>
      one.metadata.name === name && objectName(one) === wanted && (apiVersion ?? one.apiVersion) === one.apiVersion,
  )
  const [first, second] = those
  if (first === undefined) {
    const names = all.filter((one) => one.kind === kind).map(objectName)
    throw refused('missing_reference', `an object that is there; ${didYouMean(wanted, names)}`, wanted)
  }
  if (second === undefined) return first
  const versions = those.map((one) => one.apiVersion).join(' or ')
  throw refused('invalid', `apiVersion ${versions}: both are there`, wanted)
}

function refused(kind: Issue['kind'], expected: string, received: string): InputError {
  return new InputError([{ kind, file: '', path: [], expected, received }])
}
