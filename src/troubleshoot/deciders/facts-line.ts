import { checkArgument, isRecord } from '../../model/index.ts'
import type { Decider } from '../diagnosis.ts'

/** Seconds after which a command that waits for packets is ended. */
const PATIENCE = 10

/**
 * The facts to fetch as one line for a shell. Before what each prints stands a prompt with its machine and command, so that the output can
 * be given to `--evidence` as it is; what tcpdump counts in the end it writes to standard error.
 * @throws InputError for what is no list of facts
 */
export function factsLine(facts: readonly Decider[]): string {
  checkArgument(Array.isArray(facts) && facts.every(isRecord), 'facts', 'a list of facts: { at, command }', facts)
  return facts
    .map(
      ({ at, command }) =>
        `echo ${quoted(`${at}$ ${command}`)}; ssh ${at} ${quoted(`timeout ${PATIENCE} ${command} 2>&1`)}`,
    )
    .join('; ')
}

/** A word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
