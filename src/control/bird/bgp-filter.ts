import { sha256 } from '@noble/hashes/sha2.js'
import { addressBits, encodeUtf8, type Family, parseCidr, prefixOf, toHex } from '../../wire/index.ts'
import { asNumberAt, fieldAt, listAt, numberAt, textAt, textsAt } from '../confd/plain-fields.ts'
import {
  type FilterFunction,
  type FilterStatement,
  type FilterTest,
  type NetOperator,
  PRIORITY_SUM,
} from './filter-program.ts'

/** Which way routes go through a filter. */
export type FilterDirection = 'import' | 'export'

/** Why a BGPFilter cannot become a function: confd then writes no configuration at all. */
export interface FilterFault {
  /** What is wrong, and where. */
  readonly fault: string
}

/** Longest symbol of BIRD. */
const LONGEST_SYMBOL = 64
/** Digits of the hash behind a name that is cut. */
const HASH_DIGITS = 16

/**
 * What the function of a BGPFilter is called in BIRD; long names are cut, with a hash for the rest.
 * @calico confd/pkg/resource/template/util.go
 */
function filterFunctionName(filter: string, direction: FilterDirection, family: Family): string {
  const [before, behind] = ['bgp_', `_${direction}FilterV${family}`]
  const room = LONGEST_SYMBOL - before.length - behind.length
  return `${before}${shortened(filter, room)}${behind}`
}

function shortened(name: string, room: number): string {
  if (name.length <= room) return name
  const digest = toHex(sha256(encodeUtf8(name))).toUpperCase()
  return `${name.slice(0, room - HASH_DIGITS - 1)}_${digest.slice(0, HASH_DIGITS)}`
}

/**
 * The function that the rules of a BGPFilter become for one direction and family; undefined without rules.
 * @param spec - the filter's, as the datastore has it
 * @calico confd/pkg/resource/template/template_funcs.go
 */
export function filterFunction(
  filter: string,
  spec: unknown,
  direction: FilterDirection,
  family: Family,
): FilterFunction | FilterFault | undefined {
  const field = `${direction}V${family}`
  const rules = listAt(spec, field)
  if (rules.length === 0) return undefined
  const body: FilterStatement[] = []
  for (const [i, rule] of rules.entries()) {
    const statements = ruleStatements(rule, family, `BGPFilter ${filter}, rule ${i + 1} of ${field}`)
    if (typeof statements === 'string') return { fault: `BGPFilter ${filter}: spec.${field}[${i}]: ${statements}` }
    body.push(...statements)
  }
  const isTold = rules.some((rule) => textAt(rule, 'peerType') !== undefined)
  return { name: filterFunctionName(filter, direction, family), ...(isTold ? { argument: 'is_same_as' } : {}), body }
}

/** A rule as statements, or what is wrong with it. */
function ruleStatements(rule: unknown, family: Family, why: string): readonly FilterStatement[] | string {
  const tests = ruleTests(rule, family)
  if (typeof tests === 'string') return tests
  const changes = operationStatements(listAt(rule, 'operations'))
  if (typeof changes === 'string') return changes
  const action = textAt(rule, 'action')
  if (action !== 'Accept' && action !== 'Reject') return `the action ${action ?? ''} is neither Accept nor Reject`
  const body: FilterStatement[] = [...changes, { do: action === 'Accept' ? 'accept' : 'reject', why }]
  return tests.length === 0 ? body : [{ do: 'if', test: tests.length === 1 ? tests[0]! : { ask: 'all', tests }, body }]
}

function ruleTests(rule: unknown, family: Family): FilterTest[] | string {
  const tests: FilterTest[] = []
  const peerType = textAt(rule, 'peerType')
  if (peerType === 'iBGP') tests.push({ ask: 'same-as' })
  if (peerType === 'eBGP') tests.push({ ask: 'not', test: { ask: 'same-as' } })
  if (textAt(rule, 'cidr') !== undefined) {
    const net = netTest(rule, family)
    if (typeof net === 'string') return net
    tests.push(net)
  }
  const source = textAt(rule, 'source')
  if (source !== undefined && source !== 'RemotePeers') return `the source ${source} is not known`
  if (source !== undefined) tests.push({ ask: 'learnt' })
  const dev = textAt(rule, 'interface')
  if (dev !== undefined) tests.push({ ask: 'interface', like: [dev] })
  if (fieldAt(rule, 'communities') !== undefined) {
    const community = communityOf(textsAt(rule, 'communities', 'values')[0])
    if (community === undefined) return 'communities have no value of the form aa:nn or aa:nn:mm'
    tests.push({ ask: 'community', community })
  }
  const path = asNumbers(rule, 'asPathPrefix')
  if (path.length > 0) tests.push({ ask: 'path-begins', path })
  const priority = numberAt(rule, 'priority')
  if (priority !== undefined) tests.push({ ask: 'local-pref', op: '=', value: PRIORITY_SUM - priority })
  return tests
}

const OPERATORS: Readonly<Record<string, NetOperator>> = { Equal: '=', NotEqual: '!=', In: '~', NotIn: '!~' }

function netTest(rule: unknown, family: Family): FilterTest | string {
  const text = textAt(rule, 'cidr')!
  const cidr = parseCidr(text)
  const operator = textAt(rule, 'matchOperator')
  if (operator === undefined) return 'cidr without matchOperator'
  const op = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined
  if (op === undefined) return `the operator ${operator} is not known`
  if (cidr === undefined) return `${text} is no range`
  const net = { ask: 'net', op, prefix: prefixOf(cidr.address, cidr.length) } as const
  if (fieldAt(rule, 'prefixLength') === undefined) return net
  const most = addressBits(family === 4 ? '0.0.0.0' : '::')
  const from = Math.max(cidr.length, numberAt(rule, 'prefixLength', 'min') ?? 0)
  const to = Math.min(most, numberAt(rule, 'prefixLength', 'max') ?? most)
  return { ...net, lengths: [from, to] }
}

function operationStatements(operations: readonly unknown[]): FilterStatement[] | string {
  const statements: FilterStatement[] = []
  for (const operation of operations) {
    if (fieldAt(operation, 'addCommunity') !== undefined) {
      const community = communityOf(textAt(operation, 'addCommunity', 'value'))
      if (community === undefined) return 'addCommunity has no value of the form aa:nn or aa:nn:mm'
      statements.push({ do: 'add-community', community })
    } else if (fieldAt(operation, 'prependASPath') !== undefined) {
      // BIRD puts one number in front at a time: the last one put stands first.
      const path = asNumbers(operation, 'prependASPath', 'prefix')
      statements.push(...path.reverse().map((as): FilterStatement => ({ do: 'prepend', as })))
    } else if (fieldAt(operation, 'setPriority') !== undefined) {
      const value = numberAt(operation, 'setPriority', 'value')
      if (value === undefined) return 'setPriority has no value'
      statements.push({ do: 'local-pref', value: PRIORITY_SUM - value })
    } else return 'an operation that does nothing'
  }
  return statements
}

function asNumbers(value: unknown, ...path: readonly string[]): number[] {
  return listAt(value, ...path).flatMap((one) => asNumberAt({ one }, 'one') ?? [])
}

/** A community in canonical text; undefined when it is none. */
export function communityOf(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d+:\d+(:\d+)?$/.test(text)) return undefined
  return text.split(':').map(Number).join(':')
}
