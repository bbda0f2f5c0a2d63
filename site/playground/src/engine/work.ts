// The jobs, done. Runs in a worker of the page, and in the build for the run that the page shows before its engine is there.
import {
  diffTraces,
  InputError,
  type Issue,
  type Lab,
  type Run,
  renderPcapng,
  renderSvg,
  renderText,
  Shell,
} from 'packetwalk'
import {
  answer,
  openSession,
  type PlayedCommand,
  type Question,
  type Session,
  sortFiles,
  typeLine,
} from 'packetwalk/session'
import { type StepsView, stepsOf } from 'packetwalk/views'
import type { Compared, Ends, Job, Played, Results, RunView, WholeJob } from './protocol.ts'
import { described, noted } from './words.ts'

/** A lab that is open, with what was typed in it. */
interface OpenSession {
  readonly key: string
  readonly lab: Lab
  readonly shell: Shell
  readonly typed: PlayedCommand[]
}

/** What is done here; questions about a whole cluster are asked in a part of their own (`whole.ts`). */
type OwnJob = Exclude<Job, WholeJob>

/** How many labs stay open: what is looked at, and what it is compared with. */
const KEPT = 2

/** Does jobs; labs stay open between them, so that one more command or another question costs no reading of files. */
export class Workshop {
  private open: OpenSession[] = []

  /** Does a job. @throws InputError */
  do<K extends OwnJob['kind']>(job: Extract<OwnJob, { kind: K }>): Results[K]
  do(job: OwnJob): Results[OwnJob['kind']] {
    switch (job.kind) {
      case 'play':
        return this.play(job.session, job.width)
      case 'text':
        return renderText(this.run(job.session).trace, { view: job.view, width: 110 })
      case 'steps':
        return this.steps(job.session)
      case 'svg':
        return renderSvg(this.run(job.session).trace)
      case 'pcapng':
        return renderPcapng(this.run(job.session).trace)
      case 'compare':
        return this.compare(job.left, job.right)
      case 'complete':
        return this.session(job.session).shell.complete(job.line)
      case 'unfinished':
        return this.session(job.session).shell.isUnfinished(job.text)
      case 'sort':
        return sortFiles(job.files)
    }
  }

  /** The lab of a session, its lines typed, and its question or the one for who has none. @throws InputError */
  labOf(session: Session): { readonly lab: Lab; readonly question: Question | null } {
    const { lab } = this.session(session)
    return { lab, question: session.question ?? suggestion(lab, endsOf(lab)) }
  }

  private play(session: Session, width: number): Played {
    const { lab, shell, typed } = this.session(session)
    const ends = endsOf(lab)
    const question = session.question ?? suggestion(lab, ends)
    const { run, refused } = question === null ? { run: null, refused: [] } : this.answered(session, question)
    return {
      ends,
      notes: lab.notes,
      typed: typed.map(({ prompt, line, run: { stdout, stderr, files } }) => ({
        prompt,
        line,
        output: stdout + stderr,
        files,
      })),
      prompt: shell.prompt,
      question,
      run: run && viewOf(run),
      svg: run === null ? '' : renderSvg(run.trace, { width }),
      refused,
    }
  }

  private steps(session: Session): StepsView {
    const { trace } = this.run(session)
    const { network } = this.session(session).lab
    return stepsOf(trace, { network, sources: session.files })
  }

  /** A question about what is not there is no fault of the files. */
  private answered(session: Session, question: Question): { run: Run | null; refused: readonly Issue[] } {
    try {
      return { run: this.ask(session, question), refused: [] }
    } catch (error) {
      if (error instanceof InputError) return { run: null, refused: error.issues }
      throw error
    }
  }

  private compare(left: Session, right: Session): Compared {
    const [a, b] = [this.runOf(left), this.runOf(right)]
    if (a === null || b === null) return { left: a && viewOf(a), right: b && viewOf(b), parting: null }
    const { same, commonHops, parting, outcome } = diffTraces(a.trace, b.trace)
    return { left: viewOf(a), right: viewOf(b), parting: { same, commonHops, why: parting?.why ?? '', outcome } }
  }

  private run(session: Session): Run {
    const run = this.runOf(session)
    if (run !== null) return run
    const expected = 'two pods or nodes to choose from'
    throw new InputError([{ kind: 'invalid', file: '', path: ['question'], expected, received: 'none' }])
  }

  private runOf(session: Session): Run | null {
    const { question } = this.labOf(session)
    return question === null ? null : this.ask(session, question)
  }

  /** Asks, and goes back to the moment before: the next question finds the network as this one found it. */
  private ask(session: Session, question: Question): Run {
    const { lab } = this.session(session)
    const moment = lab.snapshot()
    try {
      const run = answer(lab, question)
      // What became of its packets is told when somebody reads it, of the lab as it was then.
      void run.trace
      return run
    } finally {
      lab.restore(moment)
    }
  }

  /** The lab of a session: one that is open, with the lines typed that are new, or one from the beginning. */
  private session(session: Session): OpenSession {
    const { seed, files, dumps, commands } = session
    const key = JSON.stringify([seed, files, dumps])
    const isBefore = ({ typed, key: other }: OpenSession): boolean =>
      other === key && typed.length <= commands.length && typed.every(({ asked }, i) => asked === commands[i])
    const known = this.open.find(isBefore)
    const found = known ?? { key, ...opened(session) }
    for (const line of commands.slice(found.typed.length)) found.typed.push(typeLine(found.shell, line))
    this.open = [found, ...this.open.filter((other) => other !== found)].slice(0, KEPT)
    return found
  }
}

function opened(session: Session): Omit<OpenSession, 'key'> {
  const lab = openSession(session)
  return { lab, shell: new Shell(lab), typed: [] }
}

function endsOf(lab: Lab): Ends {
  const { cluster, network } = lab
  const nodes =
    cluster?.nodes.map(({ name }) => name) ??
    Object.values(network.namespaces)
      .filter(({ role }) => role === 'node')
      .map(({ name }) => name)
  const services = (cluster?.resources.services ?? []).map(({ metadata, spec }) => ({
    name: `svc/${metadata.namespace ?? 'default'}/${metadata.name}`,
    ports: (spec.ports ?? []).flatMap(({ port, protocol = 'TCP' }) =>
      protocol === 'TCP' || protocol === 'UDP'
        ? [{ port, protocol: protocol === 'TCP' ? ('tcp' as const) : ('udp' as const) }]
        : [],
    ),
  }))
  return { pods: lab.pods, nodes: nodes.map((name) => `node/${name}`), services }
}

/** Two ends to begin with: pods on different nodes, if there are two. */
function suggestion(lab: Lab, { pods, nodes }: Ends): Question | null {
  const all = [...pods, ...nodes]
  const [from] = all
  const nodeOf = (name: string | undefined): string | undefined =>
    lab.cluster?.workloadEndpoints.find(({ netns }) => netns === name)?.node
  const to = pods.find((name) => name !== from && nodeOf(name) !== nodeOf(from)) ?? all.find((name) => name !== from)
  return from === undefined || to === undefined ? null : { from, to, protocol: 'ping' }
}

function viewOf({ trace, diagnosis, outcome }: Run): RunView {
  return {
    ok: trace.ok,
    certainty: trace.certainty,
    word: trace.certainty === 'undecided' ? 'undecided' : outcome,
    summary: trace.summary,
    findings: diagnosis.map(described),
    notes: trace.notes.map(noted),
    text: renderText(trace, { view: 'hops', width: 110 }),
  }
}
