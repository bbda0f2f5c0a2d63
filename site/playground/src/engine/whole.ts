// Questions about a whole cluster, and what happens to it over time: a part of the engine that comes when somebody asks.
import { Lab, loadResources } from 'packetwalk'
import { diagnoseLab, flowIn, lint, type Reach, reachOf } from 'packetwalk/ask'
import type { Question, Session } from 'packetwalk/session'
import { renderTimelineSvg, renderTimelineText } from 'packetwalk/views'
import {
  type Causes,
  type Hurting,
  REACH_PAGE,
  type ReachAnswer,
  type ReachCount,
  type ReachPart,
  type ReachTable,
  type Results,
  type TimeView,
  type WholeJob,
} from './protocol.ts'
import type { Workshop } from './work.ts'

/** Echo requests, as flows are told apart: type × 256. */
const ECHO = { icmp: 8 * 256, icmpv6: 128 * 256 }

/** Answers. @throws InputError */
export function answerWhole(workshop: Workshop, job: WholeJob): Results[WholeJob['kind']] {
  switch (job.kind) {
    case 'reach':
      return reachTable(workshop, job.session, job.part)
    case 'lint':
      return hurting(workshop, job.session)
    case 'diagnose':
      return causes(workshop, job.session, job.ofAll)
    case 'time':
      return overTime(job.session, job.timeline)
  }
}

/** Who reaches whom in labs that were asked, as it was after so many lines typed: another part of a table costs no second calculation. */
const asked = new WeakMap<Lab, { readonly typed: number; readonly reach: Reach }>()

function reachIn(lab: Lab, { commands }: Session): Reach {
  const before = asked.get(lab)
  if (before?.typed === commands.length) return before.reach
  const reach = reachOf(lab)
  asked.set(lab, { typed: commands.length, reach })
  return reach
}

function reachTable(workshop: Workshop, session: Session, part: ReachPart): ReachTable {
  const { lab, question } = workshop.labOf(session)
  const sent = question ?? { from: '', to: '', protocol: 'ping' as const }
  const { protocol, port = '' } = sent
  const number = protocol === 'ping' ? 0 : typeof port === 'number' ? port : lab.port(sent.to, port, protocol).number
  const reach = reachIn(lab, session)
  const cells = new Set(reach.cells.map(({ from, to }) => `${from} ${to}`))
  const askers = shownOf(reach, 'from', part.from, part.row)
  const targets = shownOf(reach, 'to', part.to, part.column)
  const classOf = (i: number): ReachTable['to'][number] => {
    const { label = '', members = [] } = reach.ends[i] ?? {}
    return { label, members: members.slice(0, 20) }
  }
  const answer = (from: number, to: number): ReachAnswer | null =>
    cells.has(`${from} ${to}`) ? answerOf(reach, from, to, sent, number) : null
  return {
    sends: protocol === 'ping' ? 'ping' : `${protocol} ${number}`,
    askers: askers.count,
    targets: targets.count,
    to: targets.shown.map(classOf),
    rows: askers.shown.map((from) => ({
      from: classOf(from),
      answers: targets.shown.map((to) => answer(from, to)),
    })),
    notes: reach.notes,
  }
}

/** The classes of one side that are shown. A place beyond the last shows the last. */
function shownOf(
  reach: Reach,
  side: 'from' | 'to',
  name: string,
  place: number,
): { shown: number[]; count: ReachCount } {
  const all = [...new Set(reach.cells.map((cell) => cell[side]))]
  const wanted = name.trim().toLowerCase()
  const found = all.filter((i) => {
    const { label = '', members = [] } = reach.ends[i] ?? {}
    return [label, ...members].some((one) => one.toLowerCase().includes(wanted))
  })
  const last = Math.max(0, Math.ceil(found.length / REACH_PAGE) - 1) * REACH_PAGE
  const first = Math.min(place, last)
  return { shown: found.slice(first, first + REACH_PAGE), count: { all: all.length, found: found.length, first } }
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
  return { svg: renderTimelineSvg(report), text: renderTimelineText(report) }
}
