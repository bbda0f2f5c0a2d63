import type { Cluster } from '../control/index.ts'
import { type LoadedDump, loadDump, loadDumpWithObjects } from '../dumps/index.ts'
import { type Input, isInput, loadResources } from '../input/index.ts'
import { checkArgument, isRecord } from '../model/index.ts'
import type { BgpProbe } from './bgp-probe.ts'
import { type BuildOptions, buildWithSessions } from './build.ts'
import { remarksOnInput, type Said, saidOf, saidOfDump } from './said.ts'

/** What a lab of dumps is made of. */
interface FromDumps {
  readonly dump: LoadedDump
  readonly cluster?: Cluster
  readonly said: Said
}

/** Objects as users give them, as texts with names. */
export function textsOf(input: string | Input | readonly Input[]): readonly Input[] {
  checkArgument(isGiven(input), 'input', 'a text, or texts with names: { name, text }', input)
  if (typeof input === 'string') return [{ name: 'input', text: input }]
  return Array.isArray(input) ? (input as readonly Input[]) : [input as Input]
}

function isGiven(input: unknown): boolean {
  return typeof input === 'string' || (Array.isArray(input) ? input.every(isInput) : isInput(input))
}

/** Files by their paths. @throws InputError for what are none */
export function filesOf(
  files: ReadonlyMap<string, Uint8Array> | Readonly<Record<string, Uint8Array>>,
): ReadonlyMap<string, Uint8Array> {
  const isRight = isRecord(files) && (files instanceof Map ? [...files.values()] : Object.values(files)).every(isBytes)
  checkArgument(isRight, 'files', 'files by their paths: { PATH: bytes }, each a Uint8Array', files)
  return files instanceof Map ? files : new Map(Object.entries(files))
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array
}

/** Dumps, beside the objects of their cluster where there are any, and what there is to say of them. */
export function fromDumps(
  files: ReadonlyMap<string, Uint8Array>,
  { objects, ...options }: BuildOptions & { readonly objects?: string | Input | readonly Input[] },
): FromDumps {
  if (objects === undefined) {
    const dump = loadDump(files)
    return { dump, said: saidOfDump(dump) }
  }
  const loaded = loadResources(textsOf(objects))
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
    cluster: dump.cluster,
    said: {
      lines: [...remarksOnInput(loaded), ...ofObjects.lines, ...ofDump.lines, ...differ],
      notes: [...ofObjects.notes, ...ofDump.notes],
    },
  }
}
