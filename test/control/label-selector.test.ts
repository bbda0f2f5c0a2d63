// A label selector of Kubernetes in the words of Calico: a row for each operator.
import { describe, expect, it } from 'vitest'
import { namespaceSelectorText, podSelectorText } from '../../src/control/policy/selector-text.ts'

type Selector = Parameters<typeof podSelectorText>[0]

describe('a label selector', () => {
  it.each([
    ['nothing', undefined, ''],
    ['an empty one', {}, 'all()'],
    ['one label', { matchLabels: { app: 'web' } }, "app == 'web'"],
    ['two labels, by name', { matchLabels: { tier: 'front', app: 'web' } }, "app == 'web' && tier == 'front'"],
    ['In', { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] }, "app in { 'a', 'b' }"],
    ['NotIn', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a', 'b'] }] }, "app not in { 'a', 'b' }"],
    ['Exists', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, 'has(app)'],
    ['DoesNotExist', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, '! has(app)'],
    [
      'all of them',
      { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'x', operator: 'Exists' }] },
      "app == 'web' && has(x)",
    ],
  ])('over namespaces: %s', (_what, selector, text) => {
    expect(namespaceSelectorText(selector as Selector)).toBe(text)
  })

  it.each([
    ['nothing', undefined, ''],
    ['an empty one', {}, ''],
    ['one label', { matchLabels: { app: 'web' } }, " && app == 'web'"],
  ])('over pods, which host endpoints are not: %s', (_what, selector, text) => {
    expect(podSelectorText(selector as Selector)).toBe(`projectcalico.org/orchestrator == 'k8s'${text}`)
  })
})
