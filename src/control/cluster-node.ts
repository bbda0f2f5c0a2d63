import {
  type Cidr,
  explainMac,
  type Family,
  type Ip,
  type Mac,
  type Prefix,
  parseMac,
  prefixOf,
} from '../wire/index.ts'
import type { Findings } from './findings.ts'
import type { NodeResource } from './kubernetes-kinds.ts'
import { calicoAddress } from './node-address.ts'
import { calicoAnnotation, nodeLabels } from './node-annotations.ts'
import { inCreationOrder } from './objects-by-kind.ts'
import type { Resources } from './resources.ts'
import type { FelixSettings, Settings } from './settings/settings.ts'
import type { PlannedInterface, PlannedMachine, UnderlayPlan } from './underlay/plan.ts'

/** A Kubernetes node as the control plane sees it. */
export interface ClusterNode {
  /** Name. */
  readonly name: string
  /** The object. */
  readonly resource: NodeResource
  /** Its machine; absent when the Underlay does not have it. */
  readonly machine?: PlannedMachine
  /** Labels, for selectors. */
  readonly labels: Readonly<Record<string, string>>
  /** Calico's IPv4 address with its mask. */
  readonly ipv4?: Cidr
  /** Calico's IPv6 address with its mask. */
  readonly ipv6?: Cidr
  /** AS number. */
  readonly asNumber: number
  /** Route reflector cluster id. */
  readonly routeReflector?: string
  /** Felix settings. */
  readonly felix: FelixSettings
}

/** A node's Calico address of a family. */
export function addressOfNode(node: ClusterNode, family: Family): Cidr | undefined {
  return family === 4 ? node.ipv4 : node.ipv6
}

/** The subnet a node believes to be in: what CrossSubnet compares with. */
export function subnetOfNode(node: ClusterNode, family: Family): Prefix | undefined {
  const cidr = addressOfNode(node, family)
  return cidr && prefixOf(cidr.address, cidr.length)
}

/** The interfaces of a machine that may carry its address; `lo` last. */
function cardsOf(machine: PlannedMachine | undefined): readonly PlannedInterface[] {
  if (machine?.loopback === undefined) return machine?.interfaces ?? []
  return [...machine.interfaces, machine.loopback]
}

/** The interface that carries a node's Calico address; tunnels and direct routes leave by it. */
export function parentInterface(node: ClusterNode, family: Family): PlannedInterface | undefined {
  const address = addressOfNode(node, family)?.address
  return cardsOf(node.machine).find((dev) => dev.addresses.some((cidr) => cidr.address === address))
}

/** The MAC a user gave a node's VXLAN device, if any. */
export function vtepMacAnnotation(node: ClusterNode, family: Family): Mac | undefined {
  const text = calicoAnnotation(node.resource, family === 4 ? 'VXLANTunnelMACAddr' : 'VXLANTunnelMACAddrV6')
  return text === undefined || explainMac(text) !== undefined ? undefined : parseMac(text)
}

function asNumberOf(resource: NodeResource, fallback: number, findings: Findings): number {
  const text = calicoAnnotation(resource, 'ASNumber')
  if (text === undefined) return fallback
  const number = Number(text)
  if (Number.isInteger(number) && number > 0 && number < 2 ** 32) return number
  const path = ['metadata', 'annotations', 'projectcalico.org/ASNumber']
  findings.fault('invalid', resource, path, 'an AS number', text)
  return fallback
}

const NO_LABELS: ClusterNode['labels'] = {}

/** All nodes, in order of creation. Faults go to `findings`. */
export function clusterNodes(
  resources: Resources,
  settings: Settings,
  underlay: UnderlayPlan,
  findings: Findings,
): ClusterNode[] {
  const holders = new Map<Ip, string>()
  const { env } = settings
  return inCreationOrder(resources.nodes).map((resource) => {
    const { name } = resource.metadata
    const machine = underlay.machines.get(name)
    const ipv4 = calicoAddress(4, resource, machine, env, findings)
    const ipv6 = calicoAddress(6, resource, machine, env, findings)
    for (const cidr of [ipv4, ipv6]) {
      const other = cidr && holders.get(cidr.address)
      if (other !== undefined) {
        const expected = 'an address no other node has'
        findings.fault('invalid', resource, ['status', 'addresses'], expected, `${cidr!.address}, also of ${other}`)
      } else if (cidr) holders.set(cidr.address, name)
    }
    if (!ipv4 && !ipv6 && env.get('IP')?.value !== 'none') {
      const expected = 'an InternalIP, a projectcalico.org/IPv4Address annotation or an interface with an address'
      findings.fault('missing_reference', resource, ['status', 'addresses'], expected, 'none')
    }
    const routeReflector = calicoAnnotation(resource, 'RouteReflectorClusterID')
    // Written out: of spreads V8 makes dictionaries, which takes longer than all else here.
    const node: { -readonly [K in keyof ClusterNode]?: ClusterNode[K] } = { name, resource }
    if (machine !== undefined) node.machine = machine
    node.labels = nodeLabels(resource) ?? NO_LABELS
    if (ipv4 !== undefined) node.ipv4 = ipv4
    if (ipv6 !== undefined) node.ipv6 = ipv6
    node.asNumber = asNumberOf(resource, settings.asNumber, findings)
    if (routeReflector !== undefined) node.routeReflector = routeReflector
    node.felix = settings.felixOf(name)
    return node as ClusterNode
  })
}
