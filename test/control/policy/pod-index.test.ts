// Pods are found by lists of what a selector asks for; which ones are selected is what looking at each of them says.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InheritedLabels } from '../../../src/control/policy/labels.ts'
import { PodIndex } from '../../../src/control/policy/pod-index.ts'
import { endpointSelector } from '../../../src/control/policy/selector-text.ts'
import { CLUSTER, clusterOf, namespace, object, pod } from './objects.ts'

const SPACES = ['dev', 'shop', 'ops']

/** Labels of a pod; some are called like those that it has of its namespace. */
const labels = fc.dictionary(
  fc.constantFrom('app', 'tier', 'pcns.team', 'constructor'),
  fc.constantFrom('a', 'b', 'c'),
  {
    maxKeys: 2,
  },
)

const label = fc.constantFrom(
  'app',
  'tier',
  'constructor',
  'pcns.team',
  'pcns.kubernetes.io/metadata.name',
  'pcsa.role',
  'projectcalico.org/namespace',
  'projectcalico.org/orchestrator',
  'projectcalico.org/serviceaccount',
)
const value = fc.constantFrom('a', 'b', 'c', 'k8s', 'cook', ...SPACES)
const text = fc.letrec<{ any: string; term: string }>((tie) => ({
  term: fc.oneof(
    fc.constant('all()'),
    fc.tuple(label, fc.constantFrom('==', '!='), value).map(([l, op, v]) => `${l} ${op} "${v}"`),
    fc
      .tuple(label, fc.constantFrom('in', 'not in'), fc.array(value, { maxLength: 3 }))
      .map(([l, op, all]) => `${l} ${op} {${all.map((v) => `"${v}"`).join(', ')}}`),
    label.map((l) => `has(${l})`),
  ),
  any: fc.oneof(
    { maxDepth: 3 },
    tie('term'),
    tie('any').map((inner) => `!(${inner})`),
    fc
      .tuple(fc.constantFrom('&&', '||'), fc.array(tie('any'), { minLength: 2, maxLength: 3 }))
      .map(([op, terms]) => terms.map((term) => `(${term})`).join(` ${op} `)),
  ),
})).any

const NODES = CLUSTER.filter(({ kind }) => kind === 'Node' || kind === 'IPPool')

const pods = fc
  .array(fc.tuple(fc.constantFrom(...SPACES), labels, fc.constantFrom('default', 'cook')), { maxLength: 6 })
  .map((all) =>
    all.map(([space, own, account], i) =>
      pod(`${space}/p${i}`, own, `10.65.9.${i + 1}`, 'n1', { serviceAccountName: account }),
    ),
  )

describe('pods by selectors', () => {
  it('are those that the selector selects, each once', () => {
    const rounds = fc.tuple(pods, fc.array(text, { minLength: 1, maxLength: 5 }))
    fc.assert(
      fc.property(rounds, ([objects, texts]) => {
        const { resources, workloadEndpoints: all } = clusterOf(
          [
            ...objects,
            namespace('dev', { team: 'a' }),
            namespace('shop', { team: 'b' }),
            object('ServiceAccount', 'shop/cook', undefined, { labels: { role: 'a' } }, 'v1'),
          ],
          undefined,
          NODES,
        )
        expect(all).toHaveLength(objects.length)
        const inherited = new InheritedLabels(resources)
        const index = new PodIndex(all, inherited)
        for (const selector of texts.map(endpointSelector)) {
          const wanted = all.filter((one) => index.selects(selector.parsed, one))
          expect(index.selectsAny(selector), selector.text).toBe(wanted.length > 0)
          const found = [...index.selectedBy(selector.parsed)]
          expect(new Set(found), selector.text).toEqual(new Set(wanted))
          expect(found, selector.text).toHaveLength(wanted.length)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('are none where all pods of a namespace have a label of their own in the place of its label', () => {
    const { resources, workloadEndpoints } = clusterOf(
      [namespace('dev', { team: 'a' }), pod('dev/p', { 'pcns.team': 'b' }, '10.65.9.1')],
      undefined,
      NODES,
    )
    const index = new PodIndex(workloadEndpoints, new InheritedLabels(resources))
    const counts = ['a', 'b'].map((team) => {
      const selector = endpointSelector(`pcns.team == "${team}"`)
      return [index.selectsAny(selector), [...index.selectedBy(selector.parsed)].length]
    })
    expect(counts).toEqual([
      [false, 0],
      [true, 1],
    ])
  })
})
