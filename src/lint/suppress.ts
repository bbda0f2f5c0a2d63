import { type OtherResource, objectName, type Resources } from '../control/index.ts'
import { didYouMean } from '../model/index.ts'
import { found, type LintFinding } from './finding.ts'
import { LINT_NAMES, rulesOf, wordsOfRules } from './rules/rules.ts'

/** The annotation that names findings of its object which somebody knows of, with commas. */
export const LINT_IGNORE = 'packetwalk/lint-ignore'

/** Findings, and those that objects ask not to be told of. */
export interface Suppressed {
  /** The others. */
  readonly findings: readonly LintFinding[]
  /** Those left out, with the object that says so. */
  readonly suppressed: readonly SuppressedFinding[]
}

/** A finding that does not count, and why. */
export interface SuppressedFinding extends LintFinding {
  /** The object that says so. */
  readonly by: string
}

/** What an object asks for: a word of its annotation, and the rules it stands for. */
interface Wish {
  readonly resource: OtherResource
  readonly word: string
  readonly names: readonly string[]
}

const PATH = ['metadata', 'annotations', LINT_IGNORE]

function wishes(resources: Resources): Map<string, Wish[]> {
  const byObject = new Map<string, Wish[]>()
  for (const list of Object.values(resources) as (readonly OtherResource[])[]) {
    for (const resource of list) {
      const text = resource.metadata.annotations?.[LINT_IGNORE]
      if (text === undefined) continue
      const words = text.split(',').map((word) => word.trim())
      const own = words.filter((word) => word !== '').map((word) => ({ resource, word, names: rulesOf(word) }))
      byObject.set(objectName(resource), own)
    }
  }
  return byObject
}

/**
 * Leaves out what objects ask to be left out: a finding goes when one of its objects names it. A word that is no name, and one
 * that leaves nothing out, are findings themselves.
 */
export function suppress(findings: readonly LintFinding[], resources: Resources): Suppressed {
  const byObject = wishes(resources)
  if (byObject.size === 0) return { findings, suppressed: [] }
  const used = new Set<Wish>()
  const kept: LintFinding[] = []
  const suppressed: SuppressedFinding[] = []
  for (const finding of findings) {
    const [by, wish] = wishFor(finding, byObject) ?? []
    if (by === undefined || wish === undefined) kept.push(finding)
    else {
      used.add(wish)
      suppressed.push({ ...finding, by })
    }
  }
  const all = [...byObject.values()].flat()
  const own = all.filter((wish) => !used.has(wish)).map(idle)
  return { findings: [...kept, ...own], suppressed }
}

function wishFor(
  { name, objects }: LintFinding,
  byObject: ReadonlyMap<string, readonly Wish[]>,
): readonly [string, Wish] | undefined {
  for (const object of objects) {
    const wish = byObject.get(object)?.find(({ names }) => names.includes(name))
    if (wish !== undefined) return [object, wish]
  }
  return undefined
}

function idle({ resource, word, names }: Wish): LintFinding {
  const subject = { resource, path: PATH }
  if (names.length > 0) return found('suppression-unused', [subject], `there is no ${word} to suppress`)
  // Names of ours are nearer to what is meant than numbers of failures.
  const near = didYouMean(word, /^[A-Z]\d/.test(word) ? wordsOfRules() : LINT_NAMES)
  return found('suppression-unknown', [subject], `no finding is called "${word}": ${near}`)
}
