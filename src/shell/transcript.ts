import { didYouMean } from '../model/index.ts'
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
  return text.split('\n').flatMap((line) => {
    const found = PROMPT.exec(line)
    return found === null ? [] : [{ host: found[1] as string, command: found[2] as string }]
  })
}

/** Runs the commands of a transcript and prints it again with the shell's own output. */
export function runTranscript(shell: Shell, text: string): string {
  const parts = transcriptCommands(text).map(({ host, command }) => {
    const head = `${host}$ ${command}\n`
    const known = shell.lab.network.namespaces
    if (known[host] === undefined)
      return `${head}packetwalk: no host "${host}"; ${didYouMean(host, Object.keys(known))}\n`
    const { stdout, stderr } = shell.executeOn(host, command)
    return `${head}${stdout}${stderr}`
  })
  return parts.join('\n')
}
