import type { Selector } from '../selector.ts'
import type { LabelSelector } from './kinds.ts'

/** Prefix of a namespace's labels where its endpoints inherit them. @calico libcalico-go/lib/backend/k8s/conversion */
export const NAMESPACE_LABEL = 'pcns.'
/** Prefix of a service account's labels where its endpoints inherit them. */
export const SERVICE_ACCOUNT_LABEL = 'pcsa.'
/** Label of every workload endpoint: its namespace. */
export const IN_NAMESPACE = 'projectcalico.org/namespace'
/** Label of every workload endpoint: who runs it. */
export const ORCHESTRATOR = 'projectcalico.org/orchestrator'
/** Label of every workload endpoint: its service account. */
export const SERVICE_ACCOUNT = 'projectcalico.org/serviceaccount'

/** A value in quotes; there are no escapes, but either kind of quote may be inside the other. */
function quoted(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`
}

/** A selector as text, its labels behind a prefix; what selects everything in it stands for `all`. */
export function selectorText(selector: Selector, prefix = '', all = 'all()'): string {
  const text = (inner: Selector): string => selectorText(inner, prefix, all)
  switch (selector.op) {
    case 'all':
      return all
    case 'global':
      return `!has(${IN_NAMESPACE})`
    case 'has':
      return `has(${prefix}${selector.label})`
    case 'not':
      return `!(${text(selector.inner)})`
    case '&&':
    case '||':
      return `(${selector.terms.map(text).join(` ${selector.op} `)})`
    case 'in':
    case 'not in':
      return `${prefix}${selector.label} ${selector.op} {${selector.values.map(quoted).join(', ')}}`
    default:
      return `${prefix}${selector.label} ${selector.op} ${quoted(selector.value)}`
  }
}

/** A Kubernetes label selector as a selector of Calico; an empty one selects everything. */
export function labelSelectorText(selector: LabelSelector | undefined, prefix = ''): string {
  const terms = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${prefix}${key} == ${quoted(value)}`)
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const label = `${prefix}${key}`
    const set = `{${values.map(quoted).join(', ')}}`
    if (operator === 'Exists') terms.push(`has(${label})`)
    else if (operator === 'DoesNotExist') terms.push(`!has(${label})`)
    else terms.push(`${label} ${operator === 'In' ? 'in' : 'not in'} ${set}`)
  }
  return terms.length === 0 ? 'all()' : terms.join(' && ')
}

/** Selectors of which all must select. */
export function allOf(selectors: readonly string[]): string {
  const terms = selectors.filter((one) => one !== 'all()')
  return terms.length === 0 ? 'all()' : terms.map((one) => (terms.length === 1 ? one : `(${one})`)).join(' && ')
}
