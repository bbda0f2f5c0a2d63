/**
 * The `packetwalk` command: a thin face over lab, linux and render. May import: every room.
 *
 * @packageDocumentation
 */

import { Command, Option } from 'commander'
import { addBgp, addCni, addIpam, addQuestions, addValidate } from './calico-commands.ts'
import { DELAYS, DRIFT_FORMATS, POLICY_FORMATS, SHOW_TABLES, SUITES, TRACE_FORMATS, TRACE_VIEWS } from './choices.ts'
import type { DriftOptions } from './commands/drift.ts'
import type { PolicyOptions } from './commands/policy.ts'
import type { ReplayCommandOptions } from './commands/replay.ts'
import type { ShellOptions } from './commands/shell.ts'
import type { ShowOptions } from './commands/show.ts'
import type { TraceOptions } from './commands/trace.ts'
import { addDiagnose } from './diagnose-command.ts'
import { addDiff } from './diff-command.ts'
import { addExplainCapture } from './explain-capture-command.ts'
import { addInject } from './inject-command.ts'
import { internalFault } from './internal-fault.ts'
import { addLint } from './lint-command.ts'
import { addMtu } from './mtu-command.ts'
import { widthWord, withTheme } from './picture-options.ts'
import { addPlayground } from './playground-command.ts'
import { addReach } from './reach-command.ts'
import { helpOf, NAME, outputs, rest, run, trace } from './running.ts'
import { standardError, standardOutput } from './standard-stream.ts'
import { addTeach } from './teach-command.ts'
import { addTest } from './test-command.ts'
import { addRun } from './timeline-commands.ts'
import { addTopology } from './topology-command.ts'
import { ENDPOINT, seen, whole, withSource } from './typed-options.ts'

/** Statuses this file gives; all of them are in exit.ts. */
const USAGE = 2
const INTERNAL = 70

