import { didYouMean } from '../../model/index.ts'
import type { Host } from '../host.ts'
import { NO_CLUSTER } from '../no-cluster.ts'
import { clusterTypeOf } from '../own-objects.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { changeObjects } from './change-objects.ts'
import { convertObjects } from './convert.ts'
import { setLocked } from './datastore-lock.ts'
import { calicoGet } from './get.ts'
import { ipamCheck, ipamConfigure, ipamShow } from './ipam.ts'
import { ipamRelease } from './ipam-release.ts'
import { KIND_WORDS } from './kinds.ts'
import { labelObject } from './label.ts'
import { nodeStatusText } from './node-status.ts'
import { type Asked, askedOf } from './options.ts'
import { patchObject } from './patch.ts'
import { type Seen, seenOn } from './seen.ts'

/** A verb, or some words that are one. */
type Verb = (host: Host, seen: Seen, asked: Asked) => Run

/** Verbs by their words. */
const VERBS: Readonly<Record<string, Verb>> = {
  get: calicoGet,
  apply: (host, _seen, asked) => changeObjects(host, 'apply', asked),
  create: (host, _seen, asked) => changeObjects(host, 'create', asked),
  replace: (host, _seen, asked) => changeObjects(host, 'replace', asked),
  delete: (host, _seen, asked) => changeObjects(host, 'delete', asked),
  patch: patchObject,
  label: labelObject,
  convert: convertObjects,
  version: (_host, seen) => version(seen),
  'node status': (host, { cluster }) => nodeStatusText(host, cluster),
  'ipam show': (_host, seen, asked) => ipamShow(seen, asked),
  'ipam check': ipamCheck,
  'ipam release': ipamRelease,
  'ipam configure': ipamConfigure,
  'datastore migrate lock': (host, seen) => setLocked(host, seen, true),
  'datastore migrate unlock': (host, seen) => setLocked(host, seen, false),
}

/** Verbs calicoctl has and packetwalk has not, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  'node run': 'calico-node runs as a DaemonSet here (kubectl apply -f)',
  'node diags': 'nothing is gathered from machines; packetwalk collect prints a script that does',
  'node checksystem': 'kernels of simulated machines have what Calico needs',
  'cluster diags': 'nothing is gathered from machines; packetwalk collect prints a script that does',
  'ipam split': 'pools are not split; make smaller ones, disable the old one and delete it when nobody uses it',
  'datastore migrate export': 'there is one datastore, that of Kubernetes; kubectl get -o yaml prints what is in it',
  'datastore migrate import': 'there is one datastore, that of Kubernetes; calicoctl apply stores into it',
  validate: 'packetwalk validate -f FILE says what Calico would refuse',
}

/** Groups of verbs: the second word belongs to the verb. */
const GROUPS: ReadonlySet<string> = new Set(['node', 'ipam', 'cluster'])

/** `calicoctl VERB …`. */
export function calicoctl(host: Host, line: readonly string[]): Run {
  const seen = seenOn(host.lab)
  if (seen === undefined) return failed(NO_CLUSTER)
  const words = line.slice(1)
  const verb = verbOf(words)
  if (verb === '' || verb === 'help') return printed(USAGE)
  if (Object.hasOwn(REFUSED, verb)) return failed(`packetwalk: calicoctl ${verb} is not known here: ${REFUSED[verb]}`)
  const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
  if (run === undefined) return unknown(words, verb)
  const asked = askedOf(verb, words)
  if (typeof asked === 'string') return failed(asked)
  if (asked.flags.has('help'))
    return printed(`calicoctl ${verb}: packetwalk knows ${KNOWN}; kinds: ${KIND_WORDS.join(', ')}\n`)
  return run(host, seen, asked)
}

const KNOWN = Object.keys(VERBS).join(', ')

const USAGE = `Usage:
  calicoctl [command]

Available Commands:
${Object.keys(VERBS)
  .map((verb) => `  ${verb}\n`)
  .join('')}
Use "calicoctl [command] --help" for more information about a command.
`

function unknown(words: readonly string[], verb: string): Run {
  const hint = verb === '' ? '' : `; ${didYouMean(verb, [...Object.keys(VERBS), ...Object.keys(REFUSED)])}`
  return failed(`packetwalk: calicoctl ${words.join(' ')} is not known; there are: ${KNOWN}${hint}`)
}

/** The verb of a line: its first word, or two or three, besides options of all commands and their values. */
function verbOf(words: readonly string[]): string {
  const valued = /^(-l|--log-level|-c|--config|--context)$/
  const plain = words.filter((word, i) => !word.startsWith('-') && !valued.test(words[i - 1] ?? ''))
  const [first = '', second = '', third = ''] = plain
  if (first === 'datastore') return `${first} ${second} ${third}`.trim()
  return GROUPS.has(first) ? `${first} ${second}`.trim() : first
}

/** The client is as old as what runs. */
function version({ objects, cluster }: Seen): Run {
  const { text } = cluster.settings.version
  const [information] = objects.clusterInformations
  const { calicoVersion = text, clusterType } = (information?.spec ?? {}) as {
    calicoVersion?: string
    clusterType?: string
  }
  const type = clusterType ?? clusterTypeOf(cluster.settings)
  const lines = [
    ['Client Version:', text],
    ['Git commit:', 'packetwalk'],
    ['Cluster Version:', calicoVersion],
    ['Cluster Type:', type],
  ]
  return printed(lines.map(([name = '', value]) => `${name.padEnd(19)}${value}\n`).join(''))
}
