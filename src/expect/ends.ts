import {
  type Cluster,
  endpointsIn,
  InheritedLabels,
  isSelectorFault,
  parseSelector,
  policyEndpoint,
  type Selector,
  selects,
  selectsBy,
  selectsEndpoint,
} from '../control/index.ts'
import type { ExpectedEnd } from '../input/index.ts'
import { invalid, type Lab } from '../lab/index.ts'

/**
 * The ends that an expectation means, by the names that a lab takes: one by its name, or all that selectors select, with the labels that
 * policies see.
 * @param namespace - where a name without one is looked for
 * @throws InputError for a name that is not there, and for selectors in a lab without objects
 */
export function endsOf(lab: Lab, end: ExpectedEnd, namespace: string | undefined): readonly string[] {
  if (end.kind === 'name') return [lab.endpoint(end.name, namespace).label]
  const { cluster } = lab
  if (cluster === null) throw invalid('a name: selectors are about labels of objects', 'a selector, of dumps alone')
  return end.kind === 'nodes' ? nodesOf(cluster, end.nodes) : podsOf(cluster, end)
}

function nodesOf(cluster: Cluster, text: string): readonly string[] {
  const selector = read(text)
  return cluster.nodes.filter(({ labels }) => selects(selector, labels)).map(({ name }) => `node/${name}`)
}

function podsOf(cluster: Cluster, end: Extract<ExpectedEnd, { kind: 'pods' }>): readonly string[] {
  const { pods = '', namespaces = '', namespace } = end
  const inherited = new InheritedLabels(cluster.resources)
  const [ofPod, ofNamespace] = [read(pods), read(namespaces)]
  const within = new Map<string, boolean>()
  const isWithin = (name: string): boolean => {
    if (namespace !== undefined) return name === namespace
    const known = within.get(name) ?? selectsBy(ofNamespace, (label) => inherited.ofNamespace(name, label))
    within.set(name, known)
    return known
  }
  const { workloadEndpoints } = cluster
  const finder = endpointsIn(workloadEndpoints)
  return finder.names().filter((name) => {
    if (!isWithin(name.slice(0, name.indexOf('/')))) return false
    if (ofPod.op === 'all') return true
    const endpoint = finder.at(name)
    return endpoint !== undefined && selectsEndpoint(ofPod, policyEndpoint(endpoint, inherited)) === true
  })
}

/** A selector that was judged when it was read. */
function read(text: string): Selector {
  const parsed = parseSelector(text)
  if (isSelectorFault(parsed)) throw invalid(parsed.expected, `"${text}"`)
  return parsed
}
