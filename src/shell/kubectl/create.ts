import type { OtherResource } from '../../control/index.ts'
import { didYouMean } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { created } from './admission.ts'
import { remembering } from './apply.ts'
import { CREATORS, type Creator } from './create-kinds.ts'
import { linesRun, type OpenKube, warned } from './kube.ts'
import { manifestsOf, READING, READING_PLAIN } from './manifests.ts'
import { textAt } from './object.ts'
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
  const word = line.slice(line.indexOf('create') + 1).find((one) => !one.startsWith('-'))
  const creator = word === undefined ? undefined : creatorOf(word)
  if (creator !== undefined) return createOne(kube, line, creator)
  const asked = ask(line, FROM_FILE)
  if (isRun(asked)) return asked
  if (asked.words.length > 0) {
    const [type = ''] = asked.words
    return failed(
      `error: kubectl create ${type} is not modelled here; ${didYouMean(type, Object.keys(CREATORS))}, and kubectl create -f takes every kind`,
    )
  }
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
  return isRun(given) ? given : createAll(kube, asked, [given], dry)
}

/** Stores objects that must not be there yet; those that are good are stored though others are not. */
export function createAll(kube: OpenKube, asked: Asked, objects: readonly Given[], dry: DryRun): Run {
  const errors: string[] = []
  const good: Given[] = []
  const now = [...objects]
  for (const given of now) {
    const seen = seenWith(kube, good)
    const before: OtherResource | undefined = storedAs(seen, given.value)
    if (before !== undefined) {
      errors.push(alreadyThere(given))
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

function alreadyThere(given: Given): string {
  const where = given.source === undefined ? '' : `error when creating "${given.source}": `
  const name = textAt(given.value, 'metadata', 'name')
  const what = given.source === undefined ? `failed to create ${given.type?.kind.toLowerCase()}: ` : ''
  return given.source === undefined
    ? `error: ${what}${resourceWord(given)} "${name}" already exists`
    : `Error from server (AlreadyExists): ${where}${resourceWord(given)} "${name}" already exists`
}
