import { didYouMean, InputError } from '../model/index.ts'
import { renderText } from '../render/index.ts'
import { calicoctl } from './calicoctl/calicoctl.ts'
import type { Desk, LabSnapshot } from './desk.ts'
import { Files, type RealFiles, type WrittenFiles } from './files/files.ts'
import { HELP } from './help.ts'
import { Host, type ProgramStarter } from './host.ts'
import { TOOLS } from './host-tools.ts'
import { Jobs, refusedBeside, runsBeside } from './jobs.ts'
import { kubectl } from './kubectl/kubectl.ts'
import { parseLine } from './line/parse.ts'
import type { Sinks } from './line/redirect.ts'
import { type Command, runSteps } from './line/run-line.ts'
import { refusedTool } from './other-tools.ts'
import { programName, type SshLine, sshLine } from './program-name.ts'
import { failed, printed, reprinted } from './result.ts'
import type { Run } from './run.ts'
import { Capture, captureBanner, startCapture } from './tcpdump.ts'
import { xargs } from './xargs.ts'

/** Words of the shell itself. */
const BUILTINS = [
  'kubectl',
  'calicoctl',
  'sudo',
  'xargs',
  'tcpdump',
  'fg',
  'jobs',
  'kill',
  'wait',
  'why',
  'ssh',
  'hosts',
  'save',
  'back',
  'history',
  'help',
  'exit',
] as const

/** Characters of a line. @linux include/uapi/linux/binfmts.h MAX_ARG_STRLEN */
const LONGEST_LINE = 131_072

/** Shells, which are one here. */
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash'])

/** Commands within commands: `$(echo $(…))`. */
const DEEPEST = 16

/** An interactive session in a lab: a prompt on one of its nodes, with the words of the real tools. */
export class Shell {
  /** The lab. */
  readonly lab: Desk
  /** Namespace the prompt is in. */
  netns: string
  /** Command lines so far. */
  readonly history: string[] = []
  /** Whether the user said `exit` where the session began. */
  left = false
  private readonly cameFrom: string[] = []
  private capture: Capture | null = null
  private readonly jobs = new Jobs()
  private lastRun: Run | null = null
  private readonly files: Files
  private readonly moments = new Map<string, { readonly lab: LabSnapshot; readonly written: WrittenFiles }>()
  private readonly variables = new Map<string, string>([['?', '0']])
  /** How deep a command runs in another's `$(…)`. */
  private depth = 0

  /**
   * @param netns - where the prompt begins; the first node when left out
   * @param real - files beside the user, for those that no command wrote here; none when left out
   */
  constructor(lab: Desk, netns?: string, real?: RealFiles) {
    this.lab = lab
    this.files = new Files(lab, real)
    const names = Object.keys(lab.network.namespaces)
    this.netns = netns ?? names.find((n) => lab.network.namespaces[n]?.role === 'node') ?? names[0] ?? ''
  }

  /** The prompt, e.g. `node01$ `. */
  get prompt(): string {
    return `${this.netns}$ `
  }

