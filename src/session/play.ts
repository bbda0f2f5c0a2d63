import { Lab } from '../lab/index.ts'
import { type Run, Shell, transcriptCommands } from '../shell/index.ts'
import { answer } from './answer.ts'
import { bytesOfDump } from './read-session.ts'
import type { Session } from './session.ts'

/** A line that was typed again. */
export interface PlayedCommand {
  /** The line as the session has it. */
  readonly asked: string
  /** The prompt it was typed at, e.g. `node01$ `. */
  readonly prompt: string
  /** The line. */
  readonly line: string
  /** What came of it. */
  readonly run: Run
}

/** A session that was played again. */
export interface PlayedSession {
  /** The lab, as it is at the end. */
  readonly lab: Lab
  /** The shell in it, at the prompt where the next line would be typed. */
  readonly shell: Shell
  /** What was typed. */
  readonly commands: readonly PlayedCommand[]
  /** What came of the question; undefined when the session asks none. */
  readonly run: Run | undefined
}

/**
 * The lab a session begins with: of its objects, or of its dumps, with the objects beside them where there are any.
 * @throws InputError with every fault of its files and its place
 */
export function openSession({ files, dumps, seed }: Session): Lab {
  if (dumps.length === 0) return Lab.load(files, { seed })
  const bytes = new Map(dumps.map((dump) => [dump.name, bytesOfDump(dump)]))
  return Lab.fromDumps(bytes, { seed, ...(files.length === 0 ? {} : { objects: files }) })
}

/**
 * Plays a session from its beginning: opens its lab, types its commands, asks its question. The same session gives the same bytes.
 * @throws InputError with every fault of its files, or for a question about what is not there
 */
export function playSession(session: Session): PlayedSession {
  const lab = openSession(session)
  const shell = new Shell(lab)
  const commands = session.commands.map((line) => typeLine(shell, line))
  return { lab, shell, commands, run: session.question === null ? undefined : answer(lab, session.question) }
}

/** Types a line of a session at the prompt of a shell; one behind a prompt, `node01$ ip route`, on the host that it names. */
export function typeLine(shell: Shell, line: string): PlayedCommand {
  const [typed] = transcriptCommands(line)
  if (typed !== undefined && shell.lab.network.namespaces[typed.host] !== undefined) {
    const run = shell.executeOn(typed.host, typed.command)
    return { asked: line, prompt: `${typed.host}$ `, line: typed.command, run }
  }
  return { asked: line, prompt: shell.prompt, line, run: shell.execute(line) }
}

/** What was typed and printed, as a transcript that `runTranscript` runs again. */
export function describePlayed({ commands }: Pick<PlayedSession, 'commands'>): string {
  return commands
    .map(({ prompt, line, run }) => `${prompt}${line.replaceAll('\n', '\n> ')}\n${run.stdout}${run.stderr}`)
    .join('\n')
}
