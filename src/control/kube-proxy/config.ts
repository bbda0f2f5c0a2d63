import { containsPrefix, type Family, familyOf, overlaps, type Prefix, parseCidr, prefixOf } from '../../wire/index.ts'
import { podSubnets } from '../install/default-pools.ts'
import type { Pool } from '../ipam/pool.ts'
import type { KubeProxyConfigurationResource } from '../kubernetes-kinds.ts'
import type { Resources } from '../resources.ts'
import { durationOf } from '../settings/duration.ts'
import { LOCALHOST } from './rule.ts'

/** By what kube-proxy tells packets of the cluster's pods; undefined = by nothing. @kubernetes pkg/proxy/util/localdetector.go */
export type LocalDetector =
  | { readonly kind: 'cidr'; readonly cidrs: Readonly<Partial<Record<Family, Prefix>>> }
  /** The node's own podCIDRs. */
  | { readonly kind: 'node-cidr' }
  /** Interfaces, as `iptables -i` takes them. */
  | { readonly kind: 'interface'; readonly name: string }

/** Who writes rules for Services, and how. */
export interface ProxyConfig {
  /** The mode; only `iptables` is rendered. */
  readonly mode: string
  /** How pods are told. */
  readonly detector: LocalDetector | undefined
  /** Every packet to a virtual address is masqueraded. */
  readonly masqueradeAll: boolean
  /** The bit of the mark that says so, as a mark. */
  readonly masqueradeMark: number
  /** Ranges of node addresses that take node ports; empty = all. */
  readonly nodePortAddresses: readonly Prefix[]
  /** Only the node's primary addresses take node ports (`primary`). */
  readonly primaryOnly: boolean
  /** Node ports are reached at 127.0.0.1, too. */
  readonly localhostNodePorts: boolean
  /** Packets outside of the window are let through. */
  readonly tcpBeLiberal: boolean
  /** The object that says so; absent = assumed. */
  readonly resource?: KubeProxyConfigurationResource
}

/** A range without its host bits, which iptables clears. */
function rangeOf(text: string): Prefix | undefined {
  const cidr = parseCidr(text)
  return cidr === undefined ? undefined : prefixOf(cidr.address, cidr.length)
}

function rangesOf(text: string): Partial<Record<Family, Prefix>> {
  const ranges = text.split(',').flatMap((part) => rangeOf(part.trim()) ?? [])
  return Object.fromEntries([...ranges].reverse().map((range) => [familyOf(range), range]))
}

/** The pods' range that kubeadm would tell kube-proxy: its own, else the widest of the first pools. */
function assumedRanges(resources: Resources, pools: readonly Pool[]): Partial<Record<Family, Prefix>> {
  const told = rangesOf(podSubnets(resources).join(','))
  const ofPools = (family: Family): Prefix | undefined => {
    const ranges = pools
      .filter((pool) => pool.family === family && pool.uses.includes('Workload'))
      .map(({ cidr }) => cidr)
    const first = ranges[0]
    return first === undefined ? undefined : (ranges.find((range) => containsPrefix(range, first)) ?? first)
  }
  const [v4, v6] = [told[4] ?? ofPools(4), told[6] ?? ofPools(6)]
  return { ...(v4 === undefined ? {} : { 4: v4 }), ...(v6 === undefined ? {} : { 6: v6 }) }
}

function detectorOf(given: KubeProxyConfigurationResource): LocalDetector | undefined {
  const { detectLocalMode = 'ClusterCIDR', detectLocal = {}, clusterCIDR = '' } = given
  switch (detectLocalMode) {
    case 'NodeCIDR':
      return { kind: 'node-cidr' }
    case 'BridgeInterface':
      return detectLocal.bridgeInterface ? { kind: 'interface', name: detectLocal.bridgeInterface } : undefined
    case 'InterfaceNamePrefix': {
      const { interfaceNamePrefix } = detectLocal
      return interfaceNamePrefix ? { kind: 'interface', name: `${interfaceNamePrefix}+` } : undefined
    }
    default: {
      const cidrs = rangesOf(clusterCIDR)
      return Object.keys(cidrs).length === 0 ? undefined : { kind: 'cidr', cidrs }
    }
  }
}

/** Whether 127.0.0.1 is one of the addresses that take node ports. */
function takesLoopback(texts: readonly string[], ranges: readonly Prefix[]): boolean {
  return texts.length === 0 || ranges.some((range) => familyOf(range) === 4 && overlaps(range, LOCALHOST))
}

const MASQUERADE_BIT = 14

/** In milliseconds. @kubernetes pkg/proxy/apis/config/v1alpha1/defaults.go */
const SYNC_PERIOD = 30_000

/** What kube-proxy is told; without its settings the mode iptables, and the pods' range as kubeadm would give it. */
export function readProxyConfig(resources: Resources, pools: readonly Pool[]): ProxyConfig {
  const given = resources.kubeProxyConfigurations.at(-1)
  const { iptables = {}, linux = {}, conntrack = {} } = given ?? {}
  const addresses = given?.nodePortAddresses ?? []
  const ranges = addresses.flatMap((text) => rangeOf(text) ?? [])
  return {
    mode: given?.mode === undefined || given.mode === '' ? 'iptables' : given.mode.toLowerCase(),
    detector: given === undefined ? { kind: 'cidr', cidrs: assumedRanges(resources, pools) } : detectorOf(given),
    masqueradeAll: iptables.masqueradeAll ?? linux.masqueradeAll ?? false,
    masqueradeMark: 2 ** (iptables.masqueradeBit ?? MASQUERADE_BIT),
    nodePortAddresses: ranges,
    primaryOnly: addresses.includes('primary'),
    localhostNodePorts: (iptables.localhostNodePorts ?? true) && takesLoopback(addresses, ranges),
    tcpBeLiberal: conntrack.tcpBeLiberal ?? linux.conntrack?.tcpBeLiberal ?? false,
    ...(given === undefined ? {} : { resource: given }),
  }
}

/** How often kube-proxy looks whether its chains are there, in milliseconds. */
export function proxySyncPeriod({ kubeProxyConfigurations }: Pick<Resources, 'kubeProxyConfigurations'>): number {
  return durationOf(kubeProxyConfigurations.at(-1)?.iptables?.syncPeriod) || SYNC_PERIOD
}
