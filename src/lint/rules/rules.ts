import { FINDING_SORTS, type FindingName } from '../../control/index.ts'
import { checkText } from '../../model/index.ts'
import type { LintName } from '../names.ts'
import type { LintRule } from '../rule.ts'
import { OF_ADDRESSES } from './addresses.ts'
import { OF_CONTRADICTIONS } from './contradictions.ts'
import { OF_PATHS } from './paths.ts'
import { OF_POLICIES } from './policies.ts'
import { OF_SERVICES } from './services.ts'

function withSort(name: FindingName): LintRule {
  const { severity, remedy } = FINDING_SORTS[name]
  return { severity, fix: remedy, ...OF_CONTRADICTIONS[name] }
}

const NAMES = Object.keys(OF_CONTRADICTIONS) as FindingName[]

/** Every sort of findings by its stable name. */
export const LINT_RULES: Readonly<Record<LintName, LintRule>> = {
  ...(Object.fromEntries(NAMES.map((name) => [name, withSort(name)])) as Record<FindingName, LintRule>),
  ...OF_ADDRESSES,
  ...OF_PATHS,
  ...OF_POLICIES,
  ...OF_SERVICES,
}

/** The names of all rules, in the order of the table. */
export const LINT_NAMES: readonly LintName[] = Object.keys(LINT_RULES) as LintName[]

/** The rules a word stands for: a name, an alias, or a failure's number; none where it is no such word. */
export function rulesOf(word: string): readonly LintName[] {
  checkText('word', word, 'a name or a number of rules')
  const wanted = word.trim().toLowerCase()
  return LINT_NAMES.filter((name) => {
    const { alias = '', failures = [] } = LINT_RULES[name]
    return [name, alias, ...failures].some((one) => one !== '' && one.toLowerCase() === wanted)
  })
}

/** Every word that {@link rulesOf} knows. */
export function wordsOfRules(): string[] {
  const words = LINT_NAMES.flatMap((name) => {
    const { alias, failures = [] } = LINT_RULES[name]
    return [name, ...(alias === undefined ? [] : [alias]), ...failures]
  })
  return [...new Set(words)]
}
