import type { Severity } from '../control/index.ts'

/** What is said of a sort of findings, whatever they are about. */
export interface LintRule {
  /** How bad it is: traffic breaks, traffic may not go where it is meant to, or worth knowing. */
  readonly severity: Severity
  /** What it is, in a few words. */
  readonly what: string
  /** Why it hurts. */
  readonly why: string
  /** How it is mended. */
  readonly fix: string
  /** Another name, under which catalogues of failures list it. */
  readonly alias?: string
  /** Failures of the field it stands for, by number. */
  readonly failures?: readonly string[]
}

/** A rule without its severity and remedy, which another table has. */
export type RuleWords = Omit<LintRule, 'severity' | 'fix'>
