import type { Family, Ip, Prefix } from '../../wire/index.ts'
import { familyOf, parsePrefix, prefixAddress, prefixLength } from '../../wire/index.ts'
import { numberOf } from '../address-number.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { cniConfigOf } from '../cni-config.ts'
import type { Findings } from '../findings.ts'
import { cniTypeOf, ipamTypeOf } from '../install/installation.ts'
import type { Resources } from '../resources.ts'
import type { Environment } from '../settings/environment.ts'
import { flagOf } from '../settings/felix-values.ts'
import { freeSlot, OpenBlock, slotAddress, type TunnelKind } from './block.ts'
import type { IpamBook } from './book.ts'
import type { TunnelNeed } from './cluster-ipam.ts'
import type { PodPlans } from './pod-plans.ts'
import type { Pool } from './pool.ts'

/** Addresses by the plugin host-local, out of the ranges that Kubernetes gives each node: IPAM of Calico has no part in it. */
export interface HostLocal {
  /** `podCIDRs` of nodes, by name. */
  readonly ranges: ReadonlyMap<string, readonly Prefix[]>
  /** Families of which pods get an address. */
  readonly families: readonly Family[]
}

/** What the CNI configuration says of it: families; undefined where pods are addressed otherwise. */
function configuredFamilies(resources: Resources): readonly Family[] | undefined {
  for (const configMap of resources.configMaps) {
    const config = cniConfigOf(configMap)
    if (config === undefined || config === 'fault') continue
    const ipam = config.plugins.find(({ type }) => type === 'calico')?.ipam
    if (ipam === undefined) continue
    const text = JSON.stringify(ipam)
    if (ipam['type'] !== 'host-local') return []
    const families: Family[] = []
    if (text.includes('"usePodCidr"')) families.push(4)
    if (text.includes('"usePodCidrIPv6"')) families.push(6)
    return families
  }
  return undefined
}

function podRanges({ nodes }: Resources): ReadonlyMap<string, readonly Prefix[]> {
  return new Map(
    nodes.map(({ metadata, spec }) => {
      const { podCIDR, podCIDRs = podCIDR === undefined ? [] : [podCIDR] } = spec ?? {}
      return [metadata.name, podCIDRs.flatMap((text) => parsePrefix(text) ?? [])]
    }),
  )
}

/**
 * Whether Calico wires pods with addresses of host-local: the operator is told so, or calico-node (`USE_POD_CIDR`) and the CNI
 * configuration (`usePodCidr`), as far as they are there; and every node has a range.
 */
export function hostLocalOf(resources: Resources, env: Environment): HostLocal | undefined {
  const ranges = podRanges(resources)
  // Blocks are the word of Calico's own IPAM.
  if (ranges.size === 0 || resources.ipamBlocks.length > 0 || [...ranges.values()].some((own) => own.length === 0))
    return undefined
  const all = ([4, 6] as const).filter((family) =>
    [...ranges.values()].some((own) => own.some((range) => familyOf(range) === family)),
  )
  const byOperator = resources.installations.some(
    (installation) => cniTypeOf(installation) === 'Calico' && ipamTypeOf(installation) === 'HostLocal',
  )
  if (byOperator) return { ranges, families: all }
  const variable = env.get('USE_POD_CIDR')
  const isTold = variable === undefined ? env.size === 0 : flagOf(variable.value) === true
  const families = configuredFamilies(resources) ?? (variable === undefined ? [] : all)
  return isTold && families.length > 0 ? { ranges, families } : undefined
}

/** Pools whose blocks are the ranges of nodes, where these have one length: so they lie on the pool's grid. */
export function poolsOfRanges(pools: readonly Pool[], { ranges }: HostLocal): Pool[] {
  const all = [...ranges.values()].flat()
  return pools.map((pool) => {
    const lengths = new Set(all.filter((range) => familyOf(range) === pool.family).map(prefixLength))
    const [length] = lengths
    if (length === undefined || lengths.size > 1 || length < prefixLength(pool.cidr)) return pool
    return { ...pool, blockSize: length, blocks: 1n << BigInt(length - prefixLength(pool.cidr)) }
  })
}

/** Slots of a range that host-local gives to no pod: the network's, the gateway's, and the broadcast address of IPv4. */
function isKept({ base, size, cidr }: OpenBlock): (address: number | bigint) => boolean {
  const last = familyOf(cidr) === 4 ? size - 1 : -1
  return (address) => {
    const slot = Number(BigInt(address) - BigInt(base))
    return slot < 2 || slot === last
  }
}

/** The ranges of all nodes while addresses are given. */
export class HostLocalBook {
  private readonly book: IpamBook
  private readonly families: readonly Family[]
  private readonly blocks = new Map<string, readonly OpenBlock[]>()

  /** Makes a block of every range: routes lead to it as to blocks of Calico's own. */
  constructor(book: IpamBook, { ranges, families }: HostLocal) {
    this.book = book
    this.families = families
    for (const [node, own] of ranges) {
      this.blocks.set(
        node,
        own.map((cidr) => this.blockOf(cidr, node)),
      )
    }
  }

  private blockOf(cidr: Prefix, node: string): OpenBlock {
    const known = this.book.blockOfRange(cidr)
    if (known !== undefined) return known
    const address = prefixAddress(cidr)
    const block = new OpenBlock(cidr, numberOf(address), this.book.poolOf(address))
    block.affinity = node
    this.book.add(block)
    return block
  }

  private inFamily(node: string, family: Family): OpenBlock | undefined {
    return this.blocks.get(node)?.find(({ cidr }) => familyOf(cidr) === family)
  }

  /**
   * Tunnel addresses: the one behind the network's own, whatever annotations say. VXLAN gets none.
   * @calico libcalico-go/lib/backend/k8s/resources/node.go
   */
  tunnelsOf(node: ClusterNode, needs: readonly TunnelNeed[], findings: Findings): Partial<Record<TunnelKind, Ip>> {
    const tunnels: Partial<Record<TunnelKind, Ip>> = {}
    for (const { kind } of needs) {
      if (kind === 'vxlan' || kind === 'vxlan-v6') {
        const expected = 'no VXLAN with addresses of host-local: no node gets an address for the device'
        findings.warn('invalid', node.resource, ['spec', 'podCIDR'], expected, kind)
        continue
      }
      const block = this.inFamily(node.name, kind === 'wireguard-v6' ? 6 : 4)
      if (block === undefined) continue
      const { ledger } = this.book
      if (block.ids[1] === undefined) ledger.occupy(block, 1, ledger.tunnel(node.name, kind))
      tunnels[kind] = slotAddress(block, 1)
    }
    return tunnels
  }

  /** Gives a pod the next address of each family. */
  assign(plans: PodPlans, i: number, findings: Findings): void {
    const { name } = plans.nodeOf(i)
    for (const family of this.families) {
      const block = this.inFamily(name, family)
      const slot = block && freeSlot(block, isKept(block))
      if (block !== undefined && slot !== undefined) this.book.ledger.occupy(block, slot, i)
      else {
        const received = block === undefined ? `no IPv${family} range` : `${block.cidr}, which is full`
        findings.fault('invalid', plans.pods[i], ['spec', 'nodeName'], `a free address in podCIDR of ${name}`, received)
      }
    }
  }
}
