import {
  collectResources,
  type KnownResource,
  type OtherResource,
  objectKey,
  type Resources,
} from '../control/index.ts'
import { checkArgument, InputError, type Issue, isRecord } from '../model/index.ts'
import { joinCalicoNodes } from './calico-node.ts'
import { conflistConfig, isConflist, withInstalled } from './conflist.ts'
import type { Input, InputDocument } from './document.ts'
import { parseText } from './documents.ts'
import { groupVarsObjects, isGroupVars } from './group-vars.ts'
import { chartObjects, isHelmChartConfig } from './helm-chart-config.ts'
import { judge, objectIssue } from './judge.ts'
import { keptOf } from './kept-objects.ts'
import { isKubeProxyConfigMap, isKubeProxyFile, kubeProxySettings, namedKubeProxyFile } from './kube-proxy-config.ts'
import { hasKubeProxy, kubeProxyFlags } from './kube-proxy-flags.ts'
import { isClusterFile, kubeadmConfig } from './kubeadm.ts'
import { isMap, objectsOf, type RawObject } from './objects.ts'
import { piecesOf, wholeText } from './pieces.ts'
import { foreignWorkload } from './schema/kubernetes.ts'
import { groupOf, isKnownKind, kindsOf, shapeOf } from './schema/shapes.ts'

/** Objects of a kind packetwalk does not read, or of which nothing decides about packets. */
export interface UnreadKind {
  /** `apiVersion`. */
  readonly apiVersion: string
  /** Kind. */
  readonly kind: string
  /** How many there were. */
  readonly count: number
}

/** What was loaded. */
export interface LoadedResources {
  /** Objects by kind. */
  readonly resources: Resources
  /** Fields that were not read, and the like: the result is usable, but somebody should know. */
  readonly warnings: readonly Issue[]
  /** Kinds that were passed over. */
  readonly unread: readonly UnreadKind[]
  /** Objects that another one, given later, took the place of. */
  readonly replaced: readonly (KnownResource | OtherResource)[]
}

/** A kind of which nothing is ever kept, not even its name. */
const SEALED = 'SealedSecret'

/**
 * Reads Kubernetes and Calico objects from texts: YAML or JSON, any number of documents, `List`s of any kind, both Calico
 * API groups, and packetwalk's own `Underlay`. What is in Secrets, managedFields, and the environment of anything but Calico's own
 * containers are never kept.
 * @throws InputError with every fault of every text at once
 */
export function loadResources(inputs: readonly Input[]): LoadedResources {
  checkInputs(inputs)
  const all = nothing()
  for (const input of inputs) take(all, read(input))
  return collected(all)
}

/**
 * Reads objects that are values in memory, as {@link loadResources} reads texts.
 * @throws InputError with every fault of every object at once
 */
export function loadObjects(values: readonly unknown[]): LoadedResources {
  const placeOf = (): undefined => undefined
  return collected(
    sortedOf(
      values.map((value) => ({ file: '', value, placeOf })),
      [],
    ),
  )
}

/**
 * Reads objects that stand in documents, as {@link loadResources} reads texts.
 * @throws InputError with every fault of every object at once
 */
export function loadDocuments(documents: readonly InputDocument[]): LoadedResources {
  return collected(sortedOf(documents, []))
}

/** The resources of what was read, if there is no fault. */
function collected(all: Sorted): LoadedResources {
  const { issues, warnings, known, others, unread } = all
  // Behind all files of settings: who is given flags reads no file.
  for (const raw of kubeProxyFlags(all.commands, warnings)) sort(raw, all)
  for (const raw of groupVarsObjects(all.groupVars, warnings)) sort(raw, all)
  if (issues.length > 0) throw new InputError(issues)
  const joined = withInstalled(joinCalicoNodes(known), all.installed)
  const list = [...joined, ...others]
  const resources = collectResources(list)
  const kept = Object.values(resources).reduce((sum, { length }) => sum + length, 0)
  const replaced = kept === list.length ? [] : replacedIn(list)
  return { resources, warnings, unread: [...unread.values()], replaced }
}

/** Objects that stand before another one of the same name. */
function replacedIn(list: readonly (KnownResource | OtherResource)[]): (KnownResource | OtherResource)[] {
  const last = new Map<string, KnownResource | OtherResource>()
  const replaced: (KnownResource | OtherResource)[] = []
  for (const one of list) {
    const key = objectKey(one)
    const before = last.get(key)
    if (before !== undefined) replaced.push(before)
    last.set(key, one)
  }
  return replaced
}

