import type { FilesOfHost } from '../files/files.ts'

/** What a tool for texts finds: lines from a pipe, and the files of its host. */
export interface TextInput {
  /** What came through a pipe or from a file; undefined at the terminal. */
  readonly stdin: string | undefined
  readonly files: FilesOfHost
}

/** What it gives: lines; what it says besides; its status where that is not 0. */
export interface TextOutput {
  readonly stdout: string
  readonly stderr?: string
  readonly exitCode?: number
}

/** A tool that reads texts and prints one; undefined for options it does not have. */
export type TextTool = (input: TextInput, args: readonly string[]) => TextOutput | undefined

/** Lines of a text, the last with or without its end. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** A text of lines. */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** A text that was read, under its name. */
export interface NamedText {
  readonly name: string
  readonly text: string
}

/** What a tool reads: the files it names, or what comes through the pipe. A tool at the terminal waits for nobody here. */
export function inputsOf(
  tool: string,
  { stdin, files }: TextInput,
  names: readonly string[],
): { readonly texts: readonly NamedText[]; readonly stderr: string } {
  if (names.length === 0 && stdin === undefined)
    return { texts: [], stderr: `${tool}: packetwalk: nothing to read: a file, or a pipe in front of it\n` }
  const texts: NamedText[] = []
  let stderr = ''
  for (const name of names.length === 0 ? ['-'] : names.flatMap((one) => files.matching(one))) {
    const text = name === '-' ? (stdin ?? '') : files.read(name)
    if (typeof text === 'string') texts.push({ name, text })
    else stderr += `${tool}: ${name}: ${text.fault}\n`
  }
  return { texts, stderr }
}

/** What a tool prints of each text it reads, one behind the other. */
export function ofTexts(
  tool: string,
  input: TextInput,
  names: readonly string[],
  print: (lines: string[], name: string) => readonly string[],
): TextOutput {
  const { texts, stderr } = inputsOf(tool, input, names)
  const stdout = texts.map(({ name, text }) => textOf(print(linesOf(text), name))).join('')
  return stderr === '' ? { stdout } : { stdout, stderr, exitCode: 1 }
}

/** Bytes of a text in UTF-8. */
export function byteCount(text: string): number {
  let count = 0
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0
    count += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return count
}
