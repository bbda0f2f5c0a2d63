import type { OtherResource } from '../../control/index.ts'
import type { Plain } from '../../model/index.ts'
import { hasNamespace } from './listed.ts'
import { at, isSame, listAt, type PlainMap, plain, textAt, textsAt } from './object.ts'
import type { Seen } from './seen.ts'
import { withServiceDefaults } from './service-defaults.ts'
import type { Given } from './store.ts'

/** An object as the API server stores it, or why it does not. */
export type Admission = { readonly given: Given } | { readonly refused: string }

/** Groups whose objects have a status of their own, which only those write who observe it. */
const WITH_STATUS: ReadonlySet<string> = new Set(['', 'apps'])

/** What the API server makes of an object that is created. */
export function created(seen: Seen, given: Given): Admission {
  const namespace = textAt(given.value, 'metadata', 'namespace')
  if (namespace !== undefined && !hasNamespace(seen, namespace)) {
    const where = given.source === undefined ? '' : `error when creating "${given.source}": `
    return { refused: `Error from server (NotFound): ${where}namespaces "${namespace}" not found` }
  }
  // A node has nobody here who would observe it: what it says of itself is taken.
  const value = given.type?.kind === 'Node' ? given.value : withoutStatus(given)
  const whole = given.type?.kind === 'Namespace' ? labelledNamespace(value) : value
  return withServiceDefaults(seen, { ...given, value: whole }, undefined)
}

/** What it makes of an object in the place of another: the status stays, and what cannot change must not. */
export function updated(seen: Seen, given: Given, before: OtherResource): Admission {
  const was = plain(before) as PlainMap
  const value = keepsStatus(given) ? { ...withoutStatus(given), ...statusOf(was) } : given.value
  const whole = { ...given, value: withIdentity(value, was) }
  const fault = changeFault(whole, was)
  return fault === undefined ? withServiceDefaults(seen, whole, before) : { refused: fault }
}

/** A namespace can be selected by its name. @kubernetes NamespaceDefaultLabelName */
function labelledNamespace(value: PlainMap): PlainMap {
  const metadata = value['metadata'] as PlainMap
  const labels = { ...textsAt(metadata, 'labels'), 'kubernetes.io/metadata.name': textAt(metadata, 'name') ?? '' }
  return { ...value, metadata: { ...metadata, labels } }
}

function keepsStatus({ type }: Given): boolean {
  return type !== undefined && WITH_STATUS.has(type.group)
}

function withoutStatus(given: Given): PlainMap {
  if (!keepsStatus(given)) return given.value
  const { status: _, ...rest } = given.value
  return rest
}

function statusOf(was: PlainMap): PlainMap {
  return was['status'] === undefined ? {} : { status: was['status'] }
}

/** When it was made, and its id, are not for users to say. */
function withIdentity(value: PlainMap, was: PlainMap): PlainMap {
  const kept = ['creationTimestamp', 'uid', 'deletionTimestamp'].flatMap((key): [string, Plain][] => {
    const own = at(was, 'metadata', key)
    return own === undefined ? [] : [[key, own as Plain]]
  })
  return { ...value, metadata: { ...(value['metadata'] as PlainMap), ...Object.fromEntries(kept) } }
}

/** What of a pod may change. @kubernetes kubernetes/pkg/apis/core/validation ValidatePodUpdate */
const POD_FIELDS =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

function changeFault({ type, value }: Given, was: PlainMap): string | undefined {
  const name = textAt(value, 'metadata', 'name') ?? ''
  const invalid = (why: string): string => `The ${type?.kind} "${name}" is invalid: ${why}`
  switch (type?.kind) {
    case 'Pod':
      if (isSame(fixedOfPod(value), fixedOfPod(was))) return undefined
      return invalid(`spec: Forbidden: pod updates may not change fields other than ${POD_FIELDS}`)
    case 'Deployment':
    case 'ReplicaSet':
    case 'DaemonSet': {
      const now = at(value, 'spec', 'selector')
      if (isSame(now ?? null, at(was, 'spec', 'selector') ?? null)) return undefined
      return invalid(`spec.selector: Invalid value: ${JSON.stringify(now ?? null)}: field is immutable`)
    }
    default:
      return undefined
  }
}

/** What of a pod's spec stays as it is; what packetwalk keeps nothing of can differ from what is stored. */
function fixedOfPod(pod: PlainMap): Plain {
  const containers = listAt(pod, 'spec', 'containers').map((one) => ({
    name: (at(one, 'name') ?? null) as Plain,
    ports: listAt(one, 'ports') as Plain,
  }))
  const kept = ['nodeName', 'hostNetwork', 'serviceAccountName', 'nodeSelector', 'affinity'].map((key) => [
    key,
    (at(pod, 'spec', key) ?? null) as Plain,
  ])
  return { ...Object.fromEntries(kept), containers }
}
