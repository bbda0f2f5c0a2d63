import {
  type Contradiction,
  contradictions,
  createRefusalsOf,
  type OtherResource,
  type PolicyResource,
  pathText,
  readPolicy,
  refusalsOf,
} from '../../control/index.ts'
import { type Issue, isRecord, type Note } from '../../model/index.ts'
import { parseCidr, parsePrefix } from '../../wire/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'
import type { LintName } from '../names.ts'
import { scopeOf } from '../pod-classes.ts'
import { hostPodOf } from './rules.ts'

/** What the control plane says of objects while it reads them, by name. */
export function controlChecks(facts: LintFacts): LintFinding[] {
  const { cluster, loaded } = facts
  const { faults, warnings, notes } = cluster.findings
  const all = [
    ...replaced(facts),
    ...contradictory(facts),
    ...faults.flatMap((issue) => ofIssue(facts, issue, nameOfFault(facts, issue))),
    ...warnings.flatMap((issue) => ofIssue(facts, issue, nameOfWarning(facts, issue))),
    ...refused(facts),
    ...loaded.warnings.flatMap((issue) => ofIssue(facts, issue, 'field-unknown')),
    ...notes.flatMap((note) => ofNote(facts, note)),
  ]
  return once(all)
}

/** Several checks may see one thing: what is said first of an object by one name is said, unless it is about another field. */
function once(all: readonly LintFinding[]): LintFinding[] {
  const seen = new Set<string>()
  return all.filter(({ name, objects, message }) => {
    const isOpen = name === 'object-refused' || name === 'object-doubtful' || OF_FIELDS.has(name)
    const keys = isOpen ? [`${name} ${objects[0]} ${message}`] : objects.map((object) => `${name} ${object}`)
    if (keys.every((key) => seen.has(key))) return false
    for (const key of keys) seen.add(key)
    return true
  })
}

const OF_FIELDS: ReadonlySet<LintName> = new Set<LintName>(['field-unknown', 'not-modelled', 'assumed-by-default'])

/** Objects that another one took the place of, and that are not the same. */
function replaced({ loaded, objectOf }: LintFacts): LintFinding[] {
  return loaded.replaced.flatMap((before) => {
    const after = objectOf(idOf(before))
    if (after === undefined || textOf(before) === textOf(after)) return []
    return [found('object-twice', [{ resource: after }, { resource: before }], 'it is there twice, not the same')]
  })
}

const idOf = ({ kind, metadata }: OtherResource): string =>
  [kind, ...(metadata.namespace === undefined ? [] : [metadata.namespace]), metadata.name].join('/')

const textOf = (resource: OtherResource): string => JSON.stringify(resource)

/** The field that a contradiction is about, by the kind of object. */
const FIELDS: Readonly<Partial<Record<string, readonly string[]>>> = {
  IPPool: ['spec', 'cidr'],
  Pod: ['metadata', 'annotations'],
  BGPPeer: ['spec'],
}

function contradictory(facts: LintFacts): LintFinding[] {
  const { resources } = facts
  const objects = Object.values(resources).flat() as readonly OtherResource[]
  return contradictions(objects, true).map((one) =>
    found(one.name, subjectsOf(facts, one), one.message, assumedIn(facts, one)),
  )
}

function subjectsOf({ objectOf }: LintFacts, { objects }: Contradiction): Subject[] {
  return objects.flatMap((id) => {
    const resource = objectOf(id)
    const path = resource === undefined ? undefined : FIELDS[resource.kind]
    return resource === undefined ? [] : [{ resource, ...(path === undefined ? {} : { path }) }]
  })
}

function assumedIn(facts: LintFacts, { objects }: Contradiction): string | undefined {
  for (const id of objects) {
    const pool = id.startsWith('IPPool/') ? facts.objectOf(id) : undefined
    const assumed = pool === undefined ? undefined : facts.assumedOf({ resource: pool })
    if (assumed !== undefined) return assumed
  }
  return undefined
}

