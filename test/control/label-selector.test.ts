// A label selector of Kubernetes in the words of Calico: a row for each operator.
import { describe, expect, it } from 'vitest'
import { labelSelectorText } from '../../src/control/policy/selector-text.ts'

describe('a label selector', () => {
  it.each([
    ['nothing', undefined, 'all()'],
    ['an empty one', {}, 'all()'],
    ['one label', { matchLabels: { app: 'web' } }, 'app == "web"'],
    ['two labels', { matchLabels: { app: 'web', tier: 'front' } }, 'app == "web" && tier == "front"'],
    ['In', { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] }, 'app in {"a", "b"}'],
    ['NotIn', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a', 'b'] }] }, 'app not in {"a", "b"}'],
    ['Exists', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, 'has(app)'],
    ['DoesNotExist', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, '!has(app)'],
    [
      'all of them',
      { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'x', operator: 'Exists' }] },
      'app == "web" && has(x)',
    ],
  ])('%s', (_what, selector, text) => {
    expect(labelSelectorText(selector as Parameters<typeof labelSelectorText>[0])).toBe(text)
  })

  it('has its prefix before every label', () => {
    const selector = { matchLabels: { a: '1' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] }
    expect(labelSelectorText(selector as Parameters<typeof labelSelectorText>[0], 'pcns.')).toBe(
      'pcns.a == "1" && has(pcns.b)',
    )
  })
})
