import { type CalicoVersion, isAssumedRelease, parseCalicoVersion } from '../control/index.ts'
import type { LoadedDump } from '../dumps/index.ts'
import { loadResources } from '../input/index.ts'
import { Lab, remarksOnInput } from '../lab/index.ts'
import { InputError, type NoteTopic, printable } from '../model/index.ts'
import { readDumps } from './files.ts'
import { InputFiles } from './input-files.ts'
import { standardError } from './standard-stream.ts'

/** What the options of most commands say about the network. */
export interface SourceOptions {
  /** `-f`. */
  readonly file?: readonly string[]
  /** `--dump`. */
  readonly dump?: readonly string[]
  /** `--ignore`. */
  readonly ignore?: readonly NoteTopic[]
  /** `--seed`. */
  readonly seed?: number
  /** `--backend`. */
  readonly backend?: string
  /** `--calico-version`. */
  readonly calicoVersion?: string
  /** How long programs take to follow what is stored; absent = no time. */
  readonly delays?: 'calico' | 'instant'
  /** `--quiet`. */
  readonly quiet?: boolean
  /** `-n`. */
  readonly namespace?: string
  /** `-A`. */
  readonly allNamespaces?: boolean
}

/** Where names without a namespace are looked for; undefined = everywhere. As in kubectl, `-A` is stronger. */
export function namespaceOf({ namespace, allNamespaces }: SourceOptions): string | undefined {
  return allNamespaces === true ? undefined : namespace
}

/** A node's name, as `--node` takes it: `NAME` or `node/NAME`. */
export function nodeWord(name: string): string {
  return `node/${name.replace(/^(nodes?|no)\//, '')}`
}

/** A lab, and the dumps it was made from. */
export interface OpenLab {
  /** The lab. */
  readonly lab: Lab
  /** Dumps of real nodes; null when it was made from objects. */
  readonly dump: LoadedDump | null
}

/** Opens a lab from files; what was passed over, missing or assumed is said on standard error. */
export function openLab(options: SourceOptions): OpenLab {
  const { file = [], dump: dumps = [] } = options
  if (file.length === 0 && dumps.length === 0) {
    const expected = '-f FILE with Kubernetes and Calico objects, --dump DIR with dumps of nodes, or both'
    throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received: 'neither' }])
  }
  const how = {
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.ignore === undefined ? {} : { ignore: options.ignore }),
    ...(options.delays === undefined ? {} : { delays: options.delays }),
    ...(options.backend === undefined ? {} : { backend: options.backend }),
    ...releaseOf(options.calicoVersion),
  }
  const say = (line: string): void => {
    if (options.quiet !== true) standardError.write(`packetwalk: ${printable(line)}\n`)
  }
  const inputs = new InputFiles()
  if (dumps.length > 0) {
    const objects = file.length === 0 ? {} : { objects: inputs.open(file, say) }
    const lab = inputs.read(() => Lab.fromDumps(readDumps(dumps, say), { ...how, ...objects }))
    for (const line of [...assumedRelease(lab), ...lab.notes]) say(line)
    return { lab, dump: lab.dump }
  }
  const loaded = inputs.read(() => loadResources(inputs.open(file, say)))
  for (const line of remarksOnInput(loaded)) say(line)
  const lab = Lab.fromResources(loaded.resources, how)
  for (const line of [...assumedRelease(lab), ...lab.notes]) say(line)
  return { lab, dump: null }
}

/** The release of `--calico-version`. */
export function releaseOf(typed: string | undefined): { calicoVersion?: CalicoVersion } {
  const version = typed === undefined ? undefined : parseCalicoVersion(typed)
  return version === undefined ? {} : { calicoVersion: version }
}

/** Which release is assumed, where nothing says any. */
function assumedRelease({ cluster }: Lab): string[] {
  if (cluster === null || !isAssumedRelease(cluster.settings.version)) return []
  return [`nothing tells Calico's release: ${cluster.settings.version.text} is assumed (--calico-version says another)`]
}
