import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { askChange } from './ask-change.ts'
import { givenFrom, type Rewritten, rewrite, withField } from './edit-objects.ts'
import { linesRun, type OpenKube, warned } from './kube.ts'
import { textsAt } from './object.ts'
import { type Asked, isRun, named, refusing, type VerbOptions } from './options.ts'
import { wordOf } from './output.ts'
import { withOutput } from './print-stored.ts'
import { type Found, SELECTING, select } from './select.ts'

const OPTIONS: VerbOptions = {
  valued: { ...SELECTING.valued, ...named('-o --output', '--resource-version') },
  plain: { ...SELECTING.plain, ...named('--overwrite', '--all', '--list') },
  optional: named('--dry-run'),
  refused: {
    ...refusing('--field-manager', '--kustomize', '-k', '--record', '--show-managed-fields', '--template'),
    '-f': 'name what is meant: TYPE NAME',
    '--filename': 'name what is meant: TYPE NAME',
    '-R': 'name what is meant: TYPE NAME',
    '--local': 'objects of files are edited in them',
  },
}

/** Changes: values that are set, and keys that go. */
interface Changes {
  readonly set: readonly (readonly [key: string, value: string])[]
  readonly gone: readonly string[]
}

/** How labels and annotations are told of. */
const WORDS = {
  labels: { set: 'labeled', gone: 'unlabeled', same: 'not labeled' },
  annotations: { set: 'annotated', gone: 'annotated', same: 'annotated' },
} as const
type Part = keyof typeof WORDS

/** `kubectl label TYPE NAME KEY=VALUE… KEY-…`. */
export function label(kube: OpenKube, line: readonly string[]): Run {
  return changed(kube, line, 'labels')
}

/** `kubectl annotate TYPE NAME KEY=VALUE… KEY-…`. */
export function annotate(kube: OpenKube, line: readonly string[]): Run {
  return changed(kube, line, 'annotations')
}

const KEY = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/

function isChange(word: string): boolean {
  return /^[^=/]*(?:\/[^=]*)?=/.test(word) || word.endsWith('-')
}

function changed(kube: OpenKube, line: readonly string[], part: Part): Run {
  const opened = askChange(line, OPTIONS)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  const from = asked.words.findIndex((word, i) => i > 0 && isChange(word))
  const words = from === -1 ? asked.words : asked.words.slice(0, from)
  const changes = changesOf(from === -1 ? [] : asked.words.slice(from), part)
  if (isRun(changes)) return changes
  const single = part.slice(0, -1)
  if (changes.set.length + changes.gone.length === 0 && !asked.has('list'))
    return failed(`error: at least one ${single} update is required`)
  const chosen = chosenBy(kube, asked, words)
  if (isRun(chosen)) return chosen
  if (asked.has('list')) return listedPart(chosen.found, part)
  return edited(kube, asked, chosen, changes, part, dry.isDry ? dry.remark : undefined)
}

function chosenBy(
  kube: OpenKube,
  asked: Asked,
  words: readonly string[],
): Extract<ReturnType<typeof select>, { readonly found: unknown }> | Run {
  const selection = select(kube.seen(), asked, words)
  if (isRun(selection)) return selection
  const isMany = asked.has('all') || asked.text('selector') !== undefined || asked.text('field-selector') !== undefined
  if (!selection.isNamed && !isMany) return failed('error: resource(s) were provided, but no name was specified')
  return selection
}

function edited(
  kube: OpenKube,
  asked: Asked,
  { found, errors }: { readonly found: readonly Found[]; readonly errors: readonly string[] },
  changes: Changes,
  part: Part,
  dryRemark: string | undefined,
): Run {
  const rewritten: Rewritten[] = []
  const out: string[] = []
  for (const one of found) {
    const before = textsAt(one.object, 'metadata', part)
    const taken = asked.has('overwrite')
      ? []
      : changes.set.filter(([key, value]) => Object.hasOwn(before, key) && before[key] !== value)
    if (taken.length > 0) return failed(takenFault(taken, before, part))
    if (part === 'labels')
      out.push(...changes.gone.filter((key) => !Object.hasOwn(before, key)).map((key) => `label "${key}" not found.`))
    const after = { ...before, ...Object.fromEntries(changes.set) }
    for (const key of changes.gone) delete (after as Record<string, string>)[key]
    const { value } = givenFrom(one)
    const isSame = JSON.stringify(Object.entries(before).sort()) === JSON.stringify(Object.entries(after).sort())
    rewritten.push({
      found: one,
      value: withField(value, ['metadata', part], Object.keys(after).length === 0 ? undefined : after),
    })
    const words = WORDS[part]
    const done = isSame ? words.same : changes.set.length === 0 ? words.gone : words.set
    out.push(`${wordOf(one)} ${done}${dryRemark ?? ''}`)
  }
  const result = dryRemark === undefined ? rewrite(kube, rewritten) : { errors: [], warnings: [] }
  const all = [...errors, ...result.errors]
  const objects = rewritten.map(({ found: one, value }) => ({ ...givenFrom(one), value }))
  const output = objects.length === 0 ? undefined : withOutput(asked, objects)
  return warned(output ?? linesRun({ out: result.errors.length > 0 ? [] : out, errors: all }), result.warnings)
}

function takenFault(taken: Changes['set'], before: Readonly<Record<string, string>>, part: Part): string {
  if (part === 'labels') {
    const [[key] = ['']] = taken
    return `error: '${key}' already has a value (${before[key]}), and --overwrite is false`
  }
  const all = taken.map(([key]) => `'${key}' already has a value (${before[key]})`).join('; ')
  return `error: --overwrite is false but found the following declared annotation(s): ${all}`
}

function changesOf(words: readonly string[], part: Part): Changes | Run {
  const set: [string, string][] = []
  const gone: string[] = []
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals === -1 && word.endsWith('-')) gone.push(word.slice(0, -1))
    else if (equals > 0) set.push([word.slice(0, equals), word.slice(equals + 1)])
    else return failed(`error: all resources must be specified before ${part.slice(0, -1)} changes: ${word}`)
  }
  const odd = [...set.map(([key]) => key), ...gone].find((key) => !KEY.test(key))
  if (odd !== undefined)
    return failed(
      `error: invalid ${part.slice(0, -1)} key "${odd}": a name of letters, digits, '-', '_' or '.', with a prefix of DNS and '/' or without`,
    )
  const wrong = part === 'labels' ? set.find(([, value]) => !VALUE.test(value)) : undefined
  if (wrong !== undefined)
    return failed(
      `error: invalid label value: "${wrong.join('=')}": at most 63 letters, digits, '-', '_' or '.', the first and the last a letter or digit`,
    )
  const twice = set.find(([key]) => gone.includes(key))
  if (twice !== undefined)
    return failed(
      `error: can not both modify and remove ${part === 'labels' ? 'a label' : 'an annotation'} in the same command`,
    )
  return { set, gone }
}

function listedPart(found: readonly Found[], part: Part): Run {
  const out = found.flatMap((one) => {
    const entries = Object.entries(textsAt(one.object, 'metadata', part)).sort()
    const heading = found.length > 1 ? [`Listing ${part} for ${wordOf(one)}:`] : []
    return [...heading, ...entries.map(([key, value]) => `${found.length > 1 ? ' ' : ''}${key}=${value}`)]
  })
  return linesRun({ out, errors: [] })
}
