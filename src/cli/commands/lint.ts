import { loadResources } from '../../input/index.ts'
import { invalid, Lab } from '../../lab/index.ts'
import { LINT_RULES, type LintReport, lint, rulesOf, wordsOfRules } from '../../lint/index.ts'
import { didYouMean, printable } from '../../model/index.ts'
import type { LINT_FORMATS, LINT_LEVELS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { readDumps } from '../files.ts'
import { InputFiles } from '../input-files.ts'
import { lintSarif, lintText, rulesText } from '../lint-text.ts'
import { releaseOf } from '../open-lab.ts'

/** Options of `packetwalk lint`. */
export interface LintCommandOptions {
  /** `-f`. */
  readonly file?: readonly string[]
  /** `--dump`. */
  readonly dump?: readonly string[]
  /** Form. */
  readonly output: (typeof LINT_FORMATS)[number]
  /** `--fail-on`: how bad a finding must be to count. */
  readonly failOn: (typeof LINT_LEVELS)[number]
  /** `--explain`: a rule, instead of a cluster. */
  readonly explain?: string
  /** `--suppressed`: those too that objects ask not to be told of. */
  readonly suppressed?: boolean
  /** `--calico-version`. */
  readonly calicoVersion?: string
  /** `-q`: nothing that is only to be known, and no remarks on standard error. */
  readonly quiet?: boolean
}

/** Says what is wrong in a cluster, by name; status 1 when something is as bad as `--fail-on` says. */
export function lintCommand(options: LintCommandOptions): number {
  const { explain, failOn, output, suppressed, quiet } = options
  if (explain !== undefined) return explained(explain, output)
  const report = reportOf(options)
  const shown = quiet === true ? { ...report, findings: report.findings.filter(isNoInfo) } : report
  if (output === 'sarif') {
    process.stdout.write(lintSarif(shown, process.env['PACKETWALK_VERSION'] ?? '0.0.0'))
  } else if (output === 'json') {
    const told = suppressed === true ? shown : { findings: shown.findings }
    process.stdout.write(`${JSON.stringify({ ...told, counts: countsOf(report) }, null, 2)}\n`)
  } else process.stdout.write(lintText(shown, suppressed === true))
  return report.findings.some(({ severity }) => WEIGHT[severity] <= WEIGHT[failOn]) ? EXIT.failed : EXIT.ok
}

const WEIGHT = { error: 0, warning: 1, info: 2 } as const

const isNoInfo = ({ severity }: { readonly severity: string }): boolean => severity !== 'info'

function countsOf({ findings, suppressed }: LintReport): Readonly<Record<string, number>> {
  const count = (wanted: string): number => findings.filter(({ severity }) => severity === wanted).length
  return { error: count('error'), warning: count('warning'), info: count('info'), suppressed: suppressed.length }
}

function reportOf({ file = [], dump = [], calicoVersion, quiet }: LintCommandOptions): LintReport {
  if (file.length === 0) throw invalid('-f FILE with Kubernetes and Calico objects', 'none')
  const say = (line: string): void => {
    if (quiet !== true) process.stderr.write(`packetwalk: ${printable(line)}\n`)
  }
  const inputs = new InputFiles()
  const texts = inputs.open(file, say)
  const loaded = inputs.read(() => loadResources(texts))
  const release = releaseOf(calicoVersion)
  if (dump.length === 0) return lint(loaded, release)
  const { cluster, network } = inputs.read(() => Lab.fromDumps(readDumps(dump, say), { ...release, objects: texts }))
  return lint(loaded, { ...release, ...(cluster === null ? {} : { cluster }), machines: network })
}

function explained(word: string, output: LintCommandOptions['output']): number {
  const names = rulesOf(word)
  if (names.length === 0) throw invalid(`the name of a finding: ${didYouMean(word, wordsOfRules())}`, `"${word}"`)
  if (output === 'json') {
    const rules = names.map((name) => ({ name, ...LINT_RULES[name] }))
    process.stdout.write(`${JSON.stringify(rules, null, 2)}\n`)
  } else process.stdout.write(rulesText(names))
  return EXIT.ok
}
