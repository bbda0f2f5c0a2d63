import type { OtherResource } from '../../control/index.ts'
import { didYouMean } from '../../model/index.ts'
import { labelTest } from '../label-selector.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { API_TYPES, type ApiType, apiTypeOf, isNotModelled, resourceName, wordsOf } from './api.ts'
import { compare, namespaceOf } from './cells.ts'
import { fieldTest } from './field-selector.ts'
import { listed } from './listed.ts'
import { type Asked, isRun, named } from './options.ts'
import type { Seen } from './seen.ts'

/** An object that was asked for. */
export interface Found {
  readonly type: ApiType
  readonly object: OtherResource
}

/** What was asked for. */
export interface Selection {
  /** Types, in the order they were asked for. */
  readonly types: readonly ApiType[]
  /** Objects: of a type in the order of namespaces and names, or as they were named. */
  readonly found: readonly Found[]
  /** Names nobody has, in the words of the API server. */
  readonly errors: readonly string[]
  /** Whether objects were named. */
  readonly isNamed: boolean
  /** Whether exactly one object was asked for. */
  readonly isSingle: boolean
}

/** Options of verbs that choose objects. */
export const SELECTING: {
  readonly valued: Readonly<Record<string, string>>
  readonly plain: Readonly<Record<string, string>>
} = {
  valued: named('-l --selector', '--field-selector'),
  plain: named('-A --all-namespaces'),
}

const NO_TYPE =
  'error: You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.'

/** A type and the names asked for; no names = all of them. */
interface Wanted {
  readonly type: ApiType
  readonly names: readonly string[]
}

/** Finds the objects of `TYPE[,TYPE…] [NAME…]` or `TYPE/NAME…`, in a namespace or in all, by labels and fields. */
export function select(seen: Seen, asked: Asked, words: readonly string[] = asked.words): Selection | Run {
  const wanted = wantedOf(words)
  if (isRun(wanted)) return wanted
  const isNamed = wanted.some(({ names }) => names.length > 0)
  const everywhere = asked.has('all-namespaces')
  const selector = asked.text('selector') ?? ''
  const fields = asked.text('field-selector') ?? ''
  if (everywhere && isNamed) return failed('error: a resource cannot be retrieved by name across all namespaces')
  if (isNamed && (selector !== '' || fields !== ''))
    return failed('error: name cannot be provided when a selector is specified')
  const labels = labelTest(selector)
  if (typeof labels === 'string') return failed(labels)
  const found: Found[] = []
  const errors: string[] = []
  for (const { type, names } of wanted) {
    const all = within(seen, type, everywhere ? undefined : asked.namespace)
    if (names.length === 0) {
      const test = fieldTest(type, fields, selector)
      if (typeof test === 'string') return failed(test)
      for (const object of all) if (labels(object.metadata.labels ?? {}) && test(object)) found.push({ type, object })
    }
    for (const name of names) {
      const object = all.find(({ metadata }) => metadata.name === name)
      if (object === undefined) errors.push(notFound(type, name, all))
      else found.push({ type, object })
    }
  }
  const types = [...new Set(wanted.map(({ type }) => type))]
  return { types, found, errors, isNamed, isSingle: isNamed && wanted.length === 1 && wanted[0]?.names.length === 1 }
}

/** Objects of a type in a namespace, or in all, in the order an API server lists them. */
export function within(seen: Seen, type: ApiType, namespace: string | undefined): readonly OtherResource[] {
  const isIn = (one: OtherResource): boolean =>
    !type.namespaced || namespace === undefined || namespaceOf(one) === namespace
  return listed(seen, type)
    .filter(isIn)
    .sort((a, b) => compare(namespaceOf(a), namespaceOf(b)) || compare(a.metadata.name, b.metadata.name))
}

/** What an API server says of a name nobody has. */
function notFound(type: ApiType, name: string, known: readonly OtherResource[] = []): string {
  const names = known.map(({ metadata }) => metadata.name)
  return `Error from server (NotFound): ${resourceName(type)} "${name}" not found (packetwalk: ${didYouMean(name, names)})`
}

function wantedOf(words: readonly string[]): readonly Wanted[] | Run {
  const [first = '', ...rest] = words
  if (first === '') return failed(`${NO_TYPE}\n\nerror: Required resource not specified.`)
  if (words.some((word) => word.includes('/'))) return slashed(words)
  const types: Wanted[] = []
  for (const word of first.split(',').filter((one) => one !== '')) {
    const found = typesOf(word)
    if (isRun(found)) return found
    types.push(...found.map((type) => ({ type, names: [...new Set(rest)] })))
  }
  return types.length === 0 ? failed(NO_TYPE) : types
}

/** `pod/a svc/b`: every word is a type and a name. */
function slashed(words: readonly string[]): readonly Wanted[] | Run {
  const wanted: Wanted[] = []
  for (const word of words) {
    const [kind = '', name = '', ...more] = word.split('/')
    if (!word.includes('/'))
      return failed(
        "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
      )
    if (kind === '' || name === '' || more.length > 0)
      return failed(`error: arguments in resource/name form must have a single resource and name`)
    const types = typesOf(kind)
    if (isRun(types)) return types
    const [type] = types
    if (type !== undefined) wanted.push({ type, names: [name] })
  }
  return wanted
}

/** The type behind a word, or those of `all`. */
function typesOf(word: string): readonly ApiType[] | Run {
  if (word.toLowerCase() === 'all') return API_TYPES.filter(({ isOfAll }) => isOfAll)
  const type = apiTypeOf(word)
  return type === undefined ? noSuchType(word) : [type]
}

/** What is said of a type that there is not, or that packetwalk does not model. */
function noSuchType(word: string): Run {
  const hint = isNotModelled(word)
    ? 'it is not modelled; kubectl api-resources lists what is'
    : didYouMean(word, API_TYPES.flatMap(wordsOf))
  return failed(`error: the server doesn't have a resource type "${word}" (packetwalk: ${hint})`)
}
