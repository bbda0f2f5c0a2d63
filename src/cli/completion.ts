import type { Command, Option } from 'commander'
import type { Lab } from '../lab/index.ts'
import { completionScript, SHELLS } from './completion-scripts.ts'
import { EXIT } from './exit.ts'
import { openLab } from './open-lab.ts'

/** A word that could stand where the cursor is, and what it means. */
type Candidate = readonly [word: string, meaning: string]

/** What shells are told: words, or that a file is wanted. */
type Answer = readonly Candidate[] | 'files'

/** Options whose value is a file or a folder. */
const OF_FILES: ReadonlySet<string> = new Set(['file', 'dump', 'write', 'transcript', 'out'])

/**
 * Adds `packetwalk completion SHELL`, which prints a script, and `packetwalk complete -- WORDS…`, which the scripts ask: a line a
 * word with its meaning behind a tab, or `:files`.
 */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that lets a shell complete packetwalk; bash needs nothing else')
    .addArgument(program.createArgument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(packetwalk completion bash)\n  source <(packetwalk completion zsh)        (after compinit)\n  packetwalk completion fish | source',
    )
    .action((shell: (typeof SHELLS)[number]) => {
      process.stdout.write(completionScript(shell))
      process.exitCode = EXIT.ok
    })
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) => {
      process.stdout.write(linesOf(answer(program, words)))
      process.exitCode = EXIT.ok
    })
}

function linesOf(found: Answer): string {
  if (found === 'files') return ':files\n'
  return found.map(([word, meaning]) => `${word}\t${meaning.split('\n')[0]}\n`).join('')
}

/** What could stand in the place of the last of the words. */
function answer(program: Command, typed: readonly string[]): Answer {
  // bash takes --from=x apart at the sign.
  const words = typed.filter((word, i) => word !== '=' || i === typed.length - 1).map(unquoted)
  const current = words.at(-1) === '=' ? '' : (words.at(-1) ?? '')
  const command = program.commands.find((one) => one.name() === words[0])
  if (words.length <= 1) {
    const visible = program.commands.filter((one) => one.name() !== 'complete')
    return beginning(
      current,
      visible.map((one): Candidate => [one.name(), one.description()]),
    )
  }
  if (command === undefined) return []
  const joined = /^(--[a-z-]+)=(.*)$/s.exec(current)
  if (joined !== null) {
    const [, name = '', value = ''] = joined
    const found = valuesOf(optionOf(command, name), value, words)
    return found === 'files' ? found : found.map(([word, meaning]): Candidate => [`${name}=${word}`, meaning])
  }
  const before = words.at(-2) ?? ''
  const option = before.startsWith('-') ? optionOf(command, before) : undefined
  if (option !== undefined && (option.required || option.optional)) return valuesOf(option, current, words)
  const [argument] = command.registeredArguments
  if (argument !== undefined && argument.argChoices === undefined && !current.startsWith('-')) return 'files'
  if (argument?.argChoices !== undefined && !current.startsWith('-')) {
    return beginning(
      current,
      argument.argChoices.map((choice): Candidate => [choice, argument.description]),
    )
  }
  return beginning(
    current,
    command.options.map((one): Candidate => [one.long ?? one.short ?? '', one.description]),
  )
}

function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find((option) => option.short === flag || option.long === flag)
}

function valuesOf(option: Option | undefined, current: string, words: readonly string[]): Answer {
  if (option === undefined) return []
  if (OF_FILES.has(option.attributeName())) return 'files'
  if (option.argChoices !== undefined) {
    return beginning(
      current,
      option.argChoices.map((choice): Candidate => [choice, option.description]),
    )
  }
  return beginning(current, namesFor(option.attributeName(), words))
}

/** Names of the input that the line already gives. */
function namesFor(option: string, words: readonly string[]): Candidate[] {
  if (!['from', 'to', 'pod', 'node', 'namespace', 'selects', 'backend'].includes(option)) return []
  const valuesAfter = (...flags: string[]): string[] =>
    words.flatMap((word, i) => (flags.includes(word) && i < words.length - 2 ? [atHome(words[i + 1] as string)] : []))
  const [file, dump] = [valuesAfter('-f', '--file'), valuesAfter('--dump')]
  try {
    const { lab } = openLab({ file, dump, quiet: true })
    const nodes = Object.values(lab.network.namespaces).filter(({ role }) => role === 'node')
    const hosts = nodes.map(({ name }): Candidate => [option === 'node' ? name : `node/${name}`, 'node'])
    const pods = lab.pods.map((name): Candidate => [name, 'pod'])
    if (option === 'node') return hosts
    if (option === 'pod' || option === 'backend') return pods
    if (option === 'selects') return policiesOf(lab)
    if (option === 'namespace') {
      return [...new Set(lab.pods.map((name) => name.slice(0, name.indexOf('/'))))].map((name) => [name, 'namespace'])
    }
    return option === 'to' ? [...pods, ...hosts, ...servicesOf(lab)] : [...pods, ...hosts]
  } catch {
    return [] // the line is not finished; what is wrong with it is said when it is run
  }
}

function servicesOf({ cluster }: Lab): Candidate[] {
  return (cluster?.resources.services ?? []).map(({ metadata: { name, namespace = 'default' } }) => [
    `svc/${namespace}/${name}`,
    'service',
  ])
}

function policiesOf({ cluster }: Lab): Candidate[] {
  return (cluster?.policies.policies ?? []).map(({ ref: { kind, name, namespace } }) => [
    namespace === undefined ? name : `${namespace}/${name}`,
    kind,
  ])
}

function beginning(current: string, all: readonly Candidate[]): Candidate[] {
  // A word of the input that a shell would take apart is not offered.
  return all.filter(([word]) => word.startsWith(current) && /^[\w./@%+,:-]+$/.test(word))
}

/** Shells pass words as they were typed. */
function unquoted(word: string): string {
  return word.replace(/^(['"])(.*?)\1?$/s, '$2').replace(/\\(.)/gs, '$1')
}

function atHome(path: string): string {
  return path.replace(/^~(?=\/)/, process.env['HOME'] ?? '~')
}
