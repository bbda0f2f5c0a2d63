import type { ObjectDeletion, ObjectReference, Resources } from '../../control/index.ts'
import { InputError, type Issue } from '../../model/index.ts'
import type { Input } from '../document.ts'
import { embeddedYaml } from '../embedded-yaml.ts'
import { judge, objectIssue } from '../judge.ts'
import { loadDocuments, loadResources, readObjects } from '../load.ts'
import { type RawObject, show } from '../objects.ts'
import { timeline } from '../schema/timeline.ts'
import type { PlannedAction, PlannedAsk, PlannedEvent, PlannedProbe, TimelinePlan } from './plan.ts'

/** The fields of a Timeline, after they were judged. */
interface Spec {
  readonly seed?: number
  readonly delays?: 'calico' | 'instant'
  readonly until?: string
  readonly probes?: readonly ProbeFields[]
  readonly events?: readonly EventFields[]
}

interface ProbeFields {
  readonly name?: string
  readonly ping?: Omit<Extract<PlannedAsk, { kind: 'ping' }>, 'kind'>
  readonly tcp?: Omit<Extract<PlannedAsk, { kind: 'tcp' }>, 'kind'>
  readonly udp?: Omit<Extract<PlannedAsk, { kind: 'udp' }>, 'kind'>
  readonly every?: string
  readonly start?: string
  readonly end?: string
  readonly timeout?: string
}

interface EventFields {
  readonly at: string
  readonly title?: string
  readonly apply?: string | { readonly file: string } | readonly Readonly<Record<string, unknown>>[]
  readonly delete?: readonly ObjectDeletion[]
  readonly patch?: ObjectReference & { readonly with: Readonly<Record<string, unknown>> }
  readonly agent?: { readonly name: string; readonly node?: string; readonly action: string }
  readonly machine?: { readonly node: string; readonly action: string }
  readonly run?: string
  readonly inject?: string | { readonly failure: string; readonly at?: string }
}

/** Gives the text of a file that an event names; undefined where there is none. */
export type ReadFile = (name: string) => string | undefined

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
/** How often something is asked where nobody says. */
const EVERY = 100
/** How long an answer is waited for where nobody says. */
const TIMEOUT = 1_000

/** Milliseconds of `1m30s`. */
function milliseconds(text: string): number {
  let all = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) all += Number(number) * UNITS[unit!]!
  return all
}

/**
 * Reads a timeline: YAML or JSON with one object of kind Timeline.
 *
 * @param readFile - gives the files that events name; absent = none can be read
 * @throws InputError with every fault and its place
 */
export function readTimeline(input: Input, readFile: ReadFile = () => undefined): TimelinePlan {
  const objects = readObjects([input])
  const found = objects.filter(({ apiVersion, kind }) => apiVersion === 'packetwalk/v1' && kind === 'Timeline')
  const [raw, second] = found
  if (raw === undefined || second !== undefined) {
    const kinds = objects.map(({ kind }) => kind).join(', ')
    const received = raw === undefined ? kinds || 'nothing' : `${found.length} of them`
    const expected = 'one object of apiVersion packetwalk/v1 and kind Timeline'
    throw new InputError([{ kind: 'invalid', file: input.name, path: [], expected, received }])
  }
  const { resource, issues } = judge(raw, { kind: 'Timeline', group: 'packetwalk', shape: timeline })
  if (resource === undefined) throw new InputError(issues)
  return planOf(raw, (resource as unknown as { readonly spec: Spec }).spec, readFile)
}

function planOf(raw: RawObject, spec: Spec, readFile: ReadFile): TimelinePlan {
  const issues: Issue[] = []
  const probes = (spec.probes ?? []).map((fields, i) => probeOf(raw, fields, i, issues))
  const named = new Set<string>()
  for (const [i, { name }] of probes.entries()) {
    if (named.has(name))
      issues.push(objectIssue(raw, 'invalid', ['spec', 'probes', i, 'name'], 'a name no other probe has', `"${name}"`))
    named.add(name)
  }
  const events = (spec.events ?? []).map((fields, i) => eventOf(raw, fields, i, readFile, issues))
  if (issues.length > 0) throw new InputError(issues)
  const { seed, delays, until } = spec
  return {
    name: String((raw.value['metadata'] as Readonly<Record<string, unknown>>)['name']),
    ...(seed === undefined ? {} : { seed }),
    ...(delays === undefined ? {} : { delays }),
    ...(until === undefined ? {} : { until: milliseconds(until) }),
    probes,
    events: events.flatMap((one) => one ?? []).sort((a, b) => a.at - b.at),
  }
}

function askOf({ ping, tcp, udp }: ProbeFields): PlannedAsk {
  if (ping !== undefined) return { kind: 'ping', ...ping }
  if (tcp !== undefined) return { kind: 'tcp', ...tcp }
  return { kind: 'udp', ...udp! }
}

function nameOf(ask: PlannedAsk): string {
  const port = ask.kind === 'ping' ? '' : `:${ask.port}`
  const what = ask.kind === 'tcp' && ask.hold === true ? 'connection' : ask.kind
  return `${what} ${ask.from} to ${ask.to}${port}`
}

