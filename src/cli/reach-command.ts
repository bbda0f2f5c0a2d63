import { type Command, Option } from 'commander'
import { REACH_FORMATS } from './choices.ts'
import type { MergeOptions, ReachCommandOptions } from './commands/reach.ts'
import { withTheme } from './picture-options.ts'
import { rest, run } from './running.ts'
import { collect, whole, withSource } from './typed-options.ts'

const STATUS =
  'Exit status: 0 nothing is broken, 1 something is, or only partly reached, 2 usage, 3 some answers are undecided, or the answer is partial, 130 stopped by Ctrl-C: what there is until then is printed, and marked.'

/** `packetwalk reach …` and `packetwalk merge …`. */
export function addReach(program: Command): void {
  withTheme(withSource(program.command('reach')))
    .description(
      'who reaches whom: all pairs of pods, nodes, Services and outside, by port, in classes that behave alike',
    )
    .option(
      '-S, --from <end>',
      'only these ask: NAMESPACE/POD, NAMESPACE/*, node/NAME, pods, nodes, outside … (repeatable)',
      collect,
    )
    .option('-D, --to <end>', 'only these are asked; also svc/NAMESPACE/NAME, services (repeatable)', collect)
    .option('--focus <end>', 'only flows of which this is an end (repeatable)', collect)
    .option('--port <port>', 'only these: 80, tcp/80, udp/53, tcp/8000-9000, icmp (repeatable)', collect)
    .addOption(
      new Option('--only <verdict>', 'only what is broken (or partly so), or denied').choices(['broken', 'denied']),
    )
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(REACH_FORMATS).default('text'))
    .option('-w, --write <file>', 'write to a file')
    .option(
      '--check <number>',
      'ask so many flows, drawn by the seed, by packets, too: each must agree',
      whole(1, 1_000_000),
    )
    .option('--shard <i/n>', 'only the i-th of n parts, as JSON; merge puts them together')
    .option(
      '--jobs <number>',
      'threads that share the work; absent = one, or one a core where there is much to do',
      whole(1, 256),
    )
    .addHelpText(
      'after',
      `\n${STATUS}\nExamples:\n  packetwalk reach -f cluster.yaml\n  packetwalk reach -f cluster.yaml --focus default/db-0 --port tcp/5432\n  packetwalk reach -f cluster.yaml --only broken -o md\n  packetwalk reach -f cluster.yaml --shard 1/4 -w reach-1.json`,
    )
    .action((options: ReachCommandOptions) => run('reach', rest, (part) => part.reachCommand(options)))

  withTheme(program.command('merge'))
    .description('put the shards of an answer of reach together')
    .argument('<shard...>', 'files that reach --shard wrote')
    .option('--port <port>', 'only these ports (repeatable)', collect)
    .addOption(
      new Option('--only <verdict>', 'only what is broken (or partly so), or denied').choices(['broken', 'denied']),
    )
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(REACH_FORMATS).default('text'))
    .option('-w, --write <file>', 'write to a file')
    .addHelpText('after', `\n${STATUS}\nExample:\n  packetwalk merge reach-*.json -o html -w reach.html`)
    .action((files: string[], options: MergeOptions) => run('merge', rest, (part) => part.mergeCommand(files, options)))
}
