import { type Command, Option } from 'commander'
import { INJECT_FORMATS } from './choices.ts'
import type { InjectCommandOptions } from './commands/inject.ts'
import { rest, run } from './running.ts'
import { ENDPOINT, withSource } from './typed-options.ts'

/** `packetwalk inject …`. */
export function addInject(program: Command): void {
  withSource(program.command('inject'))
    .description(
      'bring about a failure of the field, and show how it looks, where the packet is lost and what confirms it',
    )
    .argument('[failure]', 'F01 to F91; --list says what each is')
    .option('--list', 'all failures: what each is, and which cannot be brought about and why')
    .option('--at <place>', 'a node or a pod; the first that fits otherwise')
    .option('-S, --from <endpoint>', `another flow than the one that shows it best: ${ENDPOINT}`)
    .option('-D, --to <endpoint>', 'the same, or a Service; with :PORT TCP, with :PORT/udp UDP')
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(INJECT_FORMATS).default('text'))
    .addHelpText(
      'after',
      '\nExit status: 0 it shows as it does in the field, 1 it does not, 2 usage, or the cluster lacks what it needs.\nExamples:\n  packetwalk inject --list\n  packetwalk inject F15 -f cluster.yaml --at node01\n  packetwalk inject F01 -f cluster.yaml -o yaml >broken.yaml',
    )
    .action((failure: string | undefined, options: InjectCommandOptions) =>
      run('inject', rest, (part) => part.injectCommand(failure, options)),
    )
}
