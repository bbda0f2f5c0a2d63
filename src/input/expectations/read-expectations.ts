import { checkArgument, InputError, type Issue } from '../../model/index.ts'
import type { Input } from '../document.ts'
import { judge, objectIssue } from '../judge.ts'
import { isInput, readObjects } from '../load.ts'
import type { RawObject } from '../objects.ts'
import { expectations } from '../schema/expectations.ts'
import type {
  Bound,
  Expectation,
  ExpectationPlan,
  ExpectedEnd,
  ExpectedFailure,
  ExpectedPath,
  ExpectedVerdict,
} from './plan.ts'

type EndFields = string | { readonly nodes: string } | Omit<Extract<ExpectedEnd, { kind: 'pods' }>, 'kind'>

/** An expectation, after it was judged. */
interface Fields {
  readonly name?: string
  readonly namespace?: string
  readonly from?: EndFields
  readonly to: EndFields
  readonly port?: number | string
  readonly size?: number
  readonly expect?: ExpectedVerdict
  readonly by?: string
  readonly via?: string | readonly string[]
  readonly snat?: string
  readonly path?: ExpectedPath
  readonly mtu?: number | string
  readonly count?: number | string
}

/** An injection, after it was judged. */
interface InjectionFields {
  readonly inject: string
  readonly at?: string
}

interface Spec {
  readonly namespace?: string
  readonly expectations: readonly (Fields | InjectionFields)[]
}

/**
 * Reads expectations: YAML or JSON with one object of kind Expectations.
 * @throws InputError with every fault and its place
 */
export function readExpectations(input: Input): ExpectationPlan {
  checkArgument(isInput(input), 'input', 'a text with its name: { name, text }', input)
  const objects = readObjects([input])
  const found = objects.filter(({ apiVersion, kind }) => apiVersion === 'packetwalk/v1' && kind === 'Expectations')
  const [raw, second] = found
  if (raw === undefined || second !== undefined) {
    const kinds = objects.map(({ kind }) => kind).join(', ')
    const received = raw === undefined ? kinds || 'nothing' : `${found.length} of them`
    const expected = 'one object of apiVersion packetwalk/v1 and kind Expectations'
    throw new InputError([{ kind: 'invalid', file: input.name, path: [], expected, received }])
  }
  const { resource, issues } = judge(raw, { kind: 'Expectations', group: 'packetwalk', shape: expectations })
  if (resource === undefined) throw new InputError(issues)
  return planOf(raw, input.name, (resource as unknown as { readonly spec: Spec }).spec)
}

function planOf(raw: RawObject, file: string, spec: Spec): ExpectationPlan {
  const all: Expectation[] = []
  const named = new Set<string>()
  const issues: Issue[] = []
  let injected: ExpectedFailure | undefined
  for (const [i, fields] of spec.expectations.entries()) {
    if ('inject' in fields) injected = injectedBy(raw, fields, i)
    else all.push(expectationOf(raw, spec, fields, i, injected?.failure === 'none' ? undefined : injected))
  }
  if (injected !== undefined && injected.index === spec.expectations.length - 1) {
    const path = ['spec', 'expectations', injected.index]
    issues.push(objectIssue(raw, 'invalid', path, 'an expectation behind the injection', 'none'))
  }
  for (const { index, name } of all) {
    const path = ['spec', 'expectations', index, 'name']
    if (named.has(name)) issues.push(objectIssue(raw, 'invalid', path, 'a name no other expectation has', `"${name}"`))
    named.add(name)
  }
  if (issues.length > 0) throw new InputError(issues)
  return { name: String((raw.value['metadata'] as Readonly<Record<string, unknown>>)['name']), file, expectations: all }
}

/** What is left out is not there, so that a plan is plain data. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}

function injectedBy(raw: RawObject, { inject, at }: InjectionFields, index: number): ExpectedFailure {
  const path = ['spec', 'expectations', index]
  const placeOf = (field: string): ReturnType<ExpectedFailure['placeOf']> =>
    raw.placeOf([...path, field]) ?? raw.placeOf(path)
  return { failure: inject, index, placeOf, ...(at === undefined ? {} : { at }) }
}

function expectationOf(
  raw: RawObject,
  spec: Spec,
  fields: Fields,
  index: number,
  injected: ExpectedFailure | undefined,
): Expectation {
  const path = ['spec', 'expectations', index]
  const { size, by, via, snat, path: way, expect } = fields
  const namespace = fields.namespace ?? spec.namespace
  const from = fields.from === undefined ? undefined : endOf(fields.from, namespace)
  const to = endOf(fields.to, namespace)
  const { port, protocol } = portOf(fields.port)
  const verdict = expect ?? (by === undefined ? 'allow' : 'deny')
  return {
    index,
    name:
      fields.name ??
      `${nameOf(fields, from, to, verdict)}${injected === undefined ? '' : `, with ${injected.failure}`}`,
    to,
    expect: verdict,
    isSaid: expect !== undefined,
    placeOf: (field) => raw.placeOf([...path, field]) ?? raw.placeOf(path),
    ...given({
      injected,
      namespace,
      from,
      port,
      protocol,
      size,
      by,
      via: typeof via === 'string' ? [via] : via,
      snat,
      path: way,
      mtu: boundOf(fields.mtu, '>='),
      count: boundOf(fields.count, '=='),
      place: raw.placeOf(path),
    }),
  }
}

function endOf(end: EndFields, namespace: string | undefined): ExpectedEnd {
  if (typeof end === 'string') return { kind: 'name', name: end }
  if ('nodes' in end) return { kind: 'nodes', nodes: end.nodes }
  if (end.namespace !== undefined || end.namespaces !== undefined || namespace === undefined)
    return { kind: 'pods', ...end }
  return { kind: 'pods', ...end, namespace }
}

function portOf(written: number | string | undefined): Pick<Expectation, 'port' | 'protocol'> {
  if (written === undefined || typeof written === 'number') return given({ port: written })
  const [, word = '', protocol] = /^(.*?)(?:\/(tcp|udp))?$/i.exec(written) ?? []
  const port = /^\d+$/.test(word) ? Number(word) : word
  return given({ port, protocol: protocol?.toLowerCase() as 'tcp' | 'udp' | undefined })
}

/** A number alone is the bound that people mean by it. */
function boundOf(written: number | string | undefined, plain: Bound['relation']): Bound | undefined {
  if (written === undefined || typeof written === 'number')
    return written === undefined ? undefined : { relation: plain, value: written }
  const [, relation, value] = /^(>=|<=|==) ?(\d+)$/.exec(written) ?? []
  return { relation: relation as Bound['relation'], value: Number(value) }
}

function nameOf(fields: Fields, from: ExpectedEnd | undefined, to: ExpectedEnd, expect: ExpectedVerdict): string {
  if (from === undefined) return `endpoints of ${endText(to)}`
  const port = fields.port === undefined ? '' : `:${fields.port}`
  return `${endText(from)} to ${endText(to)}${port}: ${expect}`
}

/** Whom an expectation is about, in words. */
export function endText(end: ExpectedEnd): string {
  switch (end.kind) {
    case 'name':
      return end.name
    case 'nodes':
      return `nodes ${end.nodes || 'all()'}`
    case 'pods': {
      const within = end.namespace ?? (end.namespaces === undefined ? undefined : `namespaces ${end.namespaces}`)
      return `pods ${end.pods || 'all()'}${within === undefined ? '' : ` in ${within}`}`
    }
  }
}
