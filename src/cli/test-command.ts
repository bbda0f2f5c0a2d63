import { type Command, Option } from 'commander'
import { TEST_FORMATS } from './choices.ts'
import type { TestOptions } from './commands/test.ts'
import { rest, run } from './running.ts'
import { whole, withSource } from './typed-options.ts'

/** `packetwalk test …`. */
export function addTest(program: Command): void {
  withSource(program.command('test'))
    .description(
      'hold a cluster against expectations: who reaches whom, who must not and by what, which way, with which MTU',
    )
    .requiredOption('-e, --expectations <file>', 'what is expected: kind Expectations')
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(TEST_FORMATS).default('text'))
    .option('-w, --write <file>', 'write to a file')
    .option('--update', 'write what is into the file of expectations, where it says otherwise')
    .option('--pairs <number>', 'pairs of one expectation that packets are sent between, at most', whole(1, 1_000_000))
    .addHelpText(
      'after',
      '\nExit status: 0 all hold, 1 some fail, 2 usage or input error, 3 some are undecided and none fails.\nExamples:\n  packetwalk test -f cluster.yaml -e expectations.yaml\n  packetwalk test -f cluster.yaml -e expectations.yaml -o junit -w report.xml\n  packetwalk test -f cluster.yaml -e expectations.yaml --update',
    )
    .action((options: TestOptions) => run('test', rest, (part) => part.testCommand(options)))
}
