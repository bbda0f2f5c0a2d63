import { type Command, Option } from 'commander'
import { BGP_FORMATS, BGP_QUESTIONS, CALICO_VERBS, CNI_COMMANDS, VALIDATE_FORMATS } from './choices.ts'
import type { BgpOptions } from './commands/bgp.ts'
import type { CalicoOptions } from './commands/calico.ts'
import type { CniOptions } from './commands/cni.ts'
import type { IpamShowOptions, IpamSource, IpamWhatIfOptions } from './commands/ipam.ts'
import type { ValidateOptions } from './commands/validate.ts'
import { rest, run } from './running.ts'
import { CALICO_VERSION, collect, whole, withSource } from './typed-options.ts'

/** `packetwalk bgp …`. */
export function addBgp(program: Command): void {
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
}

/** `packetwalk cni …`. */
export function addCni(program: Command): void {
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
}

/** `packetwalk validate` and `packetwalk explain`. */
export function addValidate(program: Command): void {
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
}

/** `packetwalk calico`. */
export function addQuestions(program: Command): void {
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
}

/** `packetwalk ipam …`. */
export function addIpam(program: Command): void {
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
