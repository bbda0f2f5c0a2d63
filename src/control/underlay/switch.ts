import type { Cable, Interface, Namespace, Sysctls } from '../../model/index.ts'
import { type CheckedPort, firewallsOf } from './filters.ts'
import { hiddenMac } from './mac.ts'
import { plainNamespace } from './machine.ts'
import type { PlannedInterface, PlannedSegment } from './plan.ts'

/** A switch has no IP of its own. */
const NO_IPV6: Sysctls = {
  'net.ipv6.conf.all.disable_ipv6': '1',
  'net.ipv6.conf.default.disable_ipv6': '1',
  'net.ipv6.conf.lo.disable_ipv6': '1',
}

const NONE: readonly never[] = []

/** A segment as a switch: a bridge with a port for every station. */
export class Switch {
  readonly name: string
  readonly segment: PlannedSegment
  private readonly seed: number
  private readonly ports: Interface[] = []
  private readonly checked: CheckedPort[] = []
  readonly wires: Cable[] = []

  constructor(name: string, segment: PlannedSegment, seed: number) {
    this.name = name
    this.segment = segment
    this.seed = seed
  }

  /** Plugs an interface in. */
  plug(netns: string, { name: dev, addresses, sourceCheck }: PlannedInterface): void {
    const port = `port${this.ports.length + 1}`
    this.ports.push({
      name: port,
      ifindex: this.ports.length + 3,
      kind: 'ethernet',
      mac: hiddenMac(this.seed, `${this.name}/${port}`),
      mtu: this.segment.mtu,
      up: true,
      carrier: true,
      txqlen: 1000,
      master: 'br0',
      port: { state: 'forwarding' },
      addresses: NONE,
      origin: this.segment.origin,
    })
    if (sourceCheck !== undefined) this.checked.push({ port, addresses, origin: sourceCheck })
    this.wires.push({
      ends: [
        { netns, dev },
        { netns: this.name, dev: port },
      ],
      origin: this.segment.origin,
    })
  }

  /** The switch. It looks into packets only where something is to be filtered. */
  namespace(): Namespace {
    const { mtu, origin, filters = NONE } = this.segment
    const firewalls = firewallsOf({ filters, ports: this.checked })
    const bridge: Interface = {
      name: 'br0',
      ifindex: 2,
      kind: 'bridge',
      mac: hiddenMac(this.seed, `${this.name}/br0`),
      mtu,
      up: true,
      carrier: this.ports.length > 0,
      txqlen: 1000,
      addresses: NONE,
      bridge: {
        ageingTime: 300,
        stp: false,
        mcastSnooping: false,
        ...(firewalls.iptables === undefined ? {} : { nfCallIptables: true }),
        ...(firewalls.ip6tables === undefined ? {} : { nfCallIp6tables: true }),
      },
      origin,
    }
    const devices = [bridge, ...this.ports]
    return plainNamespace({ name: this.name, role: 'switch', devices, sysctls: NO_IPV6, ...firewalls, origin })
  }
}
