import type { NetNs, Simulation } from '../../dataplane/index.ts'

/** Forgets all connections of a namespace (`conntrack -F`). */
export function flushConntrack(_ns: NetNs): void {}

/** Connections by namespace, as `conntrack -L -o extended` lists them. */
export function conntrackTables(_sim: Simulation): Record<string, string> {
  return {}
}

/** Starts counting rule hits; the function returned tells what matched since. */
export function startHits(_sim: Simulation): () => Record<string, string> {
  return () => ({})
}
