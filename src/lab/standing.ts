import type { Cluster, Resources } from '../control/index.ts'
import type { LoadedResources } from '../input/index.ts'
import { type Note, once } from '../model/index.ts'
import type { BgpProbe } from './bgp-probe.ts'
import { type BuildOptions, buildWithSessions } from './build.ts'
import { remarksOnInput, type Said, saidOf } from './said.ts'

/** What the objects of a lab make of it: another takes its place when they are edited. */
export interface Standing {
  /** The cluster; null for a network made by hand or from dumps alone. */
  readonly cluster: Cluster | null
  /** What there is to say of it. */
  readonly said: Said
  /** How it was built; absent where its objects cannot be edited. */
  readonly built?: Built
}

/** How a cluster was built. */
export interface Built {
  readonly cluster: Cluster
  /** The objects as given. */
  readonly resources: Resources
  readonly options: BuildOptions
  readonly probe: BgpProbe
  /** What was passed over while reading. */
  readonly remarks: Remarks
}

/** What was passed over while reading objects. */
export type Remarks = Pick<LoadedResources, 'warnings' | 'unread'>

/** What a network is that no objects made. */
export function bare(said: Said, cluster: Cluster | null = null): Standing {
  return { cluster, said }
}

/** What a cluster is that was just built. */
export function standingOf(built: Built): Standing {
  const { cluster, probe, remarks } = built
  const notes = once(() => saidOf(cluster, probe))
  const lines = once(() => [...remarksOnInput(remarks), ...notes().lines])
  const said = {
    get lines(): readonly string[] {
      return lines()
    },
    get notes(): readonly Note[] {
      return notes().notes
    },
  }
  return { cluster, said, built }
}

/** A cluster built of its objects. @throws InputError when they contradict themselves */
export function builtStanding(
  resources: Resources,
  options: BuildOptions,
  remarks: Remarks,
): Standing & { readonly built: Built } {
  const built = { ...buildWithSessions(resources, options), resources, options, remarks }
  return { ...standingOf(built), built }
}

/** What a saved moment of a lab has besides the simulation. */
export interface SavedMoment {
  /** The next source port then. */
  readonly port: number
  readonly standing: Standing
  /** Puts back its objects. */
  readonly putBack: (() => void) | undefined
}
