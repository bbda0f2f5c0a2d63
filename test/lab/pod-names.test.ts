// Which namespaces are pods': told without making those that nobody changed.
import { describe, expect, it } from 'vitest'
import { buildCluster, collectResources } from '../../src/control/index.ts'
import { podNames } from '../../src/lab/pods-of.ts'
import type { Network, NetworkRecipe } from '../../src/model/index.ts'
import { node, pod, pool } from '../control/cluster-objects.ts'

const OBJECTS = collectResources([
  pool('p', '10.0.0.0/16'),
  ...[1, 2].map((i) => node(`n${i}`, `172.18.0.${i}/24`)),
  ...[1, 2, 3].map((i) => pod(`p${i}`, `n${1 + (i % 2)}`)),
])

/** By the role of each. */
function plainly({ namespaces }: Network): string[] {
  return Object.values(namespaces).flatMap(({ role, name }) => (role === 'pod' ? [name] : []))
}

const EDITS: [string, NetworkRecipe, string[]][] = [
  ['nothing', () => {}, ['default/p1', 'default/p2', 'default/p3']],
  ['a pod that goes', ({ namespaces }) => void delete namespaces['default/p2'], ['default/p1', 'default/p3']],
  [
    'a pod that is none any more',
    ({ namespaces }) => {
      namespaces['default/p1']!.role = 'host'
    },
    ['default/p2', 'default/p3'],
  ],
  [
    'one more',
    ({ namespaces }) => {
      namespaces['new'] = { ...namespaces['default/p1']!, name: 'new' }
    },
    ['default/p1', 'default/p2', 'default/p3', 'new'],
  ],
]

describe('pods of a network', () => {
  it.each(EDITS)('%s', (_, edit, want) => {
    for (const eagerLimit of [0, 1000]) {
      const cluster = buildCluster(OBJECTS, { eagerLimit })
      const network = cluster.network.edit(edit)
      expect(podNames(network, cluster)).toEqual(want)
      expect(podNames(network, null)).toEqual(plainly(network))
    }
  })
})
