import { endpointsIn, objectKey, type Resources } from '../control/index.ts'
import { Lab, type LabOptions } from '../lab/index.ts'
import { InputError } from '../model/index.ts'
import { changeKey, changesIn, type OneChange } from './machine-changes.ts'
import { type AnyObject, objectsByKey } from './object-changes.ts'
import type { MachineChange, ObjectChange } from './review.ts'

/** A change with the changes of objects it follows from. */
type Caused = OneChange & Pick<MachineChange, 'causes'>

/** What causes are looked for in. */
export interface CauseQuestion {
  readonly a: Lab
  readonly b: Lab
  readonly objects: readonly ObjectChange[]
  readonly names: readonly string[]
  readonly options: LabOptions
}

/** Changes of objects that are tried one by one, at most, and in how large a cluster. */
const MOST_TRIED = 12
const MOST_NODES = 40
const MOST_PODS = 400

/**
 * Which change of an object each change of a machine follows from. Where a cluster is small and few objects changed, that is tried: the
 * change is there when this object alone is changed in the first cluster, and is not there any more when it alone is changed back in the
 * second. Elsewhere it is what made the entry that tells its object.
 */
export function caused(changes: readonly OneChange[], question: CauseQuestion): readonly Caused[] {
  const { objects, a, b } = question
  const [only] = objects
  if (only === undefined) return changes.map((one) => ({ ...one, causes: [] }))
  if (objects.length === 1) return changes.map((one) => ({ ...one, causes: [only.object] }))
  if (changes.length === 0) return []
  const isSmall = [a, b].every(
    ({ cluster }) =>
      cluster !== null && cluster.nodes.length <= MOST_NODES && cluster.workloadEndpoints.length <= MOST_PODS,
  )
  return objects.length <= MOST_TRIED && isSmall ? tried(changes, question) : byOrigin(changes, question)
}

/** By the object that made an entry; where that did not change, by the devices and addresses of pods and nodes that it names. */
function byOrigin(changes: readonly OneChange[], { a, b, objects }: CauseQuestion): readonly Caused[] {
  const known = new Set(objects.map(({ object }) => object))
  const owners = ownersOf([a, b], known)
  return changes.map((one) => {
    const made = [one.before?.object, one.after?.object].flatMap((name) =>
      name === undefined ? [] : [name, `calico ${name}`].filter((key) => known.has(key)),
    )
    const named = made.length > 0 ? made : wordsOf(one).flatMap((word) => owners.get(word) ?? [])
    return { ...one, causes: [...new Set(named)].sort() }
  })
}

/** Who of these objects has which devices and addresses. */
function ownersOf(labs: readonly Lab[], known: ReadonlySet<string>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  for (const { cluster } of labs) {
    if (cluster === null) continue
    const pods = endpointsIn(cluster.workloadEndpoints)
    for (const object of known) {
      const endpoint = object.startsWith('Pod/') ? pods.at(object.slice('Pod/'.length)) : undefined
      for (const word of [endpoint?.interfaceName, ...(endpoint?.addresses ?? [])])
        if (word !== undefined) owners.set(word, object)
    }
    for (const node of cluster.nodes) {
      const object = `Node/${node.name}`
      const cards = node.machine?.interfaces.flatMap(({ addresses }) => addresses) ?? []
      for (const { address } of [node.ipv4, node.ipv6, ...cards].filter((one) => one !== undefined))
        if (known.has(object)) owners.set(address, object)
    }
  }
  return owners
}

function wordsOf({ was = '', now = '', parts }: OneChange): readonly string[] {
  const texts = [was, now, ...(parts?.added ?? []), ...(parts?.removed ?? [])]
  return texts.flatMap((text) => text.split(/[\s/,]+/).map((word) => word.replace(/^cali-[a-z]+-(?=cali)/, '')))
}

function tried(changes: readonly OneChange[], question: CauseQuestion): readonly Caused[] {
  const { a, b, objects } = question
  const forth = objects.map((one) => effects(a, b, one.object, question, 'forth'))
  const back = objects.map((one) => effects(b, a, one.object, question, 'back'))
  const named = byOrigin(changes, question)
  return changes.map((one, i) => {
    const key = `${one.netns} ${changeKey(one)}`
    const there = objects.filter((_, at) => forth[at]!.has(key))
    const gone = objects.filter((_, at) => back[at]!.has(key))
    const both = there.filter((object) => gone.includes(object))
    const found = both.length > 0 ? both : [...new Set([...there, ...gone])]
    // What only several of them bring about together.
    const causes = found.length > 0 ? found.map(({ object }) => object).sort() : named[i]!.causes
    return { ...one, causes: causes.length > 0 ? causes : objects.map(({ object }) => object) }
  })
}

/** What one object does to the machines when it alone is as in the other cluster, as changes from the first to the second. */
function effects(
  from: Lab,
  to: Lab,
  object: string,
  { names, options }: CauseQuestion,
  way: 'forth' | 'back',
): ReadonlySet<string> {
  const changed = builtWith(from, to, object, options)
  if (changed === undefined) return new Set()
  const [a, b] = way === 'forth' ? [from, changed] : [changed, from]
  const all = [...new Set([...names, ...Object.keys(changed.network.namespaces)])]
  return new Set(all.flatMap((name) => changesIn(a, b, name).map((one) => `${name} ${changeKey(one)}`)))
}

/** The first cluster with one object as in the second; undefined where the objects contradict each other then. */
function builtWith(
  { objects: own }: Lab,
  { objects: other }: Lab,
  object: string,
  options: LabOptions,
): Lab | undefined {
  if (own === null || other === null) return undefined
  try {
    return Lab.fromResources(withOne(own, other, object), { ...options, record: false })
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

/** Objects, one of them as in another cluster: in its place, behind those that it stands behind there, or gone. */
function withOne(own: Resources, other: Resources, object: string): Partial<Resources> {
  const fresh = objectsByKey(other).get(object)
  return Object.fromEntries(
    Object.entries(own).map(([list, items]) => {
      const rest = items as readonly AnyObject[]
      const at = rest.findIndex((one) => objectKey(one) === object)
      const place = other[list as keyof Resources] as readonly AnyObject[]
      if (fresh === undefined) return [list, rest.filter((_, i) => i !== at)]
      if (at >= 0) return [list, rest.map((one, i) => (i === at ? fresh : one))]
      if (!place.includes(fresh)) return [list, rest]
      const before = new Set(place.slice(0, place.indexOf(fresh)).map(objectKey))
      const behind = rest.filter((one) => before.has(objectKey(one))).length
      return [list, [...rest.slice(0, behind), fresh, ...rest.slice(behind)]]
    }),
  )
}

/** Changes of objects behind an answer about packets: the only one, those of objects that it names, or those behind state of who it names. */
export function causesOfAnswer(
  objects: readonly ObjectChange[],
  state: readonly MachineChange[],
  titles: readonly string[],
  places: readonly string[],
): readonly string[] {
  const [only] = objects
  if (only !== undefined && objects.length === 1) return [only.object]
  const named = objects.filter(({ object }) =>
    titles.some((title) => titleOf(object) === title.replace(/ \(Calico\)$/, '')),
  )
  if (named.length > 0) return named.map(({ object }) => object)
  const behind = state.filter(({ on, follows }) => follows !== true && on.some((name) => places.includes(name)))
  return [...new Set(behind.flatMap(({ causes }) => causes))].sort()
}

/** An object as people call it: `NetworkPolicy shop/db`. */
function titleOf(object: string): string {
  const [kind = '', ...name] = object.replace(/^calico /, '').split('/')
  return `${kind} ${name.join('/')}`
}
