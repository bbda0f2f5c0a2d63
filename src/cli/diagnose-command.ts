import { type Command, Option } from 'commander'
import { DIAGNOSE_FORMATS, SYMPTOMS } from './choices.ts'
import type { DiagnoseOptions } from './commands/diagnose.ts'
import { rest, run } from './running.ts'
import { collect, ENDPOINT, withSource } from './typed-options.ts'

/** `packetwalk diagnose …`. */
export function addDiagnose(program: Command): void {
  withSource(program.command('diagnose'))
    .description(
      'say what could make something happen, most likely first: for each candidate the one command that decides it, and what it prints in either case',
    )
    .option('-S, --from <endpoint>', `${ENDPOINT}; without both ends flows of all sorts are tried`)
    .option('-D, --to <endpoint>', 'the same, or svc/NAMESPACE/NAME; with :PORT TCP, with :PORT/udp UDP')
    .addOption(new Option('--symptom <symptom>', 'what is seen on the real cluster').choices(SYMPTOMS))
    .option(
      '--evidence <file>',
      'what tools printed there, as pasted: ip route, ping, traceroute, tcpdump, kubectl get -o wide, calicoctl node status, iptables -nvL, sysctl …, with or without prompts (NODE$ ip route) (repeatable)',
      collect,
    )
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(DIAGNOSE_FORMATS).default('text'))
    .option('-w, --write <file>', 'write to a file')
    .addHelpText(
      'after',
      '\nExit status: 0 nothing wrong was found, 1 a cause was found (certain or likely), 2 usage or input error,\n3 undecided: the answer is which facts to fetch.\nExamples:\n  packetwalk diagnose -f cluster.yaml\n  packetwalk diagnose -f cluster.yaml --from default/web-0 --to default/db-0:5432 --symptom timeout\n  packetwalk diagnose -f cluster.yaml --from web-0 --to db-0 --symptom timeout --evidence pasted.txt',
    )
    .action((options: DiagnoseOptions) => run('diagnose', rest, (part) => part.diagnoseCommand(options)))
}
