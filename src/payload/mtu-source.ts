import type { Cluster, ClusterNode } from '../control/index.ts'
import { endpointsIn } from '../control/index.ts'
import type { Lab } from '../lab/index.ts'
import {
  type CableEnd,
  type Confidence,
  cablePeer,
  type Interface,
  type Network,
  type Origin,
  weakest,
} from '../model/index.ts'
import { describeOrigin } from '../trace/index.ts'
import type { MtuSource } from './report.ts'

/** Who set an MTU, before it is joined with the device. */
type Said = Pick<MtuSource, 'confidence' | 'why'>

const OBJECTS: Confidence = { kind: 'objects', of: [] }
const ASSUMED: Confidence = { kind: 'assumed', of: [] }
const DUMP: Confidence = { kind: 'dump', of: [] }

/** A tunnel device: how its field is called, and what somebody set. */
interface TunnelMtu {
  readonly field: string
  readonly set: (felix: ClusterNode['felix']) => number
  /** What it takes off a card's MTU. */
  readonly less: string
}

const TUNNELS: Readonly<Record<string, TunnelMtu>> = {
  tunl0: { field: 'ipipMTU', set: ({ ipipMtu }) => ipipMtu, less: '20 bytes of IPIP' },
  'vxlan.calico': { field: 'vxlanMTU', set: ({ vxlanMtu }) => vxlanMtu, less: '50 bytes of VXLAN' },
  'vxlan-v6.calico': { field: 'vxlanMTUV6', set: ({ vxlanMtuV6 }) => vxlanMtuV6, less: '70 bytes of VXLAN over IPv6' },
  'wireguard.cali': { field: 'wireguardMTU', set: ({ wireguardMtu }) => wireguardMtu, less: '60 bytes of WireGuard' },
  'wg-v6.cali': {
    field: 'wireguardMTUV6',
    set: ({ wireguardMtuV6 }) => wireguardMtuV6,
    less: '80 bytes of WireGuard over IPv6',
  },
}

/** Finds out who set the MTU of devices; each is asked once. */
export class MtuSources {
  private readonly network: Network
  private readonly cluster: Cluster | null
  private readonly known = new Map<string, MtuSource | undefined>()

  constructor({ network, cluster }: Lab) {
    this.network = network
    this.cluster = cluster
  }

  /** Who set the MTU of a device; undefined for one that is not there. */
  of(netns: string, dev: string): MtuSource | undefined {
    const key = `${netns}\n${dev}`
    if (!this.known.has(key)) this.known.set(key, this.found(netns, dev))
    return this.known.get(key)
  }

  /** The other end of a device's cable. */
  peerOf({ netns, dev }: CableEnd): CableEnd | undefined {
    return cablePeer(this.network, netns, dev)
  }

  private found(netns: string, dev: string): MtuSource | undefined {
    const device = this.network.namespaces[netns]?.interfaces[dev]
    if (device === undefined) return undefined
    const { mtu, origin } = device
    return { netns, dev, mtu, ...this.said(netns, device), ...(origin === undefined ? {} : { origin }) }
  }

  private said(netns: string, device: Interface): Said {
    const { origin, mtu, name } = device
    if (origin?.component === 'dump') return ofDump(origin)
    if (origin?.component === 'kernel') return { confidence: OBJECTS, why: 'the kernel’s own' }
    const { cluster } = this
    if (cluster === null) return { confidence: OBJECTS, why: 'as the network was given' }
    const built = cluster.network.namespaces[netns]?.interfaces[name]
    if (built !== undefined && built.mtu !== mtu)
      return { confidence: OBJECTS, why: `changed by hand from ${built.mtu}` }
    const node = cluster.nodes.find((one) => one.name === netns)
    const pod = endpointsIn(cluster.workloadEndpoints)
    const endpoint =
      node === undefined ? pod.at(netns) : pod.ofNode(node.name).find((one) => one.interfaceName === name)
    const home = endpoint === undefined ? undefined : cluster.nodes.find((one) => one.name === endpoint.node)
    if (home !== undefined) return this.ofPods(home)
    const tunnel = TUNNELS[name]
    if (node !== undefined && tunnel !== undefined) return this.ofTunnel(node, tunnel)
    return this.ofCard(netns, device)
  }

  /** @calico felix/dataplane/linux/int_dataplane.go determinePodMTU */
  private ofPods(node: ClusterNode): Said {
    const { vethMtu } = this.cluster!.settings
    if (vethMtu > 0) return { confidence: OBJECTS, why: 'veth_mtu of calico-config' }
    const tunnels = Object.keys(TUNNELS).filter(
      (name) => this.cluster!.network.namespaces[node.name]?.interfaces[name] !== undefined,
    )
    if (tunnels.length === 0) return this.ofCards(node, 'pods get that of their node’s cards')
    const all = tunnels.map((name) => this.of(node.name, name)).filter((one) => one !== undefined)
    const least = Math.min(...all.map(({ mtu }) => mtu))
    const [decides] = all.filter(({ mtu }) => mtu === least)
    return { confidence: decides?.confidence ?? OBJECTS, why: `pods get that of ${decides?.dev}: ${decides?.why}` }
  }

  private ofTunnel(node: ClusterNode, { field, set, less }: TunnelMtu): Said {
    if (set(node.felix) > 0) return { confidence: OBJECTS, why: `${field} of Felix’ configuration` }
    if (this.cluster!.settings.vethMtu > 0) return { confidence: OBJECTS, why: 'veth_mtu of calico-config' }
    return this.ofCards(node, `the node’s smallest card less ${less}`)
  }

  private ofCards(node: ClusterNode, what: string): Said {
    const cards = (node.machine?.interfaces ?? []).filter(({ kind }) => kind === 'ethernet')
    const all = cards.map(({ name }) => this.of(node.name, name)).filter((one) => one !== undefined)
    const confidence = weakest(all.map((one) => one.confidence))
    return { confidence, why: all[0] === undefined ? what : `${what}; ${all[0].dev}: ${all[0].why}` }
  }

  /** A card, a port of a switch, a device of a router: what the Underlay says of it or of its segment, else what Ethernet has. */
  private ofCard(netns: string, device: Interface): Said {
    const specs = (this.cluster?.resources.underlays ?? []).map(({ spec }) => spec)
    const machines = specs.flatMap(({ nodes = [], routers = [] }) => [...nodes, ...routers])
    const own = machines.find(({ name }) => name === netns)?.interfaces.find(({ name }) => name === device.name)
    const segments = specs.flatMap((spec) => spec.segments)
    const named = segments.find(({ name }) => name === (own?.segment ?? netns))
    if (own?.mtu !== undefined) return { confidence: OBJECTS, why: `the Underlay says so of ${netns} ${device.name}` }
    if (named?.mtu !== undefined) return { confidence: OBJECTS, why: `the Underlay says so of segment ${named.name}` }
    // The device of a router that nobody described, or whose card is told by its segment alone.
    const alike = segments.find(({ mtu }) => mtu !== undefined && mtu === device.mtu)
    if (own === undefined && alike !== undefined)
      return { confidence: OBJECTS, why: `the Underlay says so of segment ${alike.name}` }
    return { confidence: ASSUMED, why: 'Ethernet’s default of 1500: no Underlay says otherwise' }
  }
}

function ofDump(origin: Origin): Said {
  if (origin.assumed === true) return { confidence: ASSUMED, why: describeOrigin(origin) }
  return { confidence: DUMP, why: `the dump says so (${describeOrigin(origin)})` }
}
