import type { Passed, Withheld } from './advertise.ts'
import { type BgpPath, comparePaths, type OwnRoute, type PathRule } from './paths.ts'
import { type Propagation, tell } from './propagation.ts'
import type { BgpSession, BgpWorld } from './speakers.ts'

/** One passing on of a path: who told whom, and what the filters of both ends did. */
export interface PathHop extends Passed {
  /** Who told it. */
  readonly from: string
  /** The session as the teller has it. */
  readonly session: BgpSession
}

/** What a neighbour told a speaker of a prefix. */
export interface NeighbourTold {
  /** Who. */
  readonly peer: string
  /** The path it told; else why it told none: it knows none, or why that stayed behind. */
  readonly told: { readonly path: BgpPath } | { readonly why: 'knows-none' } | Withheld
}

/** How a prefix came to a speaker, or did not. */
export interface PrefixExplanation {
  /** The speaker. */
  readonly at: string
  /** Who brought the prefix into BGP. */
  readonly origins: readonly OwnRoute[]
  /** The best path; absent where it knows none. */
  readonly best?: BgpPath
  /** How the best path came there, from its origin on; empty where the speaker has it from elsewhere. */
  readonly hops: readonly PathHop[]
  /** The other paths, and by which rule the best one is better. */
  readonly others: readonly { readonly path: BgpPath; readonly rule: PathRule }[]
  /** Every neighbour with a session, and what it told. */
  readonly neighbours: readonly NeighbourTold[]
  /** Whether the paths came to rest. */
  readonly stable: boolean
}

/** Explains how a prefix came to a speaker, or why it did not. */
export function explainPrefix(
  world: BgpWorld,
  propagation: Propagation,
  origins: readonly OwnRoute[],
  at: string,
): PrefixExplanation {
  const best = propagation.best(at)
  const routerIdOf = (name: string): string => world.speakers.get(name)?.routerId ?? '0.0.0.0'
  const paths = propagation.paths.get(at) ?? []
  const others = paths
    .filter((path) => path !== best)
    .map((path) => ({ path, rule: comparePaths(best!, path, routerIdOf).rule }))
  return {
    at,
    origins,
    ...(best === undefined ? {} : { best }),
    hops: best === undefined ? [] : hopsOf(world, best),
    others,
    neighbours: world.sessionsOf(at).map(({ peer }) => ({ peer, told: toldBy(world, propagation, peer, at) })),
    stable: propagation.stable,
  }
}

function hopsOf(world: BgpWorld, path: BgpPath): PathHop[] {
  const hops: PathHop[] = []
  for (let here = path; here.told !== undefined; here = here.told.from) {
    const { from } = here.told
    const session = world.between(from.at, here.at)
    const told = session === undefined ? undefined : tell(world, from.at, session, from)
    if (session === undefined || told === undefined || 'why' in told) break
    hops.unshift({ ...told, from: from.at, session })
  }
  return hops
}

/** What a neighbour told of its paths: one of them, or why the best of them stayed behind. */
function toldBy(world: BgpWorld, propagation: Propagation, peer: string, at: string): NeighbourTold['told'] {
  const told = propagation.paths.get(at)?.find((path) => path.told?.by.peer === peer)
  if (told !== undefined) return { path: told }
  const path = propagation.best(peer)
  const session = world.between(peer, at)
  if (path === undefined || session === undefined) return { why: 'knows-none' }
  return tell(world, peer, session, path) ?? { why: 'knows-none' }
}
