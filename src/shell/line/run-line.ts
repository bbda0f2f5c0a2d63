import type { Host } from '../host.ts'
import { failed, printed, reprinted, toldLater } from '../result.ts'
import type { Run } from '../run.ts'
import { FILTER_NAMES, textTool } from '../text/tools.ts'
import { type Environment, expanded, expandedDocument } from './expand.ts'
import type { Redirect, Stage, Step } from './parse.ts'
import { type OutRedirect, opened, redirected, type Sinks, sinksOf } from './redirect.ts'
import { shellWords } from './words.ts'

/** What the commands of a line run in. */
export interface LineRunner {
  /** Variables, and what commands print. */
  readonly environment: Environment
  /** The host of the prompt, with what comes through a pipe. */
  host(stdin: string | undefined): Host
  /** Runs one command. */
  command(command: Command): Run
  /** Sets a variable. */
  assign(name: string, value: string): void
}

/** One command, ready to run. */
export interface Command {
  readonly words: readonly string[]
  /** The words as they were typed, values put in. */
  readonly line: string
  /** What it reads; undefined at the terminal. */
  readonly stdin: string | undefined
  /** It does not hold up what follows: where its output goes all the same. */
  readonly background: Sinks | undefined
}

/** Runs the steps of a line one after another: what they print is printed in this order, the status is that of the last that ran. */
export function runSteps(runner: LineRunner, steps: readonly Step[]): Run {
  let all: Run | undefined
  for (const step of steps) {
    const status = all?.exitCode ?? 0
    if (step.when !== 'always' && (step.when === 'succeeded') !== (status === 0)) continue
    const run = runPipeline(runner, step)
    all = all === undefined ? run : joined(all, run)
    runner.assign('?', String(run.exitCode))
  }
  return all ?? printed('')
}

/** Two commands as one run: the packets told of are those of the later that sent some. */
function joined(first: Run, second: Run): Run {
  const { exitCode, outcome } = second
  const printed = { stdout: first.stdout + second.stdout, stderr: first.stderr + second.stderr, exitCode, outcome }
  return toldLater({ ...printed, files: [...first.files, ...second.files] }, () => ({
    ok: second.ok,
    trace: second.trace.packets.length > 0 ? second.trace : first.trace,
  }))
}

function runPipeline(runner: LineRunner, { stages, background }: Step): Run {
  if (background && stages.length > 1) return failed('packetwalk: "&" is not known here behind a pipe', 2)
  let before: Run | undefined
  for (const stage of stages) {
    const run = runStage(runner, stage, before, background)
    if (run === undefined) return unknownFilter(stage)
    before = run
  }
  return before ?? printed('')
}

function unknownFilter({ text }: Stage): Run {
  const [name = ''] = text.split(/\s/, 1)
  return failed(
    `${name === '' ? '|' : name}: packetwalk does not know this filter or its options; there are ${FILTER_NAMES.join(', ')}`,
    127,
  )
}

/** Commands that read what comes through a pipe, besides the tools for texts. */
const READERS: ReadonlySet<string> = new Set([
  'kubectl',
  'calicoctl',
  'xargs',
  'sh',
  'bash',
  'sudo',
  'iptables-restore',
  'ipset',
])

/** A command with what the one before it printed; undefined for a filter that is not known, or an option of it. */
function runStage(runner: LineRunner, stage: Stage, before: Run | undefined, background: boolean): Run | undefined {
  const line = expanded(stage.text, runner.environment)
  if (typeof line !== 'string') return failed(`packetwalk: ${line.refused}`, 2)
  const { words, line: own } = withoutVariables(shellWords(line) ?? [], line)
  const flow = flowOf(runner, stage.redirects, before?.stdout)
  if ('refused' in flow) return failed(flow.refused, 1)
  const host = runner.host(flow.stdin)
  const closed = opened(host, flow.sinks)
  if (closed !== undefined) return closed
  const command = { words, line: own, stdin: flow.stdin, background: background ? flow.sinks : undefined }
  const run = before === undefined ? first(runner, stage, command) : filtered(runner, host, before, command)
  // What runs on prints later; its output goes its way by itself.
  return run === undefined || background ? run : redirected(host, run, flow.sinks)
}

