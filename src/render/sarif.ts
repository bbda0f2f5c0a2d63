/** How bad a result is. */
export type SarifLevel = 'error' | 'warning' | 'note'

/** A sort of results. */
export interface SarifRule {
  /** Stable name. */
  readonly id: string
  /** How bad its results are, where they do not say. */
  readonly level: SarifLevel
  /** What it is, in a sentence. */
  readonly short: string
  /** Why it matters. */
  readonly full?: string
  /** What to do. */
  readonly help?: string
  /** Other names it is known by. */
  readonly tags?: readonly string[]
}

/** A place in a file. */
export interface SarifPlace {
  /** File, as a path or URI; relative ones are resolved by who reads the log. */
  readonly file: string
  /** Line, from 1. */
  readonly line?: number
  /** Column, from 1. */
  readonly column?: number
}

/** One result. */
export interface SarifResult {
  /** `id` of its rule. */
  readonly rule: string
  /** How bad it is; absent = as its rule says. */
  readonly level?: SarifLevel
  /** What was found. */
  readonly message: string
  /** Where: the first is where it stands, others are related. */
  readonly places: readonly SarifPlace[]
  /** The objects it is about, as `Kind/namespace/name`. */
  readonly objects?: readonly string[]
  /** Why it does not count: somebody said so in the file. */
  readonly suppressed?: string
  /** Whatever else is to be known of it. */
  readonly properties?: Readonly<Record<string, unknown>>
}

/** What a log holds. */
export interface SarifLog {
  /** Name of the command, as `packetwalk lint`. */
  readonly tool: string
  /** Its release. */
  readonly version: string
  /** The rules, whether they have results or not. */
  readonly rules: readonly SarifRule[]
  /** The results. */
  readonly results: readonly SarifResult[]
}

/** Characters a URI may hold as they are: the path of a file keeps its slashes. */
const uriOf = (file: string): string => {
  const path = file.replaceAll('\\', '/')
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${encoded}` : encoded
}

const physical = ({ file, line, column }: SarifPlace): object => ({
  physicalLocation: {
    artifactLocation: { uri: uriOf(file) },
    ...(line === undefined
      ? {}
      : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } }),
  },
})

/** The last part of an object's name is a name, the rest says whose. */
const logical = (object: string): object => ({
  fullyQualifiedName: object,
  name: object.split('/').at(-1),
  kind: 'resource',
})

function ruleOf({ id, level, short, full, help, tags = [] }: SarifRule): object {
  return {
    id,
    shortDescription: { text: short },
    ...(full === undefined ? {} : { fullDescription: { text: full } }),
    ...(help === undefined ? {} : { help: { text: help } }),
    defaultConfiguration: { level },
    ...(tags.length === 0 ? {} : { properties: { tags } }),
  }
}

/** A result is the same in the next run where rule, objects and words are: lines may have moved. */
function sameness({ rule, objects = [], message }: SarifResult): string {
  return [rule, ...objects, message].join('|')
}

function locationsOf({ places, objects = [] }: SarifResult): object {
  const [first, ...others] = places
  if (first === undefined && objects.length === 0) return {}
  const location = {
    ...(first === undefined ? {} : physical(first)),
    ...(objects.length === 0 ? {} : { logicalLocations: objects.map(logical) }),
  }
  return {
    locations: [location],
    ...(others.length === 0 ? {} : { relatedLocations: others.map((place, id) => ({ id, ...physical(place) })) }),
  }
}

function resultOf(result: SarifResult, rules: ReadonlyMap<string, readonly [number, SarifLevel]>): object {
  const { rule, message, suppressed, properties } = result
  const [index, level] = rules.get(rule) ?? []
  return {
    ruleId: rule,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: result.level ?? level ?? 'warning',
    message: { text: message },
    ...locationsOf(result),
    partialFingerprints: { 'packetwalk/v1': sameness(result) },
    ...(suppressed === undefined ? {} : { suppressions: [{ kind: 'inSource', justification: suppressed }] }),
    ...(properties === undefined ? {} : { properties }),
  }
}

/** A log of results in SARIF 2.1.0, as code scanning reads it. */
export function sarifText({ tool, version, rules, results }: SarifLog): string {
  const known = new Map(rules.map(({ id, level }, i) => [id, [i, level] as const]))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: tool, version, rules: rules.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: results.map((result) => resultOf(result, known)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}
