import type { Plain } from '../../model/index.ts'
import { objectYaml } from '../object-text.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { table } from '../table.ts'
import type { CalicoKind } from './kinds.ts'
import { type AnyObject, namespaceOf, type Seen } from './seen.ts'
import { storedForm } from './stored-form.ts'

/** What objects are printed as. */
export interface Output {
  /** `ps`, `wide`, `yaml`, `json`, `name`, `custom-columns=…`. */
  readonly form: string
  /** Namespaces have a column of their own. */
  readonly all: boolean
  /** Objects asked for by their names are printed by themselves, others as a list. */
  readonly single: boolean
  readonly exported: boolean
}

/** Forms calicoctl has and packetwalk has not, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  'go-template': 'there are no templates of Go here; -o yaml | grep, or -o custom-columns=NAME,CIDR',
  'go-template-file': 'there are no templates of Go here; -o yaml | grep, or -o custom-columns=NAME,CIDR',
}

/** Why a form of output is none; undefined when it is one. */
export function outputRefusal(form: string): string | undefined {
  const [name = ''] = form.split('=', 1)
  if (['ps', 'table', 'wide', 'yaml', 'yml', 'json', 'name'].includes(name)) return undefined
  if (name === 'custom-columns') return form.includes('=') ? undefined : 'need to specify at least one column'
  if (Object.hasOwn(REFUSED, name)) return `packetwalk: -o ${name} is not known here: ${REFUSED[name]}`
  return `unrecognized output format '${form}'`
}

/** Prints objects of one kind. */
export function printObjects(kind: CalicoKind, objects: readonly AnyObject[], seen: Seen, output: Output): Run {
  const { form, all } = output
  if (form === 'yaml' || form === 'yml') return printed(objectYaml(whole(kind, objects, output)))
  if (form === 'json') return printed(`${JSON.stringify(ordered(whole(kind, objects, output)), null, 2)}\n`)
  if (form === 'name') return printed(objects.map((one) => `${kind.words[0]}/${one.metadata.name}\n`).join(''))
  const columns = form.startsWith('custom-columns=')
    ? form.slice(15).toUpperCase().split(',')
    : form === 'wide'
      ? kind.wide
      : kind.head
  const unknown = columns.find((name) => !Object.hasOwn(kind.cells, name) && !(name === 'NAMESPACE' && kind.namespaced))
  if (unknown !== undefined) {
    const known = Object.keys(kind.cells).join(', ')
    return failed(`Unknown output column '${unknown}' (packetwalk: ${kind.kind} has ${known})`)
  }
  const first = kind.namespaced && all && !columns.includes('NAMESPACE') ? ['NAMESPACE'] : []
  const head = [...first, ...columns]
  const cell = (name: string, one: AnyObject): string =>
    name === 'NAMESPACE' ? namespaceOf(one) : (kind.cells[name]?.(one, seen) ?? '')
  return printed(table([head, ...objects.map((one) => head.map((name) => cell(name, one)))]))
}

/** One object, or a list of them as the API gives it. */
function whole({ kind }: CalicoKind, objects: readonly AnyObject[], { single, exported }: Output): Plain {
  const forms = objects.map((one) => storedForm(one, exported))
  if (single && forms.length === 1) return forms[0] as Plain
  // Several names are several objects, and YAML and JSON print a list of them.
  if (single) return forms
  return { apiVersion: 'projectcalico.org/v3', items: forms, kind: `${kind}List`, metadata: {} }
}

/** How Go's types begin. */
const FIRST = [
  ...['kind', 'apiVersion', 'metadata'],
  ...['name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'labels', 'annotations'],
]

/** Fields in the order Go's types have them, as far as that is known. */
function ordered(value: Plain, depth = 0): Plain {
  if (Array.isArray(value)) return value.map((one) => ordered(one, depth))
  if (value === null || typeof value !== 'object') return value
  const fields = value as { readonly [key: string]: Plain }
  const rank = (key: string): number => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length)
  const keys = depth > 1 ? Object.keys(fields) : Object.keys(fields).sort((a, b) => rank(a) - rank(b))
  return Object.fromEntries(keys.map((key) => [key, ordered(fields[key] as Plain, depth + (key === 'spec' ? 2 : 0))]))
}
