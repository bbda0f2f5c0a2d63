// Command lines typed in a lab, and what came of each, for goldens.
import type { Lab } from '../../src/lab/index.ts'
import { type Run, Shell } from '../../src/shell/index.ts'

/** What a command printed, how it ended, and what it says of itself besides. */
function runText({ stdout, stderr, exitCode, outcome, ok, files }: Run): string {
  const named = files.map(({ name, bytes }) => `[file ${name} ${Buffer.from(bytes).toString('hex')}]\n`)
  return `${stdout}${stderr}${named.join('')}[${exitCode} ${ok} ${outcome}]\n`
}

/** Types lines in a place, one session. */
export function typed(lab: Lab, place: string, lines: readonly string[]): string {
  const shell = new Shell(lab, place)
  const parts = lines.map((line) => `${shell.prompt}${line}\n${runText(shell.execute(line))}`)
  const left = shell.end()
  return [...parts, left === undefined ? '' : `end\n${runText(left)}`].join('\n')
}

/** Every text of the first list before every text of the second. */
export function eachOf(first: readonly string[], second: readonly string[]): string[] {
  return first.flatMap((a) => second.map((b) => `${a} ${b}`.trim()))
}
