import type { Plain } from '../../model/index.ts'
import { isFields, isSame, type PlainMap } from './object.ts'

/** How lists of a kind are merged: by the field that tells elements apart; all others are replaced whole. @kubernetes api/core/v1 patchMergeKey */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  'metadata.ownerReferences': 'uid',
  'spec.containers': 'name',
  'spec.containers.env': 'name',
  'spec.containers.ports': 'containerPort',
  'spec.containers.volumeMounts': 'mountPath',
  'spec.initContainers': 'name',
  'spec.volumes': 'name',
  'spec.imagePullSecrets': 'name',
  'spec.hostAliases': 'ip',
  'spec.taints': 'key',
  'status.addresses': 'type',
  'status.conditions': 'type',
  'status.podIPs': 'ip',
}

/** How objects of a kind are merged: field by field, or with lists by their merge keys. Objects of CRDs have no merge keys. */
export type Merging = { readonly keyOf: (path: string) => string | undefined }

/** Of a kind of Kubernetes. */
export function strategic(kind: string): Merging {
  return {
    keyOf: (path) => {
      if (kind === 'Service' && path === 'spec.ports') return 'port'
      if (kind === 'ServiceAccount' && (path === 'secrets' || path === 'imagePullSecrets')) return 'name'
      const own = path.replace(/^spec\.template\./, '')
      return Object.hasOwn(MERGE_KEYS, own) ? MERGE_KEYS[own] : undefined
    },
  }
}

/** By RFC 7386: lists are replaced. */
export const PLAIN_MERGE: Merging = { keyOf: () => undefined }

/** What a patch asks for that is not modelled; undefined when there is nothing. Of directives there are `$patch: delete|replace`. */
export function patchFault(patch: Plain): string | undefined {
  if (Array.isArray(patch)) return firstFault(patch)
  if (!isMap(patch)) return undefined
  const odd = Object.keys(patch).find((key) => key.startsWith('$') && key !== '$patch')
  if (odd !== undefined) return `the directive ${odd} is not modelled`
  const directive = own(patch, '$patch')
  if (directive !== undefined && directive !== 'delete' && directive !== 'replace')
    return `$patch: ${String(directive)} is not modelled; delete and replace are`
  return firstFault(Object.values(patch))
}

function firstFault(values: readonly Plain[]): string | undefined {
  for (const one of values) {
    const fault = patchFault(one)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** A value with a patch in it: `null` takes a field away. */
export function merged(current: Plain | undefined, patch: Plain, merging: Merging): Plain {
  return mergedAt(undefined, patch, current, merging, '')
}

/**
 * A value after `kubectl apply`: fields that were applied last and are no more are taken away, those that are given are set, and
 * those that neither has stay as somebody else set them.
 */
export function appliedOn(last: Plain | undefined, given: Plain, current: Plain | undefined, merging: Merging): Plain {
  return mergedAt(last, given, current, merging, '')
}

function mergedAt(
  last: Plain | undefined,
  given: Plain,
  current: Plain | undefined,
  merging: Merging,
  path: string,
): Plain {
  if (isMap(given)) return mergedMap(isMap(last) ? last : {}, given, isMap(current) ? current : {}, merging, path)
  const key = Array.isArray(given) ? merging.keyOf(path) : undefined
  if (key === undefined || !Array.isArray(given)) return given
  return mergedList(listOf(last), given, listOf(current), key, merging, path)
}

function mergedMap(last: PlainMap, given: PlainMap, current: PlainMap, merging: Merging, path: string): PlainMap {
  if (given['$patch'] === 'replace') return without(given, '$patch')
  const result = new Map(Object.entries(current))
  for (const key of Object.keys(last)) if (!Object.hasOwn(given, key)) result.delete(key)
  for (const [key, value] of Object.entries(given)) {
    if (value === null) result.delete(key)
    else {
      const inner = path === '' ? key : `${path}.${key}`
      const [before, now] = [own(last, key), own(current, key)]
      result.set(key, mergedAt(before, value, now, merging, inner))
    }
  }
  return Object.fromEntries(result)
}

function mergedList(
  last: readonly Plain[],
  given: readonly Plain[],
  current: readonly Plain[],
  key: string,
  merging: Merging,
  path: string,
): readonly Plain[] {
  const idOf = (one: Plain): Plain | undefined => (isMap(one) ? own(one, key) : one)
  const find = (list: readonly Plain[], id: Plain | undefined): Plain | undefined =>
    list.find((one) => id !== undefined && isSame(idOf(one), id))
  const gone = last.filter((one) => find(given, idOf(one)) === undefined).map(idOf)
  const kept = current.flatMap((one) => {
    const id = idOf(one)
    if (gone.some((other) => isSame(other, id))) return []
    const patch = find(given, id)
    if (patch === undefined) return [one]
    if (isMap(patch) && patch['$patch'] === 'delete') return []
    return [mergedAt(find(last, id), patch, one, merging, path)]
  })
  const fresh = given.filter(
    (one) => find(current, idOf(one)) === undefined && !(isMap(one) && one['$patch'] === 'delete'),
  )
  return [...kept, ...fresh.map((one) => mergedAt(undefined, one, undefined, merging, path))]
}

function isMap(value: Plain | undefined): value is PlainMap {
  return isFields(value)
}

function own(map: PlainMap, key: string): Plain | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

function listOf(value: Plain | undefined): readonly Plain[] {
  return Array.isArray(value) ? value : []
}

function without(map: PlainMap, key: string): PlainMap {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key))
}
