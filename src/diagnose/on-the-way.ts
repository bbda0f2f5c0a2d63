import { DROPS, type DropCause, type Note, note } from '../model/index.ts'
import type { DropHop, Hop, Trace } from '../trace/index.ts'
import type { Asked } from './asked.ts'
import { type Facts, isAssumed } from './facts.ts'

/** Ends of packets that say nothing about the real machine. */
const NOT_MODELLED: ReadonlySet<DropCause> = new Set<DropCause>([
  'netfilter_unmodelled',
  'vlan_unmodelled',
  'not_modelled',
  'loop_guard',
])

/** What a trace itself shows: rules that are not modelled, and places that nobody described. */
export function notesOnTheWay(trace: Trace, asked: Asked, facts: Facts): Note[] {
  // A failure may be due to what another packet met on its account: a handshake, an address that is resolved.
  const met = trace.ok ? asked.hops : trace.hops.filter((hop) => asked.through.has(hop.netns))
  const ends = met.filter(isUnmodelled).map((hop) => unmodelled(hop, trace.hops))
  const places = [...asked.through].flatMap((netns) => assumedAt(netns, facts))
  return [...distinct(ends), ...places, ...nowhere(asked)]
}

/** The same met by several packets is said once. */
function distinct(notes: readonly Note[]): Note[] {
  return [...new Map(notes.map((one) => [`${one.code} ${one.object} ${one.what}`, one])).values()]
}

function isUnmodelled(hop: Hop): hop is DropHop {
  return hop.kind === 'drop' && NOT_MODELLED.has(hop.cause)
}

/** The rule that was reached, with its place. */
function unmodelled(drop: DropHop, hops: readonly Hop[]): Note {
  const before = hops.slice(0, hops.indexOf(drop)).filter((hop) => hop.packet === drop.packet)
  const hook = before.filter((hop) => hop.kind === 'hook').at(-1)
  const rule = before.filter((hop) => hop.kind === 'rule').at(-1)
  const isRule = drop.cause === 'netfilter_unmodelled'
  const what = (hook?.kind === 'hook' ? hook.unmodelled : undefined) ?? DROPS[drop.cause].why
  const origin = rule?.facts[0]?.origin
  const chain = rule?.kind === 'rule' ? ` in ${rule.table} ${rule.chain}` : ''
  const table = hook?.kind === 'hook' && hook.table !== undefined ? ` -t ${hook.table}` : ''
  return note(isRule ? 'rule' : 'not_modelled', `${what}${isRule ? chain : ''} is not modelled`, {
    object: drop.netns,
    ...(origin?.file === undefined ? {} : { file: origin.file }),
    ...(origin?.line === undefined ? {} : { line: origin.line }),
    ...(isRule ? { check: `iptables${table} -nvL   (on ${drop.netns}: does the counter of this rule rise?)` } : {}),
    scope: { kind: 'through', netns: [drop.netns] },
  })
}

/** A place on the way that nobody described. */
function assumedAt(netns: string, facts: Facts): Note[] {
  const ns = facts.network.namespaces[netns]
  if (ns === undefined || !isAssumed(ns)) return []
  const what = ns.origin?.note ?? 'not described by the input'
  const code = ns.role === 'router' ? 'router' : ns.role === 'external' ? 'internet' : 'dump_assumed'
  return [note(code, what, { object: netns, scope: { kind: 'through', netns: [netns] } })]
}

/** Handed to an assumed router for an address that is neither in the input nor on the internet. */
function nowhere(asked: Asked): Note[] {
  const route = asked.request.filter((hop) => hop.kind === 'route' && hop.netns === asked.last).at(-1)
  const { destination = '' } = asked.flow ?? {}
  if (route?.kind !== 'route' || route.result !== 'blackhole') return []
  const origin = route.facts.find((fact) => fact.kind === 'route')?.origin
  if (origin?.assumed !== true) return []
  return [
    note('outside', `nobody in the input has ${destination} (${origin.note ?? 'not of the internet'})`, {
      scope: { kind: 'ended', netns: asked.last },
      check: `traceroute -n ${destination}   (in ${asked.from})`,
    }),
  ]
}
