import { createInterface, type Interface } from 'node:readline'
import { decodeText } from '../../input/index.ts'
import { InputError, printable, printableLines } from '../../model/index.ts'
import { type Run, runTranscript, Shell } from '../../shell/index.ts'
import type { DELAYS } from '../choices.ts'
import { EXIT, fileErrorText, isFileError, reportFailure } from '../exit.ts'
import { readBytes } from '../files.ts'
import { nodeWord, openLab, type SourceOptions } from '../open-lab.ts'
import { writeOutput } from '../output-file.ts'
import { realFiles } from '../real-files.ts'

/** Options of `packetwalk shell`. */
export interface ShellOptions extends SourceOptions {
  /** `--node`: where the prompt begins. */
  readonly node?: string
  /** `--transcript`. */
  readonly transcript?: string
  /** `--delays`. */
  readonly delays?: (typeof DELAYS)[number]
}

/** A session on the nodes of the network: interactive, from a pipe, or the commands of a transcript. */
export async function shellCommand(options: ShellOptions): Promise<number> {
  const { dump = [], delays = 'instant' } = options
  if (dump.length > 0 && delays === 'calico') {
    const expected = '-f FILE with objects: what dumps hold is not calculated, and does not change over time'
    throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received: '--dump' }])
  }
  const { lab } = openLab(options)
  const netns = options.node === undefined ? undefined : lab.endpoint(nodeWord(options.node)).netns
  const shell = new Shell(lab, netns, realFiles())
  if (options.transcript !== undefined) {
    return replayTranscript(shell, decodeText(readBytes(options.transcript)))
  }
  return await session(shell)
}

/** Runs a transcript; files that it wants are stored as they come. */
function replayTranscript(shell: Shell, text: string): number {
  let status: number = EXIT.ok
  const keep = (result: Run): void => {
    status = storeFiles(result) ?? status
  }
  process.stdout.write(printableLines(runTranscript(shell, text, keep)))
  const left = shell.end()
  return left === undefined ? status : show(left) || status
}

function session(shell: Shell): Promise<number> {
  const interactive = process.stdin.isTTY === true
  const lines = createInterface({
    input: process.stdin,
    ...(interactive ? { output: process.stdout } : {}),
    completer: (line: string) => [shell.complete(line), line.split(/\s+/).at(-1) ?? ''],
    historySize: 1000,
  })
  if (interactive) process.stdout.write('packetwalk shell: help lists the commands, exit leaves\n')
  let last = EXIT.ok as number
  let left = false
  // What was typed of a command that goes on in the next line.
  let begun = ''
  const prompt = (): void => {
    lines.setPrompt(interactive ? (begun === '' ? shell.prompt : '> ') : '')
    lines.prompt()
  }
  const type = (line: string): void => {
    const text = begun === '' ? line : `${begun}\n${line}`
    begun = shell.isUnfinished(text) ? text : ''
    if (begun !== '') return
    last = show(execute(shell, text))
    left = shell.left
  }
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      if (left) return // lines of a pipe that were read before exit
      type(line)
      if (left) lines.close()
      else prompt()
    })
    const interrupted = (): void => {
      begun = ''
      anew(lines, prompt)
    }
    if (interactive) lines.on('SIGINT', interrupted)
    lines.on('close', () => {
      if (begun !== '') last = show(execute(shell, begun))
      const end = shell.end()
      if (end !== undefined) last = show(end) || last
      // Above 127 a status means a signal to whoever waits; ip and sysctl end with 255.
      resolve(interactive ? EXIT.ok : last > 127 ? EXIT.failed : last)
    })
    prompt()
  })
}

/** As in a shell of Linux, an interrupt drops the line that was begun. */
function anew(lines: Interface, prompt: () => void): void {
  lines.write(null, { ctrl: true, name: 'e' })
  lines.write(null, { ctrl: true, name: 'u' })
  process.stdout.write('^C\n')
  prompt()
}

/** What is printed and stored of a command. */
type Output = Pick<Run, 'stdout' | 'stderr' | 'exitCode' | 'files'>

/** Runs a line. A fault of packetwalk ends the command, not the session. */
function execute(shell: Shell, line: string): Output {
  try {
    return shell.execute(line)
  } catch (error) {
    const said: string[] = []
    const exitCode = reportFailure(error, (text) => said.push(`${text}\n`))
    return { stdout: '', stderr: said.join(''), exitCode, files: [] }
  }
}

/** Prints what a command printed, stores its files, and gives its status. */
function show(result: Output): number {
  process.stdout.write(printableLines(result.stdout))
  process.stderr.write(printableLines(result.stderr))
  return storeFiles(result) ?? result.exitCode
}

/** Stores the files of a result; a status when one could not be. */
function storeFiles(result: Output): number | undefined {
  let status: number | undefined
  for (const { name, bytes } of result.files) {
    const fault = store(name, bytes)
    process.stderr.write(fault === undefined ? `wrote ${printable(name)}\n` : `tcpdump: ${fault}\n`)
    if (fault !== undefined) status = EXIT.failed
  }
  return status
}

/** Why a file could not be written; undefined when it was. */
function store(name: string, bytes: Uint8Array): string | undefined {
  try {
    writeOutput(name, bytes)
    return undefined
  } catch (error) {
    if (isFileError(error)) return fileErrorText(error)
    if (error instanceof InputError) return error.message
    throw error
  }
}
