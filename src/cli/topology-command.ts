import { type Command, Option } from 'commander'
import { TOPOLOGY_FORMATS } from './choices.ts'
import type { TopologyCommandOptions } from './commands/topology.ts'
import { widthWord, withTheme } from './picture-options.ts'
import { rest, run } from './running.ts'
import { withSource } from './typed-options.ts'

/** `packetwalk topology …`. */
export function addTopology(program: Command): void {
  withTheme(withSource(program.command('topology')))
    .description('draw how a cluster is put together: machines and Ethernets, tunnels, BGP sessions, pools and blocks')
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(TOPOLOGY_FORMATS).default('text'))
    .option('-w, --write <file>', 'write to a file')
    .option(
      '--width <width>',
      'columns of text; of SVG pixels, or narrow (a phone), wide, projector',
      widthWord(40, 10_000),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  packetwalk topology -f cluster.yaml\n  packetwalk topology -f cluster.yaml -o svg -w cluster.svg\n  packetwalk topology -f cluster.yaml -o mermaid',
    )
    .action((options: TopologyCommandOptions) => run('topology', rest, (part) => part.topologyCommand(options)))
}
