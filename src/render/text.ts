import { checkOptions, DROPS, type NetworkData, printableLines } from '../model/index.ts'
import {
  asRead,
  checkTrace,
  type DropHop,
  describeChange,
  describeDecision,
  describeOrigin,
  type Fact,
  type FrameHop,
  type Hop,
  isDenial,
  type RuleHop,
  type Trace,
  type TriedRule,
  triedRules,
} from '../trace/index.ts'
import { changeLines } from './change-lines.ts'
import { detailLines } from './detail.ts'
import { DEFAULT_WIDTH, hopLines } from './hop-lines.ts'
import { hopViewOf } from './hop-view.ts'
import { wrap } from './layout-text.ts'
import { noteLines } from './notes.ts'
import { type Section, sectionsOf, type Visit } from './sections.ts'
import { plainStyle, type Style } from './style.ts'
import { timeText } from './time.ts'
import { type Told, toldOf } from './told.ts'
import { answeredTargets, backgroundOf, isIdle } from './visible.ts'

/**
 * What text shows: `hops` a line for every place the packet came through, with what decided there; `frames` a line for every
 * frame on a device, and the drops; `reasons` groups by namespace and adds what changed and what was decided, with reasons and
 * origins; `bytes` adds lookups, idle steps, field trees and bytes. `both` is `hops` with `frames` below: for what is kept, where
 * nobody can ask again.
 */
export type TextView = 'hops' | 'both' | 'frames' | 'reasons' | 'bytes'

/** How to render text. */
export interface TextOptions {
  /** What; `hops` when left out. */
  readonly view?: TextView
  /** Columns that the lines of hops fit into; 100 when left out. */
  readonly width?: number
  /** Colour; none when left out. */
  readonly style?: Style
  /** The network of the trace: then the view `bytes` lists the rules that were tried in vain, too. */
  readonly network?: NetworkData
  /** Also what happens on switches and at stations that only overheard; only in the view `bytes` when left out. */
  readonly switches?: boolean
}

/** A trace as text, ending with a line break; control characters of names are written as escapes. */
export function renderText(trace: Trace, options: TextOptions = {}): string {
  checkTrace(trace)
  checkOptions(options)
  const text = textOf(asRead(trace), options)
  if ((options.style ?? plainStyle) === plainStyle) return printableLines(text)
  const parts = text.split(COLOUR)
  return parts.map((part, i) => (i % 2 === 1 ? part : printableLines(part))).join('')
}

/** What a style may put around a piece of text. */
const COLOUR = new RegExp(`(${String.fromCharCode(0x1b)}\\[[\\d;]*m)`)

function textOf(trace: Trace, options: TextOptions): string {
  const { style = plainStyle, view = 'hops', width = DEFAULT_WIDTH } = options
  const short = view === 'hops' || view === 'both' ? hopViewOf(trace) : undefined
  if (short === undefined) return framesText(trace, view === 'hops' || view === 'both' ? 'frames' : view, options)
  if (view === 'both') return `${hopLines(short, width, style).join('\n')}\n\n${framesText(trace, 'frames', options)}`
  const why = trace.ok || trace.certainty === 'undecided' ? [] : wrap(trace.summary, width)
  // Places that nobody described are said in their own lines.
  const notes = noteLines(trace, (note) => note.effect !== 'assumed' || note.scope.kind !== 'through')
  return `${[...hopLines(short, width, style), ...faultLines({ trace, style }), ...why, ...changeLines(trace), ...notes.flatMap((line) => wrap(line, width))].join('\n')}\n`
}

function framesText(trace: Trace, view: TextView, options: TextOptions): string {
  const style = options.style ?? plainStyle
  const switches = (options.switches ?? view === 'bytes') ? new Set<string>() : backgroundOf(trace)
  const context: Context = {
    trace,
    style,
    view,
    hidden: switches,
    answered: answeredTargets(trace),
    widths: widthsOf(trace, switches),
    told: toldOf(trace),
    tried: view === 'bytes' && options.network !== undefined ? triedIn(trace, options.network) : new Map(),
  }
  const blocks = sectionsOf(trace).flatMap((section) => sectionLines(context, section))
  const lines = [...blocks, '', verdict(context), ...faultLines(context)]
  if (view !== 'frames' || (!trace.ok && trace.certainty !== 'undecided'))
    lines.push(trace.summary, ...changeLines(trace))
  lines.push(...noteLines(trace))
  return `${lines.join('\n').trimStart()}\n`
}

