import { checkArgument, checkFunction, checkText, didYouMean, InputError, isRecord } from '../model/index.ts'
import type { Run } from './run.ts'
import type { Shell } from './shell.ts'

/** One command of a transcript: `host$ command`. */
export interface TranscriptCommand {
  /** Host in the prompt. */
  readonly host: string
  /** The command. */
  readonly command: string
}

const PROMPT = /^([a-z0-9][a-z0-9.-]*)\$ (.*)$/i

/** The commands of a transcript, in order; output lines are passed over. */
export function transcriptCommands(text: string): TranscriptCommand[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .flatMap((line) => {
      const found = PROMPT.exec(line)
      return found === null ? [] : [{ host: found[1] as string, command: found[2] as string }]
    })
}

/**
 * Runs the commands of a transcript and prints it again with the shell's own output.
 * @param store - given every result, for the files in it
 * @throws InputError when there is no command in it
 */
export function runTranscript(shell: Shell, text: string, store: (result: Run) => void = () => {}): string {
  checkArgument(isRecord(shell) && typeof shell.executeOn === 'function', 'shell', 'a Shell: new Shell(lab)', shell)
  checkText('text', text, 'a transcript')
  checkFunction('store', store, 'a function that takes a run')
  const commands = transcriptCommands(text)
  if (commands.length === 0) {
    const expected = 'at least one command behind a prompt: NODE$ COMMAND'
    throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received: 'none' }])
  }
  const parts = commands.map(({ host, command }) => {
    const head = `${host}$ ${command}\n`
    const known = shell.lab.network.namespaces
    if (known[host] === undefined)
      return `${head}packetwalk: no host "${host}"; ${didYouMean(host, Object.keys(known))}\n`
    const result = shell.executeOn(host, command)
    store(result)
    const { stdout, stderr } = result
    return `${head}${stdout}${stderr}`
  })
  const left = shell.end()
  if (left !== undefined) store(left)
  return parts.join('\n')
}
