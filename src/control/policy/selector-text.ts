import { isSelectorFault, parseSelector, type Selector } from '../selector.ts'
import type { LabelSelector } from './label-selector-kind.ts'

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

/** Parentheses that scoping may put around a selector a user wrote. */
const SCOPED_DEPTH = 220

/** A value in quotes; there are no escapes, but either kind of quote may be inside the other. */
function quoted(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`
}

/** Order of texts by their bytes in UTF-8, as Go compares them: that of their characters' numbers. */
function byBytes(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  const at = left.findIndex((character, i) => character !== right[i])
  return at < 0 ? left.length - right.length : left[at]!.codePointAt(0)! - (right[at]?.codePointAt(0) ?? -1)
}

/**
 * The one text of a selector that equal selectors share, its labels behind a prefix: ids of sets are made of it.
 *
 * @calico libcalico-go/lib/selector/parser/ast.go
 */
export function canonicalText(selector: Selector, prefix = ''): string {
  switch (selector.op) {
    case 'all':
    case 'global':
      return `${selector.op}()`
    case 'has':
      return `has(${prefix}${selector.label})`
    case 'not':
      return `!${canonicalText(selector.inner, prefix)}`
    case '&&':
    case '||':
      return `(${selector.terms.map((term) => canonicalText(term, prefix)).join(` ${selector.op} `)})`
    case 'in':
    case 'not in': {
      const values = [...new Set(selector.values)].sort(byBytes)
      return `${prefix}${selector.label} ${selector.op} {${values.map(quoted).join(', ')}}`
    }
    default:
      return `${prefix}${selector.label} ${selector.op} ${quoted(selector.value)}`
  }
}

/** A selector's canonical text with its labels behind a prefix; '' for a text that is none. */
export function prefixedText(text: string, prefix: string): string {
  const parsed = parseSelector(text)
  return isSelectorFault(parsed) ? '' : canonicalText(parsed, prefix)
}

/** A selector over endpoints. */
export interface EndpointSelector {
  /** Canonical text. */
  readonly text: string
  /** What it says. */
  readonly parsed: Selector
}

const NOBODY: Selector = { op: 'not', inner: { op: 'all' } }

/** A selector that was put together of checked parts; what cannot be one selects nobody. */
export function endpointSelector(text: string): EndpointSelector {
  const found = parseSelector(text, SCOPED_DEPTH)
  const parsed = isSelectorFault(found) ? NOBODY : found
  return { text: canonicalText(parsed), parsed }
}

/**
 * Terms of a Kubernetes label selector as Calico writes them: in single quotes whatever is in them, and a list without values
 * is one of the empty text. Operators that Kubernetes does not know are left out.
 *
 * @calico libcalico-go/lib/backend/k8s/conversion/conversion.go
 */
function termsOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string[] {
  const keys = Object.keys(matchLabels).sort(byBytes)
  const terms = keys.map((key) => `${key} == '${matchLabels[key]}'`)
  for (const { key, operator, values = [] } of matchExpressions) {
    const set = `{ '${values.join("', '")}' }`
    if (operator === 'In') terms.push(`${key} in ${set}`)
    else if (operator === 'NotIn') terms.push(`${key} not in ${set}`)
    else if (operator === 'Exists') terms.push(`has(${key})`)
    else if (operator === 'DoesNotExist') terms.push(`! has(${key})`)
  }
  return terms
}

/** A label selector over pods: host endpoints are none. */
export function podSelectorText(selector: LabelSelector | undefined): string {
  return [`${ORCHESTRATOR} == 'k8s'`, ...termsOf(selector ?? {})].join(' && ')
}

/** A label selector over namespaces; '' where there is none, and an empty one takes all. */
export function namespaceSelectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return ''
  const { matchLabels = {}, matchExpressions = [] } = selector
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return 'all()'
  return termsOf(selector).join(' && ')
}