  /** Runs a command line. Never throws at bad input: what is wrong is printed. */
  execute(line: string): Run {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) return printed('')
    const longest = trimmed.length > LONGEST_LINE ? Math.max(...trimmed.split('\n').map((one) => one.length)) : 0
    if (longest > LONGEST_LINE)
      return failed(`packetwalk: a line has at most ${LONGEST_LINE} characters, this one ${longest}`, 2)
    this.history.push(trimmed)
    const ended = this.runText(trimmed)
    const before = this.jobs.fresh()
    const run = before === '' ? ended : reprinted(ended, { stdout: `${before}${ended.stdout}` })
    this.variables.set('?', String(run.exitCode))
    return run
  }

  /** Whether more has to be typed before a text can run: a here-document, a quote or a pipe is open. */
  isUnfinished(text: string): boolean {
    return 'unfinished' in parseLine(text.trim())
  }

  private runText(text: string): Run {
    const parsed = parseLine(text)
    if ('refused' in parsed) return failed(`packetwalk: ${parsed.refused}`, 2)
    if ('unfinished' in parsed) return failed(`packetwalk: ${parsed.unfinished}`, 2)
    try {
      return runSteps(
        {
          environment: { get: (name) => this.variableOf(name), output: (command) => this.outputOf(command) },
          host: (stdin) => {
            this.jobs.collect()
            return new Host(this.lab, this.netns, this.files, stdin)
          },
          command: (command) => this.withCapture(this.dispatch(command)),
          assign: (name, value) => void this.variables.set(name, value),
        },
        parsed.steps,
      )
    } catch (error) {
      if (error instanceof InputError) return failed(`packetwalk: ${error.message}`, 2)
      throw error
    }
  }

  /** What was set, and the name of the host, which is there from the beginning. */
  private variableOf(name: string): string | undefined {
    const set = this.variables.get(name)
    return set === undefined && name === 'HOSTNAME' ? this.netns.split('/').at(-1) : set
  }

  /** What `$(…)` stands for. */
  private outputOf(command: string): string {
    if (this.depth >= DEEPEST) return ''
    this.depth += 1
    try {
      return this.runText(command).stdout
    } finally {
      this.depth -= 1
    }
  }

  /** Ends the session: a capture that still runs is stopped, as a signal would stop it. Undefined when there is none. */
  end(): Run | undefined {
    return this.capture === null ? undefined : this.stopCapture()
  }

  /** Runs a command line on a host, as a transcript's `host$ command` says. */
  executeOn(netns: string, line: string): Run {
    this.netns = netns
    return this.execute(line)
  }

  /** Words that could stand at the end of a line: commands first, then names of hosts, pods and interfaces. */
  complete(line: string): string[] {
    const words = line.split(/\s+/)
    const last = words.at(-1) ?? ''
    const names = words.length <= 1 ? [...Object.keys(TOOLS), ...BUILTINS] : this.names()
    return [...new Set(names)].filter((n) => n.startsWith(last)).sort()
  }

  private names(): string[] {
    const all = Object.keys(this.lab.network.namespaces)
    const interfaces = Object.keys(this.lab.network.namespaces[this.netns]?.interfaces ?? {})
    return [...all, ...all.map((n) => n.split('/').at(-1) as string), ...interfaces]
  }

  private withCapture(result: Run): Run {
    if (this.capture === null) return result
    const seen = this.capture.fresh()
    const stdout = `${seen}${result.stdout}`
    if (!this.capture.isFull) return seen === '' ? result : reprinted(result, { stdout })
    const end = this.capture.stop()
    this.capture = null
    return reprinted(result, { stdout, stderr: result.stderr + end.stderr, files: end.files })
  }

  private dispatch(command: Command): Run {
    const { words, line, stdin, background } = named(command)
    const [name = ''] = words
    const starts = background === undefined ? undefined : this.starter(line, background)
    if (starts !== undefined && !runsBeside(words)) return refusedBeside(name)
    switch (name as (typeof BUILTINS)[number]) {
      case 'help':
        return printed(HELP)
      case 'exit':
        return this.exit()
      case 'history':
        return printed(this.history.map((h, i) => `${String(i + 1).padStart(5)}  ${h}\n`).join(''))
      case 'hosts':
        return printed(
          Object.values(this.lab.network.namespaces)
            .map((n) => `${n.role.padEnd(9)} ${n.name}\n`)
            .join(''),
        )
      case 'ssh':
        return this.goTo(sshLine(words))
      case 'why':
        return this.why(words)
      case 'save':
        this.moments.set(words[1] ?? 'last', { lab: this.lab.snapshot(), written: this.files.written })
        return printed('')
      case 'back':
        return this.back(words[1] ?? 'last')
      case 'tcpdump':
        if (typeof background?.stdout === 'object') return failed('tcpdump: packetwalk: -w FILE stores what it sees', 2)
        return this.tcpdump(background === undefined ? line : `${line} &`, words)
      case 'fg':
        return this.jobs.areAny ? this.jobs.foreground(this.lab.simulation, words[1]) : this.stopCapture()
      case 'jobs':
        return this.jobs.listed()
      case 'kill':
        return this.jobs.kill(words)
      case 'wait':
        return this.jobs.wait(this.lab.simulation)
      case 'kubectl':
        // A plugin of kubectl is the same program under another name.
        if (words[1] === 'calico')
          return this.dispatch({ words: ['calicoctl', ...words.slice(2)], line, stdin, background })
        return this.kubectl(words, stdin, starts)
      case 'sudo':
        return this.dispatch({ words: words.slice(1), line: line.replace(/^sudo\s+/, ''), stdin, background })
      case 'xargs':
        return xargs(words.slice(1), stdin ?? '', (command) =>
          this.dispatch({ words: command, line: command.join(' '), stdin: '', background: undefined }),
        )
      case 'calicoctl':
        return calicoctl(new Host(this.lab, this.netns, this.files, stdin), words)
      default:
        return this.tool(new Host(this.lab, this.netns, this.files, stdin, starts), words, line)
    }
  }

  private tool(host: Host, typed: readonly string[], asTyped: string): Run {
    const { words, line } = named({ words: typed, line: asTyped })
    const [name = ''] = words
    if (SHELLS.has(name)) return this.shellIn(host, words)
    const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined
    if (tool !== undefined) {
      const result = tool(host, words, line)
      this.lastRun = host.ran ?? this.lastRun
      return result
    }
    const refused = refusedTool(name)
    if (refused !== undefined) return refused
    if (BUILTINS.some((one) => one === name)) return failed(`${name}: packetwalk: it is typed on a machine`, 127)
    return failed(
      `${name}: packetwalk does not know this command; ${didYouMean(name, [...Object.keys(TOOLS), ...BUILTINS])} (help lists all)`,
      127,
    )
  }

  /** `sh -c LINE`, `sh` with lines that come through a pipe; `sh` alone in a pod is a prompt there. */
  private shellIn({ netns, stdin }: Host, words: readonly string[]): Run {
    const at = words.findIndex((word) => /^-[a-z]*c$/.test(word))
    if (at !== -1) return this.runOn(netns, words[at + 1] ?? '')
    const [script] = words.slice(1).filter((word) => !word.startsWith('-'))
    if (script !== undefined)
      return failed(`packetwalk: ${words[0]} ${script}: scripts are not run here; ${words[0]} -c LINE`, 2)
    if (stdin !== undefined) return this.runOn(netns, stdin)
    if (netns !== this.netns) this.enter(netns)
    return printed('')
  }

  /** A line in a namespace: the prompt stays where it is. */
  private runOn(netns: string, line: string): Run {
    const here = this.netns
    this.netns = netns
    try {
      return this.runText(line)
    } finally {
      this.netns = here
    }
  }

  /** Starts a program of a line beside what follows. */
  private starter(line: string, sinks: Sinks): ProgramStarter {
    const host = new Host(this.lab, this.netns, this.files)
    return (program, endless) => this.jobs.start(program, { line, host, sinks, endless })
  }

  /** `ssh HOST` is a prompt there; with a command it is run there, and the prompt stays where it is. */
  private goTo({ name, command }: SshLine): Run {
    const found = this.lab.endpoint(name)
    if (found.netns === undefined) return failed(`ssh: nobody here has the address ${name}`)
    if (command !== '') return this.runOn(found.netns, command)
    this.enter(found.netns)
    return printed('')
  }

  private enter(netns: string): void {
    this.cameFrom.push(this.netns)
    this.netns = netns
  }

  private exit(): Run {
    const before = this.cameFrom.pop()
    if (before === undefined) this.left = true
    else this.netns = before
    return printed('')
  }

  private back(name: string): Run {
    const moment = this.moments.get(name)
    if (moment === undefined)
      return failed(`back: no moment was saved as "${name}"; ${didYouMean(name, [...this.moments.keys()])}`)
    this.lab.restore(moment.lab)
    this.files.written = moment.written
    this.jobs.clear()
    return printed('')
  }

  private why(words: readonly string[]): Run {
    if (this.lastRun === null) return failed('why: no ping or traceroute has run yet')
    const view = words.includes('-vv') ? 'bytes' : words.includes('-v') ? 'reasons' : 'hops'
    return printed(renderText(this.lastRun.trace, { view }))
  }

  private tcpdump(line: string, words: readonly string[]): Run {
    if (this.capture !== null) return failed('tcpdump: one is running already; stop it with fg')
    const started = startCapture(new Host(this.lab, this.netns, this.files), words, line)
    if (!(started instanceof Capture)) return started
    this.capture = started
    return captureBanner(words)
  }

  private stopCapture(): Run {
    if (this.capture === null) return failed('fg: no tcpdump is running')
    const result = this.capture.stop()
    this.capture = null
    return result
  }

  private kubectl(words: readonly string[], stdin: string | undefined, starts: ProgramStarter | undefined): Run {
    const run = (netns: string, command: readonly string[]): Run =>
      this.tool(new Host(this.lab, netns, this.files, stdin, starts), command, command.join(' '))
    const files = this.files.on(this.netns)
    return kubectl({ desk: this.lab, files, run, ...(stdin === undefined ? {} : { stdin }) }, words)
  }
}

/** A command whose program is called by its name alone. */
function named<T extends Pick<Command, 'words' | 'line'>>(command: T): T {
  const [typed = '', ...others] = command.words
  const name = programName(typed)
  return name === typed ? command : { ...command, words: [name, ...others], line: command.line.replace(typed, name) }
}
