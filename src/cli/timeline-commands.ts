import { type Command, Option } from 'commander'
import { RUN_FORMATS } from './choices.ts'
import type { RunOptions } from './commands/run.ts'
import { withTheme } from './picture-options.ts'
import { rest, run } from './running.ts'
import { withSource } from './typed-options.ts'

/** `packetwalk run …`. */
export function addRun(program: Command): void {
  withTheme(withSource(program.command('run')))
    .description('let events happen over time while probes are asked: which are lost, from when to when, and why')
    .requiredOption('--timeline <file>', 'what happens when, and what is asked meanwhile: kind Timeline')
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(RUN_FORMATS).default('text'))
    .option('-w, --write <file>', 'write to a file')
    .option('--instant', 'every program acts at once, whatever the timeline says')
    .option('--log', 'with text: every change of every machine, too')
    .addHelpText(
      'after',
      '\nExit status: 0 no probe was lost, 1 some were, 2 usage.\nExamples:\n  packetwalk run -f cluster.yaml --timeline timeline.yaml\n  packetwalk run -f cluster.yaml --timeline timeline.yaml -o svg -w gap.svg',
    )
    .action((options: RunOptions) => run('run', rest, (part) => part.runCommand(options)))
}
