// What reading says of every value at every place of every kind: kept, left out, or refused with these words.
import { describe } from 'vitest'
import { loadResources } from '../../src/input/index.ts'
import { type ApiGroup, kindsOf, metadataOf, shapeOf } from '../../src/input/schema/shapes.ts'
import { InputError } from '../../src/model/index.ts'
import { textOf } from '../support/cluster-text.ts'
import { goldens } from '../support/golden.ts'
import { ANYTHING, placesOf, withValue } from './input-shape-values.ts'

const VERSIONS: Readonly<Record<ApiGroup, string>> = {
  operator: 'operator.tigera.io/v1',
  core: 'v1',
  apps: 'apps/v1',
  discovery: 'discovery.k8s.io/v1',
  networking: 'networking.k8s.io/v1',
  policy: 'policy.networking.k8s.io/v1alpha2',
  'kube-proxy': 'kubeproxy.config.k8s.io/v1alpha1',
  calico: 'projectcalico.org/v3',
  packetwalk: 'packetwalk/v1',
}

/** What is kept of an object, or what is wrong with it. */
function judged(object: unknown): unknown {
  try {
    const { resources, warnings, unread } = loadResources([{ name: 'o.json', text: JSON.stringify(object) }])
    const kept = Object.entries(resources).filter(([, list]) => list.length > 0)
    return { kept, warnings, unread }
  } catch (error) {
    if (error instanceof InputError) return error.issues
    throw error
  }
}

const KINDS = (Object.keys(VERSIONS) as ApiGroup[]).flatMap((group) =>
  kindsOf(group).map((kind) => ({ group, kind, apiVersion: VERSIONS[group], name: `${VERSIONS[group]} ${kind}` })),
)
/** A name by which an object that is not Calico's is read, too. */
const NAMES: Readonly<Record<string, string>> = {
  ConfigMap: 'calico-config',
  DaemonSet: 'calico-node',
  Deployment: 'calico-kube-controllers',
}

describe('a kind', () => {
  const kinds = new Map(KINDS.map((one) => [one.name, one]))
  goldens('input-refusals', [...kinds.keys()], (name) => {
    const { group, kind, apiVersion } = kinds.get(name)!
    const shape = shapeOf(group, kind)!
    const metadata = { name: NAMES[kind] ?? 'default' }
    return placesOf(shape.shape)
      .flatMap(({ path, values }) =>
        [...ANYTHING, ...values].map((value) =>
          textOf([path, value, judged({ apiVersion, kind, metadata, ...(withValue(path, value) as object | null) })]),
        ),
      )
      .join('')
  })
})

describe('the metadata of a kind', () => {
  const kinds = new Map(
    KINDS.filter(
      ({ kind, group }) => ['Pod', 'Service', 'IPPool', 'Underlay'].includes(kind) && group !== 'operator',
    ).map((one) => [one.name, one]),
  )
  goldens('input-refusals-metadata', [...kinds.keys()], (name) => {
    const { group, kind, apiVersion } = kinds.get(name)!
    const spec = { Pod: {}, Service: {}, IPPool: { cidr: '10.0.0.0/8' }, Underlay: { segments: [], nodes: [] } }[kind]
    return placesOf(metadataOf(shapeOf(group, kind)!))
      .flatMap(({ path, values }) =>
        [...ANYTHING, ...values].map((value) => {
          const given = withValue(path, value)
          const metadata = path.length === 0 || path[0] === 'name' ? given : { name: 'a', ...(given as object) }
          return textOf([path, value, judged({ apiVersion, kind, metadata, spec })])
        }),
      )
      .join('')
  })
})
