import {
  createRefusalsOf,
  listOfKind,
  type OtherResource,
  pathText,
  type Refusal,
  refusalsOf,
} from '../../control/index.ts'
import { loadObjects } from '../../input/index.ts'
import { describeIssue, didYouMean, InputError } from '../../model/index.ts'
import type { Host } from '../host.ts'
import { stampOf } from '../kubectl/age.ts'
import { storesOwn } from '../own-objects.ts'
import { failed, printed, reprinted } from '../result.ts'
import type { Run } from '../run.ts'
import { storedOf } from './get.ts'
import { type GivenObject, isFailure, readGiven } from './given.ts'
import { type CalicoKind, isNamed, KIND_WORDS, kindOf } from './kinds.ts'
import { type Asked, namespaceOfFlags } from './options.ts'
import { poolRefusals } from './pool-changes.ts'
import { type AnyObject, namespaceOf, type Seen, seenOn } from './seen.ts'
import { plain } from './stored-form.ts'

/** A verb that changes what is stored. */
export type ChangingVerb = 'apply' | 'create' | 'replace' | 'delete'

const PAST: Readonly<Record<ChangingVerb, string>> = {
  apply: 'applied',
  create: 'created',
  replace: 'replaced',
  delete: 'deleted',
}

/** `calicoctl apply|create|replace|delete -f FILE`, `calicoctl delete KIND NAME…`. */
export function changeObjects(host: Host, verb: ChangingVerb, asked: Asked): Run {
  const given = asked.flags.has('filename') || verb !== 'delete' ? readGiven(host, asked) : namedObjects(asked)
  if (isFailure(given)) return given
  if (given.length === 0)
    return asked.flags.has('skip-empty')
      ? printed('No resources specified\n')
      : failed('Failed to execute command: no resources specified')
  const kinds = new Set(given.map(({ kind }) => kind.kind))
  const about = kinds.size === 1 ? `'${[...kinds][0]}' ` : ''
  const some = given.length > 1 || kinds.size > 1 ? 'any ' : ''
  const done: GivenObject[] = []
  for (const one of given) {
    const fault = changed(host, verb, one, asked)
    if (fault === undefined) done.push(one)
    else if (done.length === 0)
      return failed(`Failed to ${verb} ${some}${about}resource${some === '' ? '' : 's'}: [${fault}]`)
    else {
      const part = `Partial success: ${PAST[verb]} the first ${done.length} out of ${given.length} ${about}resources:\n`
      return reprinted(failed(`Hit error: ${fault}`), { stdout: part })
    }
  }
  return printed(`Successfully ${PAST[verb]} ${done.length} ${about}resource(s)\n`)
}

/** Objects of `delete KIND NAME…`. */
function namedObjects({ words, flags }: Asked): readonly GivenObject[] | Run {
  const [, word = '', ...names] = words
  const kind = kindOf(word)
  if (kind === undefined)
    return failed(`packetwalk: calicoctl delete ${word} is not known; ${didYouMean(word, KIND_WORDS)}`)
  if (names.length === 0) return failed('Failed to execute command: resource name may not be empty')
  const namespace = kind.namespaced ? { namespace: namespaceOfFlags(flags) } : {}
  return names.map((name) => ({
    kind,
    object: { apiVersion: 'projectcalico.org/v3', kind: kind.kind, metadata: { name, ...namespace } },
  }))
}

/** Changes one object; a text says why not. */
function changed(host: Host, verb: ChangingVerb, given: GivenObject, { flags }: Asked): string | undefined {
  const seen = seenOn(host.lab)
  if (seen === undefined) return 'there are no objects'
  const { kind, object } = given
  const before = storedOf(seen, given)
  const name = `${kind.kind}(${kind.namespaced ? `${namespaceOf(object)}/` : ''}${object.metadata.name})`
  if (kind.madeBy !== undefined || isMade(kind, seen, before)) return refusedChange(kind, verb, name)
  if (verb === 'delete' && isOwnDefault(kind, seen, before)) return refusedChange(kind, verb, name)
  if (before === undefined && (verb === 'replace' || verb === 'delete')) {
    if (flags.has('skip-not-exists')) return undefined
    return `resource does not exist: ${name} (packetwalk: ${didYouMean(
      object.metadata.name,
      kind.all(seen).map(({ metadata }) => metadata.name),
    )})`
  }
  if (before !== undefined && verb === 'create')
    return flags.has('skip-exists') ? undefined : `resource already exists: ${name}`
  return verb === 'delete' ? removed(host, kind, before as AnyObject) : stored(host, seen, given, before)
}

