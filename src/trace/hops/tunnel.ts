import type { EventOf, Interface, OuterChoice, Stamp, Tunnel } from '../../model/index.ts'
import type { Layer } from '../../wire/index.ts'
import type { Configuration } from '../configuration.ts'
import { type Fact, factOf } from '../fact.ts'
import type { RouteHop, TunnelHop } from '../hop.ts'
import { fieldNumber, fieldText } from '../layers.ts'
import type { ReadFrame } from '../read-frame.ts'
import type { HopReader } from '../reader.ts'
import { late, type Shape, Step, shapeOf } from '../step.ts'

const CHOSEN_BY: Readonly<Record<OuterChoice, string>> = {
  remote: 'remote of the tunnel',
  gateway: 'gateway of the route',
  fdb: 'forwarding entry of the inner destination MAC address',
  endpoint: 'endpoint of the peer',
}

const SHAPE = shapeOf(late('reason'), late('facts'), 'tunnel', 'overhead', 'source', 'destination')

abstract class TunnelStep extends Step {
  declare readonly tunnel: Tunnel
  declare readonly overhead: number
  declare readonly source: string
  declare readonly destination: string
  declare protected readonly at: Configuration

  constructor(reader: HopReader, event: EventOf<'encap' | 'decap'>) {
    super(event)
    this.tunnel = event.tunnel
    this.overhead = event.overhead
    this.source = event.source
    this.destination = event.destination
    this.at = reader.at
  }

  get shape(): Shape {
    return SHAPE
  }
}

/** Encapsulation: what chose the outer addresses, TTL, TOS and DF. */
export class EncapStep extends TunnelStep implements TunnelHop {
  declare readonly kind: 'encap'
  declare private readonly chosenBy: OuterChoice
  /** The packet as it was before. */
  declare private readonly inner: ReadFrame | undefined
  /** The decision that led it into the device. */
  declare private readonly into: RouteHop | undefined

  constructor(reader: HopReader, event: EventOf<'encap'>) {
    super(reader, event)
    this.kind = 'encap'
    this.chosenBy = event.chosenBy
    this.inner = reader.of(event.packet).last?.frame
    this.into = reader.routeInto(event.packet, event.dev)
  }

  get reason(): string {
    const rules = outerRules(this.at.interface(this.netns, this.dev), this.inner?.headers ?? [])
    return `${this.tunnel}: outer destination ${this.destination}: ${CHOSEN_BY[this.chosenBy]}${rules}`
  }

  get facts(): readonly Fact[] {
    return [
      ...deviceFacts(this.at, this),
      ...(this.tunnel === 'vxlan' ? fdbFacts(this.at, this, this.inner?.headers ?? []) : []),
      ...(this.tunnel === 'ipip' ? (this.into?.facts ?? []) : []),
    ]
  }
}

const TAKEN_OFF_BY: Readonly<Record<Tunnel, string>> = {
  ipip: 'protocol 4 for an address of this host',
  vxlan: 'UDP port and VNI of this device',
  wireguard: 'keys of this peer',
}

/** Decapsulation. */
export class DecapStep extends TunnelStep implements TunnelHop {
  declare readonly kind: 'decap'

  constructor(reader: HopReader, event: EventOf<'decap'>) {
    super(reader, event)
    this.kind = 'decap'
  }

  get reason(): string {
    const { tunnel, source, destination } = this
    return `${tunnel}: the outer headers ${source} > ${destination} come off: ${TAKEN_OFF_BY[tunnel]}`
  }

  get facts(): readonly Fact[] {
    return deviceFacts(this.at, this)
  }
}

function deviceFacts(at: Configuration, { netns, dev }: Stamp): Fact[] {
  const iface = at.interface(netns, dev)
  return iface === undefined ? [] : [factOf('interface', netns, deviceText(iface), iface.origin)]
}

function fdbFacts(at: Configuration, event: Stamp, inner: readonly Layer[]): Fact[] {
  const ethernet = inner.find((layer) => layer.protocol === 'ethernet')
  const entry = ethernet === undefined ? undefined : at.fdb(event.netns, event.dev, fieldText(ethernet, 'destination'))
  if (entry === undefined) return []
  return [
    factOf(
      'fdb',
      event.netns,
      `${entry.mac} dev ${entry.dev} dst ${entry.dst ?? ''} ${entry.state}`.trimEnd(),
      entry.origin,
    ),
  ]
}

/** A tunnel device as `ip -d link` describes it, in short. */
function deviceText(iface: Interface): string {
  const { ipip, vxlan } = iface
  if (ipip !== undefined) {
    const ends = `remote ${ipip.remote ?? 'any'} local ${ipip.local ?? 'any'}`
    return `${iface.name} ipip ${ends} ttl ${ipip.ttl === 0 ? 'inherit' : ipip.ttl} ${ipip.pmtudisc ? '' : 'no'}pmtudisc mtu ${iface.mtu}`
  }
  if (vxlan !== undefined) {
    return `${iface.name} vxlan id ${vxlan.id} local ${vxlan.local ?? 'any'} dstport ${vxlan.dstport} ${vxlan.learning ? '' : 'no'}learning mtu ${iface.mtu}`
  }
  return `${iface.name} ${iface.kind} mtu ${iface.mtu}`
}

/** What chose TTL, TOS and DF of the outer header. */
function outerRules(iface: Interface | undefined, inner: readonly Layer[]): string {
  const ip = inner.find((layer) => layer.protocol === 'ipv4' || layer.protocol === 'ipv6')
  if (iface === undefined || ip === undefined) return ''
  const ttl = fieldText(ip, ip.protocol === 'ipv4' ? 'ttl' : 'hopLimit')
  const df = fieldNumber(ip, 'df') === 1
  const { ipip, vxlan } = iface
  if (ipip !== undefined) {
    const chosenTtl =
      ipip.ttl === 0 ? `TTL ${ttl} from the inner packet (ttl inherit)` : `TTL ${ipip.ttl} of the tunnel`
    const chosenTos = ipip.tos === 'inherit' ? 'TOS from the inner packet' : `TOS ${ipip.tos} of the tunnel`
    const chosenDf = ipip.pmtudisc
      ? 'DF set (pmtudisc)'
      : df
        ? 'DF from the inner packet'
        : 'no DF, as the inner packet'
    return `; ${chosenTtl}, ${chosenTos}, ${chosenDf}`
  }
  if (vxlan === undefined) return ''
  const chosenTtl =
    vxlan.ttl === 'inherit'
      ? `TTL ${ttl} from the inner packet`
      : vxlan.ttl === 0
        ? 'TTL of the system default'
        : `TTL ${vxlan.ttl} of the device`
  return `; ${chosenTtl}, DF ${vxlan.df}, source port from a hash of the inner flow, VNI ${vxlan.id}`
}
