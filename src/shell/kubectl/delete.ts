import type { OtherResource } from '../../control/index.ts'
import { storesOwn } from '../own-objects.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { objectsOf, singularOf } from './api.ts'
import { askChange } from './ask-change.ts'
import { namespaceOf } from './cells.ts'
import { linesRun, type OpenKube } from './kube.ts'
import { manifestsOf, READING, READING_PLAIN } from './manifests.ts'
import { type PlainMap, plain } from './object.ts'
import { type Asked, isRun, named, refusing, secondsOf, type VerbOptions } from './options.ts'
import { orphaned } from './orphans.ts'
import { wordOf } from './output.ts'
import { type Found, SELECTING, type Selection, select, within } from './select.ts'
import { givenOf, remove, resourceWord, storedAs } from './store.ts'
import { stepUntil } from './until.ts'

const OPTIONS: VerbOptions = {
  valued: { ...SELECTING.valued, ...READING, ...named('-o --output', '--grace-period', '--timeout') },
  plain: {
    ...SELECTING.plain,
    ...READING_PLAIN,
    ...named('--all', '--force', '--ignore-not-found', '--now'),
  },
  optional: named('--dry-run', '--cascade', '--wait'),
  refused: { ...refusing('--kustomize', '-k', '--raw'), '-i': 'nobody asks back', '--interactive': 'nobody asks back' },
}

const CASCADES = ['background', 'foreground', 'orphan', '', 'true', 'false'] as const

const FORCED =
  'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.'

/** Namespaces that an API server keeps. */
const KEPT: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public'])

/** How objects are to go. */
interface Manner {
  readonly orphans: boolean
  readonly isForced: boolean
  readonly grace: number | undefined
  readonly waits: boolean
  readonly timeout: number
}

/** `kubectl delete TYPE NAME…|-l …|--all`, `kubectl delete -f …`. */
export function deleteObjects(kube: OpenKube, line: readonly string[]): Run {
  const opened = askChange(line, OPTIONS, false)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  const manner = mannerOf(asked)
  if (isRun(manner)) return manner
  const output = asked.text('output')
  if (output !== undefined && output !== 'name')
    return failed('error: unexpected -o output mode: only name is supported')
  const chosen = asked.text('filename') === undefined ? chosenBy(kube, asked) : chosenFrom(kube, asked)
  if (isRun(chosen)) return chosen
  const { found } = chosen
  const errors = [...(asked.has('ignore-not-found') ? [] : chosen.errors), ...forbidden(kube, found)]
  const going = found.filter((one) => !isKept(one) && !isOwn(kube, one))
  if (going.length === 0 && errors.length === 0) return printed('No resources found\n')
  if (!dry.isDry) goAway(kube, going, manner)
  const out = going.map((one) =>
    output === 'name' ? wordOf(one) : `${goneWord(one)} ${manner.isForced ? 'force ' : ''}deleted${dry.remark}`,
  )
  return linesRun({ out, errors }, manner.isForced ? [FORCED] : [])
}

function mannerOf(asked: Asked): Manner | Run {
  const cascade = CASCADES.find((one) => one === (asked.text('cascade') ?? 'background'))
  if (cascade === undefined)
    return failed(
      `error: invalid cascade value (${asked.text('cascade')}). Must be "background", "foreground", or "orphan"`,
    )
  const period = asked.text('grace-period')
  if (period !== undefined && !/^-?\d+$/.test(period))
    return failed(`error: invalid argument "${period}" for "--grace-period" flag: it is no number`)
  const grace = asked.has('now') ? 1 : period === undefined || Number(period) < 0 ? undefined : Number(period)
  if (asked.has('now') && period !== undefined)
    return failed('error: --now and --grace-period cannot be specified together')
  const isForced = asked.has('force')
  if (isForced && grace !== undefined && grace > 0)
    return failed('error: --force and --grace-period greater than 0 cannot be specified together')
  const timeout = secondsOf(asked.text('timeout') ?? '0')
  if (timeout === undefined)
    return failed(`error: invalid argument "${asked.text('timeout')}" for "--timeout" flag: it is no duration`)
  return {
    orphans: cascade === 'orphan' || cascade === 'false',
    isForced,
    // So that nobody does by mistake what --force does.
    grace: isForced ? 0 : grace === 0 ? 1 : grace,
    waits: asked.text('wait') !== 'false' && !isForced,
    timeout,
  }
}

