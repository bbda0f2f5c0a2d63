import { addressOfNode, type BgpPlan, type ClusterNode, meshPeering, type Peering } from '../../control/index.ts'
import { pushTo } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'

/** A session's name: its family and its ends in order. */
export type SessionKey = string

/** The name of the session between two. */
export function sessionKey(family: Family, a: string, b: string): SessionKey {
  return a < b ? `${family} ${a} ${b}` : `${family} ${b} ${a}`
}

/** The plan of a cluster's sessions, to be asked by who they join. */
export class PlanIndex {
  /** The plan. */
  readonly plan: BgpPlan
  /** Names of the nodes, which confd configures. */
  readonly names: readonly string[]
  readonly #mesh: Readonly<Record<Family, ReadonlyMap<string, ClusterNode>>>
  readonly #explicit = new Map<SessionKey, Peering>()
  readonly #of = new Map<string, Peering[]>()
  readonly #speakers: ReadonlyMap<string, string>

  constructor(plan: BgpPlan, nodes: readonly ClusterNode[]) {
    this.plan = plan
    this.names = nodes.map(({ name }) => name)
    const byName = (family: Family) => new Map(plan.mesh[family].map((node) => [node.name, node]))
    this.#mesh = { 4: byName(4), 6: byName(6) }
    for (const peering of plan.explicit) {
      const key = sessionKey(peering.family, peering.dialer, peering.listener)
      if (this.#explicit.has(key)) continue
      this.#explicit.set(key, peering)
      pushTo(this.#of, peering.dialer, peering)
      pushTo(this.#of, peering.listener, peering)
    }
    const words = [...nodes, ...plan.routers].map(
      (one) => [one.name, `${one.asNumber} ${one.routeReflector ?? ''}`] as const,
    )
    this.#speakers = new Map(words)
  }

  /** The session of a name. */
  at(key: SessionKey): Peering | undefined {
    const [of, a, b] = key.split(' ') as [string, string, string]
    const family = of === '4' ? 4 : 6
    const [one, other] = [this.#mesh[family].get(a), this.#mesh[family].get(b)]
    if (one === undefined || other === undefined) return this.#explicit.get(key)
    const { port, meshRestartTime } = this.plan
    const peering = meshPeering(one, other, family, port, 'node-to-node mesh')
    return meshRestartTime === undefined ? peering : { ...peering, restartTime: meshRestartTime }
  }

  /** Names of the sessions that somebody has in a family. */
  keysOf(name: string, family: Family): Set<SessionKey> {
    const keys = new Set<SessionKey>()
    if (this.#mesh[family].has(name)) {
      for (const other of this.#mesh[family].keys()) if (other !== name) keys.add(sessionKey(family, name, other))
    }
    for (const one of this.#of.get(name) ?? []) {
      if (one.family === family) keys.add(sessionKey(family, one.dialer, one.listener))
    }
    return keys
  }

  /** Whether somebody is a router, whom confd does not configure. */
  isRouter(name: string): boolean {
    return this.plan.routers.some((router) => router.name === name)
  }

  /** What both ends of a session must have alike. */
  terms(key: SessionKey): string | undefined {
    const peering = this.at(key)
    if (peering === undefined) return undefined
    const { dialer, dialerAddress, listener, listenerAddress, port } = peering
    const ends = [this.#speakers.get(dialer), this.#speakers.get(listener)]
    return [dialer, dialerAddress, listenerAddress, port, ...ends].join(' ')
  }

  /** What of a session's configuration restarts it when it is another: BIRD takes over only filters while a session is up. */
  signature(key: SessionKey): string | undefined {
    const peering = this.at(key)
    return peering && `${this.terms(key)} ${peering.type} ${peering.restartTime}`
  }

  /** Names of sessions that are in one of two plans only, or not the same in both. */
  changedTo(next: PlanIndex): Set<SessionKey> {
    const changed = new Set<SessionKey>()
    for (const family of [4, 6] as const) {
      const names = new Set([...this.#mesh[family].keys(), ...next.#mesh[family].keys()])
      for (const name of names) {
        if (this.#isSameMember(next, name, family)) continue
        for (const key of [...this.keysOf(name, family), ...next.keysOf(name, family)]) changed.add(key)
      }
    }
    for (const key of [...this.#explicit.keys(), ...next.#explicit.keys()]) changed.add(key)
    for (const key of changed) if (this.signature(key) === next.signature(key)) changed.delete(key)
    return changed
  }

  #isSameMember(next: PlanIndex, name: string, family: Family): boolean {
    const [here, there] = [this.#mesh[family].get(name), next.#mesh[family].get(name)]
    const addressOf = (node: ClusterNode | undefined) => node && addressOfNode(node, family)?.address
    return (
      addressOf(here) === addressOf(there) &&
      (here === undefined) === (there === undefined) &&
      this.#speakers.get(name) === next.#speakers.get(name) &&
      this.plan.port === next.plan.port &&
      this.plan.meshRestartTime === next.plan.meshRestartTime
    )
  }
}
