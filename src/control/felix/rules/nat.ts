import type { NatRange, Origin } from '../../../model/index.ts'
import type { Family, Ip } from '../../../wire/index.ts'
import type { Pool } from '../../ipam/pool.ts'
import { originOf } from '../../origin.ts'
import type { FelixSettings, Settings } from '../../settings/settings.ts'
import type { TunnelDevice } from '../mtu.ts'
import type { FelixChain, FelixMatch, FelixRule } from './chain.ts'
import { setNames } from './pool-sets.ts'

/** The settings of a node that its nat chains depend on. */
export type NatSettings = Pick<FelixSettings, 'natOutgoingAddress' | 'natOutgoingExclusions'>

const BY_FELIX: Origin = { component: 'felix' }

function jump(chain: string): FelixRule {
  return { match: [], action: { kind: 'jump', chain }, origin: BY_FELIX }
}

/** What pods send out of the pools is masqueraded. */
function natOutgoing(family: Family, felix: NatSettings, settings: Settings, pools: readonly Pool[]): FelixRule {
  const names = setNames(family, settings)
  const hosts: FelixMatch = { kind: 'set', set: names.hosts, dims: ['dst'], invert: true }
  const source = felix.natOutgoingAddress
  const first = pools.find((pool) => pool.natOutgoing)
  const range: NatRange = { minAddress: source as Ip, maxAddress: source as Ip, randomFully: true }
  return {
    match: [
      { kind: 'set', set: names.masq, dims: ['src'] },
      { kind: 'set', set: names.all, dims: ['dst'], invert: true },
      ...(felix.natOutgoingExclusions === 'IPPoolsAndHostIPs' ? [hosts] : []),
    ],
    action: source === '' ? { kind: 'MASQUERADE', range: { randomFully: true } } : { kind: 'SNAT', range },
    origin: originOf('felix', first?.resource, ['spec', 'natOutgoing']),
  }
}

/** Packets a process of the node sends into a tunnel with another address than the tunnel's get the tunnel's. */
function tunnelMasquerade(device: TunnelDevice, avoidPort: boolean): FelixRule[] {
  const origin: Origin = { component: 'felix', note: 'host processes use the tunnel address towards remote pods' }
  const out: FelixMatch = { kind: 'out-interface', name: device }
  const foreign: readonly FelixMatch[] = [
    { kind: 'addrtype', srcType: { types: ['LOCAL'], invert: true }, limitIfaceOut: true },
    { kind: 'addrtype', srcType: { types: ['LOCAL'] } },
  ]
  const udp: FelixRule = {
    match: [out, { kind: 'protocol', protocol: 17 }, ...foreign],
    action: { kind: 'MASQUERADE', range: { minPort: 4790, maxPort: 65535, randomFully: true } },
    origin,
  }
  const all: FelixRule = {
    match: [out, ...foreign],
    action: { kind: 'MASQUERADE', range: { randomFully: true } },
    origin,
  }
  return avoidPort ? [udp, all] : [all]
}

/**
 * The nat chains of a node: floating addresses (none), natOutgoing, and masquerading into tunnels.
 *
 * @param devices - tunnel devices that have an address on this node
 * @calico felix/rules/static.go, felix/rules/nat.go
 */
export function natChains(
  family: Family,
  felix: NatSettings,
  devices: readonly TunnelDevice[],
  pools: readonly Pool[],
  settings: Settings,
): FelixChain[] {
  const own = pools.filter((pool) => pool.family === family)
  const masquerades = own.some((pool) => pool.natOutgoing)
  const avoidPort = settings.traits.masqueradeAvoidsVxlanPort && devices.some((device) => device.startsWith('vxlan'))
  const tunnels = devices.flatMap((device) => tunnelMasquerade(device, avoidPort))
  const postrouting = settings.traits.natPostroutingAppended ? 'append' : 'insert'
  return [
    { name: 'PREROUTING', builtIn: 'insert', rules: [jump('cali-PREROUTING')] },
    { name: 'INPUT', builtIn: 'insert', rules: [] },
    { name: 'OUTPUT', builtIn: 'insert', rules: [jump('cali-OUTPUT')] },
    { name: 'POSTROUTING', builtIn: postrouting, rules: [jump('cali-POSTROUTING')] },
    { name: 'cali-OUTPUT', rules: [jump('cali-fip-dnat')] },
    { name: 'cali-POSTROUTING', rules: [jump('cali-fip-snat'), jump('cali-nat-outgoing'), ...tunnels] },
    { name: 'cali-PREROUTING', rules: [jump('cali-fip-dnat')] },
    { name: 'cali-fip-dnat', rules: [] },
    { name: 'cali-fip-snat', rules: [] },
    { name: 'cali-nat-outgoing', rules: masquerades ? [natOutgoing(family, felix, settings, own)] : [] },
  ]
}
