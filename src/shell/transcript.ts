import { checkArgument, checkFunction, checkText, didYouMean, InputError, isRecord } from '../model/index.ts'
import { parseLine } from './line/parse.ts'
import type { Run } from './run.ts'
import type { Shell } from './shell.ts'

/** One command of a transcript: `host$ command`. */
export interface TranscriptCommand {
  /** Host in the prompt. */
  readonly host: string
  /** The command; one of several lines, such as a here-document, has line ends in it. */
  readonly command: string
}

/** A command and the lines it was typed in. */
interface TypedCommand extends TranscriptCommand {
  readonly typed: string
}

const PROMPT = /^([a-z0-9][a-z0-9.-]*)\$ (.*)$/i
/** What a shell prompts with when a command goes on. */
const CONTINUED = /^>(?: |$)/

/** The commands of a transcript, in order; output lines are passed over. */
export function transcriptCommands(text: string): TranscriptCommand[] {
  return typedCommands(text).map(({ host, command }) => ({ host, command }))
}

function typedCommands(text: string): TypedCommand[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  const commands: TypedCommand[] = []
  for (let i = 0; i < lines.length; i++) {
    const [, host, first] = PROMPT.exec(lines[i] as string) ?? []
    if (host === undefined || first === undefined) continue
    const rest = continuation(first, lines, i + 1)
    i += rest.length
    const command = [first, ...rest.map(({ own }) => own)].join('\n')
    commands.push({ host, command, typed: [`${host}$ ${first}`, ...rest.map(({ line }) => line)].join('\n') })
  }
  return commands
}

interface MoreLine {
  /** The line as it stands there. */
  readonly line: string
  /** Without the prompt `> `. */
  readonly own: string
}

/**
 * The lines a command goes on in: the text of a here-document, and what follows a backslash, a pipe or an open quote. Where they
 * have no prompt `> `, only here-documents and backslashes are followed: else a quote that is never closed would take all output.
 */
function continuation(first: string, lines: readonly string[], from: number): readonly MoreLine[] {
  const hasPrompts = CONTINUED.test(lines[from] ?? '')
  const taken: MoreLine[] = []
  let text = first
  // Only what may be unfinished is parsed again and again.
  while (/<<|\\$|[|&'"`(]/.test(text)) {
    const parsed = parseLine(text.trim())
    if (!('unfinished' in parsed)) return taken
    const line = lines[from + taken.length]
    const follows = hasPrompts ? CONTINUED.test(line ?? '') : /here-document|backslash/.test(parsed.unfinished)
    if (line === undefined || !follows) return []
    const own = hasPrompts ? line.replace(CONTINUED, '') : line
    taken.push({ line, own })
    text += `\n${own}`
  }
  return taken
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
  const commands = typedCommands(text)
  if (commands.length === 0) {
    const expected = 'at least one command behind a prompt: NODE$ COMMAND'
    throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received: 'none' }])
  }
  const parts = commands.map(({ host, command, typed }) => {
    const head = `${typed}\n`
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
