import type { EntityRule } from './kinds.ts'
import { IN_NAMESPACE, NAMESPACE_LABEL, prefixedText, SERVICE_ACCOUNT, SERVICE_ACCOUNT_LABEL } from './selector-text.ts'

/** Whom a policy or a rule really selects: selectors as texts, put together as Calico does it. */

function inNamespace(namespace: string): string {
  return `${IN_NAMESPACE} == "${namespace}"`
}

function both(first: string, second: string): string {
  if (first === '' || second === '') return first + second
  return `(${first}) && (${second})`
}

/** Namespaces as endpoints show them: all of them are those endpoints that are in one, none are the others. */
function namespaceScope(selector: string): string {
  const within = `has(${IN_NAMESPACE})`
  return prefixedText(selector, NAMESPACE_LABEL).replaceAll('all()', within).replaceAll('global()', `!${within}`)
}

function accountScope({ names = [], selector = '' }: NonNullable<EntityRule['serviceAccounts']>): string {
  const named = names.length === 0 ? '' : `${SERVICE_ACCOUNT} in {${names.map((name) => `"${name}"`).join(', ')}}`
  return both(selector === '' ? '' : prefixedText(selector, SERVICE_ACCOUNT_LABEL), named)
}

/**
 * The endpoints one side of a rule asks for; '' for any address. A rule of a namespaced policy stays in its namespace as
 * soon as it asks for endpoints at all, and be it by a negated selector.
 *
 * @calico libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go
 */
export function ruleScope(side: EntityRule, namespace: string | undefined): string {
  const { selector = '', notSelector = '', namespaceSelector = '', serviceAccounts } = side
  const endpoints = both(serviceAccounts === undefined ? '' : accountScope(serviceAccounts), selector)
  if (namespaceSelector !== '') return both(namespaceScope(namespaceSelector), endpoints)
  if (namespace === undefined || (endpoints === '' && notSelector === '')) return endpoints
  return both(inNamespace(namespace), endpoints)
}

/** What a policy says of the endpoints it is for. */
export interface PolicyScope {
  /** Labels of endpoints. */
  readonly selector?: string | undefined
  /** Labels of their namespaces. */
  readonly namespaceSelector?: string | undefined
  /** Labels of their service accounts. */
  readonly serviceAccountSelector?: string | undefined
}

/** What stands for all endpoints in a selector beside one for namespaces or accounts: those that have one. */
function narrowed(selector: string, wanted: string | undefined, prefix: string, label: string): string {
  if (wanted === undefined || wanted === '') return selector
  const scope = prefixedText(wanted, prefix)
  return (selector === '' ? scope : `(${selector}) && ${scope}`).replaceAll('all()', `has(${label})`)
}

/** The endpoints a policy of Calico is for. @calico libcalico-go/lib/backend/syncersv1/updateprocessors/networkpolicyprocessor.go */
export function policyScope(scope: PolicyScope, namespace: string | undefined): string {
  const { selector = '', namespaceSelector, serviceAccountSelector } = scope
  if (namespace !== undefined) {
    const own = selector === '' ? inNamespace(namespace) : `(${selector}) && ${inNamespace(namespace)}`
    if (serviceAccountSelector === undefined || serviceAccountSelector === '') return own
    return `(${own}) && ${prefixedText(serviceAccountSelector, SERVICE_ACCOUNT_LABEL)}`
  }
  const within = narrowed(selector, namespaceSelector, NAMESPACE_LABEL, IN_NAMESPACE)
  return narrowed(within, serviceAccountSelector, SERVICE_ACCOUNT_LABEL, SERVICE_ACCOUNT)
}
