import { type Cidr, type Family, familyOf, type Ip, type Prefix, parseIp } from '../../wire/index.ts'
import { asNumberFrom } from './as-number.ts'
import { type Machine, sourceOnLink } from './autodetection.ts'
import { type DefaultPools, defaultPools, type MadePool, type PoolSituation } from './default-pools.ts'
import { type HostInterface, isGlobalUnicast, type Skipped } from './interfaces.ts'
import type { PodSubnets } from './kubeadm.ts'
import { type NodeIps, nodeIps, type StoredNode } from './node-ips.ts'
import { nodeNameOf } from './node-name.ts'

/** An interface with what only its own machine knows of it. */
export interface OwnInterface extends HostInterface {
  /** Whether it is up. */
  readonly up: boolean
}

/** What `calico-node -startup` finds. */
export interface StartSituation {
  /** A variable of its environment; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined
  /** What the machine calls itself. */
  readonly hostname: string
  /** Whether its kernel has IPv6. */
  readonly ipv6: boolean
  /** Its interfaces by index, `lo` among them. */
  readonly interfaces: readonly OwnInterface[]
  /** Internal addresses of a Kubernetes Node by its name; undefined: there is no such Node. */
  readonly internalIps: (node: string) => readonly Ip[] | undefined
  /** The nodes that are stored. */
  readonly nodes: readonly StoredNode[]
  /** Ranges of kubeadm; absent: no kubeadm. */
  readonly podSubnets?: PodSubnets
  /** Pools that are there. */
  readonly pools: PoolSituation['pools']
  /** Blocks that are there. */
  readonly blocks: readonly Prefix[]
  /** A range of IPv6 drawn at random. */
  readonly randomRange: () => Prefix
}

/** What comes of it. */
export interface Start {
  /** 0, or 1 where it gives up. */
  readonly exit: 0 | 1
  /** The name of the node. */
  readonly nodeName: string
  /** Its addresses, as far as it came. */
  readonly ips: NodeIps['ips']
  /** The AS number that the environment gives it. */
  readonly asNumber?: number
  /** Pools that it made. */
  readonly pools: readonly MadePool[]
  /** What it says, in order. */
  readonly messages: readonly string[]
  /** What autodetection passed over. */
  readonly skipped: readonly Skipped[]
  /** What the answer depends on and is not known; then nothing else here counts. */
  readonly unknown?: string
}

/**
 * What calico-node does when it starts: name, addresses, AS number, pools, in this order, up to where it gives up.
 *
 * @calico node/pkg/lifecycle/startup/startup.go Run
 */
export function startNode(situation: StartSituation): Start {
  const { variable, interfaces } = situation
  const { name, message } = nodeNameOf(variable, situation.hostname)
  const found = nodeIps(addressSituation(situation, name))
  const messages = [message, `Determined node name: ${name}`, ...found.messages]
  const common = { nodeName: name, ips: found.ips, skipped: found.skipped }
  const ended = (fault: string, pools: readonly MadePool[] = []): Start => ({
    ...common,
    exit: 1,
    pools,
    messages: [...messages, fault, 'Terminating'],
  })
  if (found.unknown !== undefined) return { ...ended(''), unknown: found.unknown }
  if (found.fault !== undefined) return ended(found.fault)
  const asText = variable('CALICO_NETWORKING_BACKEND') === 'none' ? '' : (variable('AS') ?? '')
  const asNumber = asText === '' ? undefined : asNumberFrom(asText)
  if (asText !== '' && asNumber === undefined) {
    return ended(`The AS number specified in the environment (AS=${asText}) is not valid`)
  }
  if (asNumber !== undefined) messages.push(`Using AS number specified in environment (AS=${asNumber})`)
  const made: DefaultPools = defaultPools({
    ...situation,
    hostAddresses: interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
  })
  messages.push(...made.messages)
  if (made.fault !== undefined) return ended(made.fault.message, made.pools)
  messages.push(`Using node name: ${name}`)
  return { ...common, exit: 0, pools: made.pools, messages, ...(asNumber === undefined ? {} : { asNumber }) }
}

function addressSituation(situation: StartSituation, name: string) {
  const { variable, interfaces, nodes } = situation
  const internalIps = situation.internalIps(variable('CALICO_K8S_NODE_REF') || name)
  const up: Cidr[] = interfaces.filter((dev) => dev.up).flatMap(({ addresses }) => addresses)
  const machine: Machine = {
    interfaces,
    ...(internalIps === undefined ? {} : { internalIps }),
    sourceTowards: (target, family) => sourceTowards(up, target, family),
  }
  const stored = nodes.find((node) => node.name === name) ?? { name, addresses: {} }
  return { variable, machine, stored, others: nodes.filter((node) => node.name !== name) }
}

/**
 * The address towards another, of a machine whose routes are not told: that of the subnet around it; a machine with one
 * address sends from that.
 */
function sourceTowards(up: readonly Cidr[], target: string, family: Family): Ip | 'unknown' {
  const address = parseIp(target)
  const near = address && sourceOnLink(up, address)
  if (near !== undefined) return near.address
  const own = up.filter((cidr) => familyOf(cidr.address) === family && isGlobalUnicast(cidr.address))
  return own.length === 1 ? own[0]!.address : 'unknown'
}
