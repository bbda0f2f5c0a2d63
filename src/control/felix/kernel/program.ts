import type { Ip, Mac, Prefix } from '../../../wire/index.ts'
import { hostPrefix } from '../../../wire/index.ts'
import { setName } from '../felix-set.ts'
import type { FloatingAddress } from '../floating-address.ts'
import { floatingChains } from '../rules/floating.ts'
import { natOutgoingChain } from '../rules/nat.ts'
import { pieceContext } from '../rules/piece-context.ts'
import { type ChainLines, chainLines } from '../rules/pieces.ts'
import { hostMembers, poolMembers, vxlanMembers } from '../rules/pool-sets.ts'
import type { KernelState, KernelWorkload, TunnelEndpoint } from './kernel-state.ts'
import { type ProgrammedRoute, programmedRoutes } from './route-program.ts'

/** What the kernel is told of a peer's VXLAN device, since nothing is learned from frames. */
export interface PeerEntry {
  /** MAC of the peer's device. */
  readonly mac: Mac
  /** Where frames for it go. */
  readonly dst: Ip
  /** The address that resolves to it. */
  readonly neighbour: Ip
}

/** What Felix gives to Linux, of one family. */
export interface KernelProgram {
  /** Routes of the main table. */
  readonly routes: readonly ProgrammedRoute[]
  /** Neighbours and forwarding entries of the VXLAN device. */
  readonly fdb: readonly PeerEntry[]
  /** Tunnel devices that are set up. */
  readonly devices: readonly string[]
  /** Members of sets, by name. */
  readonly ipSets: Readonly<Record<string, readonly string[]>>
  /** Chains of the nat table. */
  readonly chains: ChainLines
}

/** Other nodes that have a VXLAN device, as far as frames can be sent to it. */
function peersOf({ node, vteps }: KernelState): (TunnelEndpoint & { readonly mac: Mac })[] {
  return vteps.flatMap(({ mac, ...vtep }) => (vtep.node === node || mac === undefined ? [] : [{ ...vtep, mac }]))
}

/** Which floating addresses of a pod count: those of OpenStack always, others where they are switched on. @calico felix/dataplane/linux/floating_ip_mgr.go */
function floatingOf({ orchestrator, floating }: KernelWorkload, { felix }: KernelState): readonly FloatingAddress[] {
  return felix.floatingIps || orchestrator === 'openstack' ? floating : []
}

/** A device is made as soon as its uplink is known; `tunl0` waits for its address, too. */
function devicesOf({ parent, ipip, vxlan, family }: KernelState): string[] {
  if (parent === undefined) return []
  return [
    ...(ipip?.address === undefined || family === 6 ? [] : [ipip.device]),
    ...(vxlan === undefined ? [] : [vxlan.device]),
  ]
}

function setsOf(state: KernelState): KernelProgram['ipSets'] {
  const { family, felix, traits, hosts, vxlan, ipip, pools } = state
  const { externalNodes, natOutgoingExclusions } = felix.rules
  const { masquerading, network } = poolMembers(pools, traits)
  const hasHosts = (ipip !== undefined && family === 4) || natOutgoingExclusions === 'IPPoolsAndHostIPs'
  const parents = peersOf(state).map(({ parent }) => parent)
  return {
    [setName('masq-ipam-pools', family)]: masquerading,
    [setName(traits.poolSet, family)]: network,
    ...(hasHosts ? { [setName('all-hosts-net', family)]: hostMembers(family, hosts.values(), externalNodes) } : {}),
    ...(vxlan === undefined
      ? {}
      : { [setName('all-vxlan-net', family)]: vxlanMembers(family, parents, externalNodes) }),
  }
}

/** What Felix writes for a state. @calico felix/dataplane/linux/int_dataplane.go */
export function kernelProgram(state: KernelState, randomFully: boolean): KernelProgram {
  const { family, felix, traits, vxlan, workloads, pools } = state
  const context = pieceContext({ family, felix, traits, randomFully })
  const floating = workloads.map((workload) => floatingOf(workload, state))
  const outside = floating.map((list): Prefix[] => list.map(({ external }) => hostPrefix(external)))
  const translates = pools.some(({ natOutgoing }) => natOutgoing)
  const peers = vxlan === undefined ? [] : peersOf(state)
  return {
    routes: programmedRoutes(state, outside),
    fdb: peers.map(({ mac, parent, address }) => ({ mac, dst: parent, neighbour: address })),
    devices: devicesOf(state),
    ipSets: setsOf(state),
    chains: chainLines([
      natOutgoingChain(context, translates ? { component: 'felix' } : undefined),
      ...floatingChains(floating.flat(), context),
    ]),
  }
}