interface Context {
  readonly trace: Trace
  readonly style: Style
  readonly view: TextView
  readonly hidden: ReadonlySet<string>
  readonly answered: ReadonlySet<string>
  readonly widths: { readonly netns: number; readonly dev: number }
  readonly told: Told
  readonly tried: ReadonlyMap<Hop, readonly TriedRule[]>
}

function triedIn(trace: Trace, network: NetworkData): Context['tried'] {
  const tried = triedRules(trace, network)
  return new Map([...tried].flatMap(([i, rules]) => (trace.hops[i] === undefined ? [] : [[trace.hops[i], rules]])))
}

function widthsOf(trace: Trace, hidden: ReadonlySet<string>): Context['widths'] {
  const nodes = trace.nodes.filter((node) => !hidden.has(node.name))
  return {
    netns: Math.max(0, ...nodes.map((node) => node.name.length)),
    dev: Math.max(0, ...nodes.flatMap((node) => node.interfaces.map((name) => name.length))),
  }
}

function verdict({ trace, style }: Context): string {
  const d = trace.disposition
  const what =
    trace.certainty === 'undecided'
      ? 'undecided'
      : d.kind === 'dropped'
        ? `dropped in ${d.netns}: ${DROPS[d.cause].why}`
        : d.kind === 'error'
          ? d.message
          : d.kind.replace('-', ' ')
  const title = trace.title === '' ? '' : `${trace.title}: `
  return style(trace.ok && trace.certainty !== 'undecided' ? 'good' : 'bad', `${title}${what}`)
}

function faultLines({ trace, style }: Pick<Context, 'trace' | 'style'>): string[] {
  return trace.faults.map((fault) =>
    style('bad', `packetwalk has a bug here, please report it: packet ${fault.packet} ${fault.text}`),
  )
}

const TITLES = {
  request: 'Request',
  reply: 'Reply',
  error: 'Error',
  resolution: 'Address resolution',
  other: 'Other',
} as const

function sectionLines(context: Context, section: Section): string[] {
  const visits = section.visits.filter((visit) => !context.hidden.has(visit.netns))
  const body =
    context.view === 'frames'
      ? visits.flatMap((visit) => minimalLines(context, visit))
      : visits.flatMap((visit) => visitLines(context, visit))
  if (body.length === 0) return []
  const about = section.packet === undefined ? '' : `: packet ${section.packet.id}, ${section.packet.line}`
  return ['', context.style('heading', `${TITLES[section.role]}${about}`), ...body]
}

function minimalLines(context: Context, visit: Visit): string[] {
  const { style, widths } = context
  const lines: string[] = []
  for (const hop of visit.hops) {
    const start = `${style('time', timeText(hop.time))} ${style('node', hop.netns.padEnd(widths.netns))} ${style('device', hop.dev.padEnd(widths.dev))}`
    if (hop.kind === 'tx' || hop.kind === 'rx') lines.push(`${start} ${direction(style, hop)} ${hop.line}`)
    else if (isLoss(hop)) lines.push(`${start} ${style('bad', `drop ${hop.cause}: ${hop.reason}`)}`)
  }
  return lines
}

function direction(style: Style, hop: FrameHop): string {
  return hop.kind === 'tx' ? style('out', 'Out') : style('in', 'In ')
}

function visitLines(context: Context, visit: Visit): string[] {
  const shown = visit.hops.filter((hop) => context.view === 'bytes' || isWalked(hop) || !isIdle(hop, context.answered))
  if (shown.length === 0) return []
  const role = context.trace.nodes.find((node) => node.name === visit.netns)?.role
  const head = `${context.style('node', visit.netns)}${role === undefined || role === 'unknown' ? '' : context.style('minor', ` (${role})`)}`
  const lines = [head]
  const facts = new Set<string>()
  for (const hop of shown) {
    for (const line of linesOf(context, hop)) {
      // A fact is told once a stay.
      if (line.startsWith(FACT_INDENT)) {
        if (facts.has(line)) continue
        facts.add(line)
      }
      lines.push(line)
    }
  }
  return lines
}

