import { endpointsIn } from '../control/index.ts'
import { cablePeer, type Network, printableLines, pushTo } from '../model/index.ts'
import {
  drawn,
  type MimeBundle,
  notebookHtml,
  plainTrace,
  renderTimelineHtml,
  renderTimelineSvg,
  renderTimelineText,
  type TimelineReport,
  textBundle,
  traceBundle,
} from '../render/index.ts'
import type { Run } from '../shell/index.ts'
import { NO_TRACE, parseTrace, type Trace } from '../trace/index.ts'
import type { Lab } from './lab.ts'

/** Lets a trace draw itself in notebooks. */
export function drawnTrace(trace: Trace): Trace {
  return drawn(
    trace,
    () => traceBundle(trace),
    () => plainTrace(trace),
  )
}

/** Lets a run draw itself in notebooks: what it printed, and the life of its packets. */
export function drawnRun(run: Run): Run {
  return drawn(
    run,
    () => runBundle(run),
    () => plainRun(run),
  )
}

/** Lets what happened over time draw itself in notebooks. */
export function drawnTimeline(report: TimelineReport): TimelineReport {
  const plain = (): string => renderTimelineText(report)
  const draw = (): MimeBundle => ({
    'text/html': notebookHtml(renderTimelineHtml(report)),
    'image/svg+xml': renderTimelineSvg(report),
    'text/plain': plain(),
  })
  return drawn(report, draw, plain)
}

/** Whether packets of a run are there to be drawn. */
function isAlive({ trace }: Run): boolean {
  return trace !== NO_TRACE && trace.hops.length > 0
}

function plainRun(run: Run): string {
  const printed = printableLines(run.stdout + run.stderr)
  return isAlive(run) ? `${printed}\n${plainTrace(run.trace)}` : printed
}

function runBundle(run: Run): MimeBundle {
  const { stdout, stderr, trace } = run
  const printed = textBundle(stdout + stderr)
  if (!isAlive(run)) return printed
  const life = traceBundle(trace)
  return {
    'text/html': `${printed['text/html']}\n${life['text/html']}`,
    ...(life['image/svg+xml'] === undefined ? {} : { 'image/svg+xml': life['image/svg+xml'] }),
    'text/plain': plainRun(run),
  }
}

/**
 * A trace from JSON text or the value it parses to; it draws itself in notebooks.
 * @param file - name to give in errors
 * @throws InputError when it is no trace, or one of another version
 */
export function readTrace(json: unknown, file = ''): Trace {
  return drawnTrace(parseTrace(json, file))
}

/** Machines, and pods of each, that are named; the rest is counted. */
const MOST_MACHINES = 40
const MOST_PODS = 6

/** What notebooks and consoles show of a lab. */
export function labBundle({ cluster, simulation: { network } }: Pick<Lab, 'cluster' | 'simulation'>): MimeBundle {
  const pods = endpointsIn(cluster?.workloadEndpoints ?? [])
  return networkBundle(network, (pod) => pods.at(pod)?.node ?? cablePeer(network, pod, 'eth0')?.netns)
}

/** A network as people think of it: its machines, and the pods on each. */
function networkBundle(network: Network, nodeOf: (pod: string) => string | undefined): MimeBundle {
  const all = Object.values(network.namespaces).filter(({ role }) => role !== 'switch')
  const pods = all.filter(({ role }) => role === 'pod').map(({ name }) => name)
  const machines = all.filter(({ role }) => role !== 'pod')
  const byNode = new Map<string | undefined, string[]>()
  for (const pod of pods) pushTo(byNode, nodeOf(pod), pod)
  const lines = machines.slice(0, MOST_MACHINES).map(({ name, role, interfaces }) => {
    const addresses = Object.values(interfaces).flatMap((dev) =>
      dev.kind === 'loopback' ? [] : dev.addresses.filter((a) => a.scope === 'global').map((a) => a.local),
    )
    return `  ${role} ${name}: ${addresses.slice(0, 2).join(', ')}${listed(byNode.get(name) ?? [])}`
  })
  const more = machines.length - lines.length
  const lost = listed(byNode.get(undefined) ?? [])
  const head = `packetwalk: ${machines.length} machines, ${pods.length} pods`
  const rest = [...(more > 0 ? [`  ${more} more`] : []), ...(lost === '' ? [] : [`  elsewhere${lost}`])]
  return textBundle(`${[head, ...lines, ...rest].join('\n')}\n`)
}

function listed(pods: readonly string[]): string {
  if (pods.length === 0) return ''
  const shown = pods.slice(0, MOST_PODS).join(', ')
  return `; pods ${shown}${pods.length > MOST_PODS ? ` and ${pods.length - MOST_PODS} more` : ''}`
}