function probeOf(raw: RawObject, fields: ProbeFields, i: number, issues: Issue[]): PlannedProbe {
  const ask = askOf(fields)
  const { name = nameOf(ask), every, start, end, timeout } = fields
  const probe = {
    name,
    ask,
    every: every === undefined ? EVERY : milliseconds(every),
    start: start === undefined ? 0 : milliseconds(start),
    ...(end === undefined ? {} : { end: milliseconds(end) }),
    timeout: timeout === undefined ? TIMEOUT : milliseconds(timeout),
  }
  if (probe.every < 1) {
    issues.push(objectIssue(raw, 'invalid', ['spec', 'probes', i, 'every'], 'at least 1ms', show(every)))
  }
  return probe
}

function eventOf(
  raw: RawObject,
  fields: EventFields,
  i: number,
  readFile: ReadFile,
  issues: Issue[],
): PlannedEvent | undefined {
  const path = ['spec', 'events', i]
  const action = actionOf(raw, fields, path, readFile, issues)
  if (action === undefined) return undefined
  const place = (action.kind === 'inject' ? raw.placeOf([...path, 'inject']) : undefined) ?? raw.placeOf(path)
  const title = fields.title ?? titleOf(action)
  return { at: milliseconds(fields.at), title, action, ...(place === undefined ? {} : { place }) }
}

function actionOf(
  raw: RawObject,
  fields: EventFields,
  path: readonly (string | number)[],
  readFile: ReadFile,
  issues: Issue[],
): PlannedAction | undefined {
  const { apply, delete: gone, patch, agent, machine, run, inject } = fields
  if (apply !== undefined) {
    const objects = objectsOf(raw, apply, [...path, 'apply'], readFile, issues)
    return objects === undefined ? undefined : { kind: 'apply', objects }
  }
  if (gone !== undefined) return { kind: 'delete', objects: gone }
  if (patch !== undefined) {
    const { with: fresh, ...object } = patch
    return { kind: 'patch', object, with: fresh }
  }
  if (agent !== undefined) return { kind: 'agent', ...agent }
  if (machine !== undefined) return { kind: 'machine', ...machine }
  if (inject !== undefined)
    return typeof inject === 'string' ? { kind: 'inject', failure: inject } : { kind: 'inject', ...inject }
  const [, host = '', line = ''] = /^([^$\s]+)\$ (.*)$/s.exec(run!) ?? []
  return { kind: 'run', host, line: line.trim() }
}

/** The objects of an event: a list, a text, or a file; each fault at its place. */
function objectsOf(
  raw: RawObject,
  apply: NonNullable<EventFields['apply']>,
  path: readonly (string | number)[],
  readFile: ReadFile,
  issues: Issue[],
): Partial<Resources> | undefined {
  try {
    if (typeof apply === 'string') {
      const documents = embeddedYaml(raw, path, apply, issues)
      return documents && given(loadDocuments(documents.map((one) => ({ file: raw.file, ...one }))).resources)
    }
    if (!('file' in apply)) {
      const list = valueAt(raw.value, path)
      const placeOf = (inner: readonly (string | number)[]) => raw.placeOf([...path, ...inner])
      return given(loadDocuments([{ file: raw.file, value: list, placeOf, path }]).resources)
    }
    const text = readFile((apply as { readonly file: string }).file)
    if (text !== undefined) return given(loadResources([{ name: String(apply.file), text }]).resources)
    issues.push(objectIssue(raw, 'missing_reference', [...path, 'file'], 'a file that can be read', show(apply.file)))
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    issues.push(...error.issues)
  }
  return undefined
}

/** The lists that have something in them. */
function given(resources: Resources): Partial<Resources> {
  return Object.fromEntries(Object.entries(resources).filter(([, list]) => (list as readonly unknown[]).length > 0))
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce((at, key) => (at as Readonly<Record<string | number, unknown>>)[key], value)
}

function titleOf(action: PlannedAction): string {
  switch (action.kind) {
    case 'apply':
      return `apply ${namesOf(Object.values(action.objects).flat())}`
    case 'delete':
      return `delete ${action.objects.map(deletionText).join(', ')}`
    case 'patch':
      return `patch ${referenceText(action.object)} ${JSON.stringify(action.with)}`
    case 'agent':
      return `${action.action} ${action.name}${action.node === undefined ? '' : ` on ${action.node}`}`
    case 'machine':
      return `${action.action} ${action.node}`
    case 'run':
      return `${action.host}$ ${action.line}`
    case 'inject':
      return `${action.failure} is brought about${action.at === undefined ? '' : ` at ${action.at}`}`
  }
}

const MANY = 3

function namesOf(
  objects: readonly { readonly kind: string; readonly metadata: ObjectReference | { name: string } }[],
): string {
  const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  return names.length > MANY ? `${names.slice(0, MANY).join(', ')} and ${names.length - MANY} more` : names.join(', ')
}

function referenceText({ kind, name, namespace }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

function deletionText(deletion: ObjectDeletion): string {
  const { gracePeriodSeconds, force } = deletion
  const how = force === true || gracePeriodSeconds === 0 ? ' by force' : ''
  return `${referenceText(deletion)}${how}`
}
