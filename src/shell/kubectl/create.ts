import type { OtherResource } from '../../control/index.ts'
import { didYouMean } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { created } from './admission.ts'
import { remembering } from './apply.ts'
import { CREATORS, type Creator } from './create-kinds.ts'
import { linesRun, type OpenKube, warned } from './kube.ts'
import { manifestsOf, READING, READING_PLAIN } from './manifests.ts'
import { type PlainMap, textAt } from './object.ts'
import { type Asked, ask, type DryRun, dryRunOf, isRun, named, refusing, type VerbOptions } from './options.ts'
import { outputFault, withOutput } from './print-stored.ts'
import { type Seen, withNamespaces } from './seen.ts'
import { type Given, givenOf, resourceWord, store, storedAs } from './store.ts'

const SHARED: VerbOptions = {
  valued: named('-o --output'),
  plain: named('--save-config'),
  optional: named('--dry-run', '--validate'),
  refused: refusing('--field-manager', '--kustomize', '-k', '--raw', '--record', '--show-managed-fields', '--template'),
}

const FROM_FILE: VerbOptions = {
  ...SHARED,
  valued: { ...SHARED.valued, ...READING },
  plain: { ...SHARED.plain, ...READING_PLAIN },
  refused: {
    ...SHARED.refused,
    '--edit': 'write the object into a file, edit it there, and create it',
    '-l': 'all objects of the files are created',
    '--selector': 'all objects of the files are created',
    '--windows-line-endings': 'there is no editor',
  },
}

/** `kubectl create -f …`, and `kubectl create TYPE NAME …` for some types. */
export function create(kube: OpenKube, line: readonly string[]): Run {
  const word = typeIn(line)
  const creator = word === undefined ? undefined : creatorOf(word)
  if (creator !== undefined) return createOne(kube, line, creator)
  if (word !== undefined) {
    const known = didYouMean(word, ['configmap', 'deployment', 'namespace', 'service', 'serviceaccount'])
    return failed(
      `error: kubectl create ${word} is not modelled here; ${known}, and kubectl create -f takes every kind`,
    )
  }
  const asked = ask(line, FROM_FILE)
  if (isRun(asked)) return asked
  const dry = ready(asked)
  if (isRun(dry)) return dry
  const read = manifestsOf(kube, asked)
  if (isRun(read)) return read
  const objects: Given[] = []
  for (const manifest of read.manifests) {
    const given = givenOf(manifest, asked)
    if (typeof given === 'string') return failed(given)
    objects.push(given)
  }
  return warned(createAll(kube, asked, objects, dry), read.warnings)
}

/** The word behind the verb that is neither an option nor its value: none where a file says what is made. */
function typeIn(line: readonly string[]): string | undefined {
  const isFile = line.some((word) => /^(?:-f|--filename)/.test(word))
  const behind = line.slice(line.indexOf('create') + 1)
  return isFile
    ? undefined
    : behind.find((one, i) => !one.startsWith('-') && !/^(?:-n|--namespace)$/.test(behind[i - 1] ?? ''))
}

function creatorOf(word: string): Creator | undefined {
  return Object.hasOwn(CREATORS, word) ? CREATORS[word] : undefined
}

function ready(asked: Asked): DryRun | Run {
  return outputFault(asked) ?? dryRunOf(asked)
}

function createOne(kube: OpenKube, line: readonly string[], creator: Creator): Run {
  const { options } = creator
  const asked = ask(line, {
    ...SHARED,
    valued: { ...SHARED.valued, ...options.valued },
    plain: { ...SHARED.plain, ...options.plain },
    refused: { ...SHARED.refused, ...options.refused },
  })
  if (isRun(asked)) return asked
  const dry = ready(asked)
  if (isRun(dry)) return dry
  const given = creator.make(asked, kube)
  return isRun(given) ? given : createAll(kube, asked, [given], dry, true)
}

/** Stores objects that must not be there yet; those that are good are stored though others are not. */
export function createAll(kube: OpenKube, asked: Asked, objects: readonly Given[], dry: DryRun, isVerb = false): Run {
  const errors: string[] = []
  const good: Given[] = []
  for (const given of objects) {
    const seen = seenWith(kube, good)
    const before: OtherResource | undefined = storedAs(seen, given.value)
    if (before !== undefined) {
      errors.push(alreadyThere(given, isVerb))
      continue
    }
    const result = created(seen, asked.has('save-config') ? { ...given, value: remembering(given.value) } : given)
    if ('refused' in result) errors.push(result.refused)
    else good.push(result.given)
  }
  const warnings = dry.isDry ? [] : store(kube, good)
  const out = good.map(({ word }) => `${word} created${dry.remark}`)
  const output = good.length === 0 ? undefined : withOutput(asked, good)
  return warned(output ?? linesRun({ out, errors }), warnings)
}

/** Namespaces that come before what is in them are there. */
function seenWith(kube: OpenKube, good: readonly Given[]): Seen {
  const names = good.flatMap(({ type, value }) =>
    type?.kind === 'Namespace' ? [textAt(value, 'metadata', 'name') ?? ''] : [],
  )
  return withNamespaces(kube.seen(), names)
}

/** Verbs of kubectl that say by themselves what failed; of other objects the API server's words are all. */
const TOLD: Readonly<Record<string, (value: PlainMap) => string>> = {
  Deployment: () => 'deployment',
  ConfigMap: () => 'configmap',
  ServiceAccount: () => 'serviceaccount',
  Service: (value) => `${textAt(value, 'spec', 'type') ?? 'ClusterIP'} service`,
}

function alreadyThere({ source, type, value, word }: Given, isVerb: boolean): string {
  const name = textAt(value, 'metadata', 'name')
  const told = isVerb && type !== undefined && Object.hasOwn(TOLD, type.kind) ? TOLD[type.kind] : undefined
  const what = `${resourceWord({ type, value, word })} "${name}" already exists`
  if (told !== undefined) return `error: failed to create ${told(value)}: ${what}`
  const where = source === undefined ? '' : `error when creating "${source}": `
  return `Error from server (AlreadyExists): ${where}${what}`
}
