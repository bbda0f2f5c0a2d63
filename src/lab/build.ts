import {
  type BgpFault,
  buildCluster,
  type CalicoVersion,
  type Cluster,
  collectResources,
  type Resources,
  type UnderlayPlan,
} from '../control/index.ts'
import { checkArgument, isRecord } from '../model/index.ts'
import { type BgpProbe, probeBgp } from './bgp-probe.ts'

/** Rounds of building and trying sessions: the facts repeat after two unless routes to nodes themselves come by BGP. */
const MAX_ROUNDS = 5

/** What decides how a cluster is built. */
export interface BuildOptions {
  /** Release. */
  readonly calicoVersion?: CalicoVersion
  /** Seed. */
  readonly seed?: number
  /** What is known of the machines besides the objects. */
  readonly underlay?: (derived: UnderlayPlan) => UnderlayPlan
}

/**
 * A cluster whose BGP sessions have been tried: they are up only where TCP 179 passes through the simulated network, so the
 * cluster is built, its sessions are tried, and it is built again until the answers repeat.
 *
 * @throws InputError when the objects contradict themselves
 */
export function buildWithSessions(resources: Resources, { calicoVersion, seed, underlay }: BuildOptions): TriedCluster {
  const build = {
    ...(calicoVersion === undefined ? {} : { calicoVersion }),
    ...(seed === undefined ? {} : { seed }),
    ...(underlay === undefined ? {} : { underlay }),
  }
  const first = buildCluster(resources, { ...build, bgpSessions: [] })
  first.findings.assertNoFaults()
  return withSessionsTried(first, (bgpSessions) => buildCluster(resources, { ...build, bgpSessions }))
}

/** A cluster and what trying its sessions showed. */
export interface TriedCluster {
  readonly cluster: Cluster
  readonly probe: BgpProbe
}

/**
 * Tries the sessions of a cluster, builds it without those that do not come up, and again, until the answers repeat.
 * @param first - with all of them up
 * @param rebuilt - the same with these down
 */
export function withSessionsTried(
  first: Cluster,
  rebuilt: (bgpSessions: readonly BgpFault[]) => Cluster,
): TriedCluster {
  let cluster = first
  let bgpSessions: readonly BgpFault[] = []
  for (let round = 1; ; round++) {
    const probe = probeBgp(cluster)
    if (round === MAX_ROUNDS || JSON.stringify(probe.faults) === JSON.stringify(bgpSessions)) return { cluster, probe }
    bgpSessions = probe.faults
    cluster = rebuilt(bgpSessions)
  }
}

/** Lists of objects by their kinds, those not given empty. @throws InputError for what are no such lists */
export function wholeResources(resources: Partial<Resources>): Resources {
  const empty = collectResources([])
  const isRight = isRecord(resources) && Object.keys(empty).every((kind) => isList(resources[kind as keyof Resources]))
  checkArgument(
    isRight,
    'resources',
    'lists of objects: { nodes: […], pods: […], … }, such as loadResources(…).resources',
    resources,
  )
  const given = Object.entries(resources).filter(([kind, list]) => Object.hasOwn(empty, kind) && list !== undefined)
  return { ...empty, ...Object.fromEntries(given) }
}

function isList(value: unknown): boolean {
  return (
    value === undefined || (Array.isArray(value) && value.every((one) => isRecord(one) && isRecord(one['metadata'])))
  )
}
