import { type Command, Option } from 'commander'
import { CAPTURE_FORMATS } from './choices.ts'
import type { ExplainCaptureOptions } from './commands/explain-capture.ts'
import { rest, run } from './running.ts'
import { collect, whole, withSource } from './typed-options.ts'

/** `packetwalk explain-capture …`. */
export function addExplainCapture(program: Command): void {
  withSource(program.command('explain-capture'))
    .description('explain real captures: where each was taken, what each packet is, and which one is missing')
    .argument('<file...>', 'pcap or pcapng files, e.g. one of each node')
    .option('--at <place>', 'where a file was taken, NODE/DEV or POD/DEV; once for each file, in order', collect)
    .option('--limit <number>', 'packets of each capture that are printed (50)', whole(1, 1_000_000))
    .option('--flows <number>', 'conversations that are simulated at most (200)', whole(1, 1_000_000))
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(CAPTURE_FORMATS).default('text'))
    .addHelpText(
      'after',
      '\nExit status: 0 all is explained and nothing missing, 1 packets are missing, 2 usage, 3 some are unexplained.\nExamples:\n  packetwalk explain-capture node01.pcap -f cluster.yaml\n  packetwalk explain-capture node01.pcap node02.pcap -f cluster.yaml --at node01/eth0 --at node02/eth0',
    )
    .action((files: string[], options: ExplainCaptureOptions) =>
      run('explain-capture', rest, (part) => part.explainCaptureCommand(files, options)),
    )
}
