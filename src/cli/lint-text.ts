import type { Place } from '../control/index.ts'
import { LINT_NAMES, LINT_RULES, type LintFinding, type LintName, type LintReport } from '../lint/index.ts'
import { printable } from '../model/index.ts'
import { type SarifLevel, type SarifResult, type SarifRule, sarifText } from '../render/index.ts'

/** Findings of one name that text tells; JSON and SARIF tell all. */
const MOST_TOLD = 10
/** Objects of a finding that are named. */
const MOST_NAMED = 4

/** Findings for people: a block each, and how many there are. */
export function lintText(report: LintReport, withSuppressed: boolean): string {
  const told = new Map<LintName, number>()
  const blocks = report.findings.flatMap((finding) => {
    const before = told.get(finding.name) ?? 0
    told.set(finding.name, before + 1)
    return before < MOST_TOLD ? [blockOf(finding)] : []
  })
  const more = [...told]
    .filter(([, count]) => count > MOST_TOLD)
    .map(([name, count]) => `and ${count - MOST_TOLD} more of ${name} (-o json lists all)\n`)
  const suppressed = withSuppressed
    ? report.suppressed.map((one) => `suppressed ${head(one)}: ${one.message} (by ${one.by})\n`)
    : []
  return [...blocks, ...more, ...suppressed, sumOf(report)].map(printableLines).join('\n')
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

function head({ severity, name, objects, places: [place] }: LintFinding): string {
  const shown = objects.length > MOST_NAMED ? [...objects.slice(0, MOST_NAMED), '…'] : objects
  return [`${severity} ${name}`, placeText(place), shown.join(', ')].filter((part) => part !== '').join('  ')
}

function placeText(place: Place | undefined): string {
  return place === undefined ? '' : `${place.file}:${place.line}`
}

function blockOf(finding: LintFinding): string {
  const { message, why, fix, assumed } = finding
  const rest = [message, `why: ${why}`, `fix: ${fix}`, ...(assumed === '' ? [] : [`assumed: ${assumed}`])]
  return `${[head(finding), ...rest.map((line) => `  ${line}`)].join('\n')}\n`
}

function sumOf({ findings, suppressed }: LintReport): string {
  const count = (wanted: string): number => findings.filter(({ severity }) => severity === wanted).length
  const many = (number: number, one: string, several: string): string => `${number} ${number === 1 ? one : several}`
  const all = `${many(count('error'), 'error', 'errors')}, ${many(count('warning'), 'warning', 'warnings')}, ${count('info')} to know`
  return `${all}${suppressed.length === 0 ? '' : `, ${suppressed.length} suppressed`}\n`
}

const LEVELS: Readonly<Record<string, SarifLevel>> = { error: 'error', warning: 'warning', info: 'note' }

function sarifRule(name: LintName): SarifRule {
  const { severity, what, why, fix, alias, failures = [] } = LINT_RULES[name]
  const tags = [...(alias === undefined ? [] : [alias]), ...failures]
  return {
    id: name,
    level: LEVELS[severity]!,
    short: what,
    full: why,
    help: fix,
    ...(tags.length === 0 ? {} : { tags }),
  }
}

function sarifResult(finding: LintFinding, suppressed?: string): SarifResult {
  const { name, message, places, objects, fix, certainty, assumed } = finding
  return {
    rule: name,
    message: `${objects[0] === undefined ? '' : `${objects[0]}: `}${message}. To mend it: ${fix}.`,
    places,
    objects,
    properties: { certainty, ...(assumed === '' ? {} : { assumed }) },
    ...(suppressed === undefined ? {} : { suppressed }),
  }
}

/** Findings as SARIF 2.1.0; those that are suppressed say so. */
export function lintSarif({ findings, suppressed }: LintReport, version: string): string {
  const results = [
    ...findings.map((finding) => sarifResult(finding)),
    ...suppressed.map((finding) => sarifResult(finding, `an annotation of ${finding.by}`)),
  ]
  return sarifText({ tool: 'packetwalk lint', version, rules: LINT_NAMES.map(sarifRule), results })
}

/** What is known of rules, for people. */
export function rulesText(names: readonly LintName[]): string {
  return names
    .map((name) => {
      const { severity, what, why, fix, alias, failures = [] } = LINT_RULES[name]
      const known = [...(alias === undefined ? [] : [alias]), ...failures].join(', ')
      return `${name} (${severity}): ${what}\n  why: ${why}\n  fix: ${fix}\n${known === '' ? '' : `  also: ${known}\n`}`
    })
    .join('\n')
}