/** Every rule that matched belongs to the chains walked; a policy that accepts only ends them. */
function isWalked(hop: Hop): boolean {
  return hop.kind === 'rule' && hop.position !== 0
}

/** What it is; of a packet that had done its work the reason says it all. */
function hopWord(style: Style, hop: Hop): string {
  if (hop.kind !== 'drop') return `${style('minor', hop.kind)}: `
  return hop.harmless ? '' : `${style('bad', `drop (${hop.cause})`)}: `
}

function isLoss(hop: Hop): hop is DropHop {
  return hop.kind === 'drop' && !hop.harmless
}

const FACT_INDENT = '        '

function linesOf(context: Context, hop: Hop): string[] {
  const { style, widths } = context
  if (hop.kind !== 'tx' && hop.kind !== 'rx') {
    if (hop.kind === 'rule') return ruleLines(context, hop)
    const lines = [`      ${hopWord(style, hop)}${style('reason', hop.reason)}`]
    return [
      ...lines,
      ...factLines(context, hop),
      ...(hop.kind === 'nat' ? decided(context, hop) : []),
      ...(context.view === 'bytes' ? detailLines(hop, style) : []),
    ]
  }
  const line = `  ${style('time', timeText(hop.time))} ${style('device', hop.dev.padEnd(widths.dev))} ${direction(style, hop)} ${hop.line}`
  const changes = hop.changes.filter((change) => context.view === 'bytes' || change.kind !== 'field' || !change.derived)
  const lines = [line]
  if (changes.length > 0) lines.push(`      changed: ${style('change', changes.map(describeChange).join(', '))}`)
  if (isResolution(context, hop) && hop.kind === 'tx')
    lines.push(`      ${style('reason', hop.reason)}`, ...factLines(context, hop))
  return [...lines, ...(context.view === 'bytes' ? detailLines(hop, style) : [])]
}

/** A rule that matched: what was tried before it, itself with its origin on one line, and what it decided. */
function ruleLines(context: Context, hop: RuleHop): string[] {
  const { style, view, tried } = context
  const before = (tried.get(hop) ?? []).map(({ chain, position, text }) => {
    const rest = text.startsWith(`-A ${chain} `) ? text.slice(`-A ${chain} `.length) : text
    return `      ${style('minor', `no match: ${hop.table} ${chain} rule ${position}: ${rest}`)}`
  })
  const made = hop.facts[0]?.origin
  const origin = made === undefined ? '' : ` ${style('origin', `← ${describeOrigin(made)}`)}`
  const line = `      ${hopWord(style, hop)}${style('reason', hop.reason)}${origin}`
  return [...before, line, ...decided(context, hop), ...(view === 'bytes' ? detailLines(hop, style) : [])]
}

function decided({ told, style }: Context, hop: Hop): string[] {
  const decision = told.by.get(hop)
  if (decision === undefined) return []
  return [`      ${style(isDenial(decision) ? 'bad' : 'good', describeDecision(decision))}`]
}

function isResolution({ trace }: Context, hop: FrameHop): boolean {
  return trace.packets.find((packet) => packet.id === hop.packet)?.role === 'resolution'
}

/** The facts that have an origin and are not the kernel's own rules; at full depth all of them. */
function factLines({ style, view }: Context, hop: Hop): string[] {
  const shown = hop.facts.filter((fact) => view === 'bytes' || (fact.origin !== undefined && !isKernelRule(fact)))
  return shown.map((fact) => {
    const origin = fact.origin === undefined ? '' : ` ${style('origin', `← ${describeOrigin(fact.origin)}`)}`
    return `${FACT_INDENT}${fact.kind} ${fact.text}${origin}`
  })
}

/** The three rules every namespace is born with. */
function isKernelRule(fact: Fact): boolean {
  return fact.kind === 'rule' && /^(0|32766|32767): from all lookup (local|main|default)$/.test(fact.text)
}
