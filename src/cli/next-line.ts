import type { Trace } from '../trace/index.ts'
import type { SourceOptions } from './open-lab.ts'

/** What to do next, in one line: deeper views, other forms, and something that is worth a try on this way. */
export function nextLine(trace: Trace, source: SourceOptions): string {
  const deeper = ['-v reasons', '-vv bytes', '-o html']
  const inputs = [
    ...(source.file ?? []).map((name) => `-f ${quoted(name)}`),
    ...(source.dump ?? []).map((name) => `--dump ${quoted(name)}`),
  ]
  const tried = trace.ok ? breakOf(trace) : lookOf(trace)
  const shell =
    source.file?.includes('-') === true || tried === ''
      ? []
      : [`${trace.ok ? 'break it' : 'look'}: packetwalk shell ${inputs.join(' ')} (try: ${tried})`]
  return `Next: ${[...deeper, ...shell].join(' · ')}`
}

/** Something to break on a way that works: a node that forwards stops to. */
function breakOf(trace: Trace): string {
  const request = trace.exchanges.at(-1)?.request
  const role = (name: string): string | undefined => trace.nodes.find((node) => node.name === name)?.role
  const forward = trace.hops.find(
    (hop) => hop.kind === 'forward' && hop.packet === request && role(hop.netns) === 'node',
  )
  if (forward !== undefined) return `ssh ${forward.netns}, sysctl -w net.ipv4.ip_forward=0`
  const node = trace.nodes.find((one) => one.role === 'node')
  return node === undefined ? '' : `ssh ${node.name}, ip route`
}

/** Where to look after a failure: the place that dropped the packet, or the last node it came through. */
function lookOf(trace: Trace): string {
  const { disposition } = trace
  const nodes = trace.nodes.filter((node) => node.role === 'node').map((node) => node.name)
  const at = disposition.kind === 'dropped' && nodes.includes(disposition.netns) ? disposition.netns : nodes.at(-1)
  const lookup = trace.hops.find((hop) => hop.kind === 'route')
  if (at === undefined || lookup?.kind !== 'route') return ''
  return `ssh ${at}, ip route get ${lookup.destination}`
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
