import type { NatRange, Origin } from '../../../model/index.ts'
import type { Ip } from '../../../wire/index.ts'
import type { Pool } from '../../ipam/pool.ts'
import { originOf } from '../../origin.ts'
import { setName } from '../felix-set.ts'
import type { TunnelDevice } from '../mtu.ts'
import type { FelixAction, FelixChain, FelixMatch, FelixRule } from './chain.ts'
import { isEnabled, type RuleContext } from './context.ts'
import { floatingChains } from './floating.ts'
import { builtInJump, FROM_LOCAL, inSet, jumpTo, notInSet, outDev, protocol, RETURN, rule, UDP } from './words.ts'

/** Masquerades, or gives the address that is set; within a range of ports where one is asked for. */
function translation({ settings, randomFully }: RuleContext, withPorts: boolean): FelixAction {
  const { natPorts, natOutgoingAddress } = settings
  const ports: NatRange = withPorts && natPorts !== undefined ? { minPort: natPorts.low, maxPort: natPorts.high } : {}
  if (natOutgoingAddress === '') return { kind: 'MASQUERADE', range: { ...ports, randomFully } }
  const address = natOutgoingAddress as Ip
  return { kind: 'SNAT', range: { minAddress: address, maxAddress: address, ...ports, randomFully } }
}

function natOutgoing(context: RuleContext, pools: readonly Pool[]): FelixChain {
  const first = pools.find((pool) => pool.natOutgoing)
  return natOutgoingChain(
    context,
    first === undefined ? undefined : originOf('felix', first.resource, ['spec', 'natOutgoing']),
  )
}

/**
 * What pods send out of the pools is masqueraded. @calico felix/rules/nat.go NATOutgoingChain
 *
 * @param origin - what asks for it; absent: nothing does
 */
export function natOutgoingChain(context: RuleContext, origin: Origin | undefined): FelixChain {
  return { name: 'cali-nat-outgoing', rules: origin === undefined ? [] : natOutgoingRules(context, origin) }
}

function natOutgoingRules(context: RuleContext, origin: Origin): FelixRule[] {
  const { family, settings, traits } = context
  const meaning = { kind: 'nat-outgoing' } as const
  const match = (...protocols: FelixMatch[]): FelixMatch[] => [
    inSet(setName('masq-ipam-pools', family), 'src'),
    notInSet(setName(traits.poolSet, family), 'dst'),
    ...(settings.natOutgoingExclusions === 'IPPoolsAndHostIPs'
      ? [notInSet(setName('all-hosts-net', family), 'dst')]
      : []),
    ...protocols,
    ...(settings.natInterface === '' ? [] : [outDev(settings.natInterface)]),
  ]
  const plain = rule(match(), translation(context, false), { origin, meaning })
  if (settings.natPorts === undefined) return [plain]
  const withPorts = [protocol(6, 'tcp'), protocol(17, 'udp')].flatMap((one) => [
    rule(match(one), translation(context, true), { origin, meaning }),
    rule(match(one), RETURN, { origin }),
  ])
  return [...withPorts, plain]
}

const TUNNEL_SOURCE: Origin = { component: 'felix', note: 'host processes use the tunnel address towards remote pods' }

/** The wider side of the ports, without one, above those for privileged processes. @calico felix/rules/static.go masqPortRangeExcluding */
function portsBeside(port: number): NatRange {
  return port - 1024 >= 65535 - port ? { minPort: 1024, maxPort: port - 1 } : { minPort: port + 1, maxPort: 65535 }
}

/** Packets a process of the node sends into a tunnel with another address than the tunnel's get the tunnel's. */
function tunnelMasquerade(device: TunnelDevice, context: RuleContext): FelixRule[] {
  const { traits, vxlanPort, randomFully } = context
  const match: readonly FelixMatch[] = [
    outDev(device),
    { kind: 'addrtype', srcType: { types: ['LOCAL'], invert: true }, limitIfaceOut: true },
    FROM_LOCAL,
  ]
  const meaning = { kind: 'tunnel-source' } as const
  const masquerade = (asked: readonly FelixMatch[], range: NatRange): FelixRule =>
    rule(asked, { kind: 'MASQUERADE', range: { ...range, randomFully } }, { origin: TUNNEL_SOURCE, meaning })
  const avoids = traits.masqueradeAvoidsVxlanPort && isEnabled(context, 'vxlan')
  return [...(avoids ? [masquerade([UDP, ...match], portsBeside(vxlanPort))] : []), masquerade(match, {})]
}

/** Devices of IPv6 tunnels. */
const IPV6_TUNNELS: readonly TunnelDevice[] = ['vxlan-v6.calico', 'wg-v6.cali']

/**
 * The nat chains of a node: floating addresses (none), natOutgoing, and masquerading into tunnels.
 *
 * @calico felix/rules/static.go, felix/rules/nat.go
 */
export function natChains(context: RuleContext, pools: readonly Pool[]): FelixChain[] {
  const own = pools.filter((pool) => pool.family === context.family)
  const tunnels = context.addressed
    .filter((device) => IPV6_TUNNELS.includes(device) === (context.family === 6))
    .flatMap((device) => tunnelMasquerade(device, context))
  return [
    { name: 'cali-PREROUTING', rules: [rule([], jumpTo('cali-fip-dnat'))] },
    { name: 'cali-OUTPUT', rules: [rule([], jumpTo('cali-fip-dnat'))] },
    {
      name: 'cali-POSTROUTING',
      rules: [rule([], jumpTo('cali-fip-snat')), rule([], jumpTo('cali-nat-outgoing')), ...tunnels],
    },
    ...floatingChains([], context),
    natOutgoing(context, own),
  ]
}

/** What Felix has in chains of the kernel. From v3.29 on kube-proxy translates first. */
export function natBuiltIns({ traits }: RuleContext): FelixChain[] {
  const postrouting = builtInJump('POSTROUTING', traits.natPostroutingAppended ? 'append' : 'insert')
  return [builtInJump('PREROUTING'), builtInJump('OUTPUT'), postrouting]
}
