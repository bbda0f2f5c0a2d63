import {
  addressOfNode,
  type ClusterNode,
  carriedMtu,
  deviceMtu,
  enabledDevices,
  internalIps,
  parentInterface,
  podMtu,
  subnetOfNode,
  takingConnections,
} from '../../control/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'

/** Tunnels: their MTU, where they are missing, and what is in their way. */
export function encapsulationChecks(facts: LintFacts): LintFinding[] {
  return [
    ...mtus(facts),
    ...cards(facts),
    ...segments(facts),
    ...azure(facts),
    ...workloadTunnels(facts),
    ...wireguard(facts),
  ]
}

const NO_UNDERLAY = 'a card of 1500 bytes: no Underlay says another'

/** What was set for devices and pods, each combination of settings and card once. */
function mtus(facts: LintFacts): LintFinding[] {
  const { cluster, underlay } = facts
  const { settings, ipam } = cluster
  const seen = new Map<string, Set<unknown>>()
  const assumed = underlay === undefined ? NO_UNDERLAY : undefined
  return cluster.nodes.flatMap((node) => {
    const card = parentInterface(node, 4)?.mtu ?? parentInterface(node, 6)?.mtu
    if (card === undefined) return []
    const key = String(card)
    const known = seen.get(key) ?? new Set()
    seen.set(key, known)
    if (known.has(node.felix)) return []
    known.add(node.felix)
    const devices = enabledDevices(node, ipam.pools, settings)
    const pod = podMtu(node, ipam.pools, settings)
    const carried = Math.min(card, ...devices.map((device) => carriedMtu(device, card)))
    const most = devices.find((device) => carriedMtu(device, card) === carried)
    const subject = subjectOf(facts, node)
    if (pod > carried) {
      const over = most === undefined ? `the card of ${node.name}` : `${most} on ${node.name}`
      return [found('mtu-too-big', [subject], `pods have an MTU of ${pod}, and ${over} carries ${carried}`, assumed)]
    }
    const wide = devices.find((device) => deviceMtu(device, node, settings) > carriedMtu(device, card))
    if (wide === undefined) return []
    const message = `${wide} on ${node.name} has an MTU of ${deviceMtu(wide, node, settings)}, and a card of ${card} carries ${carriedMtu(wide, card)}`
    return [found('mtu-too-big', [subject], message, assumed)]
  })
}

/** The object that says an MTU: settings of Felix, else calico-config, an Installation, or the node. */
function subjectOf({ resources, cluster }: LintFacts, node: ClusterNode): Subject {
  const fields = ['ipipMTU', 'vxlanMTU', 'vxlanMTUV6', 'wireguardMTU', 'wireguardMTUV6']
  for (const name of [`node.${node.name}`, 'default']) {
    const felix = resources.felixConfigurations.find(({ metadata }) => metadata.name === name)
    const field = fields.find((one) => felix?.spec[one] !== undefined)
    if (felix !== undefined && field !== undefined) return { resource: felix, path: ['spec', field] }
  }
  const { configMap } = cluster.settings
  if (configMap !== undefined) return { resource: configMap, path: ['data', 'veth_mtu'] }
  const [installation] = resources.installations
  if (installation === undefined) return { resource: node.resource }
  return { resource: installation, path: ['spec', 'calicoNetwork', 'mtu'] }
}

function cards({ cluster, underlay }: LintFacts): LintFinding[] {
  if (underlay === undefined) return []
  const byMtu = new Map<number, ClusterNode>()
  for (const node of cluster.nodes) {
    const mtu = parentInterface(node, 4)?.mtu ?? parentInterface(node, 6)?.mtu
    if (mtu !== undefined && !byMtu.has(mtu)) byMtu.set(mtu, node)
  }
  if (byMtu.size < 2) return []
  const said = [...byMtu].map(([mtu, { name }]) => `${mtu} on ${name}`).join(', ')
  const subjects = [{ resource: underlay }, ...[...byMtu.values()].map(({ resource }) => ({ resource }))]
  return [found('mtu-differs-between-nodes', subjects, `cards have MTUs of ${said}`)]
}

