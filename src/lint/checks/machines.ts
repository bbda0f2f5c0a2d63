import type { ClusterNode } from '../../control/index.ts'
import type { Namespace } from '../../model/index.ts'
import { familyOf, overlaps, type Prefix } from '../../wire/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'

/** What real machines hold, where there are dumps of them. */
export function machineChecks(facts: LintFacts): LintFinding[] {
  const { machines, cluster } = facts
  if (machines === undefined) return []
  return cluster.nodes.flatMap((node) => {
    const namespace = machines.namespaces[node.name]
    if (namespace === undefined) return []
    return [
      ...forwarding(node, namespace),
      ...managed(facts, node, namespace),
      ...foreign(facts, node, namespace),
      ...engines(facts, node, namespace),
    ]
  })
}

function of({ resource }: ClusterNode): Subject[] {
  return [{ resource }]
}

function forwarding(node: ClusterNode, { sysctls, iptables }: Namespace): LintFinding[] {
  const key = 'net.ipv4.ip_forward'
  const off = sysctls[key] === '0' ? [found('forwarding-off', of(node), `${key} of ${node.name} is 0`)] : []
  const policy = iptables?.tables.filter?.chains['FORWARD']?.policy
  if (policy !== 'DROP') return off
  return [...off, found('forward-policy-drops', of(node), `the chain FORWARD of ${node.name} has the policy DROP`)]
}

/** How networks' managers mark the routes that they made. */
const MANAGERS: ReadonlySet<string> = new Set(['dhcp', 'ra', 'NetworkManager'])

function managed({ cluster }: LintFacts, node: ClusterNode, { interfaces, routes }: Namespace): LintFinding[] {
  const { interfacePrefix } = cluster.settings
  const isOurs = (dev: string | undefined): boolean => dev?.startsWith(interfacePrefix) === true
  const addressed = Object.values(interfaces).find(
    ({ name, addresses }) => isOurs(name) && addresses.some(({ family }) => family === 'inet'),
  )
  const route = routes.find(({ dev, protocol }) => isOurs(dev) && MANAGERS.has(protocol))
  const what =
    addressed === undefined
      ? route && `${route.dev} of ${node.name} has a route of ${route.protocol}`
      : `${addressed.name} of ${node.name} has the address ${addressed.addresses[0]!.local}`
  return what === undefined ? [] : [found('interface-managed-by-others', of(node), what)]
}

/** Devices of other plugins. */
const OTHERS = /^(flannel|cni0|weave|cilium|kube-bridge|antrea-gw|ovn-k8s)/

function foreign({ cluster }: LintFacts, node: ClusterNode, { routes }: Namespace): LintFinding[] {
  if (cluster.findings.notes.some(({ code }) => code === 'other_cni')) return []
  return cluster.ipam.pools.flatMap((pool) => {
    const route = routes.find(
      ({ dev = '', dst, type }) => type === 'unicast' && OTHERS.test(dev) && meets(dst, pool.cidr),
    )
    if (route === undefined) return []
    const message = `${node.name} has a route to ${route.dst} by ${route.dev}, which is in ${pool.cidr}`
    return [found('foreign-route-wins', [...of(node), { resource: pool.resource }], message)]
  })
}

function meets(a: Prefix, b: Prefix): boolean {
  return familyOf(a) === familyOf(b) && !a.endsWith('/0') && overlaps(a, b)
}

function engines({ resources }: LintFacts, node: ClusterNode, { iptables, ip6tables }: Namespace): LintFinding[] {
  const felix = [`node.${node.name}`, 'default']
    .flatMap((name) => resources.felixConfigurations.filter(({ metadata }) => metadata.name === name))
    .find(({ spec }) => spec['iptablesBackend'] !== undefined)
  const wanted = String(felix?.spec['iptablesBackend'] ?? 'Auto').toLowerCase()
  const has = iptables?.backend
  if (has === undefined) return []
  if (felix !== undefined && (wanted === 'legacy' || wanted === 'nft') && wanted !== has) {
    const message = `Felix of ${node.name} writes by iptables-${wanted}, and its tools print iptables-${has}`
    return [found('mixed-backends', [{ resource: felix, path: ['spec', 'iptablesBackend'] }, ...of(node)], message)]
  }
  const other = ip6tables?.backend
  if (other === undefined || other === has) return []
  return [found('mixed-backends', of(node), `${node.name} has iptables-${has} and ip6tables-${other}`)]
}
