import {
  type DumpFiles,
  field,
  type JsonObject,
  jsonValue,
  numberOf,
  objectOf,
  objectsOf,
  type Place,
  parseNamespaceDump,
  parseNeighbours,
  parseRouteCache,
  placeIn,
  report,
  textOf,
  textsOf,
} from '../linux/index.ts'
import {
  type Cable,
  InputError,
  type Issue,
  type Namespace,
  type Neighbour,
  Network,
  type Role,
  type RouteException,
} from '../model/index.ts'
import { decodeUtf8 } from '../wire/index.ts'

/** A command that was run in a namespace before a probe. */
export interface ScenarioCommand {
  /** Namespace. */
  readonly netns: string
  /** The command line. */
  readonly command: string
}

/** One probe of a capture scenario: what was sent, and what changed before it. */
export interface ScenarioProbe {
  /** Number, from 1: the order the probes ran in. */
  readonly n: number
  /** Name. */
  readonly name: string
  /** Path of its files without extension: `probes/01-name`. */
  readonly file: string
  /** `icmp-echo`, `udp`, `tcp`, `traceroute-udp`, `traceroute-icmp`, `traceroute-tcp`, `inject`, `wait`. */
  readonly kind: string
  /** Namespace it ran in. */
  readonly from: string
  /** Destination, or the interface for `inject`. */
  readonly to?: string
  /** Command line. */
  readonly command: string
  /** `cold`, `warm` or `as in the dump`. */
  readonly neighbours: string
  /** What was flushed right before: `neighbours`, `route cache`, `conntrack`. */
  readonly flushed: readonly string[]
  /** Commands that were run before it. */
  readonly pre: readonly ScenarioCommand[]
  /** What came of it, in the words of the capture. */
  readonly outcome: string
  /** For `inject`: the frames, in hex; for `udp`: errors. */
  readonly detail: readonly string[]
  /** Neighbour tables right before the probe, by namespace. */
  readonly neighboursBefore: Readonly<Record<string, readonly Neighbour[]>>
  /** Neighbour tables after it. */
  readonly neighboursAfter: Readonly<Record<string, readonly Neighbour[]>>
  /** Namespaces that were dumped again because commands changed them. */
  readonly state: Readonly<Record<string, Namespace>>
  /** Route exceptions after it, by namespace. */
  readonly routeCacheAfter: Readonly<Record<string, readonly RouteException[]>>
  /** Seconds since 1970 when it began and ended. */
  readonly started: number
  /** Seconds since 1970 when it ended. */
  readonly ended: number
  /** The whole probe file as it is. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** A capture scenario as values. */
export interface Scenario {
  /** Name. */
  readonly name: string
  /** What it is about. */
  readonly description: string
  /** Whether IPv6 is on. */
  readonly ipv6: boolean
  /** Whether the namespaces with role `switch` were captured. */
  readonly switchesCaptured: boolean
  /** Fields not to compare. */
  readonly masks: readonly string[]
  /** Sysctls of the whole machine; they are in every namespace of {@link Scenario.network}, too. */
  readonly machineSysctls: Readonly<Record<string, string>>
  /** Every namespace just before the first probe. */
  readonly network: Network
  /** The probes in order. */
  readonly probes: readonly ScenarioProbe[]
  /** What could not be read or is not modelled. */
  readonly issues: readonly Issue[]
}

/** The files of a scenario by path inside its folder (`scenario.json`, `state.json`, `probes/01-x.json`). */
export type ScenarioFiles = ReadonlyMap<string, Uint8Array | string>

const ROLES: ReadonlySet<string> = new Set(['node', 'pod', 'router', 'external', 'container', 'switch', 'host'])

/**
 * A folder of the kernel captures as a network and its probes.
 * @throws InputError when `scenario.json` or `state.json` is absent or no JSON
 */
export function parseScenario(files: ScenarioFiles): Scenario {
  const issues: Issue[] = []
  const head = readObject(files, 'scenario.json', issues)
  const state = readObject(files, 'state.json', issues)
  if (head === undefined || state === undefined) throw new InputError(issues)
  const machine = textFields(objectOf(head, 'machine_sysctls'))
  const roles = new Map<string, Role>()
  for (const item of objectsOf(head, 'namespaces')) {
    const name = textOf(item, 'name')
    const role = textOf(item, 'role') ?? 'host'
    if (name === undefined || !ROLES.has(role)) report(item.place, 'invalid', 'a name and a role', role, 'role')
    else roles.set(name, role as Role)
  }
  const reader: StateReader = { roles, machine, issues }
  const namespaces = readState(state, '', reader)
  for (const name of roles.keys()) {
    if (!Object.hasOwn(namespaces, name)) report(state.place, 'missing_reference', 'a state of this namespace', name)
  }
  const network = new Network({ namespaces, wires: readCables(head) })
  return {
    name: textOf(head, 'name') ?? '',
    description: textOf(head, 'description') ?? '',
    ipv6: field(head, 'ipv6') === true,
    switchesCaptured: field(head, 'switches_captured') === true,
    masks: textsOf(head, 'masks'),
    machineSysctls: machine,
    network,
    probes: readProbes(head, files, reader),
    issues,
  }
}

interface StateReader {
  readonly roles: ReadonlyMap<string, Role>
  readonly machine: Readonly<Record<string, string>>
  readonly issues: Issue[]
}

function readObject(files: ScenarioFiles, path: string, issues: Issue[]): JsonObject | undefined {
  const place = placeIn(path, issues)
  const content = files.get(path)
  if (content === undefined) return report(place, 'missing_reference', `the file ${path}`, 'nothing')
  const value = jsonValue(typeof content === 'string' ? content : decodeUtf8(content), place)
  if (value === undefined) return undefined
  return objectOf({ fields: { '': value }, place }, '') ?? report(place, 'invalid', 'an object', value)
}

function textFields(object: JsonObject | undefined): Readonly<Record<string, string>> {
  if (object === undefined) return {}
  return Object.fromEntries(Object.entries(object.fields).map(([key, value]) => [key, String(value)]))
}

function readState(state: JsonObject, prefix: string, reader: StateReader): Record<string, Namespace> {
  const entries: [string, Namespace][] = []
  for (const name of Object.keys(state.fields)) {
    const files = objectOf(state, name)
    if (files === undefined) continue
    const role = reader.roles.get(name) ?? 'host'
    const dump = parseNamespaceDump(name, role, files.fields as DumpFiles)
    reader.issues.push(...dump.issues.map((issue) => ({ ...issue, file: prefix + issue.file })))
    const { namespace } = dump
    entries.push([name, { ...namespace, sysctls: { ...reader.machine, ...namespace.sysctls } }])
  }
  return Object.fromEntries(entries)
}

/** Both ends in one namespace and one of them its bridge: that entry only says who is a port of whom. */
function readCables(head: JsonObject): Cable[] {
  const links = field(head, 'links')
  const wires: Cable[] = []
  if (!Array.isArray(links)) return wires
  const place: Place = { ...head.place, path: ['links'] }
  for (const link of links as unknown[]) {
    const ends = (Array.isArray(link) ? link : []) as unknown[]
    const [a, b] = ends.map((end) => (Array.isArray(end) ? (end as unknown[]).map(String) : []))
    if (a === undefined || b === undefined || a.length !== 2 || b.length !== 2) {
      report(place, 'invalid', '[[netns, interface], [netns, interface]]', link)
    } else if (a[0] !== b[0]) {
      wires.push({
        ends: [
          { netns: a[0]!, dev: a[1]! },
          { netns: b[0]!, dev: b[1]! },
        ],
        origin: { component: 'dump', file: 'scenario.json', field: 'links' },
      })
    }
  }
  return wires
}

function readProbes(head: JsonObject, files: ScenarioFiles, reader: StateReader): ScenarioProbe[] {
  return objectsOf(head, 'probes').flatMap((item) => {
    const file = textOf(item, 'file')
    if (file === undefined) return report(item.place, 'invalid', 'a file', undefined, 'file') ?? []
    const probe = readObject(files, `${file}.json`, reader.issues)
    return probe === undefined ? [] : readProbe(probe, file, reader)
  })
}

function readProbe(probe: JsonObject, file: string, reader: StateReader): ScenarioProbe {
  const to = textOf(probe, 'to')
  const state = objectOf(probe, 'state')
  return {
    n: numberOf(probe, 'n') ?? 0,
    name: textOf(probe, 'name') ?? '',
    file,
    kind: textOf(probe, 'kind') ?? '',
    from: textOf(probe, 'from') ?? '',
    ...(to === undefined ? {} : { to }),
    command: textOf(probe, 'command') ?? '',
    neighbours: textOf(probe, 'neighbours') ?? '',
    flushed: textsOf(probe, 'flushed'),
    pre: readPre(probe),
    outcome: textOf(probe, 'outcome') ?? '',
    detail: Array.isArray(field(probe, 'detail')) ? (field(probe, 'detail') as unknown[]).map(String) : [],
    neighboursBefore: byNamespace(probe, 'neighBefore', parseNeighbours),
    neighboursAfter: byNamespace(probe, 'neighAfter', parseNeighbours),
    state: state === undefined ? {} : readState(state, `${file}/`, reader),
    routeCacheAfter: byNamespace(probe, 'routeCacheAfter', parseRouteCache),
    started: Number(field(probe, 'started') ?? 0),
    ended: Number(field(probe, 'ended') ?? 0),
    raw: probe.fields,
  }
}

function readPre(probe: JsonObject): ScenarioCommand[] {
  const pre = field(probe, 'pre')
  if (!Array.isArray(pre)) return []
  return (pre as unknown[]).flatMap((item) => {
    if (Array.isArray(item) && item.length === 2) return { netns: String(item[0]), command: String(item[1]) }
    return report(probe.place, 'invalid', '[netns, command]', item, 'pre') ?? []
  })
}

function byNamespace<T>(
  probe: JsonObject,
  key: string,
  parse: (content: unknown, place: Place) => T[],
): Readonly<Record<string, readonly T[]>> {
  const object = objectOf(probe, key)
  if (object === undefined) return {}
  return Object.fromEntries(
    Object.entries(object.fields).map(([name, value]) => [
      name,
      parse(value, { ...object.place, path: [...object.place.path, name] }),
    ]),
  )
}
