import type { OtherResource } from '../../control/index.ts'
import { loadResources, readObjects } from '../../input/index.ts'
import { describeIssue, didYouMean, InputError } from '../../model/index.ts'
import type { Host } from '../host.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { CALICO_KINDS, type CalicoKind, kindOfObject } from './kinds.ts'
import { type Asked, namespaceOfFlags } from './options.ts'
import type { AnyObject } from './seen.ts'
import { plain } from './stored-form.ts'

/** An object of a file, and the text it stands in. */
export interface GivenObject {
  readonly kind: CalicoKind
  readonly object: AnyObject
  readonly placeOf?: OtherResource['placeOf']
}

/** Whether reading failed. */
export function isFailure(read: readonly GivenObject[] | Run): read is Run {
  return 'stdout' in read
}

interface Source {
  readonly name: string
  readonly text: string
}

/** Objects of `-f FILE|-|FOLDER`, each in its namespace. */
export function readGiven(host: Host, asked: Asked): readonly GivenObject[] | Run {
  const name = asked.flags.get('filename')
  if (typeof name !== 'string') return failed('packetwalk: -f FILE is missing')
  const sources = sourcesOf(host, name, asked.flags.has('recursive'))
  if ('stdout' in sources) return sources
  try {
    const objects = sources.flatMap((source) => readObjects([source]))
    const given: GivenObject[] = []
    for (const { apiVersion, kind, value, placeOf } of objects) {
      const known = kindOfObject({ apiVersion, kind })
      if (known === undefined) return failed(notTaken(apiVersion, kind))
      const object = inNamespace(known, plain(value) as unknown as AnyObject, asked)
      if (typeof object === 'string') return failed(`Failed to execute command: ${object}`)
      given.push({ kind: known, object, placeOf })
    }
    // Objects are read once more as a cluster's are: with every fault and its place.
    loadResources(sources)
    return given
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return failed(`Failed to execute command: ${error.issues.map(describeIssue).join('\n')}`)
  }
}

function notTaken(apiVersion: string, kind: string): string {
  const version = `no kind "${kind}" is registered for version "${apiVersion}"`
  const ours = CALICO_KINDS.find((one) => one.kind === kind)
  const hint =
    ours === undefined
      ? `it is no kind of Calico's; ${didYouMean(
          kind,
          CALICO_KINDS.map((one) => one.kind),
        )}; kubectl stores those of Kubernetes`
      : 'calicoctl takes projectcalico.org/v3'
  return `Failed to execute command: ${version} (packetwalk: ${hint})`
}

/** An object in the namespace that is meant; a text says why it cannot be. */
function inNamespace({ namespaced }: CalicoKind, object: AnyObject, { flags }: Asked): AnyObject | string {
  const own = object.metadata?.namespace
  const asked = flags.get('namespace')
  if (!namespaced && own !== undefined)
    return `namespace should not be specified for a non-namespaced resource. ${object.kind} is not a namespaced resource`
  if (!namespaced) return object
  if (own !== undefined && asked !== undefined && own !== asked)
    return `resource namespace does not match client namespace. ${own} != ${String(asked)}`
  return { ...object, metadata: { ...object.metadata, namespace: own ?? namespaceOfFlags(flags) } }
}

const ENDINGS = /\.(?:json|ya?ml)$/

function sourcesOf(host: Host, name: string, recursive: boolean): readonly Source[] | Run {
  if (name === '-') {
    if (host.stdin !== undefined) return [{ name: 'stdin', text: host.stdin }]
    return failed(
      'Failed to execute command: no resources specified (packetwalk: a pipe stands before it, or <<EOF behind)',
    )
  }
  if (/^https?:\/\//.test(name)) return failed(`packetwalk: -f ${name} is not modelled: nothing is downloaded here`)
  const { files } = host
  if (!files.isFolder(name)) {
    const text = files.read(name)
    if (typeof text === 'string') return [{ name, text }]
    return failed(`Failed to execute command: open ${name}: ${text.fault.toLowerCase()}`)
  }
  const names = files.list(name)
  if ('fault' in names) return failed(`Failed to execute command: open ${name}: ${names.fault.toLowerCase()}`)
  const sources: Source[] = []
  for (const one of names) {
    const path = `${name.replace(/\/$/, '')}/${one}`
    if (files.isFolder(path) ? !recursive : !ENDINGS.test(one)) continue
    const found = sourcesOf(host, path, recursive)
    if ('stdout' in found) return found
    sources.push(...found)
  }
  return sources
}