function ofIssue(facts: LintFacts, issue: Issue, name: LintName): LintFinding[] {
  const { object, path, expected, received } = issue
  const resource = object === undefined ? undefined : facts.objectOf(object)
  const field = pathText(path)
  const message = `${field === '' ? '' : `${field}: `}expected ${expected}, received ${received}`
  const finding = found(name, resource === undefined ? [] : [{ resource, path }], message)
  if (resource !== undefined) return [finding]
  const { file, line, column } = issue
  const places = line === undefined ? [] : [{ file, line, column: column ?? 1 }]
  return [{ ...finding, objects: object === undefined ? [] : [object], places }]
}

function nameOfFault({ resources }: LintFacts, { object = '', path, expected, received }: Issue): LintName {
  const field = path.join('.')
  if (object.startsWith('IPPool/') && field === 'spec.cidr') {
    if (parsePrefix(received) === undefined && parseCidr(received) !== undefined) return 'cidr-not-canonical'
    if (resources.ippools.some(({ spec }) => expected.includes(`(${spec.cidr})`))) return 'pools-overlap'
  }
  if (object.startsWith('Node/') && field === 'status.addresses') {
    return received === 'none' ? 'node-without-address' : 'nodes-share-address'
  }
  if (object.startsWith('Node/') && expected.startsWith('an entry of Underlay/')) return 'node-without-machine'
  if (object.startsWith('Pod/') && field === 'spec.nodeName') return 'pod-of-no-node'
  return 'object-refused'
}

function nameOfWarning(facts: LintFacts, { object = '', kind, path, expected }: Issue): LintName {
  const field = path.join('.')
  const [sort] = object.split('/')
  if (sort === 'BGPPeer' && field === 'spec.node') return 'peer-selects-nobody'
  if (sort === 'BlockAffinity' && field === 'spec.node') return 'block-of-no-node'
  if (sort === 'FelixConfiguration' && field === 'metadata.name') return 'settings-of-no-node'
  if (sort === 'Pod' && expected === 'an address no node has') return 'pod-has-address-of-node'
  if (sort === 'Pod' && expected === 'an address of an IP pool') return 'pod-outside-pools'
  if (sort === 'Pod' && expected.startsWith('an MTU of at least')) return 'mtu-too-small-for-ipv6'
  const policy = sort?.endsWith('Policy') === true ? facts.objectOf(object) : undefined
  if (policy === undefined) return 'object-doubtful'
  if (field === 'spec.tier') return 'tier-missing'
  if (field === 'apiVersion') return 'policy-kind-unread'
  if (kind !== 'missing_reference' || path.length > 0) return 'object-doubtful'
  const { spec } = readPolicy(policy as PolicyResource)
  const host = spec === undefined ? undefined : hostPodOf(facts, scopeOf(spec))
  return host === undefined ? 'policy-selects-nothing' : 'policy-selects-host-network'
}

/** What the API server refuses of objects of Calico. */
function refused({ loaded }: LintFacts): LintFinding[] {
  return (Object.values(loaded.resources).flat() as readonly OtherResource[]).flatMap((resource) => {
    if (!resource.apiVersion.includes('projectcalico.org/')) return []
    const { placeOf: _, ...value } = resource
    if (!isRecord(value)) return []
    const refusals = refusalsOf(value)
    if (refusals === undefined) return []
    return [...refusals, ...createRefusalsOf(value)].map(({ at, message }) =>
      found('object-refused', [{ resource, path: at }], `${pathText(at)}: ${message}`),
    )
  })
}

function ofNote(facts: LintFacts, note: Note): LintFinding[] {
  const { effect, object, what, decides, file, line, column, code } = note
  if (effect === 'harmless' && code !== 'policy_staged') return []
  const name =
    code === 'policy_staged' ? 'policy-is-staged' : effect === 'assumed' ? 'assumed-by-default' : 'not-modelled'
  const resource = object === '' ? undefined : facts.objectOf(object)
  const message = code === 'policy_staged' ? what : `${what} (${code}); it decides ${decides}`
  const finding = found(
    name,
    resource === undefined ? [] : [{ resource }],
    message,
    effect === 'assumed' ? what : undefined,
  )
  const places = file === undefined || line === undefined ? finding.places : [{ file, line, column: column ?? 1 }]
  return [{ ...finding, objects: object === '' ? [] : [object], places }]
}
