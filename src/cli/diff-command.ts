import { type Command, Option } from 'commander'
import { FAIL_ON, REVIEW_FORMATS } from './choices.ts'
import type { DiffOptions } from './commands/diff.ts'
import type { ReviewCommandOptions } from './commands/review.ts'
import { rest, run } from './running.ts'
import { whole, withSource } from './typed-options.ts'

/** `packetwalk diff …`: of two clusters, or of dumps beside the objects of their cluster. */
export function addDiff(program: Command): void {
  withSource(program.command('diff'))
    .description(
      'what differs between two clusters; or, with -f and --dump, what nodes hold otherwise than Calico would write',
    )
    .argument('[a]', 'objects (a file, folder, archive, or -) or dumps (a folder or archive) of one cluster')
    .argument('[b]', 'those of the other')
    .addOption(new Option('-o, --output <form>', 'of two clusters: form of the output').choices(REVIEW_FORMATS))
    .option('-w, --write <file>', 'of two clusters: write to a file')
    .option('--nodes <number>', 'of two clusters: nodes whose state is compared, at most', whole(1, 1_000_000))
    .option('--no-reach', 'of two clusters: do not ask by packets who reaches whom, which way and how large')
    .addOption(
      new Option(
        '--fail-on <changes...>',
        'of two clusters: status 1 only where flows get there that did not (added), policy forbids some that did (removed), or some are broken now (broken)',
      ).choices(FAIL_ON),
    )
    .option('--node <name>', 'of dumps beside objects: only this node')
    .option('-j, --json', 'JSON')
    .addHelpText(
      'after',
      '\nStatus 0: no difference, 1: some (--fail-on says of which).\nExamples:\n  packetwalk diff before/ after/ -o md\n  packetwalk diff before/ after/ --fail-on removed broken\n  packetwalk diff -f cluster.yaml --dump packetwalk-node01.tar.gz',
    )
    .action((a: string | undefined, b: string | undefined, options: DiffOptions & ReviewCommandOptions) =>
      run('diff', rest, (part) => (a === undefined ? part.diffCommand(options) : part.reviewCommand(a, b, options))),
    )
}
