import type { Trace } from '../trace/index.ts'
import type { SourceOptions } from './open-lab.ts'

/** What to do next: deeper views, other forms, and something that is worth a try on this way; on more lines where one is too long. */
export function nextLines(trace: Trace, source: SourceOptions, width: number): string[] {
  const deeper = 'Next: -v reasons · -vv bytes · -o html'
  const tried = trace.ok ? breakOf(trace) : lookOf(trace)
  if (tried === '' || source.file?.includes('-') === true) return [deeper]
  const inputs = [
    ...(source.file ?? []).map((name) => `-f ${quoted(name)}`),
    ...(source.dump ?? []).map((name) => `--dump ${quoted(name)}`),
  ]
  const shell = `${trace.ok ? 'break it' : 'look'}: packetwalk shell ${inputs.join(' ')}`
  const line = `${deeper} · ${shell} (try: ${tried})`
  if (line.length <= width) return [line]
  const second = `      ${shell} (try: ${tried})`
  return second.length <= width ? [deeper, second] : [deeper, `      ${shell}`, `      try: ${tried}`]
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
export function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
