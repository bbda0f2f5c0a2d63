// What the control plane makes of objects: every namespace with its origins, addresses, settings, sessions, policies, Services
// and findings. Of the demo, of every object file of the fixtures, of the 252 policy cases, and of clusters drawn from seeds.
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe } from 'vitest'
import { loadResources } from '../../src/input/index.ts'
import { completedObjects, releaseOf } from '../../src/lab/probes/completed.ts'
import { cluster } from '../../src/testing/index.ts'
import { randomCluster } from '../oracle/policy/clusters.ts'
import { randomServices } from '../oracle/services/clusters.ts'
import { builtText, clusterTextOf } from '../support/cluster-text.ts'
import { goldens } from '../support/golden.ts'
import { policyCases } from '../support/policy-cases.ts'

const FILES = ['examples/demo', 'test/fixtures/field', 'test/fixtures/hostile']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
  .filter((name) => /\.ya?ml$/.test(name))
  .sort()

describe('object files', () => {
  goldens('control-files', FILES, (file) =>
    clusterTextOf(() => loadResources([{ name: file, text: readFileSync(file, 'utf8') }]).resources),
  )
})

describe('policy cases', () => {
  const cases = new Map(policyCases().map((one) => [one.id, one]))
  goldens('control-policy', [...cases.keys()], (id) => {
    const one = cases.get(id)!
    return builtText(id, completedObjects(one), { release: releaseOf(one.objects) })
  })
})

/** As many of a kind as a key counts. */
function drawn<T>(arbitrary: fc.Arbitrary<T>, numRuns: number): ReadonlyMap<string, T> {
  return new Map(fc.sample(arbitrary, { seed: 1, numRuns }).map((one, i) => [String(i), one]))
}

describe('clusters drawn', () => {
  const plain = drawn(cluster({ nodes: { min: 2, max: 4 } }), 36)
  goldens('control-drawn', [...plain.keys()], (key) => clusterTextOf(() => plain.get(key)!.resources))
})

const RELEASES = ['v3.16.3', 'v3.22.0', 'v3.28.1', 'v3.29.1', 'v3.30.0', 'v3.31.0', 'v3.32.1', 'v3.33.0'] as const

describe('policies drawn', () => {
  const policies = drawn(randomCluster(), 88)
  goldens('control-policies-drawn', [...policies.keys()], (key) =>
    builtText(key, policies.get(key)!.objects, { release: RELEASES[Number(key) % RELEASES.length]! }),
  )
})

describe('Services drawn', () => {
  const services = drawn(randomServices(), 48)
  goldens('control-services-drawn', [...services.keys()], (key) => builtText(key, services.get(key)!.objects))
})
