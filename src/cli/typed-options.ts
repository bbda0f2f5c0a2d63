import { type Command, InvalidArgumentError } from 'commander'
import { TOPICS } from './choices.ts'

/** What may stand where an end of a packet's way is asked for. */
export const ENDPOINT =
  'NAMESPACE/POD, POD, deploy/NAME (ds, sts: its first ready pod), node/NAME, internet or an address'

/** Reads a whole number between two bounds. */
export function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= low && value <= high) return value
    throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`)
  }
}

/** Words that were typed, as part of a message: what is no character to be seen does nothing to the terminal. */
export function seen(text: string): string {
  return text.replace(/[^\P{C}\n]|[\u2028\u2029]/gu, '?')
}

/** A release of Calico, as it is typed. */
function release(text: string): string {
  if (/^v?3\.\d{1,2}(\.\d{1,3})?$/.test(text)) return text
  throw new InvalidArgumentError('expected a release of Calico, e.g. v3.29.1.')
}

/** Sets the release everywhere. */
export const CALICO_VERSION = [
  '--calico-version <release>',
  'Calico’s release, whatever the input says, e.g. v3.29',
  release,
] as const

/** Gathers what an option that may be repeated is given. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

function topics(value: string, before: readonly string[] = []): string[] {
  const words = value.split(',').map((word) => word.trim())
  const wrong = words.find((word) => !(TOPICS as readonly string[]).includes(word))
  if (wrong !== undefined) throw new InvalidArgumentError(`expected topics among ${TOPICS.join(', ')}.`)
  return [...before, ...words]
}

/** Options every command has that reads a cluster. */
export function withSource(command: Command): Command {
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
