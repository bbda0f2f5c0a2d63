import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { type CommandResult, runTranscript, Shell } from '../../shell/index.ts'
import { EXIT } from '../exit.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'

/** Options of `packetwalk shell`. */
export interface ShellOptions extends SourceOptions {
  /** `--node`: where the prompt begins. */
  readonly node?: string
  /** `--transcript`. */
  readonly transcript?: string
}

/** A session on the nodes of the network: interactive, from a pipe, or the commands of a transcript. */
export async function shellCommand(options: ShellOptions): Promise<number> {
  const { lab } = openLab(options)
  const shell = new Shell(lab, options.node === undefined ? undefined : lab.endpoint(`node/${options.node}`).netns)
  if (options.transcript !== undefined) {
    process.stdout.write(runTranscript(shell, readFileSync(options.transcript, 'utf8')))
    return EXIT.ok
  }
  return await session(shell)
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
  const prompt = (): void => {
    lines.setPrompt(interactive ? shell.prompt : '')
    lines.prompt()
  }
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      if (left) return // lines of a pipe that were read before exit
      const result = shell.execute(line)
      left = result.leave === true
      show(result)
      last = result.exitCode
      if (result.leave === true) lines.close()
      else prompt()
    })
    lines.on('close', () => resolve(interactive ? EXIT.ok : last))
    prompt()
  })
}

function show(result: CommandResult): void {
  process.stdout.write(result.stdout)
  process.stderr.write(result.stderr)
  for (const { name, bytes } of result.files ?? []) {
    writeFileSync(name, bytes)
    process.stderr.write(`wrote ${name}\n`)
  }
}
