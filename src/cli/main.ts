/**
 * The `packetwalk` command: a thin face over lab, linux and render. May import: every room.
 *
 * @packageDocumentation
 */

import { Command, InvalidArgumentError, Option } from 'commander'
import {
  BGP_FORMATS,
  BGP_QUESTIONS,
  CALICO_VERBS,
  CNI_COMMANDS,
  DRIFT_FORMATS,
  POLICY_FORMATS,
  SHOW_TABLES,
  SUITES,
  TOPICS,
  TRACE_FORMATS,
  TRACE_VIEWS,
  VALIDATE_FORMATS,
} from './choices.ts'
import type { BgpOptions } from './commands/bgp.ts'
import type { CalicoOptions } from './commands/calico.ts'
import type { CniOptions } from './commands/cni.ts'
import type { DiffOptions } from './commands/diff.ts'
import type { DriftOptions } from './commands/drift.ts'
import type { IpamShowOptions, IpamSource, IpamWhatIfOptions } from './commands/ipam.ts'
import type { PolicyOptions } from './commands/policy.ts'
import type { ReplayCommandOptions } from './commands/replay.ts'
import type { ShellOptions } from './commands/shell.ts'
import type { ShowOptions } from './commands/show.ts'
import type { TraceOptions } from './commands/trace.ts'
import type { ValidateOptions } from './commands/validate.ts'
import { internalFault } from './internal-fault.ts'
import { isWritten, standardError, standardOutput } from './standard-stream.ts'

/** Statuses this file gives; all of them are in exit.ts. */
const USAGE = 2
const INTERNAL = 70

/** As users call it: kubectl finds `kubectl-packetwalk` as a plugin. */
const NAME = /(^|[\\/])kubectl-packetwalk$/.test(process.argv[1] ?? '') ? 'kubectl packetwalk' : 'packetwalk'
const ENDPOINT = 'NAMESPACE/POD, POD, deploy/NAME (ds, sts: its first ready pod), node/NAME, internet or an address'

/** A part of the command that is loaded when it is needed. */
interface Part {
  /** Says what went wrong and returns the exit status. */
  reportFailure(error: unknown, print: (line: string) => void, help: string): number
  /** Whether all that it wrote is out. */
  isWritten(): boolean
}

/** Whether all is out, for this file and each part that was loaded. */
const outputs: (() => boolean)[] = [isWritten]

// One copy of packetwalk runs: `trace` alone is small and starts fast.
const trace = (): Promise<typeof import('./parts/trace.ts')> => import('./parts/trace.ts')
// The other commands write to Node's streams themselves: these are there, and looked after, before they begin.
const rest = (): Promise<typeof import('./parts/rest.ts')> => {
  void [standardOutput.stream, standardError.stream]
  return import('./parts/rest.ts')
}

async function run<P extends Part>(
  command: string,
  load: () => Promise<P>,
  action: (part: P) => number | Promise<number>,
): Promise<void> {
  const part = await load()
  outputs.push(part.isWritten)
  try {
    process.exitCode = await action(part)
  } catch (error) {
    process.exitCode = part.reportFailure(error, (line) => standardError.write(`${line}\n`), helpOf(command))
  }
}

/** Where the words of a command are explained. */
function helpOf(command: string): string {
  return `(${NAME} ${command} --help shows its options)`
}

