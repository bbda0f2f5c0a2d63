import { type Command, Option } from 'commander'
import { LINT_FORMATS, LINT_LEVELS } from './choices.ts'
import type { LintCommandOptions } from './commands/lint.ts'
import { rest, run } from './running.ts'
import { CALICO_VERSION, collect } from './typed-options.ts'

/** `packetwalk lint …`. */
export function addLint(program: Command): void {
  program
    .command('lint')
    .description('say what is wrong in a cluster, by name: where it stands, why it hurts, how to mend it')
    .option('-f, --file <path>', 'YAML or JSON file, folder, or - for standard input (repeatable)', collect)
    .option('--dump <path>', 'dumps of real nodes beside the objects, as for trace (repeatable)', collect)
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(LINT_FORMATS).default('text'))
    .addOption(
      new Option('--fail-on <severity>', 'status 1 from this severity on').choices(LINT_LEVELS).default('error'),
    )
    .option('--explain <name>', 'what a finding means, by its name, its alias, or the number of a failure')
    .option('--suppressed', 'those too that the annotation packetwalk/lint-ignore of an object leaves out')
    .option(...CALICO_VERSION)
    .option('-q, --quiet', 'no findings of severity info, and no remarks on standard error')
    .addHelpText(
      'after',
      '\nExit status: 0 nothing as bad as --fail-on says, 1 something, 2 usage or input error.\nExamples:\n  packetwalk lint -f cluster.yaml\n  packetwalk lint -f manifests/ -o sarif --fail-on warning >lint.sarif\n  packetwalk lint --explain DNS_NOT_ALLOWED',
    )
    .action((options: LintCommandOptions) => run('lint', rest, (part) => part.lintCommand(options)))
}
