import {
  addressAt,
  addressCount,
  type Cidr,
  compareIps,
  familyOf,
  type Ip,
  type Prefix,
  prefixAddress,
  prefixOf,
} from '../../wire/index.ts'
import type { NodeResource } from '../kubernetes-kinds.ts'
import { nodeAddresses } from '../node-annotations.ts'
import { originOf } from '../origin.ts'
import { machineMac } from './mac.ts'
import {
  DEFAULT_MTU,
  type PlannedInterface,
  type PlannedMachine,
  type PlannedSegment,
  type SegmentNet,
  type UnderlayPlan,
} from './plan.ts'

/** The first free host address of a subnet: the first, else the last, else any between. */
function freeGateway(prefix: Prefix, taken: ReadonlySet<Ip>): Ip | undefined {
  const count = addressCount(prefix)
  const last = familyOf(prefix) === 4 ? count - 2 : count - 1
  if (last < 1) return undefined
  const first = addressAt(prefix, 1)
  if (!taken.has(first)) return first
  for (let i = Math.min(last, 2 ** 32); i > 1; i--) {
    const candidate = addressAt(prefix, i)
    if (!taken.has(candidate)) return candidate
  }
  return undefined
}

/** A node, its addresses, and the subnets of these, IPv4 first. */
interface Addressed {
  readonly node: NodeResource
  readonly cidrs: readonly Cidr[]
  readonly nets: readonly Prefix[]
}

function addressed(node: NodeResource): Addressed {
  const cidrs = nodeAddresses(node)
  return { node, cidrs, nets: cidrs.map(({ address, length }) => prefixOf(address, length)) }
}

/** Groups subnets that some node joins: nodes whose addresses share a subnet are on one Ethernet. */
function joinedNets(nodes: readonly Addressed[]): Prefix[][] {
  const groups = new Map<Prefix, Prefix[]>()
  for (const { nets } of nodes) {
    const [first] = nets
    if (first === undefined || (nets.length === 1 && groups.has(first))) continue
    const joined = [...new Set(nets.flatMap((net) => groups.get(net) ?? [net]))]
    for (const net of joined) groups.set(net, joined)
  }
  return [...new Set(groups.values())]
}

/**
 * Derives what nobody described: nodes whose addresses share a subnet share a segment, and every segment has a gateway.
 * An address without a mask is taken to be in a /24 (IPv6: /64).
 */
export function planDerived(nodes: readonly NodeResource[], seed: number): UnderlayPlan {
  const all = nodes.map(addressed)
  const taken = new Set<Ip>()
  for (const { cidrs } of all) for (const { address } of cidrs) taken.add(address)
  const origin = originOf('underlay', undefined, [], 'derived: nodes whose addresses share a subnet share a segment')
  const groups = joinedNets(all)
  for (const group of groups) group.sort((a, b) => compareIps(prefixAddress(a), prefixAddress(b)))
  groups.sort((a, b) => compareIps(prefixAddress(a[0]!), prefixAddress(b[0]!)))
  const segments = new Map<Prefix, PlannedSegment>()
  const list = groups.map((group, i): PlannedSegment => {
    const nets = group.map((prefix): SegmentNet => {
      const gateway = freeGateway(prefix, taken)
      return { prefix, ...(gateway ? { gateway } : {}) }
    })
    const segment = { name: groups.length === 1 ? 'lan' : `lan${i + 1}`, nets, mtu: DEFAULT_MTU, origin }
    for (const prefix of group) segments.set(prefix, segment)
    return segment
  })
  const machines = new Map<string, PlannedMachine>()
  for (const { node, cidrs, nets } of all) {
    const [net] = nets
    const segment = net === undefined ? undefined : segments.get(net)
    const { name } = node.metadata
    const mac = machineMac(cidrs, seed, `${name}/eth0`)
    const interfaces: PlannedInterface[] = segment
      ? [{ name: 'eth0', kind: 'ethernet', segment, addresses: cidrs, mtu: segment.mtu, mac, origin }]
      : []
    machines.set(name, { name, interfaces, origin })
  }
  return { segments: list, machines }
}