function segments(facts: LintFacts): LintFinding[] {
  const { cluster, resources, underlay } = facts
  const bare = facts.pools.find(({ family, ipip, vxlan }) => family === 4 && ipip === 'Never' && vxlan === 'Never')
  const isRouted = cluster.bgp.routers.length > 0 || resources.bgpPeers.length > 0
  if (bare === undefined || isRouted) return []
  const stated = cluster.nodes.filter(
    ({ resource }) =>
      underlay !== undefined || resource.metadata.annotations?.['projectcalico.org/IPv4Address'] !== undefined,
  )
  const bySubnet = new Map(stated.map((node) => [subnetOfNode(node, 4), node]))
  const [first, second] = [...bySubnet].filter(([subnet]) => subnet !== undefined && !subnet.endsWith('/32'))
  if (first === undefined || second === undefined) return []
  const message = `${first[1].name} is in ${first[0]} and ${second[1].name} in ${second[0]}, and ${bare.cidr} is not encapsulated`
  const subjects = [{ resource: bare.resource }, { resource: first[1].resource }, { resource: second[1].resource }]
  return [found('segments-without-encapsulation', subjects, message, facts.assumedOf(bare))]
}

const AZURE = 'kubernetes.azure.com/'

function azure(facts: LintFacts): LintFinding[] {
  const pool = facts.pools.find(({ ipip }) => ipip !== 'Never')
  if (pool === undefined) return []
  const node = facts.cluster.nodes.find(({ labels }) => Object.keys(labels).some((label) => label.startsWith(AZURE)))
  if (node === undefined) return []
  const message = `${pool.cidr} is IPIP, and ${node.name} has labels of Azure`
  const subject = { resource: pool.resource, path: ['spec', 'ipipMode'] }
  return [found('ipip-in-azure', [subject, { resource: node.resource }], message, facts.assumedOf(pool))]
}

function workloadTunnels({ resources, cluster }: LintFacts): LintFinding[] {
  const felix = cluster.nodes[0]?.felix
  if (felix === undefined || felix.rules.allowVxlanFromWorkloads) return []
  return resources.pods.flatMap((pod) => {
    if (pod.spec.hostNetwork === true) return []
    const ports = (pod.spec.containers ?? []).flatMap((container) => container.ports ?? [])
    if (!ports.some(({ containerPort, protocol }) => containerPort === felix.vxlanPort && protocol === 'UDP')) return []
    const subject = { resource: pod, path: ['spec', 'containers'] }
    return [
      found('workload-tunnels-dropped', [subject], `it serves UDP ${felix.vxlanPort}, where Felix drops VXLAN of pods`),
    ]
  })
}

function wireguard(facts: LintFacts): LintFinding[] {
  const { resources, cluster } = facts
  const felix = resources.felixConfigurations.find(({ spec }) => spec['wireguardEnabled'] === true)
  if (felix === undefined) return []
  const subject = { resource: felix, path: ['spec', 'wireguardEnabled'] }
  const keyed = (node: ClusterNode): boolean =>
    (node.resource.metadata.annotations?.['projectcalico.org/WireguardPublicKey'] ?? '') !== ''
  const without = cluster.nodes.filter((node) => node.felix.wireguard && !keyed(node))
  const partly =
    without.length === 0 || without.length === cluster.nodes.length
      ? []
      : [
          found(
            'wireguard-partly',
            [subject, ...without.map(({ resource }) => ({ resource }))],
            `${without.map(({ name }) => name).join(', ')} ${without.length === 1 ? 'has' : 'have'} no key`,
          ),
        ]
  return [...partly, ...hostSources(facts, subject)]
}

/** Services of pods on the host network, asked by pods that are not masqueraded. */
function hostSources({ resources, cluster, pools }: LintFacts, subject: Subject): LintFinding[] {
  const bare = pools.find(({ natOutgoing, family }) => !natOutgoing && family === 4)
  if (bare === undefined || cluster.nodes.every(({ felix }) => felix.wireguardHostEncryption)) return []
  const addresses = new Set<string>(
    cluster.nodes.flatMap((node) => [addressOfNode(node, 4)?.address ?? '', ...internalIps(node.resource)]),
  )
  const service = resources.services.find((one) =>
    cluster
      .serviceEndpoints(one)
      .some(({ endpoints }) => takingConnections(endpoints).some(({ address }) => addresses.has(address))),
  )
  if (service === undefined) return []
  const message = `endpoints of ${service.metadata.name} have addresses of nodes, and ${bare.cidr} is not masqueraded`
  const subjects = [subject, { resource: service }, { resource: bare.resource }]
  return [found('wireguard-drops-host-sources', subjects, message)]
}
