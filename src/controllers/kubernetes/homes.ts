import { isNamespaced, type PodResource, type Resources } from '../../control/index.ts'
import type { SeenHomes } from '../controller.ts'
import { endPod } from '../deletion.ts'
import type { AnyObject } from '../object-keys.ts'
import type { Work } from '../work.ts'

const DEFINITION = 'CustomResourceDefinition'

/** Namespaces and kinds that are there. */
export function homesOf({ namespaces, others }: Pick<Resources, 'namespaces' | 'others'>): SeenHomes {
  const definitions = others.flatMap(({ kind, metadata }) => (kind === DEFINITION ? metadata.name : []))
  return {
    namespaces: new Set(namespaces.map(({ metadata }) => metadata.name)),
    definitions: new Set(definitions),
  }
}

/** Ends what is in a namespace that is being deleted or is gone; it goes when nothing is left in it. @kubernetes pkg/controller/namespace */
export function namespaces(work: Work): void {
  const { objects, memory } = work
  const ending = objects.all('namespaces').filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
  const names = ending.map(({ metadata }) => metadata.name)
  const gone = [...memory.seen.namespaces].filter((name) => objects.find('Namespace', undefined, name) === undefined)
  if (names.length + gone.length === 0) return
  const busy = emptied(work, new Set([...names, ...gone]))
  for (const namespace of ending) if (!busy.has(namespace.metadata.name)) objects.remove(namespace)
}

/** Ends everything in some namespaces. @returns those that still have pods */
function emptied(work: Work, names: ReadonlySet<string>): ReadonlySet<string> {
  const { objects } = work
  const busy = new Set<string>()
  for (const one of every(work)) {
    const { namespace = 'default' } = one.metadata
    if (!isNamespaced(one.kind) || !names.has(namespace)) continue
    if (one.kind === 'Pod') endPod(work, one as PodResource)
    else objects.remove(one)
    if (objects.find(one.kind, namespace, one.metadata.name) !== undefined) busy.add(namespace)
  }
  return busy
}

/** All objects of all lists. */
function* every({ objects }: Work): Iterable<AnyObject> {
  for (const list of Object.keys(objects.before) as (keyof Resources)[])
    yield* objects.all(list) as readonly AnyObject[]
}

/**
 * Objects of a kind whose definition was there and is gone: they go with it. Without Calico's own there is no datastore.
 *
 * @kubernetes apiextensions-apiserver/pkg/controller/finalizer
 */
export function customResources(work: Work): void {
  const { objects, memory } = work
  const gone = [...memory.seen.definitions].filter((name) => objects.find(DEFINITION, undefined, name) === undefined)
  if (gone.length === 0) return
  const words = new Map(gone.map((name) => [pluralOf(name), name.slice(name.indexOf('.') + 1)]))
  for (const one of every(work)) {
    const group = words.get(pluralWord(one.kind))
    if (group !== undefined && isOfGroup(one, group)) objects.remove(one)
  }
  if (gone.includes('clusterinformations.crd.projectcalico.org')) memory.hasDatastore = false
}

function pluralOf(name: string): string {
  return name.slice(0, name.indexOf('.'))
}

/** How a kind is called in the name of its definition. */
function pluralWord(kind: string): string {
  const word = kind.toLowerCase()
  if (/(?:s|x|ch|sh)$/.test(word)) return `${word}es`
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
}

/** Objects of Calico are read in either of its groups. */
function isOfGroup({ apiVersion }: AnyObject, group: string): boolean {
  const own = apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')))
  return own === group || (own.endsWith('projectcalico.org') && group.endsWith('projectcalico.org'))
}
