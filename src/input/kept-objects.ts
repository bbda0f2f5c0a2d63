import { isHelmChartConfig } from './helm-chart-config.ts'
import { ALL, butTexts, type Kept, ofEach, someFields } from './kept.ts'
import { isClusterFile } from './kubeadm.ts'
import { groupOf, type KindShape, metadataOf, shapeOf } from './schema/shapes.ts'

// What is dropped of objects as they go by, without being made into values: whatever their shape does not name, where a shape
// ignores it. This file is the only place that says so; what else is read of an object than by its shape stands in ALSO_READ.

/** A shape of valibot, as far as it is walked. */
interface Walked {
  readonly type: string
  readonly entries?: Readonly<Record<string, Walked>>
  readonly wrapped?: Walked
  readonly item?: Walked
}

/** Of annotations, the one that repeats the object. */
const ANNOTATIONS = butTexts(['kubectl.kubernetes.io/last-applied-configuration'])

/** The command lines of containers, which may be kube-proxy's. */
const COMMAND_LINE: Readonly<Record<string, Kept>> = { command: ALL, args: ALL }

/** Fields that are read beside those of the shape, by the path of the map they are in. */
const ALSO_READ: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Kept>>>>>> = {
  Pod: { 'spec.containers': COMMAND_LINE },
  DaemonSet: { 'spec.template.spec.containers': COMMAND_LINE },
}

/** What a shape reads; fields that it does not name are left out where it would not say a word about them. */
function ofShape(shape: Walked, also: Readonly<Record<string, Readonly<Record<string, Kept>>>>, path: string): Kept {
  if (shape.wrapped !== undefined) return ofShape(shape.wrapped, also, path)
  if (shape.type === 'array' && shape.item !== undefined) return ofEach(ofShape(shape.item, also, path))
  if (shape.type !== 'object' || shape.entries === undefined) return ALL
  const fields = Object.entries(shape.entries).map(([name, inner]): [string, Kept] => [
    name,
    ofShape(inner, also, path === '' ? name : `${path}.${name}`),
  ])
  return someFields({ ...Object.fromEntries(fields), ...also[path] })
}

function ofMetadata(shape: Walked): Kept {
  const fields = Object.entries(shape.entries ?? {}).map(([name, inner]): [string, Kept] => [
    name,
    name === 'annotations' ? ANNOTATIONS : ofShape(inner, {}, ''),
  ])
  return someFields(Object.fromEntries(fields))
}

const TYPE: Readonly<Record<string, Kept>> = { apiVersion: ALL, kind: ALL }

function ofKind(kind: KindShape): Kept {
  const shape = kind.shape as unknown as Walked
  if (shape.type !== 'object') return ALL
  const entries = Object.entries(shape.entries ?? {}).map(([name, inner]): [string, Kept] => [
    name,
    ofShape(inner, ALSO_READ[kind.kind] ?? {}, name),
  ])
  return someFields({
    ...TYPE,
    metadata: ofMetadata(metadataOf(kind) as unknown as Walked),
    ...Object.fromEntries(entries),
  })
}

/** Of kinds that are not read, no more than how an object is called. */
const NAMED: Kept = someFields({ ...TYPE, metadata: someFields({ name: ALL, namespace: ALL }) })

const KNOWN = new Map<string, Kept>()

/** What is read of an object of a kind. */
export function keptOf(apiVersion: string, kind: string): Kept {
  const key = `${apiVersion} ${kind}`
  const known = KNOWN.get(key)
  if (known !== undefined) return known
  const kept = keptOfNew(apiVersion, kind)
  // Kinds are few; a text of many is somebody's joke.
  if (KNOWN.size < 10_000) KNOWN.set(key, kept)
  return kept
}

function keptOfNew(apiVersion: string, kind: string): Kept {
  if (kind.endsWith('List') || isHelmChartConfig({ apiVersion, kind }) || isClusterFile({ apiVersion, kind }))
    return ALL
  const shape = shapeOf(groupOf(apiVersion), kind)
  return shape === undefined ? NAMED : ofKind(shape)
}
