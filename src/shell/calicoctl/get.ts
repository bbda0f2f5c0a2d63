import { didYouMean } from '../../model/index.ts'
import type { Host } from '../host.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { type GivenObject, isFailure, readGiven } from './given.ts'
import { type CalicoKind, isNamed, KIND_WORDS, kindOf } from './kinds.ts'
import { type Asked, namespaceOfFlags } from './options.ts'
import { type Output, outputRefusal, printObjects } from './print.ts'
import { type AnyObject, namespaceOf, type Seen } from './seen.ts'

/** `calicoctl get KIND [NAME…] [-n NS|-a] [-o FORM] [--export]`, `calicoctl get -f FILE`. */
export function calicoGet(host: Host, seen: Seen, asked: Asked): Run {
  const { flags, words } = asked
  const form = String(flags.get('output') ?? 'ps')
  const refused = outputRefusal(form)
  if (refused !== undefined) return failed(refused)
  if (flags.has('all-namespaces') && flags.has('namespace'))
    return failed('Failed to get resources: cannot use both --namespace and --all-namespaces flags at the same time')
  const output = { form, all: flags.has('all-namespaces'), exported: flags.has('export') }
  if (flags.has('filename')) return getGiven(host, seen, asked, output)
  const [, kinds = '', ...names] = words
  if (kinds === '') return failed(`packetwalk: calicoctl get KIND; there are ${KIND_WORDS.join(', ')}`)
  const runs = kinds.split(',').map((word) => getKind(seen, word, names, namespaceOfFlags(flags), output))
  const wrong = runs.find(({ ok }) => !ok)
  return wrong ?? printed(runs.map(({ stdout }) => stdout).join('\n'))
}

function getKind(
  seen: Seen,
  word: string,
  names: readonly string[],
  namespace: string,
  output: Omit<Output, 'single'>,
): Run {
  const kind = kindOf(word)
  if (kind === undefined)
    return failed(`packetwalk: calicoctl get ${word.toLowerCase()} is not known; ${didYouMean(word, KIND_WORDS)}`)
  const found = kind.all(seen).filter((one) => !kind.namespaced || output.all || namespaceOf(one) === namespace)
  const within = kind.asGiven ? found : found.sort((a, b) => compare(keyOf(kind, a), keyOf(kind, b)))
  const isMeant = (one: AnyObject, name: string): boolean => one.metadata.name === name || workloadOf(one) === name
  const absent = names.find((name) => !within.some((one) => isMeant(one, name)))
  if (absent !== undefined) return missing(kind, absent, within)
  const shown = names.length === 0 ? within : names.flatMap((name) => within.filter((one) => isMeant(one, name)))
  const ordered = output.form === 'ps' || output.form === 'wide' ? within.filter((one) => shown.includes(one)) : shown
  return printObjects(kind, ordered, seen, { ...output, single: names.length > 0 })
}

/** A pod's endpoint is found by the pod's name, too. */
function workloadOf({ kind, spec }: AnyObject): unknown {
  return kind === 'WorkloadEndpoint' ? spec?.['pod'] : undefined
}

/** Nobody has the name. */
function missing(kind: CalicoKind, name: string, known: readonly AnyObject[]): Run {
  const names = known.map((one) => String(workloadOf(one) ?? one.metadata.name))
  return failed(`resource does not exist: ${kind.kind}(${name}) (packetwalk: ${didYouMean(name, names)})`)
}

function keyOf({ namespaced }: CalicoKind, one: AnyObject): string {
  const name = String(workloadOf(one) ?? one.metadata.name)
  return namespaced ? `${namespaceOf(one)}/${name}` : name
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What is stored of the objects of a file. */
function getGiven(host: Host, seen: Seen, asked: Asked, output: Omit<Output, 'single'>): Run {
  const given = readGiven(host, asked)
  if (isFailure(given)) return given
  const byKind = new Map<CalicoKind, AnyObject[]>()
  for (const one of given) {
    const found = storedOf(seen, one)
    if (found === undefined) return missing(one.kind, one.object.metadata.name, one.kind.all(seen))
    byKind.set(one.kind, [...(byKind.get(one.kind) ?? []), found])
  }
  const runs = [...byKind].map(([kind, objects]) => printObjects(kind, objects, seen, { ...output, single: true }))
  return printed(runs.map(({ stdout }) => stdout).join('\n'))
}

/** The stored object of the kind and name of a given one. */
export function storedOf(seen: Seen, { kind, object }: GivenObject): AnyObject | undefined {
  return kind.all(seen).find((one) => isNamed(kind, one, object.metadata.name, namespaceOf(object)))
}
