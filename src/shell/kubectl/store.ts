import type { KnownResource, OtherResource, PlaceOf, Resources } from '../../control/index.ts'
import { collectResources, listOfKind, objectKey } from '../../control/index.ts'
import { loadObjects } from '../../input/index.ts'
import { describeIssue } from '../../model/index.ts'
import { stampOf } from './age.ts'
import type { ApiType } from './api.ts'
import { apiTypeFor, groupOf, resourceName } from './api.ts'
import { namespaceOf } from './cells.ts'
import type { OpenKube } from './kube.ts'
import { listed } from './listed.ts'
import type { Manifest } from './manifests.ts'
import { type PlainMap, plain, textAt, textsAt } from './object.ts'
import type { Asked } from './options.ts'
import { anyWord } from './output.ts'
import type { Seen } from './seen.ts'

/** An object that is to be stored, as it was given. */
export interface Given {
  /** All its fields, its namespace among them. */
  readonly value: PlainMap
  /** Its type; undefined for kinds of which packetwalk keeps no more than a name. */
  readonly type: ApiType | undefined
  /** `deployment.apps/web`. */
  readonly word: string
  /** Where its fields stand. */
  readonly placeOf?: PlaceOf
  /** File, as kubectl names it; absent for objects that no file holds. */
  readonly source?: string
}

/** The fields that tell which object a value is. */
export function identityOf(value: PlainMap): Pick<OtherResource, 'apiVersion' | 'kind' | 'metadata'> {
  const [apiVersion, kind] = [textAt(value, 'apiVersion') ?? '', textAt(value, 'kind') ?? '']
  return { apiVersion, kind, metadata: (value['metadata'] ?? { name: '' }) as unknown as OtherResource['metadata'] }
}

/** Kinds of Kubernetes that packetwalk does not read and that have no namespace. */
const CLUSTER_WIDE =
  /^(?:Cluster.*|CustomResourceDefinition|.*WebhookConfiguration|PriorityClass|StorageClass|PersistentVolume|APIService|IngressClass|RuntimeClass|CSI(?:Driver|Node)|VolumeAttachment|TigeraStatus|APIServer|GatewayClass|ValidatingAdmissionPolicy.*|Goldmane|Whisker|ImageSet)$/

/** An object as it was read, in the namespace that is meant; a text says why that cannot be. */
export function givenOf({ raw, source }: Manifest, asked: Asked): Given | string {
  const value = plain(raw.value) as PlainMap
  const type = apiTypeFor(raw)
  const metadata = (value['metadata'] ?? {}) as PlainMap
  const name = textAt(metadata, 'name')
  if (name === undefined) return nameless(metadata, source)
  const namespace = textAt(metadata, 'namespace')
  if (asked.namespaceGiven && namespace !== undefined && namespace !== asked.namespace)
    return `error: the namespace from the provided object "${namespace}" does not match the namespace "${asked.namespace}". You must pass '--namespace=${namespace}' to perform this operation.`
  const isNamespaced = type?.namespaced ?? !CLUSTER_WIDE.test(raw.kind)
  const { namespace: _, ...rest } = metadata
  const whole = isNamespaced ? { ...rest, namespace: namespace ?? asked.namespace } : rest
  const object = { ...value, metadata: whole }
  return { value: object, type, word: anyWord(identityOf(object)), placeOf: raw.placeOf, source }
}

function nameless(metadata: PlainMap, source: string): string {
  const prefix = textAt(metadata, 'generateName')
  if (prefix !== undefined) return `error: from ${prefix}: generateName is not modelled here; give the object a name`
  return `error: error when retrieving current configuration of: "${source}": resource name may not be empty`
}

/** The object that is stored under the same name. */
export function storedAs(seen: Seen, value: PlainMap): OtherResource | undefined {
  const identity = identityOf(value)
  const type = apiTypeFor(identity)
  const key = keyOf(identity)
  const all: readonly OtherResource[] =
    type === undefined ? seen.resources[listOfKind(identity.kind)] : listed(seen, type)
  return all.find((one) => one.kind === identity.kind && keyOf(one) === key)
}