/** Profiles and tiers that no object holds. */
function isMade({ kind }: CalicoKind, { objects }: Seen, before: AnyObject | undefined): boolean {
  if (before === undefined || (kind !== 'Profile' && kind !== 'Tier')) return false
  const list: readonly OtherResource[] = kind === 'Profile' ? objects.profiles : objects.tiers
  return !list.some(({ metadata }) => metadata.name === before.metadata.name)
}

/** What Calico stored by itself, and nobody has changed: it says nothing that would not be so without it. */
function isOwnDefault({ kind }: CalicoKind, { objects }: Seen, before: AnyObject | undefined): boolean {
  const list = listOfKind(kind)
  if (before === undefined || list === 'others') return false
  return (
    storesOwn(kind) && !(objects[list] as readonly OtherResource[]).some(({ metadata }) => metadata.name === 'default')
  )
}

function refusedChange({ kind, madeBy }: CalicoKind, verb: ChangingVerb, name: string): string {
  const operation = { apply: 'Update', create: 'Create', replace: 'Update', delete: 'Delete' }[verb]
  const why =
    madeBy ??
    (kind === 'Profile' ? 'it is made of a namespace, a service account, or is Calico’s own' : 'it is Calico’s own')
  return `operation ${operation} is not supported on ${name} (packetwalk: ${why})`
}

function removed({ lab }: Host, { kind, namespaced }: CalicoKind, object: AnyObject): string | undefined {
  const { apiVersion, metadata } = object
  const own = kind === 'IPAMConfiguration' ? object.kind : kind
  return attempted(() =>
    lab.delete({
      kind: own,
      name: metadata.name,
      apiVersion,
      ...(namespaced ? { namespace: namespaceOf(object) } : {}),
    }),
  )
}

/** Stores an object, as Calico's client does: checked, and as a whole in the place of what was there. */
export function stored(
  { lab }: Host,
  seen: Seen,
  given: GivenObject,
  before: AnyObject | undefined,
): string | undefined {
  const { kind } = given
  const object = plain(given.object) as unknown as AnyObject
  const refusals = [
    ...(refusalsOf(object) ?? []),
    ...createRefusalsOf(object as never),
    ...(kind.kind === 'IPPool' ? poolRefusals(object, before, seen) : []),
  ]
  if (refusals.length > 0) return refusals.map(fieldError).join('; ')
  // The object in the datastore may be written in the other group: it is the same one, and stays in its place.
  const apiVersion = before?.apiVersion ?? object.apiVersion
  const own = before?.kind ?? (kind.kind === 'IPAMConfiguration' ? 'IPAMConfig' : kind.kind)
  const { resourceVersion: _, ...metadata } = { ...object.metadata, ...kept(before, lab) } as AnyObject['metadata'] & {
    resourceVersion?: unknown
  }
  return attempted(() => {
    const { resources } = loadObjects([
      {
        ...object,
        apiVersion: kind.kind === 'IPAMConfiguration' ? 'crd.projectcalico.org/v1' : apiVersion,
        kind: own,
        metadata,
      },
    ])
    lab.apply(resources)
  })
}

const NANOSECONDS_OF_MILLISECOND = 1_000_000

/** What an object keeps when it is stored anew; one that is new is of now, whatever the file says. */
function kept(before: AnyObject | undefined, { simulation: { epoch, clock } }: Host['lab']): object {
  if (before === undefined)
    return { creationTimestamp: stampOf({ now: epoch + clock.now / NANOSECONDS_OF_MILLISECOND }) }
  const { uid, creationTimestamp } = before.metadata
  return { ...(uid === undefined ? {} : { uid }), ...(creationTimestamp === undefined ? {} : { creationTimestamp }) }
}

function fieldError({ at, message }: Refusal): string {
  return `error with field ${pathText(at)} (${message})`
}

/** Runs what may be refused; a text says why it was. */
function attempted(run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.issues.map(describeIssue).join('; ')
  }
}

/** The one object that `patch` and `label` are about; a run says why there is none. */
export function oneObject(seen: Seen, asked: Asked): { readonly kind: CalicoKind; readonly object: AnyObject } | Run {
  const [verb, word = '', name = ''] = asked.words
  const kind = kindOf(word)
  if (kind === undefined)
    return failed(`packetwalk: calicoctl ${verb} ${word} is not known; ${didYouMean(word, KIND_WORDS)}`)
  const object = kind.all(seen).find((one) => isNamed(kind, one, name, namespaceOfFlags(asked.flags)))
  if (object !== undefined) return { kind, object }
  const known = kind.all(seen).map(({ metadata }) => metadata.name)
  return failed(`resource does not exist: ${kind.kind}(${name}) (packetwalk: ${didYouMean(name, known)})`)
}