/** What was read of one input, or of all. */
interface Sorted {
  readonly issues: Issue[]
  readonly warnings: Issue[]
  readonly known: KnownResource[]
  /** Network configurations of nodes, as the ConfigMap they come from. */
  readonly installed: KnownResource[]
  readonly others: OtherResource[]
  readonly unread: Map<string, UnreadKind>
  readonly groupVars: InputDocument[]
  /** Objects that run kube-proxy. */
  readonly commands: RawObject[]
}

function nothing(): Sorted {
  return {
    issues: [],
    warnings: [],
    known: [],
    installed: [],
    others: [],
    unread: new Map(),
    groupVars: [],
    commands: [],
  }
}

function take(all: Sorted, more: Sorted): void {
  for (const list of ['issues', 'warnings', 'known', 'installed', 'others', 'groupVars', 'commands'] as const)
    for (const one of more[list]) (all[list] as unknown[]).push(one)
  for (const [key, { count, ...kind }] of more.unread)
    all.unread.set(key, { ...kind, count: count + (all.unread.get(key)?.count ?? 0) })
}

/** Reads an input, object by object where it is written as kubectl does it. */
function read(input: Input): Sorted {
  const pieces = piecesOf(input, keptOf)
  const sorted = pieces && sortedOf(pieces.documents(), [])
  return sorted === undefined || pieces?.isOther === true ? readWhole(input, pieces?.line) : sorted
}

/** Reads an input that must be in memory as a whole. */
function readWhole(input: Input, line: number | undefined): Sorted {
  const { documents, issues } = parseText(wholeText(input, line))
  return sortedOf(documents, issues)
}

/**
 * The objects of texts as they stand there, not judged: documents, items of lists.
 * @throws InputError with every fault of syntax, and where no object stands
 */
export function readObjects(inputs: readonly Input[]): RawObject[] {
  const issues: Issue[] = []
  const objects = inputs.flatMap((input) => {
    const parsed = parseText(wholeText(input, undefined))
    issues.push(...parsed.issues)
    return parsed.documents.flatMap((document) => objectsOf(document, issues))
  })
  if (issues.length > 0) throw new InputError(issues)
  return objects
}

/**
 * The objects of values in memory as they are, not judged: lists unfolded.
 * @throws InputError where something is no object
 */
export function rawObjects(values: readonly unknown[]): RawObject[] {
  const issues: Issue[] = []
  const placeOf = (): undefined => undefined
  const objects = values.flatMap((value, i) => objectsOf({ file: '', value, placeOf, path: [i] }, issues))
  if (issues.length > 0) throw new InputError(issues)
  return objects
}

/** Sorts the objects of documents; first of its issues are those of the text. */
function sortedOf(documents: Iterable<InputDocument>, issues: readonly Issue[]): Sorted {
  const sorted = nothing()
  const odd = [...issues]
  for (const document of documents) sortDocument(document, odd, sorted)
  return { ...sorted, issues: [...odd, ...sorted.issues] }
}

/** Sorts the objects of a document; to `odd` goes what stands where objects should. */
function sortDocument(document: InputDocument, odd: Issue[], into: Sorted): void {
  if (document.path === undefined && isConflist(document)) {
    const made = nothing()
    sort(conflistConfig(document), made)
    into.issues.push(...made.issues)
    into.installed.push(...made.known)
    return
  }
  if (document.path === undefined && isGroupVars(document)) {
    into.groupVars.push(document)
    return
  }
  for (const raw of objectsOf(document, odd)) {
    sort(raw, into)
    if (hasKubeProxy(raw)) into.commands.push(raw)
  }
}

/** Kinds of ours that are no part of a cluster, and how they are given. */
const GIVEN_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['Timeline', 'a Timeline is given by --timeline'],
  ['Expectations', 'Expectations are given to packetwalk test by -e'],
])

