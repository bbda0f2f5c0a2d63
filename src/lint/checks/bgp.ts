import type { ClusterNode } from '../../control/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'

/** Nodes from which on a full mesh is too large. */
const LARGEST_MESH = 200

/** Who learns routes from whom, and how long Felix keeps them. */
export function bgpChecks(facts: LintFacts): LintFinding[] {
  return [...graph(facts), ...reflectors(facts), ...mesh(facts), ...refresh(facts)]
}

/** Whether routes of some pool come by BGP. */
function needsBgp({ cluster, pools }: LintFacts): boolean {
  const { settings, nodes } = cluster
  const felix = nodes[0]?.felix
  if (settings.backend !== 'bird' || felix === undefined) return false
  return pools.some(({ ipip, vxlan }) => {
    if (ipip !== 'Never') return !felix.ownsIpip
    return vxlan === 'Never' && !felix.ownsNoEncap
  })
}

function configuration({ resources }: LintFacts): Subject[] {
  const resource = resources.bgpConfigurations.find(({ metadata }) => metadata.name === 'default')
  return resource === undefined ? [] : [{ resource, path: ['spec', 'nodeToNodeMeshEnabled'] }]
}

/** The parts of the graph of sessions that no session joins. */
function parts({ cluster }: LintFacts): ClusterNode[][] {
  const { bgp, nodes } = cluster
  const parent = new Map<string, string>()
  const root = (name: string): string => {
    let at = name
    while (parent.has(at)) at = parent.get(at)!
    return at
  }
  const join = (a: string, b: string): void => {
    const [left, right] = [root(a), root(b)]
    if (left !== right) parent.set(right, left)
  }
  // A mesh joins all its nodes: its pairs need not be listed.
  const [first, ...others] = bgp.mesh[4]
  for (const node of others) join(first!.name, node.name)
  for (const { dialer, listener } of bgp.explicit) join(dialer, listener)
  const found = new Map<string, ClusterNode[]>()
  for (const node of nodes) {
    const key = root(node.name)
    const known = found.get(key)
    if (known === undefined) found.set(key, [node])
    else known.push(node)
  }
  return [...found.values()].sort((a, b) => b.length - a.length)
}

function graph(facts: LintFacts): LintFinding[] {
  const { cluster, resources } = facts
  const isOff = !cluster.settings.mesh && resources.bgpPeers.length === 0
  // Routers that nobody described may join them; and without any session at all another finding says so.
  if (!needsBgp(facts) || isOff || cluster.bgp.strangers.length > 0) return []
  const [largest, ...others] = parts(facts)
  if (largest === undefined || others.length === 0) return []
  const [alone] = others
  const message = `${alone!
    .map(({ name }) => name)
    .slice(0, 4)
    .join(', ')} and ${largest[0]!.name} have no path of sessions between them: ${others.length + 1} parts`
  const subjects = [...configuration(facts), ...resources.bgpPeers.map((resource) => ({ resource }))]
  return [found('bgp-graph-disconnected', [...subjects, { resource: alone![0]!.resource }], message)]
}

function reflectors(facts: LintFacts): LintFinding[] {
  const { cluster } = facts
  const all = cluster.nodes.filter(({ routeReflector }) => routeReflector !== undefined)
  const outside = cluster.bgp.routers.some(({ routeReflector }) => routeReflector !== undefined)
  const [only] = all
  if (only === undefined || all.length > 1 || outside || cluster.settings.mesh || cluster.nodes.length < 3) return []
  if (cluster.bgp.strangers.length > 0) return []
  const message = `${only.name} is the only reflector of ${cluster.nodes.length} nodes`
  return [found('single-reflector', [{ resource: only.resource }, ...configuration(facts)], message)]
}

function mesh(facts: LintFacts): LintFinding[] {
  const { length } = facts.cluster.bgp.mesh[4]
  if (length <= LARGEST_MESH || facts.cluster.settings.backend !== 'bird') return []
  const message = `${length} nodes have ${(length * (length - 1)) / 2} sessions`
  const said = configuration(facts)
  const subjects = said.length > 0 ? said : [{ resource: facts.cluster.bgp.mesh[4][0]!.resource }]
  return [found('mesh-too-large', subjects, message, said.length > 0 ? undefined : 'the mesh is on where nobody says')]
}

function refresh({ cluster, resources }: LintFacts): LintFinding[] {
  return resources.felixConfigurations.flatMap((resource) => {
    const node = resource.metadata.name.startsWith('node.') ? resource.metadata.name.slice(5) : ''
    if (resource.spec['routeRefreshInterval'] === undefined) return []
    if (cluster.settings.refreshOf(node).routes > 0) return []
    const subject = { resource, path: ['spec', 'routeRefreshInterval'] }
    return [found('route-refresh-off', [subject], 'Felix never looks again at its routes')]
  })
}
