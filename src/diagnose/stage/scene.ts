import { cablePeer, type InterfaceKind, interfaceOf, type Role } from '../../model/index.ts'
import { type DropHop, type Hop, headersOfHop, lastMatch, type RouteHop, type RuleHop } from '../../trace/index.ts'
import type { Layer } from '../../wire/index.ts'
import type { Facts } from '../facts.ts'
import type { Lost } from '../lost.ts'

/** A drop, as far as its place on the way goes. */
export interface DropScene {
  readonly drop: DropHop
  readonly lost: Lost
  readonly facts: Facts
  /** What the namespace is. */
  readonly role: Role | 'unknown'
  /** The packet came from another machine: this is not the one it began on. */
  readonly isRemote: boolean
  /** It came out of a tunnel here. */
  readonly isDecapsulated: boolean
  /** It was put into a tunnel here. */
  readonly isEncapsulated: boolean
}

/** Where a packet was dropped, seen from its way. */
export function sceneOf(drop: DropHop, lost: Lost, facts: Facts): DropScene {
  const roleOf = (netns: string): Role | 'unknown' => facts.network.namespaces[netns]?.role ?? 'unknown'
  const machines = lost.hops.filter(({ netns }) => roleOf(netns) === 'node' || roleOf(netns) === 'host')
  const first = machines[0]?.netns ?? drop.netns
  const here = lost.hops.filter(({ netns }) => netns === drop.netns)
  const crossed = lost.hops.some(({ netns }) => OUTSIDE.has(roleOf(netns)))
  return {
    drop,
    lost,
    facts,
    role: roleOf(drop.netns),
    isRemote: first !== drop.netns || (crossed && OUTSIDE.has(roleOf(lost.hops[0]?.netns ?? ''))),
    isDecapsulated: here.some(({ kind }) => kind === 'decap'),
    isEncapsulated: here.some(({ kind }) => kind === 'encap'),
  }
}

const OUTSIDE: ReadonlySet<Role | 'unknown'> = new Set<Role>(['switch', 'router', 'external'])

/** Kind of the interface a packet was dropped at; undefined where none is named. */
export function deviceKind({ drop, facts }: DropScene): InterfaceKind | undefined {
  const ns = facts.network.namespaces[drop.netns]
  return ns === undefined ? undefined : interfaceOf(ns, drop.dev)?.kind
}

/** Whether an interface is one end of the cable of a pod. */
export function leadsToPod({ drop, facts }: DropScene, dev: string = drop.dev): boolean {
  const peer = cablePeer(facts.network, drop.netns, dev)
  return peer !== undefined && facts.network.namespaces[peer.netns]?.role === 'pod'
}

/** The last rule that spoke before the drop. */
export function lastRule({ lost, drop }: DropScene): RuleHop | undefined {
  const hop = lastMatch(lost.hops, (one) => one.kind === 'rule' && one.netns === drop.netns)
  return hop?.kind === 'rule' ? hop : undefined
}

/** The last routing decision where it was dropped. */
export function lastRouteHop({ lost, drop }: DropScene): RouteHop | undefined {
  const hop = lastMatch(lost.hops, (one) => one.kind === 'route' && one.netns === drop.netns)
  return hop?.kind === 'route' ? hop : undefined
}

/** The outermost packet as it was last seen on a device. */
export function outermost(hops: readonly Hop[]): readonly Layer[] {
  const seen = lastMatch(hops, (hop) => hop.kind === 'rx' || hop.kind === 'tx')
  return seen?.kind === 'rx' || seen?.kind === 'tx' ? headersOfHop(seen) : []
}
