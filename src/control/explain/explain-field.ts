import { BGP_CONFIGURATION_TABLE, BGP_PEER_TABLE } from '../settings/bgp-fields.ts'
import { FELIX_TABLE, fieldOfVariable } from '../settings/felix-fields.ts'
import type { FieldTable } from '../settings/field-use.ts'
import { VARIABLES } from '../settings/variables.ts'
import { FELIX_FIELDS } from '../validation/felix-fields.ts'
import { expectation } from '../validation/judge.ts'
import { KINDS } from '../validation/kinds.ts'
import type { Shape } from '../validation/shape.ts'
import { BGP_MEANINGS } from './bgp-meanings.ts'
import { FELIX_MEANINGS } from './felix-meanings.ts'
import type { Meaning, Meanings } from './meaning.ts'
import { OTHER_MEANINGS } from './other-meanings.ts'
import { IPAM_MEANINGS, POOL_MEANINGS } from './pool-meanings.ts'

/** What there is to say about a field. */
export interface FieldExplanation {
  /** Kind and path, e.g. `IPPool spec.ipipMode`; of variables of calico-node their name. */
  readonly field: string
  /** Variables of calico-node that set it, too. */
  readonly variable?: string
  /** What its value must be. */
  readonly takes: string
  /** What holds where nobody says it. */
  readonly usual?: string
  /** What it does. */
  readonly does?: string
  /** Which state of Linux it changes. */
  readonly changes?: string
  /** What the simulation makes of it; absent where no table says so. */
  readonly here?: string
}

const MEANINGS: Readonly<Record<string, Meanings>> = {
  ...BGP_MEANINGS,
  ...IPAM_MEANINGS,
  ...OTHER_MEANINGS,
  IPPool: POOL_MEANINGS,
  FelixConfiguration: FELIX_MEANINGS,
}

const TABLES: Readonly<Record<string, FieldTable>> = {
  FelixConfiguration: FELIX_TABLE,
  BGPConfiguration: BGP_CONFIGURATION_TABLE,
  BGPPeer: BGP_PEER_TABLE,
}

/** Short names that kubectl and calicoctl know. */
const SHORT: Readonly<Record<string, string>> = {
  felixconfig: 'FelixConfiguration',
  bgpconfig: 'BGPConfiguration',
  pool: 'IPPool',
  ipp: 'IPPool',
  gnp: 'GlobalNetworkPolicy',
  cnp: 'NetworkPolicy',
  hep: 'HostEndpoint',
  netset: 'NetworkSet',
  kcc: 'KubeControllersConfiguration',
}

/**
 * What a field of Calico's objects, or a variable of calico-node, does.
 * @param name - `ippool.spec.ipipMode`, `felixconfig.vxlanMTU`, `FELIX_VXLANMTU`; kinds and fields in any case
 * @returns undefined when there is no such field
 */
export function explainField(name: string): FieldExplanation | undefined {
  if (/^[A-Z0-9]+_[A-Z0-9_]+$/i.test(name) && !name.includes('.')) return ofVariable(name.toUpperCase())
  const [kindName = '', ...rest] = name.split(/[./]/)
  const kind = kindOf(kindName)
  const shape = kind === undefined ? undefined : KINDS[kind]
  if (kind === undefined || shape === undefined) return undefined
  const path = ['spec', 'metadata', 'status'].includes((rest[0] ?? '').toLowerCase()) ? rest : ['spec', ...rest]
  const found = fieldAt(shape, path)
  return found && explained(kind, found.path, found.shape)
}

function ofVariable(variable: string): FieldExplanation | undefined {
  const field = variable.startsWith('FELIX_') ? fieldOfVariable(variable) : undefined
  const shape = field === undefined ? undefined : FELIX_FIELDS[field]
  if (field !== undefined && shape !== undefined) {
    return { ...explained('FelixConfiguration', ['spec', field], shape), variable }
  }
  return VARIABLES.has(variable) ? { field: variable, takes: 'text', ...hereOf(VARIABLES, variable) } : undefined
}

function kindOf(name: string): string | undefined {
  const plain = name.toLowerCase()
  const singular = plain.replace(/ies$/, 'y').replace(/s$/, '')
  return (
    Object.keys(KINDS).find((kind) => [plain, singular].includes(kind.toLowerCase())) ?? SHORT[plain] ?? SHORT[singular]
  )
}

/** Walks down a path, through lists, in any case. */
function fieldAt(
  shape: Shape,
  path: readonly string[],
): { readonly shape: Shape; readonly path: readonly string[] } | undefined {
  if (path.length === 0) return { shape, path: [] }
  if (shape.is === 'list') return fieldAt(shape.of, path)
  if (shape.is !== 'map') return undefined
  const [first = '', ...rest] = path
  const wanted = first.replace(/\[\d*\]$/, '').toLowerCase()
  const name = Object.keys(shape.fields).find((one) => one.toLowerCase() === wanted)
  const found = name === undefined ? undefined : fieldAt(shape.fields[name]!, rest)
  return found && { shape: found.shape, path: [name!, ...found.path] }
}

function explained(kind: string, path: readonly string[], shape: Shape): FieldExplanation {
  const own = path.length === 2 ? path[1]! : ''
  const meaning: Meaning | undefined = MEANINGS[kind]?.[own]
  const usual = meaning?.usual ?? (shape.fallback === undefined ? undefined : String(shape.fallback))
  const table = TABLES[kind]
  return {
    field: `${kind} ${path.join('.')}`,
    takes: expectation(shape),
    ...(usual === undefined ? {} : { usual }),
    ...(meaning === undefined ? {} : { does: meaning.does }),
    ...(meaning?.changes === undefined ? {} : { changes: meaning.changes }),
    ...(table === undefined ? {} : hereOf(table, own)),
  }
}

function hereOf(table: FieldTable, name: string): { readonly here?: string } {
  const use = table.get(name)
  if (use === undefined) return {}
  if (use.use === 'read') return { here: 'honoured' }
  return { here: use.use === 'harmless' ? `read, not honoured: ${use.why}` : 'read, not modelled' }
}
