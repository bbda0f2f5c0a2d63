import type { OtherResource } from '../../control/index.ts'
import { sorted } from '../object-text.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { type Admission, created, updated } from './admission.ts'
import { askChange } from './ask-change.ts'
import { linesRun, type OpenKube, warned } from './kube.ts'
import { manifestsOf, READING, READING_PLAIN } from './manifests.ts'
import { appliedOn, PLAIN_MERGE, strategic } from './merge.ts'
import { at, isSame, LAST_APPLIED, type PlainMap, plain, textAt } from './object.ts'
import { isRun, named, refusing, type VerbOptions } from './options.ts'
import { withOutput } from './print-stored.ts'
import { type Seen, withNamespaces } from './seen.ts'
import { type Given, givenOf, readGiven, store, storedAs } from './store.ts'

const OPTIONS: VerbOptions = {
  valued: { ...READING, ...named('-o --output') },
  plain: { ...READING_PLAIN, ...named('--overwrite', '--openapi-patch') },
  optional: named('--dry-run', '--validate'),
  refused: {
    ...refusing(
      '--field-manager',
      '--force-conflicts',
      '--kustomize',
      '-k',
      '--server-side',
      '--show-managed-fields',
      '--template',
      '--record',
      '--subresource',
    ),
    '--all': 'it belongs to --prune, which is not modelled',
    '--cascade': 'it belongs to --force, which is not modelled; delete and apply',
    '--force': 'delete the object and apply it again',
    '--grace-period': 'it belongs to --force, which is not modelled',
    '--prune': 'what is to go is deleted by name',
    '--prune-allowlist': 'what is to go is deleted by name',
    '--applyset': 'what is to go is deleted by name',
    '-l': 'all objects of the files are applied',
    '--selector': 'all objects of the files are applied',
    '--timeout': 'nothing is waited for',
    '--wait': 'nothing is waited for',
  },
}

/** What apply does with an object. */
interface Applied {
  readonly given: Given
  readonly done: 'created' | 'configured' | 'unchanged'
}

/** `kubectl apply -f …`: objects that are not there are made; of others, fields that are given are set and fields that are gone go. */
export function apply(kube: OpenKube, line: readonly string[]): Run {
  const opened = askChange(line, OPTIONS)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  if (asked.words.length > 0) return failed(`error: Unexpected args: [${asked.words.join(' ')}]`)
  const read = manifestsOf(kube, asked)
  if (isRun(read)) return read
  const seen = kube.seen()
  const errors: string[] = []
  const done: Applied[] = []
  const fresh = new Set<string>()
  for (const manifest of read.manifests) {
    const given = givenOf(manifest, asked)
    if (typeof given === 'string') return failed(given)
    const before = storedAs(seen, given.value)
    const result = before === undefined ? createdNow(seen, given, fresh) : configured(seen, given, before)
    if (given.type?.kind === 'Namespace') fresh.add(textAt(given.value, 'metadata', 'name') ?? '')
    if ('refused' in result) errors.push(result.refused)
    else
      done.push(
        before === undefined
          ? { given: result.given, done: 'created' }
          : { given: result.given, done: isAsBefore(result.given, before) ? 'unchanged' : 'configured' },
      )
  }
  const changed = done.filter((one) => one.done !== 'unchanged').map(({ given }) => given)
  const warnings = dry.isDry ? [] : store(kube, changed)
  const lines = done.map((one) => `${one.given.word} ${one.done}${dry.remark}`)
  const run =
    withOutput(
      asked,
      done.map(({ given }) => given),
    ) ?? linesRun({ out: lines, errors })
  return warned(run, [...read.warnings, ...warnings])
}

/** A namespace that stands further up in the files is there when what is in it comes. */
function createdNow(seen: Seen, given: Given, fresh: ReadonlySet<string>): Admission {
  const namespace = textAt(given.value, 'metadata', 'namespace')
  const isFresh = namespace !== undefined && fresh.has(namespace)
  return created(withNamespaces(seen, isFresh ? [namespace] : []), { ...given, value: rememberedOf(given) })
}

function configured(seen: Seen, given: Given, before: OtherResource): Admission {
  const kept = lastApplied(before)
  const merging = isOfKubernetes(given) ? strategic(before.kind) : PLAIN_MERGE
  const value = appliedOn(kept, annotated(given.value), plain(before), merging) as PlainMap
  const whole = { ...value, kind: before.kind, apiVersion: given.value['apiVersion'] ?? before.apiVersion }
  return updated(seen, { ...given, value: rememberedOf(given, whole) }, before)
}

/** An object with annotations, and if there are none: apply adds one, so that those of others stay. */
function annotated(value: PlainMap): PlainMap {
  const metadata = value['metadata'] as PlainMap
  return { ...value, metadata: { ...metadata, annotations: metadata['annotations'] ?? {} } }
}

function isOfKubernetes({ type }: Given): boolean {
  return type !== undefined && !type.group.includes('projectcalico.org') && !type.group.includes('tigera.io')
}

/** What was applied last, where the object says so. */
function lastApplied(object: OtherResource): PlainMap | undefined {
  const text = object.metadata.annotations?.[LAST_APPLIED]
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as PlainMap
  } catch {
    return undefined
  }
}

/** What is applied of an object; of a Secret it is not written down. */
function rememberedOf(given: Given, whole: PlainMap = given.value): PlainMap {
  return given.type?.kind === 'Secret' ? whole : remembering(whole, given.value)
}

/** An object with the annotation that says how it was applied. */
export function remembering(value: PlainMap, given: PlainMap = value): PlainMap {
  const metadata = value['metadata'] as PlainMap
  const annotations = { ...((metadata['annotations'] ?? {}) as PlainMap) }
  const own = { ...((at(given, 'metadata', 'annotations') ?? {}) as PlainMap) }
  delete (own as Record<string, unknown>)[LAST_APPLIED]
  const { status: _, ...rest } = given
  const metadataGiven = { ...(given['metadata'] as PlainMap), annotations: own }
  const text = `${JSON.stringify(sorted({ ...rest, metadata: metadataGiven }))}\n`
  return { ...value, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } }
}

/** Whether an object is as it is stored, but for the annotation that says how it was applied and for what nobody keeps of it. */
function isAsBefore(given: Given, before: OtherResource): boolean {
  if (given.type === undefined) return true
  const [now] = Object.values(readGiven([given]).resources).flat()
  return now !== undefined && isSame(comparable(now), comparable(before))
}

function comparable(object: OtherResource): PlainMap {
  const { annotations = {}, labels = {}, ...metadata } = object.metadata
  const { [LAST_APPLIED]: _, ...rest } = annotations
  const namespace = object.metadata.namespace ?? 'default'
  return { ...(plain(object) as PlainMap), metadata: plain({ ...metadata, namespace, annotations: rest, labels }) }
}
