import { isSelectorFault, type PolicyEndpoint, parseSelector, selectsEndpoint } from '../control/index.ts'
import type { DropCause, Note, NoteScope } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'
import type { Asked } from './asked.ts'
import type { Facts } from './facts.ts'

/** Whether a note concerns what was asked, and could turn the answer that was found. */
export function concerns(note: Note, trace: Trace, asked: Asked, facts: Facts): boolean {
  if (note.effect === 'harmless') return false
  if (note.turns !== 'any' && (note.turns === 'success') !== trace.ok) return false
  return isIn(note.scope, trace, asked, facts)
}

function isIn(scope: NoteScope, trace: Trace, asked: Asked, facts: Facts): boolean {
  switch (scope.kind) {
    case 'everything':
      return true
    case 'endpoints':
      return isSelected(scope, asked, facts)
    case 'ends':
      return scope.netns.some((netns) => netns === asked.from || netns === (asked.to ?? asked.last))
    case 'through':
      return scope.netns.some((netns) => asked.through.has(netns))
    case 'destination':
      return isTo(scope, asked)
    case 'own_node':
      return (
        asked.to !== undefined && scope.nodes.some((node) => node === asked.to) && facts.nodeOf(asked.from) === asked.to
      )
    case 'device':
      return asked.hops.some((hop) => hop.kind === 'tx' && hop.netns === scope.netns && hop.dev === scope.dev)
    case 'dropped':
      return isDropped(scope, trace, asked)
    case 'ended':
      return asked.last === scope.netns || endedAt(trace) === scope.netns
    case 'between_nodes':
      return [...asked.through].filter((netns) => STATIONS.has(facts.network.namespaces[netns]?.role ?? '')).length > 1
    case 'translated':
      return asked.request.some((hop) => hop.kind === 'nat' && hop.side === 'source')
  }
}

const STATIONS: ReadonlySet<string> = new Set(['node', 'host', 'router', 'external'])

type Selected = Extract<NoteScope, { readonly kind: 'endpoints' }>

/**
 * The source's way out, the destination's way in. What a node says to its own pods, and what it takes from them, its host
 * endpoints do not see; nor is a pod's way in asked for what its own node sends. @calico felix/rules/static.go
 */
function isSelected(scope: Selected, asked: Asked, facts: Facts): boolean {
  const { from, to } = asked
  if (from === to) return false
  const selector = parseSelector(scope.selector)
  const selects = (one: PolicyEndpoint): boolean =>
    isSelectorFault(selector) || selectsEndpoint(selector, one) !== false
  const at = (netns: string): boolean => facts.endpointsAt(netns).some(selects)
  const toOwnPod = to !== undefined && facts.nodeOf(to) === from
  const toOwnNode = facts.nodeOf(from) === to
  if (scope.directions.some((one) => one === 'egress') && !toOwnPod && at(from)) return true
  if (scope.directions.some((one) => one === 'ingress') && to !== undefined && !toOwnPod && !toOwnNode && at(to))
    return true
  const between = [...asked.through].filter((netns) => netns !== from && netns !== to)
  return scope.forwarded && between.some((netns) => facts.nodeOf(netns) === undefined && at(netns))
}

type Destination = Extract<NoteScope, { readonly kind: 'destination' }>

/** Whether it went to such an address, and nothing on the way translated it. */
function isTo(scope: Destination, { flow, request }: Asked): boolean {
  if (flow === undefined || !scope.addresses.some((address) => address === flow.destination)) return false
  if (scope.protocol !== undefined && scope.protocol !== flow.protocol) return false
  if (scope.port !== undefined && String(scope.port) !== flow.to) return false
  return !request.some((hop) => hop.kind === 'nat' && hop.side === 'destination')
}

/** Causes that a neighbour or a forwarding entry nobody dumped would have prevented. */
const LINK_LAYER: ReadonlySet<DropCause> = new Set<DropCause>([
  'neighbour_failed',
  'neighbour_failed6',
  'neighbour_failed_now',
  'neighbour_queue_full',
  'neighbour_dead',
  'neighbour_flushed',
  'vxlan_no_fdb',
  'vxlan_no_route',
  'vxlan_flags',
  'vxlan_no_vni',
  'vxlan_own_mac',
  'vxlan_short',
])

type Dropped = Extract<NoteScope, { readonly kind: 'dropped' }>

function isDropped(scope: Dropped, trace: Trace, asked: Asked): boolean {
  if (trace.disposition.kind === 'not-sent')
    return asked.through.has(scope.netns) && scope.dev === undefined && scope.layer === undefined
  if (scope.layer === 'translation') return asked.through.has(scope.netns) && endedAt(trace) !== scope.netns
  return trace.hops.some(
    (hop) =>
      hop.kind === 'drop' &&
      !hop.harmless &&
      hop.netns === scope.netns &&
      (scope.dev === undefined || scope.dev === hop.dev) &&
      (scope.layer === undefined || LINK_LAYER.has(hop.cause)),
  )
}

/** Where a packet was lost, or the error came from that said so. */
function endedAt(trace: Trace): string | undefined {
  const { disposition } = trace
  if (disposition.kind === 'dropped') return disposition.netns
  if (disposition.kind !== 'error') return undefined
  return trace.packets.find(({ id }) => id === disposition.packet)?.path[0]
}
