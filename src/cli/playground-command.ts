import type { Command } from 'commander'
import type { PlaygroundOptions } from './commands/playground.ts'
import { rest, run } from './running.ts'
import { collect, whole } from './typed-options.ts'

/** `packetwalk playground …`. */
export function addPlayground(program: Command): void {
  program
    .command('playground')
    .description('the same in a browser: serves the page on this machine only, with the files given')
    .option(
      '-f, --file <path>',
      'YAML or JSON file, folder, or - for standard input; dumps of real nodes, too (repeatable)',
      collect,
    )
    .option('--dump <path>', 'dumps of real nodes, as for trace (repeatable)', collect)
    .option('--seed <number>', 'decides every choice; same seed, same bytes', whole(0, 0xffff_ffff))
    .option('--port <number>', 'port on 127.0.0.1; one that is free when left out', whole(1, 65_535))
    .option('--open', 'open it in the browser')
    .addHelpText(
      'after',
      '\nThe address stands on standard output; Ctrl-C ends it. Nothing leaves this machine.\nExamples:\n  packetwalk playground\n  packetwalk playground -f cluster.yaml --open',
    )
    .action((options: PlaygroundOptions) => run('playground', rest, (part) => part.playgroundCommand(options)))
}