function sort(raw: RawObject, into: Sorted): void {
  const group = groupOf(raw.apiVersion)
  if (group === undefined && raw.apiVersion.split('/')[0] === 'packetwalk') {
    into.issues.push(objectIssue(raw, 'invalid', ['apiVersion'], 'packetwalk/v1', `"${raw.apiVersion}"`))
    return
  }
  if (isHelmChartConfig(raw)) {
    for (const made of chartObjects(raw, into.issues)) sort(made, into)
    keepName(raw, into)
    return
  }
  if (isClusterFile(raw)) {
    for (const made of kubeadmConfig(raw)) sort(made, into)
    return
  }
  if (isKubeProxyConfigMap(raw)) {
    for (const made of kubeProxySettings(raw, into.issues)) sort(made, into)
    passOver(raw, into)
    return
  }
  if (isKubeProxyFile(raw)) {
    sort(namedKubeProxyFile(raw), into)
    return
  }
  const kind = shapeOf(group, raw.kind)
  if (kind === undefined) {
    if (group === 'packetwalk') {
      const own = `one of ${kindsOf('packetwalk').join(', ')}`
      const elsewhere = GIVEN_ELSEWHERE.get(raw.kind)
      const expected = elsewhere === undefined ? own : `${own}; ${elsewhere}`
      into.issues.push(objectIssue(raw, 'invalid', ['kind'], expected, `"${raw.kind}"`))
      return
    }
    passOver(raw, into)
    return
  }
  if (isForeignConfig(raw)) {
    passOver(raw, into)
    return
  }
  const judged = judge(raw, isForeignWorkload(raw) ? { ...kind, shape: foreignWorkload } : kind)
  into.issues.push(...judged.issues)
  into.warnings.push(...judged.warnings)
  if (judged.resource) into.known.push(judged.resource)
  if (kind.isIdle) countUnread(raw, into)
}

/** ConfigMaps that something is read of: Calico's own, and that of kubeadm with the pod subnet. */
const CONFIG_MAPS: ReadonlySet<unknown> = new Set(['calico-config', 'canal-config', 'kubeadm-config'])

/** The container that tells a workload of Calico's. */
const CONTAINERS: Readonly<Record<string, string>> = {
  DaemonSet: 'calico-node',
  Deployment: 'calico-kube-controllers',
}

/** ConfigMaps that are not Calico's: their content is none of our business. */
function isForeignConfig(raw: RawObject): boolean {
  const meta = raw.value['metadata']
  return raw.kind === 'ConfigMap' && isMap(meta) && typeof meta['name'] === 'string' && !CONFIG_MAPS.has(meta['name'])
}

/** DaemonSets and Deployments that are not Calico's: of the environment of their containers nothing is read. */
function isForeignWorkload(raw: RawObject): boolean {
  const container = Object.hasOwn(CONTAINERS, raw.kind) ? CONTAINERS[raw.kind] : undefined
  return container !== undefined && !hasContainer(raw.value, container)
}

/** Whether a workload has a container; one that is called so, too, so that what is wrong in it is told. */
function hasContainer(value: RawObject['value'], container: string): boolean {
  const at = (from: unknown, key: string): unknown => (isMap(from) ? from[key] : undefined)
  const containers = at(at(at(value['spec'], 'template'), 'spec'), 'containers')
  const isNamed = (one: unknown): boolean => at(one, 'name') === container
  return isNamed(value['metadata']) || (Array.isArray(containers) && containers.some(isNamed))
}

function passOver(raw: RawObject, into: Sorted): void {
  countUnread(raw, into)
  keepName(raw, into)
}

function countUnread(raw: RawObject, into: Sorted): void {
  const key = `${raw.apiVersion} ${raw.kind}`
  const before = into.unread.get(key)?.count ?? 0
  into.unread.set(key, { apiVersion: raw.apiVersion, kind: raw.kind, count: before + 1 })
}

/** Keeps kind and name of an object, and nothing else of it. */
function keepName(raw: RawObject, into: Sorted): void {
  const meta = raw.value['metadata']
  // A kind of the same name from another group (a Service of Knative) must not be taken for ours.
  if (isKnownKind(raw.kind)) return
  if (raw.kind === SEALED || !isMap(meta) || typeof meta['name'] !== 'string') return
  const namespace = meta['namespace']
  const { apiVersion, kind, placeOf } = raw
  const metadata = { name: meta['name'], ...(typeof namespace === 'string' ? { namespace } : {}) }
  into.others.push({ apiVersion, kind, metadata, placeOf })
}

/** Whether something is a text or a file with its name. */
export function isInput(value: unknown): value is Input {
  if (!isRecord(value) || typeof value['name'] !== 'string') return false
  const { text, bytes } = value
  return (
    typeof text === 'string' || (isRecord(bytes) && typeof bytes['piece'] === 'function') || bytes instanceof Uint8Array
  )
}

function checkInputs(inputs: unknown): void {
  const areInputs = Array.isArray(inputs) && inputs.every(isInput)
  checkArgument(areInputs, 'texts', 'a list of texts with names: [{ name, text }]', inputs)
}