/** `NAME=VALUE COMMAND`: variables for one command, of which none here reads any. */
function withoutVariables(words: readonly string[], line: string): Pick<Command, 'words' | 'line'> {
  if (words.length < 2 || !/^[A-Za-z_]\w*=/.test(words[0] ?? '')) return { words, line }
  const rest = line.replace(/^\s*[A-Za-z_]\w*=(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])*\s+/, '')
  return rest === line ? { words, line } : withoutVariables(words.slice(1), rest)
}

function first(runner: LineRunner, stage: Stage, command: Command): Run {
  if (command.words.length === 0) return printed('')
  return assigned(runner, stage.text) ?? runner.command(command)
}

/** `NAME=VALUE`, `export NAME=VALUE`; undefined when it is a command. */
function assigned(runner: LineRunner, text: string): Run | undefined {
  const [, name, source = ''] = /^(?:export\s+)?([A-Za-z_]\w*)=([\s\S]*)$/.exec(text) ?? []
  if (name === undefined) return undefined
  const value = expanded(source, runner.environment, 'whole')
  if (typeof value !== 'string') return failed(`packetwalk: ${value.refused}`, 2)
  const words = shellWords(value) ?? []
  if (words.length > 1) return undefined
  runner.assign(name, words[0] ?? '')
  return printed('')
}

/** The next command of a pipe, whose status is that of the pipe. Whether a program did what it was to do is told of it still. */
function filtered(runner: LineRunner, host: Host, before: Run, command: Command): Run | undefined {
  const [name = '', ...args] = command.words
  const tool = textTool(name)
  if (tool === undefined) {
    if (!READERS.has(name)) return undefined
    const run = runner.command(command)
    return reprinted(run, { stderr: before.stderr + run.stderr })
  }
  const output = tool(host, args)
  if (output === undefined) return undefined
  const { stdout, stderr = '', exitCode = 0 } = output
  const printed = { stdout, stderr: before.stderr + stderr, exitCode }
  return reprinted(before, printed, exitCode === 0)
}

interface Flow {
  readonly stdin: string | undefined
  readonly sinks: Sinks
}

/** What a command reads and where it writes. */
function flowOf(
  runner: LineRunner,
  redirects: readonly Redirect[],
  piped: string | undefined,
): Flow | { readonly refused: string } {
  let stdin = piped
  const out: OutRedirect[] = []
  for (const one of redirects) {
    if (one.kind === 'here') {
      const text = one.literal ? one.text : expandedDocument(one.text, runner.environment)
      if (typeof text !== 'string') return { refused: `packetwalk: ${text.refused}` }
      stdin = text
      continue
    }
    if (one.kind === 'join') {
      out.push(one)
      continue
    }
    if (one.kind === 'string') {
      const text = wordsOf(runner, one.word)
      if ('refused' in text) return text
      stdin = `${text.join(' ')}\n`
      continue
    }
    const target = fileOf(runner, one.target)
    if (typeof target !== 'string') return target
    if (one.kind === 'out') out.push({ ...one, target })
    else {
      const text = runner.host(undefined).files.read(target)
      if (typeof text !== 'string') return { refused: `bash: ${target}: ${text.fault}` }
      stdin = text
    }
  }
  return { stdin, sinks: sinksOf(out) }
}

/** The file a redirection names. */
function fileOf(runner: LineRunner, source: string): string | { readonly refused: string } {
  const words = wordsOf(runner, source)
  if ('refused' in words) return words
  const [name, ...more] = words
  return name === undefined || more.length > 0 ? { refused: `bash: ${source}: ambiguous redirect` } : name
}

/** Words behind a redirection, values put in. */
function wordsOf(runner: LineRunner, source: string): readonly string[] | { readonly refused: string } {
  const text = expanded(source, runner.environment)
  return typeof text === 'string' ? (shellWords(text) ?? []) : { refused: `packetwalk: ${text.refused}` }
}