/** What tells objects apart, whichever of its groups a kind of Calico was written in. */
function keyOf(object: Pick<OtherResource, 'apiVersion' | 'kind' | 'metadata'>): string {
  return apiTypeFor(object) === undefined ? `${groupOf(object.apiVersion)} ${objectKey(object)}` : objectKey(object)
}

/** `pods "web" already exists`, of any kind. */
export function resourceWord({ type, value }: Given): string {
  if (type !== undefined) return resourceName(type)
  const { apiVersion, kind } = identityOf(value)
  const group = groupOf(apiVersion)
  const lower = kind.toLowerCase()
  const plural = /(?:s|x|ch|sh)$/.test(lower)
    ? `${lower}es`
    : lower.endsWith('y')
      ? `${lower.slice(0, -1)}ies`
      : `${lower}s`
  return resourceName({ plural, group })
}

/** Kinds that are stored as they are given: of most of their objects the reader of input keeps nothing. */
const AS_GIVEN: ReadonlySet<string> = new Set(['ConfigMap'])

/**
 * Stores objects. @returns warnings about fields that are not modelled
 * @throws InputError for what the reader of objects or the lab refuses; then nothing is changed
 */
export function store(kube: OpenKube, objects: readonly Given[]): readonly string[] {
  if (objects.length === 0) return []
  const seen = kube.seen()
  const { resources, warnings } = readGiven(objects.map((one) => stamped(seen, one)))
  kube.desk.apply(resources)
  return warnings
}

/** An object that is made now says when. */
function stamped(seen: Seen, given: Given): Given {
  const metadata = given.value['metadata'] as PlainMap
  if (metadata['creationTimestamp'] !== undefined || storedAs(seen, given.value) !== undefined) return given
  return { ...given, value: { ...given.value, metadata: { ...metadata, creationTimestamp: stampOf(seen.time) } } }
}

/** Objects as they are read, and what is said of fields that are not modelled. @throws InputError for what is refused */
export function readGiven(objects: readonly Given[]): {
  readonly resources: Partial<Resources>
  readonly warnings: readonly string[]
} {
  const made: (KnownResource | OtherResource)[] = []
  const warnings: string[] = []
  for (const { value, placeOf, source } of objects) {
    const places = placeOf === undefined ? {} : { placeOf }
    const loaded = loadObjects([value])
    // Of objects of a file it is said where they are read.
    if (source === undefined) warnings.push(...loaded.warnings.map((one) => `Warning: ${describeIssue(one)}`))
    const all: readonly OtherResource[] = Object.values(loaded.resources).flat()
    if (all.length === 0 && AS_GIVEN.has(textAt(value, 'kind') ?? ''))
      made.push({ ...identityOf(value), ...value, ...places } as never)
    for (const one of all) made.push({ ...withAnnotations(one, value), ...places } as never)
  }
  const lists = Object.entries(collectResources(made)).filter(([, list]) => list.length > 0)
  return { resources: Object.fromEntries(lists) as Partial<Resources>, warnings }
}

/** Of annotations the reader of input keeps those that decide something; what is typed here stays. */
function withAnnotations(object: OtherResource, value: PlainMap): OtherResource {
  const given = textsAt(value, 'metadata', 'annotations')
  return Object.keys(given).length === 0 ? object : { ...object, metadata: { ...object.metadata, annotations: given } }
}

/** Takes objects away. */
export function remove(kube: OpenKube, objects: readonly OtherResource[]): void {
  if (objects.length === 0) return
  kube.desk.delete(
    ...objects.map((one) => ({
      kind: one.kind,
      name: one.metadata.name,
      ...(apiTypeFor(one)?.namespaced === true || one.metadata.namespace !== undefined
        ? { namespace: namespaceOf(one) }
        : {}),
      apiVersion: one.apiVersion,
    })),
  )
}
