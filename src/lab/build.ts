import { buildCluster, type CalicoVersion, type Cluster, type Resources, type UnderlayPlan } from '../control/index.ts'
import { type BgpProbe, probeBgp } from './bgp-probe.ts'

/** Rounds of building and trying sessions: the facts repeat after two unless routes to nodes themselves come by BGP. */
const MAX_ROUNDS = 4

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
export function buildWithSessions(
  resources: Resources,
  { calicoVersion, seed, underlay }: BuildOptions,
): { readonly cluster: Cluster; readonly probe: BgpProbe } {
  const build = {
    ...(calicoVersion === undefined ? {} : { calicoVersion }),
    ...(seed === undefined ? {} : { seed }),
    ...(underlay === undefined ? {} : { underlay }),
  }
  let cluster = buildCluster(resources, build)
  cluster.findings.assertNoFaults()
  let probe = probeBgp(cluster)
  for (let round = 0; round < MAX_ROUNDS && probe.faults.length > 0; round++) {
    cluster = buildCluster(resources, { ...build, bgpSessions: probe.faults })
    const again = probeBgp(cluster)
    if (JSON.stringify(again.faults) === JSON.stringify(probe.faults)) break
    probe = again
  }
  return { cluster, probe }
}
