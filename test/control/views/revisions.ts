// Clusters at two revisions, as they follow each other: pools of another encapsulation, pods that come and go, a policy, a node less.
import fc from 'fast-check'
import {
  buildCluster,
  type Cluster,
  collectResources,
  FELIX_PARTS,
  type KnownResource,
  type NodeViews,
} from '../../../src/control/index.ts'
import { controlClusters } from '../../properties/control-clusters.ts'
import { object, pod } from '../cluster-objects.ts'

const MODES = [
  { ipipMode: 'Never', vxlanMode: 'Never' },
  { ipipMode: 'Always', vxlanMode: 'Never' },
  { ipipMode: 'CrossSubnet', vxlanMode: 'Never' },
  { ipipMode: 'Never', vxlanMode: 'Always' },
  { ipipMode: 'Never', vxlanMode: 'CrossSubnet' },
]

/** What is edited. */
export type Edit = 'pools' | 'pod-gone' | 'pod-come' | 'policy' | 'node-gone' | 'nothing'

const EDITS: readonly Edit[] = ['pools', 'pools', 'pod-gone', 'pod-come', 'policy', 'node-gone', 'nothing']

const POLICY = object('GlobalNetworkPolicy', 'denied', { selector: 'all()', types: ['Ingress'], order: 1 })

function withMode(one: KnownResource, mode: object): KnownResource {
  if (one.kind !== 'IPPool' || one.spec.cidr.includes(':')) return one
  return { ...one, spec: { ...one.spec, ...mode } }
}

/** The objects after an edit. */
function edited(objects: readonly KnownResource[], edit: Edit, mode: number): readonly KnownResource[] {
  const nodes = objects.filter(({ kind }) => kind === 'Node')
  const pods = objects.filter(({ kind }) => kind === 'Pod')
  const last = nodes[nodes.length - 1]?.metadata.name
  switch (edit) {
    case 'pools':
      return objects.map((one) => withMode(one, MODES[mode % MODES.length]!))
    case 'pod-gone':
      return objects.filter((one) => one !== pods[mode % pods.length])
    case 'pod-come':
      return [...objects, pod(`late-${mode}`, nodes[mode % nodes.length]!.metadata.name)]
    case 'policy':
      return [...objects, POLICY]
    case 'node-gone':
      return nodes.length < 3
        ? objects
        : objects.filter((one) => one.metadata.name !== last && !(one.kind === 'Pod' && one.spec.nodeName === last))
    case 'nothing':
      return objects
  }
}

/** Two revisions of a cluster. */
export interface Revisions {
  readonly before: Cluster
  readonly after: Cluster
  readonly edit: Edit
}

/** A cluster before and after an edit, one of some. */
export function revisions(edits: readonly Edit[] = EDITS, eagerLimit: number = 256): fc.Arbitrary<Revisions> {
  return fc.tuple(controlClusters(), fc.constantFrom(...edits), fc.nat(20)).map(([{ objects }, edit, mode]) => ({
    before: buildCluster(collectResources(objects), { eagerLimit }),
    after: buildCluster(collectResources(edited(objects, edit, mode)), { eagerLimit }),
    edit,
    // A cluster as text is a megabyte.
    [fc.toStringMethod]: () => `${edit} ${mode} of ${JSON.stringify(objects)}`,
  }))
}

/** Who has seen what, by a bit each: the cluster before, or the one after. */
export function viewsBy(bits: number, { before, after }: Pick<Revisions, 'before' | 'after'>): NodeViews {
  const at = (i: number): Cluster => ((bits >> i) % 2 === 1 ? after : before)
  const felix = Object.fromEntries(FELIX_PARTS.map((part, i) => [part, at(4 + i)]))
  return { machine: at(0), cni: at(1), felix: at(4), bird: at(2), proxy: at(3), ...felix }
}
