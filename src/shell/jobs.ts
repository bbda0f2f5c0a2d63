import { SECOND, type Simulation } from '../dataplane/index.ts'
import type { Process } from '../programs/index.ts'
import type { Host } from './host.ts'
import type { Sinks } from './line/redirect.ts'
import { failed, printed, reprinted } from './result.ts'
import type { Run } from './run.ts'

/** A program that runs beside the commands of a session. */
interface Job {
  readonly number: number
  /** The command line. */
  readonly line: string
  readonly program: Process
  /** Whose files its output goes into. */
  readonly host: Host
  readonly sinks: Sinks
  /** It ends when somebody ends it, and not before. */
  readonly endless: boolean
  /** What of its output was printed or written. */
  told: { stdout: number; stderr: number }
}

/** The number of the first job as a process. */
const FIRST_PROCESS = 4200
/** Virtual time a job may take when it is waited for. */
const PATIENCE = 600 * SECOND
/** What a program ends with that a signal ends. */
const INTERRUPTED = 130

/** What runs behind `&`: it goes on as virtual time passes, in `sleep` and while other commands run. */
export class Jobs {
  private list: Job[] = []
  private number = 0
  private unread = ''

  /** Starts a program. */
  start(program: Process, job: Pick<Job, 'line' | 'host' | 'sinks' | 'endless'>): Run {
    this.number = this.list.length === 0 ? 1 : this.number + 1
    program.start()
    this.list.push({ ...job, program, number: this.number, told: { stdout: 0, stderr: 0 } })
    return printed(`[${this.number}] ${FIRST_PROCESS + this.number}\n`)
  }

  /** Forgets all: a moment was restored in which none ran. */
  clear(): void {
    for (const { program } of this.list) if (isWatcher(program)) program.exit(INTERRUPTED)
    this.list = []
    this.unread = ''
  }

  /** Takes what jobs have printed: into their files, or to be read. */
  collect(): void {
    for (const job of this.list) {
      if (isWatcher(job.program)) job.program.look()
      this.unread += taken(job)
    }
    const ended = this.list.filter(({ program }) => program.exitCode !== null)
    for (const { number, line, program } of ended)
      this.unread += `[${number}]+  ${(program.exitCode === 0 ? 'Done' : `Exit ${program.exitCode}`).padEnd(23)} ${line}\n`
    this.list = this.list.filter((job) => !ended.includes(job))
  }

  /** What jobs have printed since it was asked last. */
  fresh(): string {
    this.collect()
    const text = this.unread
    this.unread = ''
    return text
  }

  /** Whether any runs. */
  get areAny(): boolean {
    return this.list.length > 0
  }

  /** `jobs`. */
  listed(): Run {
    return printed(this.list.map(({ number, line }) => `[${number}]+  ${'Running'.padEnd(23)} ${line} &\n`).join(''))
  }

  /** `fg [%N]`: waits for a job; one without an end is interrupted, as Ctrl-C does. */
  foreground(simulation: Simulation, word = ''): Run {
    const job = this.found(word)
    if (job === undefined) return failed(`fg: ${word === '' ? 'current' : word}: no such job`)
    return this.ended(job, job.endless ? undefined : simulation)
  }

  /** `kill [-INT] %N|PROCESS`: ends a job; it prints its account. */
  kill(words: readonly string[]): Run {
    const [word = '', ...more] = words.slice(1).filter((one) => !/^-(INT|2|SIGINT|TERM|15|SIGTERM)$/.test(one))
    if (more.length > 0 || word.startsWith('-')) return failed('kill: packetwalk ends one job: kill %N', 2)
    const job = this.found(word)
    return job === undefined ? failed(`bash: kill: ${word}: no such job`) : this.ended(job, undefined)
  }

  /** `wait`: until all have ended. */
  wait(simulation: Simulation): Run {
    const runs = this.list.map((job) => this.ended(job, job.endless ? undefined : simulation))
    const text = (of: (run: Run) => string): string => runs.map(of).join('')
    return printed(
      text(({ stdout }) => stdout),
      text(({ stderr }) => stderr),
    )
  }

  private found(word: string): Job | undefined {
    const number = /^%?(\d+)$/.exec(word)?.[1]
    if (word === '' || word === '%' || word === '%%' || word === '%+') return this.list.at(-1)
    return this.list.find((job) => String(job.number) === number || String(FIRST_PROCESS + job.number) === number)
  }

  /** Lets a job end by itself where a simulation is given, else at once. */
  private ended(job: Job, simulation: Simulation | undefined): Run {
    const { program, line } = job
    const until = simulation === undefined ? 0 : simulation.clock.now + PATIENCE
    while (simulation !== undefined && program.exitCode === null) {
      const next = simulation.clock.nextAt()
      if (next === undefined || next > until) break
      simulation.run(next)
    }
    if (program.exitCode === null) program.interrupt()
    this.list = this.list.filter((one) => one !== job)
    const exitCode = program.exitCode ?? INTERRUPTED
    return reprinted(printed(`${line}\n${taken(job)}`), { exitCode }, exitCode === 0)
  }
}

/** A program that tells what it sees when it looks. */
function isWatcher(program: Process): program is Process & { look(): void } {
  return 'look' in program
}

/** What a job printed since it was asked last, as far as that goes to the terminal. */
function taken(job: Job): string {
  const { program, sinks, host, told } = job
  let shown = ''
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = program[stream].slice(told[stream])
    told[stream] = program[stream].length
    const sink = sinks[stream]
    if (text === '') continue
    if (typeof sink === 'string') shown += text
    else host.files.write(sink.target, text, true)
  }
  return shown
}

/** Whether a command can run beside others. */
export function runsBeside(words: readonly string[]): boolean {
  const [name = ''] = words
  if (name === 'kubectl') return words.includes('exec') && words.some((word) => /^(ping|traceroute)6?$/.test(word))
  if (name === 'conntrack') return words.includes('-E') || words.includes('--event')
  return /^(tcpdump|(ping|traceroute)6?)$/.test(name)
}

/** Another command behind which `&` stands. */
export function refusedBeside(name: string): Run {
  const beside =
    'tcpdump, ping, traceroute and conntrack -E run beside other commands, ping and traceroute in pods with kubectl exec, too, and nothing else does'
  return failed(`packetwalk: "&" is not known here behind ${name}: ${beside}`, 2)
}
