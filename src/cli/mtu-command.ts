import { type Command, Option } from 'commander'
import { PAYLOAD_FORMATS } from './choices.ts'
import type { MtuOptions } from './commands/mtu.ts'
import { rest, run } from './running.ts'
import { ENDPOINT, whole, withSource } from './typed-options.ts'

/** `packetwalk mtu …`. */
export function addMtu(program: Command): void {
  withSource(program.command('mtu'))
    .description('how large a packet may be: what passes by ping, UDP and TCP, where more is cut, and who is told')
    .option('-S, --from <endpoint>', ENDPOINT)
    .option('-D, --to <endpoint>', 'the same, or a Service; without both every class of pairs is asked')
    .option('-6, --ipv6', 'only IPv6')
    .option('--limit <number>', 'classes of pairs that are tried at most (100)', whole(1, 100_000))
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(PAYLOAD_FORMATS).default('text'))
    .addHelpText(
      'after',
      '\nExit status: 0 no large packet vanishes, 1 some do and their sender is not told, 2 usage, 3 undecided.\nExamples:\n  packetwalk mtu -f cluster.yaml\n  packetwalk mtu -f cluster.yaml --from default/web-0 --to default/db-0',
    )
    .action((options: MtuOptions) => run('mtu', rest, (part) => part.mtuCommand(options)))
}
