// What selectors really reach (policy.md §5): a row for each way of giving them.
import { describe, expect, it } from 'vitest'
import type { EntityRule } from '../../../src/control/policy/kinds.ts'
import { policyScope, ruleScope } from '../../../src/control/policy/scope.ts'

const DEV = 'projectcalico.org/namespace == "dev"'
const ANY = 'has(projectcalico.org/namespace)'

describe('a side of a rule asks for (policy.md §5)', () => {
  it.each<[what: string, namespace: string | undefined, side: EntityRule, scope: string]>([
    ['any address', 'dev', {}, ''],
    ['pods of its namespace', 'dev', { selector: "a == 'x'" }, `(${DEV}) && (a == 'x')`],
    ['namespaces', 'dev', { namespaceSelector: "t == 'x'" }, 'pcns.t == "x"'],
    [
      'pods of namespaces',
      'dev',
      { selector: "a == 'x'", namespaceSelector: "t == 'x'" },
      '(pcns.t == "x") && (a == \'x\')',
    ],
    ['its namespace, where it excludes pods', 'dev', { notSelector: "a == 'x'" }, DEV],
    ['any endpoint, of a global policy', undefined, { selector: "a == 'x'" }, "a == 'x'"],
    ['any address, where a global policy excludes', undefined, { notSelector: "a == 'x'" }, ''],
    ['all namespaces', undefined, { namespaceSelector: 'all()' }, ANY],
    ['no namespace', 'dev', { namespaceSelector: 'global()' }, `!${ANY}`],
    [
      'no namespace or some',
      'dev',
      { selector: 'has(a)', namespaceSelector: "global() || t == 'x'" },
      `((!${ANY} || pcns.t == "x")) && (has(a))`,
    ],
    [
      'accounts by name',
      undefined,
      { serviceAccounts: { names: ['a', 'b'] } },
      'projectcalico.org/serviceaccount in {"a", "b"}',
    ],
    ['accounts by label', 'dev', { serviceAccounts: { selector: "r == 'x'" } }, `(${DEV}) && (pcsa.r == "x")`],
    [
      'accounts by both, and pods',
      undefined,
      { serviceAccounts: { names: ['a'], selector: 'has(r)' }, selector: 'has(a)' },
      '((has(pcsa.r)) && (projectcalico.org/serviceaccount in {"a"})) && (has(a))',
    ],
  ])('%s', (_what, namespace, side, scope) => {
    expect(ruleScope(side, namespace)).toBe(scope)
  })
})

describe('a policy is for', () => {
  it.each<[what: string, namespace: string | undefined, spec: Parameters<typeof policyScope>[0], scope: string]>([
    ['its namespace', 'dev', {}, DEV],
    ['pods of its namespace', 'dev', { selector: "a == 'x'" }, `(a == 'x') && ${DEV}`],
    ['accounts of its namespace', 'dev', { serviceAccountSelector: "r == 'x'" }, `(${DEV}) && pcsa.r == "x"`],
    ['everything', undefined, {}, ''],
    ['host endpoints, too', undefined, { selector: 'all()' }, 'all()'],
    ['all pods', undefined, { namespaceSelector: 'all()' }, ANY],
    [
      'pods, where a selector beside namespaces takes everything',
      undefined,
      { selector: 'all()', namespaceSelector: 'has(t)' },
      `(${ANY}) && has(pcns.t)`,
    ],
    [
      'accounts',
      undefined,
      { selector: 'all()', serviceAccountSelector: 'all()' },
      '(has(projectcalico.org/serviceaccount)) && has(projectcalico.org/serviceaccount)',
    ],
  ])('%s', (_what, namespace, spec, scope) => {
    expect(policyScope(spec, namespace)).toBe(scope)
  })
})