function build(): Command {
  const program = new Command(NAME)
    .description('The life of a packet in a Calico/Kubernetes cluster: every hop, every byte, and why.')
    .version(process.env['PACKETWALK_VERSION'] ?? '0.0.0')
    .showHelpAfterError(`(${NAME} --help shows all commands)`)
    .addHelpText(
      'after',
      '\nExit status: 0 delivered and answered, 1 not, 2 usage or input error,\n3 undecided (what could turn the answer is not modelled or missing), 70 a fault of packetwalk itself (please report it).',
    )
    .configureOutput({
      writeOut: (text) => standardOutput.write(text),
      writeErr: (text) => standardError.write(text),
      outputError: (text, write) => write(seen(text)),
    })
    .exitOverride((error) => {
      process.exitCode = error.exitCode === 0 ? 0 : USAGE
      throw error
    })

  withTheme(withSource(program.command('trace')))
    .description('follow one packet and its answer, hop by hop')
    .option('-S, --from <endpoint>', ENDPOINT)
    .option(
      '-D, --to <endpoint>',
      'the same, or svc/NAMESPACE/NAME, or its DNS name; with :PORT (number or name) a TCP connection, with :PORT/udp a datagram instead of a ping',
    )
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(TRACE_FORMATS).default('text'))
    .option(
      '-v, --verbose',
      'more: -v packet changes and reasons, -vv lookups and bytes',
      (_v: string, n: number) => n + 1,
      0,
    )
    .addOption(
      new Option(
        '--view <view>',
        'what text shows: a line a hop (default on a terminal), both (default elsewhere), a line a frame, reasons (-v), bytes (-vv)',
      ).choices(TRACE_VIEWS),
    )
    .option(
      '-w, --write <file>',
      'write to a file; with -o text the packets as pcapng, to FOLDER/ one classic pcap a device',
    )
    .option(
      '--at <place>',
      'where a capture file takes frames: wire (default; every packet once), links (every cable at one end), all, NODE/DEV or POD/DEV',
    )
    .option(
      '--width <width>',
      'of SVG: narrow (a phone), wide (as the lanes need), projector (larger), or pixels; where lanes do not fit the picture is one column',
      widthWord(280, 10_000),
    )
    .option('--size <bytes>', 'bytes of data; with TCP of the request', whole(0, 65535))
    .option('--ttl <hops>', 'time to live of what the sender sends', whole(1, 255))
    .addOption(new Option('--tcp', 'TCP, as :PORT says already').hideHelp())
    .option('--udp', 'a datagram, as :PORT/udp says')
    .addOption(new Option('--sctp', 'not sent').hideHelp())
    .option('--protocol <number>', 'one IP packet of this protocol instead of a ping', whole(0, 255))
    .option('--source-port <number>', 'port that TCP or UDP sends from', whole(1, 65535))
    .option('--backend <pod>', 'the endpoint that Services choose; the seed chooses otherwise')
    .option('--df', 'set DF: never fragment; TCP does so without being asked')
    .option('--no-server', 'no program listens on the port; without it one is assumed')
    .addHelpText(
      'after',
      '\nExamples:\n  packetwalk trace -f cluster.yaml --from default/web-0 --to default/db-0 -v\n  packetwalk trace -f cluster.yaml -n shop -S deploy/web -D db-0:5432\n  packetwalk trace -f cluster.yaml -S default/web-0 -D svc/kube-system/kube-dns:dns\n  packetwalk trace -f cluster.yaml -S web-0 -D web.shop:http',
    )
    .action((options: TraceOptions) => run('trace', trace, (part) => part.traceCommand(options)))

  withSource(program.command('policy'))
    .description('say what policy makes of a flow, of an endpoint, or whom a policy selects, without a packet')
    .argument('[endpoint]', 'a pod, or a node with host endpoints: all policies that select it, with their rules')
    .option('-S, --from <endpoint>', ENDPOINT)
    .option('-D, --to <endpoint>', 'the same, or a Service; with :PORT (number or name) TCP, with :PORT/udp UDP')
    .option('--selects <policy>', 'what the policy [KIND/][NAMESPACE/]NAME selects')
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(POLICY_FORMATS).default('text'))
    .option('--udp', 'UDP, as :PORT/udp says')
    .option('--sctp', 'SCTP')
    .option('--protocol <number>', 'a bare protocol instead of a ping', whole(0, 255))
    .option('--source-port <number>', 'source port', whole(1, 65535))
    .option('--backend <pod>', 'the endpoint that a Service chooses; each is asked about otherwise')
    .addHelpText(
      'after',
      '\nExit status: 0 allowed, 1 denied (or the policy selects nothing), 2 usage, 3 undecided.\nExamples:\n  packetwalk policy -f cluster.yaml --from default/web-0 --to default/db-0:5432\n  packetwalk policy -f cluster.yaml default/db-0\n  packetwalk policy -f cluster.yaml --selects default/deny-db-access',
    )
    .action((endpoint: string | undefined, options: PolicyOptions) =>
      run('policy', rest, (part) => part.policyCommand(endpoint, options)),
    )

  const show = withSource(program.command('show'))
    .description('print a table of a node or pod as the real tool prints it')
    .option('--node <name>', 'a node')
    .option('--pod <namespace/pod>', 'a pod; also deploy/NAME and the like')
    .option('-6, --ipv6', 'IPv6')
    .option('-j, --json', 'JSON')
    .option('-t, --table <name>', 'with iptables: only this table')
    .option('-c, --chain <name>', 'with iptables: only this chain')
    .addHelpText(
      'after',
      '\nExamples:\n  packetwalk show route -f cluster.yaml --node node01\n  packetwalk show iptables -f cluster.yaml --node node01 -t filter -c cali-FORWARD\n  packetwalk show services -f cluster.yaml',
    )
  show
    .addArgument(show.createArgument('<table>', 'what to show').choices(Object.keys(SHOW_TABLES)))
    .action((table: keyof typeof SHOW_TABLES, options: ShowOptions) =>
      run('show', rest, (part) => part.showCommand(table, options)),
    )

  addBgp(program)
  addRun(program)
  addTest(program)
  addReach(program)
  addMtu(program)
  addTopology(program)
  addDiagnose(program)
  addInject(program)
  addExplainCapture(program)

  withSource(program.command('shell'))
    .description('a session on the nodes: ip route, ping, kubectl exec, tcpdump, calicoctl …')
    .option('--node <name>', 'where the prompt begins')
    .option('--transcript <file>', 'run the commands of a transcript and print it with our output')
    .addOption(
      new Option(
        '--delays <how>',
        'instant: what follows from a change is there at once (default); calico: programs take their time, and virtual time passes with sleep, kubectl wait, -w and packets',
      ).choices(DELAYS),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  packetwalk shell -f cluster.yaml\n  packetwalk shell -f cluster.yaml --delays calico --transcript session.txt',
    )
    .action((options: ShellOptions) => run('shell', rest, (part) => part.shellCommand(options)))

  addPlayground(program)
  addDiff(program)

  withSource(program.command('drift'))
    .description('explain what dumps of nodes hold otherwise than Calico would have written it, by likely cause')
    .option('--node <name>', 'only this node')
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(DRIFT_FORMATS).default('text'))
    .addHelpText(
      'after',
      '\nStatus 0: nothing, 1: something.\nExample:\n  packetwalk drift -f cluster.yaml --dump node01=packetwalk-node01.tar.gz',
    )
    .action((options: DriftOptions) => run('drift', rest, (part) => part.driftCommand(options)))

  addCni(program)

  program
    .command('collect')
    .description('print the shell script that gathers on a node what --dump reads; secret keys are hidden')
    .addHelpText(
      'after',
      '\nExample, on each node as root:\n  packetwalk collect >collect.sh   (here)\n  sh collect.sh                    (there; writes packetwalk-NODE.tar.gz)\n  packetwalk trace --dump packetwalk-NODE.tar.gz   (here)',
    )
    .action(() => run('collect', rest, (part) => part.collectCommand()))

  program
    .command('replay')
    .description('simulate the probes of kernel captures and write them in the same form')
    .argument('<scenario...>', 'scenario folders, or folders of them')
    .requiredOption('--out <dir>', 'where to write')
    .option('--probe <number>', 'only this probe', whole(0, 1_000_000))
    .option('--json', 'a summary as JSON')
    .action((folders: string[], options: ReplayCommandOptions) =>
      run('replay', rest, (part) => part.replayCommand(folders, options)),
    )

  const conformance = program
    .command('conformance')
    .description('answer cases whose outcome is known, one a line on standard input, to be compared')
  conformance
    .addArgument(conformance.createArgument('<suite>', 'what the cases are about').choices(SUITES))
    .addHelpText(
      'after',
      '\nA case is {"id": …, "objects": […], "probes": […]}; its answer is a list of "allow" and "deny", or {"error": …}.\nStatus 0: every case has an answer, 1: some have none.\nExample:\n  packetwalk conformance policy <cases.jsonl >verdicts.jsonl',
    )
    .action((suite: (typeof SUITES)[number]) => run('conformance', rest, (part) => part.conformanceCommand(suite)))

  addValidate(program)
  addLint(program)
  addQuestions(program)
  addIpam(program)
  addTeach(program)

  for (const command of program.commands) command.showHelpAfterError(helpOf(command.name()))
  return program
}

/** Completion adds commands of its own: it is left out only when a command that is not one of those is named. */
async function complete(program: Command): Promise<Command> {
  const named = process.argv[2]
  const alone = named === '--version' || named === '-V'
  if (!alone && !program.commands.some((command) => command.name() === named)) (await rest()).addCompletion(program)
  return program
}

/** Nothing that goes wrong ends in a stack. */
function fail(error: unknown): void {
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')) return
  standardError.write(`${internalFault(error)}\n`)
  process.exit(INTERNAL)
}

process.on('uncaughtException', fail)

/** Once all is written, nothing is waited for: V8 may be collecting garbage beside us, and a natural end waits for it. */
function leave(): void {
  setImmediate(() => {
    if (outputs.every((isOut) => isOut())) process.exit()
  })
}

complete(build())
  .then((program) => program.parseAsync(process.argv))
  .then(leave, fail)
