import { type DumpWithObjects, loadDumpWithObjects } from '../dumps/index.ts'
import type { LoadedResources } from '../input/index.ts'
import type { BgpProbe } from './bgp-probe.ts'
import { type BuildOptions, buildWithSessions } from './build.ts'
import { remarksOnInput, type Said, saidOf, saidOfDump } from './said.ts'

/** Dumps beside the objects of their cluster, and what there is to say of both. */
export function dumpWithObjects(
  files: ReadonlyMap<string, Uint8Array>,
  loaded: LoadedResources,
  options: BuildOptions,
): { readonly dump: DumpWithObjects; readonly said: Said } {
  let probe: BgpProbe | undefined
  const dump = loadDumpWithObjects(files, loaded.resources, (resources, underlay) => {
    const built = buildWithSessions(resources, { ...options, underlay })
    probe = built.probe
    return built.cluster
  })
  const ofDump = saidOfDump(dump)
  const ofObjects = saidOf(dump.cluster, probe as BgpProbe)
  const { length } = dump.differences
  const count = length === 1 ? '1 difference' : `${length} differences`
  const differ =
    length === 0 ? [] : [`${count} between the dumps and what Calico would write (packetwalk diff shows them)`]
  return {
    dump,
    said: {
      lines: [...remarksOnInput(loaded), ...ofObjects.lines, ...ofDump.lines, ...differ],
      notes: [...ofObjects.notes, ...ofDump.notes],
    },
  }
}
