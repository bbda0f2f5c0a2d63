import { checkArgument, isRecord, type Origin } from '../model/index.ts'
import { hopViewOf } from '../render/index.ts'
import type { Run } from '../shell/index.ts'
import { checkTrace, describeOrigin, type FrameHop, type Hop, type HopKind, type Trace } from '../trace/index.ts'
import { type Shown, shown } from './shown.ts'

/** One stay of the packet on a machine or in a pod, told. */
export interface Step extends Shown {
  /** Its number, from 1. */
  readonly number: number
  /** How many there are. */
  readonly of: number
  /** Which packet: '' is the request. */
  readonly packet: string
  /** The machine or pod. */
  readonly where: string
  /** The devices it comes in and goes out by. */
  readonly devices: readonly string[]
  /** What decided, in short. */
  readonly said: readonly string[]
  /** What decided, a sentence each, in order. */
  readonly reasons: readonly string[]
  /** The last frame of the step, as tcpdump prints it; '' when it sent none. */
  readonly frame: string
  /** The bytes of that frame, in hex digits. */
  readonly bytes: string
  /** The object behind it, e.g. `bird, IPPool/pods spec.ipipMode Always (cluster.yaml:25)`; '' when there is none. */
  readonly origin: string
  /** The packet came to grief here. */
  readonly bad: boolean
}

/** Hops that a learner is told; rules, checks and timers are behind them. */
const TOLD: ReadonlySet<HopKind> = new Set<HopKind>([
  'route',
  'forward',
  'encap',
  'decap',
  'nat',
  'neighbour',
  'fragment',
  'reassemble',
  'icmp-error',
  'deliver',
  'drop',
])

/**
 * One step of a run, told: where the packet is, what decided there, and the frame that leaves.
 *
 * ```ts
 * const run = scene('ipip').run()
 * step(run, 2).reasons // why node01 puts the packet into tunl0
 * ```
 *
 * @param n - the number of the step, from 1
 * @throws InputError for a step that there is not
 */
export function step(run: Run | Trace, n: number): Step {
  const all = stepsOf(run)
  const levels =
    all.length === 0 ? 'a run that sends something: this one has no steps' : `a step from 1 to ${all.length}`
  checkArgument(Number.isSafeInteger(n) && n >= 1 && n <= all.length, 'n', levels, n)
  return all[n - 1] as Step
}

/** All steps of a run, in order: the request, and what came back where it took another way or was lost. */
export function stepsOf(run: Run | Trace): readonly Step[] {
  const trace = traceIn(run)
  const view = hopViewOf(trace)
  const legs = (view?.legs ?? []).map(({ title, rows }) => ({ title, rows }))
  const count = legs.reduce((sum, { rows }) => sum + rows.length, 0)
  const hops = requestHops(trace)
  let number = 0
  let at = 0
  return legs.flatMap(({ title, rows }, leg) =>
    rows.map((row, i) => {
      number += 1
      const end = leg === 0 ? endOf(hops, at, row, i === rows.length - 1) : at
      const own = hops.slice(at, end).filter(({ netns }) => netns === row.netns)
      at = end
      const frame = own.filter((hop): hop is FrameHop => hop.kind === 'tx').at(-1)
      return stepOf({
        number,
        of: count,
        packet: title.replace(/:$/, ''),
        where: row.netns,
        devices: row.devices,
        said: row.said,
        reasons: reasonsOf(own, row.decisions),
        frame: frame?.line ?? '',
        bytes: frame?.bytes ?? '',
        origin: originText(row.origin),
        bad: row.tone === 'bad',
      })
    }),
  )
}

/** The trace of a run, or the trace that was given. @throws InputError for anything else */
export function traceIn(run: Run | Trace): Trace {
  const trace: unknown = isRecord(run) && 'trace' in run ? run.trace : run
  checkTrace(trace as Trace)
  return trace as Trace
}

/** Hops of the request that the trace is about, with its fragments and copies. */
function requestHops(trace: Trace): readonly Hop[] {
  const exchange = trace.exchanges.find((one) => one.disposition === trace.disposition) ?? trace.exchanges.at(-1)
  const chain = new Set<number>(exchange === undefined ? [] : [exchange.request])
  for (const { id, parent } of trace.packets) if (parent !== undefined && chain.has(parent)) chain.add(id)
  return trace.hops.filter(({ packet }) => chain.has(packet))
}

/** Where a step ends: behind the frame that leaves by its last device, or with the machine. */
function endOf(
  hops: readonly Hop[],
  from: number,
  row: { readonly netns: string; readonly devices: readonly string[] },
  isLast: boolean,
): number {
  if (isLast) return hops.length
  const out = row.devices.at(-1)
  const sent = hops.findIndex((hop, i) => i >= from && hop.netns === row.netns && hop.kind === 'tx' && hop.dev === out)
  if (sent >= 0) return sent + 1
  const left = hops.findIndex((hop, i) => i >= from && hop.netns === row.netns && hop.kind === 'decap')
  return left >= 0 ? left + 1 : from
}

/** What decided, a sentence each; what policy and Services decided is told once. */
function reasonsOf(hops: readonly Hop[], decisions: readonly { readonly text: string }[]): string[] {
  const decided = decisions.map(({ text }) => text)
  const told = hops.filter(({ kind }) => TOLD.has(kind)).map(({ reason }) => reason)
  return [...told.filter((reason) => !decided.includes(reason)), ...decided].map(sentence)
}

/** A phrase as a sentence; behind a name and a colon it stays as it is. */
function sentence(reason: string): string {
  const isNamed = /^[\w.-]+:/.test(reason)
  const head = isNamed ? reason.charAt(0) : reason.charAt(0).toUpperCase()
  return `${head}${reason.slice(1)}${/[.!?]$/.test(reason) ? '' : '.'}`
}

function originText(origin: Origin | undefined): string {
  return origin === undefined ? '' : describeOrigin(origin)
}

/** A step that shows itself. */
export function stepOf(facts: Omit<Step, 'toMarkdown'>): Step {
  return shown({ ...facts, toMarkdown: () => stepMarkdown(facts) })
}

function stepMarkdown({
  number,
  of,
  packet,
  where,
  devices,
  said,
  reasons,
  frame,
  origin,
}: Omit<Step, 'toMarkdown'>): string {
  const of_ = packet === '' ? '' : ` (${packet})`
  const head = `**Step ${number} of ${of}${of_}: ${where}**, ${devices.join(' → ')}`
  const lines = [
    ...(said.length === 0 ? [] : [`${said.join('; ')}.`]),
    reasons.map((one) => `- ${one}`).join('\n'),
    ...(frame === '' ? [] : [`\`${frame}\``]),
    ...(origin === '' ? [] : [`From: ${origin}.`]),
  ]
  return `${[head, ...lines.filter((one) => one !== '')].join('\n\n')}\n`
}
