// Questions about a whole cluster, and what happens to it over time: a part of the engine that comes when somebody asks.
import { Lab, loadResources, type MimeBundle } from 'packetwalk'
import { diagnoseLab, flowIn, lint, type Reach, reachOf } from 'packetwalk/ask'
import type { Question, Session } from 'packetwalk/session'
import type { Causes, Hurting, ReachAnswer, ReachTable, Results, TimeView, WholeJob } from './protocol.ts'
import type { Workshop } from './work.ts'

/** Rows and columns of a table that somebody can look at. */
const MOST = 40
/** Echo requests, as flows are told apart: type × 256. */
const ECHO = { icmp: 8 * 256, icmpv6: 128 * 256 }
/** How values draw themselves in notebooks: text and picture of a timeline. */
const DISPLAY = Symbol.for('Jupyter.display')

/** Answers. @throws InputError */
export function answerWhole(workshop: Workshop, job: WholeJob): Results[WholeJob['kind']] {
  switch (job.kind) {
    case 'reach':
      return reachTable(workshop, job.session)
    case 'lint':
      return hurting(workshop, job.session)
    case 'diagnose':
      return causes(workshop, job.session, job.ofAll)
    case 'time':
      return overTime(job.session, job.timeline)
  }
}

function reachTable(workshop: Workshop, session: Session): ReachTable {
  const { lab, question } = workshop.labOf(session)
  const asked = question ?? { from: '', to: '', protocol: 'ping' as const }
  const { protocol, port = '' } = asked
  const number = protocol === 'ping' ? 0 : typeof port === 'number' ? port : lab.port(asked.to, port, protocol).number
  const reach = reachOf(lab)
  const cells = new Set(reach.cells.map(({ from, to }) => `${from} ${to}`))
  const [askers, targets] = (['from', 'to'] as const).map((side) => [...new Set(reach.cells.map((cell) => cell[side]))])
  const classOf = (i: number): ReachTable['to'][number] => {
    const { label = '', members = [] } = reach.ends[i] ?? {}
    return { label, members: members.slice(0, 20) }
  }
  const rows = (askers ?? []).slice(0, MOST).map((from) => ({
    from: classOf(from),
    answers: (targets ?? []).slice(0, MOST).map((to) => {
      return cells.has(`${from} ${to}`) ? answerOf(reach, from, to, asked, number) : null
    }),
  }))
  return {
    sends: protocol === 'ping' ? 'ping' : `${protocol} ${number}`,
    to: (targets ?? []).slice(0, MOST).map(classOf),
    rows,
    notes: reach.notes,
    left: Math.max(0, (askers?.length ?? 0) - MOST) + Math.max(0, (targets?.length ?? 0) - MOST),
  }
}

/** Between two classes: what becomes of what the question sends. */
function answerOf(reach: Reach, a: number, b: number, question: Question, port: number): ReachAnswer | null {
  const [from, to] = [reach.ends[a], reach.ends[b]]
  const sender = from?.members[0]
  const receiver = to?.members.find((name) => a !== b || name !== sender)
  if (sender === undefined || receiver === undefined) return null
  const flow = { from: sender, to: receiver }
  const outcome =
    question.protocol === 'ping'
      ? (flowIn(reach, { ...flow, protocol: 'icmp', point: ECHO.icmp }) ??
        flowIn(reach, { ...flow, protocol: 'icmpv6', point: ECHO.icmpv6 }))
      : flowIn(reach, { ...flow, protocol: question.protocol, point: port })
  if (outcome === undefined) return null
  const isNamed = from?.kind !== 'outside' && to?.kind !== 'outside'
  const sent = question.protocol === 'ping' ? { protocol: 'ping' as const } : { protocol: question.protocol, port }
  return { verdict: outcome.verdict, why: outcome.why, flow: isNamed ? { ...flow, ...sent } : null }
}

function hurting(workshop: Workshop, session: Session): readonly Hurting[] {
  const { cluster } = workshop.labOf(session).lab
  const { findings } = lint(loadResources(session.files), cluster === null ? {} : { cluster })
  return findings.map(({ name, severity, places: [place], message, why, fix }) => ({
    name,
    severity,
    at: place === undefined ? '' : `${place.file}:${place.line}`,
    message,
    more: [why, fix].join(' '),
  }))
}

function causes(workshop: Workshop, session: Session, ofAll: boolean): Causes {
  const { lab, question } = workshop.labOf(session)
  const { from, to, protocol, port } = question ?? { protocol: 'ping' as const }
  const ends = ofAll || from === undefined || to === undefined ? {} : { from, to }
  const sent = 'from' in ends && protocol !== 'ping' && port !== undefined ? { protocol, port } : {}
  const { summary, candidates } = diagnoseLab(lab, { ...ends, ...sent })
  return {
    summary,
    candidates: candidates.map(({ title, likelihood, because, right, where, decide }) => ({
      title: where === '' ? title : `${title} (${where})`,
      likelihood,
      because: right === '' ? because : `${because}. Right would be: ${right}`,
      command: decide.at === '' ? decide.command : `${decide.at}$ ${decide.command}`,
      ifSo: decide.ifSo,
    })),
  }
}

/** A lab of its own, in which programs take their time: that of the question is as it was. */
function overTime({ files, seed }: Session, timeline: string): TimeView {
  const report = Lab.load(files, { seed, delays: 'calico' }).timeline(timeline)
  const drawn = (report as unknown as Readonly<Record<symbol, () => MimeBundle>>)[DISPLAY]?.()
  return { svg: drawn?.['image/svg+xml'] ?? '', text: drawn?.['text/plain'] ?? '' }
}
