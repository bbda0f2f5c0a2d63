/**
 * Findings about the objects of a cluster by stable names: what breaks, where it stands, why it hurts and how it is mended. It judges what
 * the control plane makes of objects and sends no packet. May import: wire, model, linux, control, input.
 *
 * @packageDocumentation
 */

export type { LintCertainty, LintFinding } from './finding.ts'
export { type LintOptions, type LintReport, lint } from './lint.ts'
export type { AddressName, LintName, PathName, PolicyName, ServiceName } from './names.ts'
export type { LintRule } from './rule.ts'
export { LINT_NAMES, LINT_RULES, rulesOf, wordsOfRules } from './rules/rules.ts'
export { LINT_IGNORE, type SuppressedFinding } from './suppress.ts'
