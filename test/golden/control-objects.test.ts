// What one object changes, a field of it or its absence: of test/fixtures/whole, everything else being as it is.
import { describe } from 'vitest'
import { builtText } from '../support/cluster-text.ts'
import { goldens } from '../support/golden.ts'
import { type Thing, wholeCluster } from '../support/whole-cluster.ts'
import { leftOut, OBJECT_VARIANTS, READ_OBJECT_VARIANTS } from './control-object-variants.ts'
import type { Variant } from './control-setting-variants.ts'
import { UNDERLAY_VARIANTS } from './control-underlay-variants.ts'

const SMALL = wholeCluster('small')
const WHOLE = wholeCluster('cluster')

function read(name: string, list: readonly Variant[], objects: readonly Thing[]): void {
  const variants = new Map(list)
  goldens(name, [...variants.keys()], (key) => builtText(key, variants.get(key)!(objects), { withoutNetwork: true }))
}

function changed(name: string, list: readonly Variant[], objects = SMALL): void {
  const variants = new Map(list)
  goldens(name, [...variants.keys()], (key) => builtText(key, variants.get(key)!(objects)))
}

describe('one object otherwise', () => {
  changed('control-objects', OBJECT_VARIANTS)
  read('control-objects-read', READ_OBJECT_VARIANTS, SMALL)
})

describe('the underlay otherwise', () => {
  changed('control-underlay', UNDERLAY_VARIANTS)
})

describe('an object left out', () => {
  changed('control-left-out', leftOut(SMALL))
  read('control-left-out-whole', leftOut(WHOLE), WHOLE)
})

/** Every release from which something is different, and some before and behind. */
const RELEASES = [
  'v2.6.12',
  ...[16, 17, 19, 20, 21, 22, 23, 27, 28, 29, 30, 31, 32, 33].map((minor) => `v3.${minor}.0`),
  'v4.0.0',
]

describe('a release', () => {
  goldens('control-releases', RELEASES, (release) =>
    builtText(release, release.endsWith('1.0') ? WHOLE : SMALL, { release }),
  )
})

const DOWN = [
  [{ a: 'n1', b: 'n2', info: 'Active Socket: Connection refused' }],
  [{ a: 'n2', b: 'n1', family: 6, info: 'Connect Socket' }],
  [{ a: 'n1', b: 'r', family: 4, info: 'Idle' }],
  [
    { a: 'r', b: 'n1', info: 'Idle' },
    { a: 'n2', b: 'r', info: 'Idle' },
  ],
] as const
const BUILDS = new Map<string, Parameters<typeof builtText>[2]>([
  ...DOWN.map((bgpSessions, i) => [`sessions down ${i}`, { bgpSessions }] as const),
  ['sessions by the question', { bgpSessions: ({ family }) => (family === 6 ? 'Idle' : 'up') }],
  ['another seed', { seed: 7 }],
  ['made when read', { eagerLimit: 0 }],
  ['only the rules of Felix', { onlyFelixRules: true }],
])

describe('a build', () => {
  goldens('control-builds', [...BUILDS.keys()], (key) => builtText(key, SMALL, BUILDS.get(key)!))
})