/** Reads a whole number between two bounds. */
function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= low && value <= high) return value
    throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`)
  }
}

/** Words that were typed, as part of a message: what is no character to be seen does nothing to the terminal. */
function seen(text: string): string {
  return text.replace(/[^\P{C}\n]|[\u2028\u2029]/gu, '?')
}

/** A release of Calico, as it is typed. */
function release(text: string): string {
  if (/^v?3\.\d{1,2}(\.\d{1,3})?$/.test(text)) return text
  throw new InvalidArgumentError('expected a release of Calico, e.g. v3.29.1.')
}

/** Sets the release everywhere. */
const CALICO_VERSION = [
  '--calico-version <release>',
  'Calico’s release, whatever the input says, e.g. v3.29',
  release,
] as const

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

function topics(value: string, before: readonly string[] = []): string[] {
  const words = value.split(',').map((word) => word.trim())
  const wrong = words.find((word) => !(TOPICS as readonly string[]).includes(word))
  if (wrong !== undefined) throw new InvalidArgumentError(`expected topics among ${TOPICS.join(', ')}.`)
  return [...before, ...words]
}

/** Options every command has that reads a cluster. */
function withSource(command: Command): Command {
  return command
    .option('-f, --file <path>', 'YAML or JSON file, folder, or - for standard input (repeatable)', collect)
    .option(
      '--dump <path>',
      'dumps of real nodes, as a folder, .tar, .tar.gz or .zip, NODE=PATH to say whose; with -f the objects give names and the rest (repeatable)',
      collect,
    )
    .option('--seed <number>', 'decides every choice; same seed, same bytes', whole(0, 0xffff_ffff))
    .option(...CALICO_VERSION)
    .option(
      '--ignore <topics>',
      `answer without what is not modelled of these topics: ${TOPICS.join(', ')} (repeatable, or with commas)`,
      topics,
    )
    .option('-n, --namespace <name>', 'namespace of names without one; all are searched otherwise')
    .option('-A, --all-namespaces', 'search all namespaces, whatever -n says')
    .option('-q, --quiet', 'no remarks on standard error')
}

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

  withSource(program.command('trace'))
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

  const bgp = withSource(program.command('bgp')).description(
    "say what a node's BIRD is told, or how a prefix got to it",
  )
  bgp
    .addArgument(
      bgp
        .createArgument('<what>', 'config: what confd writes for BIRD; explain: how a prefix came')
        .choices(BGP_QUESTIONS),
    )
    .argument('[prefix]', 'with explain: a prefix or an address')
    .requiredOption('--node <name>', 'the node, or with explain a router')
    .option('-6, --ipv6', 'config of IPv6')
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(BGP_FORMATS).default('text'))
    .addHelpText(
      'after',
      '\nExit status: 0 done, or the prefix is known; 1 it is not; 2 usage.\nExamples:\n  packetwalk bgp config -f cluster.yaml --node node01\n  packetwalk bgp explain 10.65.0.0/26 -f cluster.yaml --node node02',
    )
    .action((what: (typeof BGP_QUESTIONS)[number], prefix: string | undefined, options: BgpOptions) =>
      run('bgp', rest, (part) => part.bgpCommand(what, prefix, options)),
    )

  withSource(program.command('shell'))
    .description('a session on the nodes: ip route, ping, kubectl exec, tcpdump, calicoctl …')
    .option('--node <name>', 'where the prompt begins')
    .option('--transcript <file>', 'run the commands of a transcript and print it with our output')
    .action((options: ShellOptions) => run('shell', rest, (part) => part.shellCommand(options)))

  withSource(program.command('diff'))
    .description('list what dumps of nodes hold otherwise than Calico would have written it')
    .option('--node <name>', 'only this node')
    .option('-j, --json', 'JSON')
    .addHelpText(
      'after',
      '\nStatus 0: no difference, 1: some.\nExample:\n  packetwalk diff -f cluster.yaml --dump packetwalk-node01.tar.gz',
    )
    .action((options: DiffOptions) => run('diff', rest, (part) => part.diffCommand(options)))

  withSource(program.command('drift'))
    .description('explain what dumps of nodes hold otherwise than Calico would have written it, by likely cause')
    .option('--node <name>', 'only this node')
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(DRIFT_FORMATS).default('text'))
    .addHelpText(
      'after',
      '\nStatus 0: nothing, 1: something.\nExample:\n  packetwalk drift -f cluster.yaml --dump node01=packetwalk-node01.tar.gz',
    )
    .action((options: DriftOptions) => run('drift', rest, (part) => part.driftCommand(options)))

  const cni = withSource(program.command('cni'))
    .description('tell step by step how the CNI plugin wires a pod, with the commands a person would type')
    .option('-j, --json', 'JSON')
    .addHelpText('after', '\nExample:\n  packetwalk cni add default/web-0 -f cluster.yaml')
  cni
    .addArgument(cni.createArgument('<command>', 'ADD or DEL').choices(CNI_COMMANDS))
    .argument('<pod>', 'NAMESPACE/POD, POD, or deploy/NAME and the like')
    .action((command: (typeof CNI_COMMANDS)[number], pod: string, options: CniOptions) =>
      run('cni', rest, (part) => part.cniCommand(command, pod, options)),
    )

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

  program
    .command('validate')
    .description('say which objects Calico would take and which not, field by field')
    .option('-f, --file <path>', 'YAML or JSON file, folder, or - for standard input (repeatable)', collect)
    .addOption(new Option('-o, --output <form>', 'form of the output').choices(VALIDATE_FORMATS).default('text'))
    .option('--defaults', 'with -o json: accepted objects as the API stores them')
    .option('-q, --quiet', 'nothing about fields that are accepted and not honoured here')
    .addHelpText(
      'after',
      '\nExit status: 0 all accepted, 2 some refused.\nExample:\n  packetwalk validate -f pools.yaml -o json',
    )
    .action((options: ValidateOptions) => run('validate', rest, (part) => part.validateCommand(options)))

  program
    .command('explain')
    .description('say what a field of Calico does, its default, and which state of Linux it changes')
    .argument('<field>', 'e.g. ippool.spec.ipipMode, felixconfig.vxlanMTU, FELIX_VXLANMTU')
    .option('-j, --json', 'JSON')
    .action((field: string, options: { readonly json?: boolean }) =>
      run('explain', rest, (part) => part.explainCommand(field, options)),
    )

  const calico = program.command('calico').description('ask Calico single questions, without a cluster')
  calico
    .addArgument(calico.createArgument('[verb]', 'what is asked, where a request does not say').choices(CALICO_VERBS))
    .option('-f, --file <path>', 'one request about the objects of this file or folder (repeatable)', collect)
    .option('--node <name>', 'field "node" of the request')
    .option('--set <key=JSON>', 'another field of the request (repeatable)', collect)
    .addHelpText(
      'after',
      '\nWithout options: requests on standard input, one JSON object a line, and an answer a line on standard output.\nExamples:\n  packetwalk calico selector --set "selector=app in {\'web\', \'db\'}" --set \'labels={"app":"web"}\'\n  packetwalk calico <questions.jsonl >answers.jsonl',
    )
    .action((verb: (typeof CALICO_VERBS)[number] | undefined, options: CalicoOptions) =>
      run('calico', rest, (part) => part.calicoCommand(verb, options)),
    )

  addIpam(program)

  for (const command of program.commands) command.showHelpAfterError(helpOf(command.name()))
  return program
}

/** `packetwalk ipam …`. */
function addIpam(program: Command): void {
  const ipam = program
    .command('ipam')
    .description("what Calico's IPAM holds, what is wrong in it, and what would happen if")
    .addHelpText(
      'after',
      '\nExamples:\n  packetwalk ipam show -f cluster.yaml --show-blocks\n  packetwalk ipam check -f cluster.yaml\n  packetwalk ipam what-if -f cluster.yaml --node node01\n  packetwalk ipam what-if -f cluster.yaml --block-size 28',
    )
  const withFiles = (command: Command): Command =>
    command
      .option('-f, --file <path>', 'YAML or JSON file, folder, or - for standard input (repeatable)', collect)
      .option('-j, --json', 'JSON')
      .option('-q, --quiet', 'no remarks on standard error')
      .option(...CALICO_VERSION)
  withFiles(ipam.command('show'))
    .description('how full pools are, as calicoctl prints it')
    .option('--show-blocks', 'with their blocks')
    .option('--show-borrowed', 'addresses in blocks of other nodes')
    .option('--show-configuration', 'settings of IPAM')
    .option('--ip <address>', 'who has this address')
    .action((options: IpamShowOptions) => run('ipam', rest, (part) => part.ipamShowCommand(options)))
  withFiles(ipam.command('check'))
    .description('leaks, addresses twice, blocks without a node, tunnel addresses that pods have')
    .addHelpText('after', '\nStatus 0: nothing is wrong, 1: something is.')
    .action((options: IpamSource) => run('ipam', rest, (part) => part.ipamCheckCommand(options)))
  withFiles(ipam.command('what-if'))
    .description('how many more pods fit; where the next one of a node goes; what another block size changes')
    .option('--node <name>', 'where the next pod of this node goes')
    .option('-n, --namespace <name>', 'namespace of that pod')
    .option('--block-size <length>', 'blocks of this prefix length', whole(20, 128))
    .option('--pool <name>', 'with --block-size: of this pool')
    .option('-6, --ipv6', 'IPv6')
    .action((options: IpamWhatIfOptions) => run('ipam', rest, (part) => part.ipamWhatIfCommand(options)))
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