/** Objects by their types, names and labels. */
function chosenBy(kube: OpenKube, asked: Asked): Pick<Selection, 'found' | 'errors'> | Run {
  const { words } = asked
  const isAll = asked.has('all')
  if (words.length === 0) return failed('error: You must provide one or more resources by argument or filename.')
  const isNamed = words.length > 1 || (words[0] ?? '').includes('/')
  const isSelected = asked.text('selector') !== undefined || asked.text('field-selector') !== undefined
  if (!isNamed && !isSelected && !isAll) return failed('error: resource(s) were provided, but no name was specified')
  if (isAll && isNamed) return failed('error: name cannot be provided when --all is specified')
  if (isAll && isSelected) return failed("error: setting 'all' parameter but found a non empty selector.")
  return select(kube.seen(), asked)
}

/** Objects of files. */
function chosenFrom(kube: OpenKube, asked: Asked): Pick<Selection, 'found' | 'errors'> | Run {
  if (asked.words.length > 0 || asked.has('all'))
    return failed(
      'error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
    )
  const read = manifestsOf(kube, asked)
  if (isRun(read)) return read
  const found: Found[] = []
  const errors: string[] = []
  for (const manifest of read.manifests) {
    const given = givenOf(manifest, asked)
    if (typeof given === 'string') return failed(given)
    const object = storedAs(kube.seen(), given.value)
    const name = given.word.slice(given.word.indexOf('/') + 1)
    if (object === undefined)
      errors.push(
        `Error from server (NotFound): error when deleting "${manifest.source}": ${resourceWord(given)} "${name}" not found`,
      )
    else found.push({ type: given.type ?? unreadType(given.word, object), object })
  }
  return { found, errors }
}

/** A type of which packetwalk keeps no more than names. */
function unreadType(word: string, { kind }: OtherResource): Found['type'] {
  const [, group = ''] = /^[^.]*\.?(.*)\/[^/]*$/.exec(word) ?? []
  return { kind, plural: `${kind.toLowerCase()}s`, short: [], group, version: '', namespaced: false, isOfAll: false }
}

function isKept({ type, object }: Found): boolean {
  return type.kind === 'Namespace' && KEPT.has(object.metadata.name)
}

/** What Calico stores by itself, and nobody has changed. */
function isOwn(kube: OpenKube, { type, object }: Found): boolean {
  return storesOwn(type.kind) && !objectsOf(kube.seen(), type).includes(object)
}

function forbidden(kube: OpenKube, found: readonly Found[]): string[] {
  const kept = found
    .filter(isKept)
    .map(
      ({ object }) =>
        `Error from server (Forbidden): namespaces "${object.metadata.name}" is forbidden: this namespace may not be deleted`,
    )
  const own = found
    .filter((one) => isOwn(kube, one))
    .map(
      ({ type, object }) =>
        `error: packetwalk: ${singularOf(type)} "${object.metadata.name}" is as Calico stores it by itself, and stays`,
    )
  return [...kept, ...own]
}

function goneWord({ type, object }: Found): string {
  const group = wordOf({ type, object }).split('/')[0] as string
  return `${type.group === '' ? singularOf(type) : group} "${object.metadata.name}"`
}

/** Takes objects away, and waits until they are gone; what was made for them, their controllers take away. */
function goAway(kube: OpenKube, found: readonly Found[], manner: Manner): void {
  const objects = found.map(({ object }) => object).filter((one) => isStored(kube, one))
  if (manner.orphans) orphaned(kube, objects)
  withGrace(kube, objects, manner.grace)
  remove(kube, objects)
  if (manner.waits) stepUntil(kube, manner.timeout, () => found.every((one) => !isThere(kube, one)))
}

/** What is shown and not stored, as endpoints that a controller would write, comes again at once. */
function isStored(kube: OpenKube, object: OtherResource): boolean {
  const lists = Object.values(kube.seen().resources) as (readonly OtherResource[])[]
  return lists.some((list) => list.includes(object))
}

function isThere(kube: OpenKube, { type, object }: Found): boolean {
  const all = within(kube.seen(), type, type.namespaced ? namespaceOf(object) : undefined)
  return all.some(({ metadata }) => metadata.name === object.metadata.name && metadata.uid === object.metadata.uid)
}

/** Pods are told how long they may take to end. */
function withGrace(kube: OpenKube, objects: readonly OtherResource[], grace: number | undefined): void {
  if (grace === undefined) return
  const pods = objects.filter(({ kind }) => kind === 'Pod')
  if (pods.length === 0) return
  const told = pods.map((pod) => {
    const { placeOf, ...rest } = pod
    const value = plain(rest) as PlainMap
    const metadata = { ...(value['metadata'] as PlainMap), deletionGracePeriodSeconds: grace }
    return { ...value, metadata, ...(placeOf === undefined ? {} : { placeOf }) }
  })
  kube.desk.apply({ pods: told as never })
}
