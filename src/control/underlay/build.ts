import {
  type Cable,
  dictionary,
  type Interface,
  inKernelOrder,
  kernelRoutes,
  type Namespace,
  type Origin,
  type Role,
  type Route,
  type Sysctls,
} from '../../model/index.ts'
import {
  type Cidr,
  DEFAULT_IPV4,
  DEFAULT_IPV6,
  type Family,
  familyOf,
  type Ip,
  keyToMac,
  type Mac,
  type Prefix,
  prefixLength,
  prefixOf,
} from '../../wire/index.ts'
import { defaultGateway } from '../cluster-node.ts'
import { LOOPBACK, LOOPBACK_DUAL, LOOPBACK_DUAL_ROUTES, LOOPBACK_ROUTES } from '../loopback.ts'
import { addressEntry, linkLocalEntry } from '../machine-address.ts'
import { seededBytes } from '../sha1.ts'
import { nowhereRoutes, type OwnedRange } from './outside.ts'
import type { PlannedInterface, PlannedMachine, PlannedSegment, UnderlayPlan } from './plan.ts'

/** Sysctls of a machine that forwards; one object for all. `conf.default` stands for every interface. */
export const FORWARDING: Sysctls = {
  'net.ipv4.ip_forward': '1',
  'net.ipv4.conf.all.forwarding': '1',
  'net.ipv4.conf.default.forwarding': '1',
  'net.ipv6.conf.all.forwarding': '1',
  'net.ipv6.conf.default.forwarding': '1',
}

/** A switch has no IP of its own. */
const NO_IPV6: Sysctls = {
  'net.ipv6.conf.all.disable_ipv6': '1',
  'net.ipv6.conf.default.disable_ipv6': '1',
  'net.ipv6.conf.lo.disable_ipv6': '1',
}

const NONE: readonly never[] = []
/** The link between the router and the internet; documentation ranges that no cluster uses. */
const UPLINK: Readonly<Record<Family, { readonly router: Ip; readonly internet: Ip; readonly length: number }>> = {
  4: { router: '203.0.113.1' as Ip, internet: '203.0.113.2' as Ip, length: 30 },
  6: { router: '2001:db8::1' as Ip, internet: '2001:db8::2' as Ip, length: 64 },
}

/** Namespaces and wires under the cluster, apart from the nodes themselves. */
export interface Underlay {
  /** Switches, router, internet, and machines that are no Kubernetes nodes. */
  readonly namespaces: readonly Namespace[]
  /** Cables. */
  readonly wires: readonly Cable[]
}

/** A MAC nobody sees: switch ports and the uplink. */
function hiddenMac(seed: number, text: string): Mac {
  const bytes = seededBytes(seed, text)
  let key = (bytes[0]! & 0xfc) | 0x02
  for (let i = 1; i < 6; i++) key = key * 256 + bytes[i]!
  return keyToMac(key)
}

/** An interface of a machine as the kernel has it. */
export function machineInterface(dev: PlannedInterface, ifindex: number): Interface {
  const carrier = dev.kind === 'ethernet' && dev.segment !== undefined
  const addresses = dev.addresses.map((cidr) => addressEntry(cidr, dev.name, dev.origin))
  if (carrier) addresses.push(linkLocalEntry(dev.mac))
  return {
    name: dev.name,
    ifindex,
    kind: dev.kind,
    mac: dev.mac,
    mtu: dev.mtu,
    up: true,
    carrier,
    txqlen: dev.kind === 'bridge' ? 0 : 1000,
    addresses,
    ...(dev.kind === 'bridge' ? { bridge: { stp: false, mcastSnooping: false } } : {}),
    origin: dev.origin,
  }
}

/** Routes of a machine's own interfaces: the kernel's and the default routes. Not sorted. */
export function machineRoutes(machine: PlannedMachine, interfaces: readonly Interface[], forwarding: boolean): Route[] {
  const routes = interfaces.flatMap((dev) => kernelRoutes(dev, { forwarding6: forwarding }))
  for (const family of [4, 6] as const) {
    const gateway = defaultGateway(machine, family)
    if (!gateway) continue
    const origin: Origin = { ...machine.origin, component: 'underlay', note: 'the gateway of the segment' }
    const common = { type: 'unicast', ...gateway, table: 'main', protocol: 'boot', scope: 'global', origin } as const
    if (family === 4) routes.push({ family: 'inet', dst: DEFAULT_IPV4, ...common })
    else routes.push({ family: 'inet6', dst: DEFAULT_IPV6, ...common, metric: 1024, pref: 'medium' })
  }
  return routes
}

/** A namespace of plain interfaces and routes. */
function plainNamespace(
  name: string,
  role: Role,
  devices: readonly Interface[],
  routes: readonly Route[],
  sysctls: Sysctls,
  origin: Origin,
): Namespace {
  const dual = role !== 'switch'
  const interfaces = dictionary<Interface>()
  interfaces['lo'] = dual ? LOOPBACK_DUAL : LOOPBACK
  for (const dev of devices) interfaces[dev.name] = dev
  return {
    name,
    role,
    interfaces,
    routes: inKernelOrder([...(dual ? LOOPBACK_DUAL_ROUTES : LOOPBACK_ROUTES), ...routes]),
    rules: NONE,
    neighbours: NONE,
    proxyNeighbours: NONE,
    fdb: NONE,
    sysctls,
    origin,
  }
}

/** Gives out names that nobody else has. */
class Names {
  private readonly taken: Set<string>

  constructor(taken: Iterable<string>) {
    this.taken = new Set(taken)
  }

  free(wanted: string): string {
    let name = wanted
    for (let i = 2; this.taken.has(name); i++) name = `${wanted}-${i}`
    this.taken.add(name)
    return name
  }
}

/** A segment as a switch: a bridge with a port for every station. */
class Switch {
  readonly name: string
  readonly segment: PlannedSegment
  private readonly seed: number
  private readonly ports: Interface[] = []
  readonly wires: Cable[] = []

  constructor(name: string, segment: PlannedSegment, seed: number) {
    this.name = name
    this.segment = segment
    this.seed = seed
  }

  /** Plugs an interface in. */
  plug(netns: string, dev: string): void {
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
    this.wires.push({
      ends: [
        { netns, dev },
        { netns: this.name, dev: port },
      ],
      origin: this.segment.origin,
    })
  }

  namespace(): Namespace {
    const bridge: Interface = {
      name: 'br0',
      ifindex: 2,
      kind: 'bridge',
      mac: hiddenMac(this.seed, `${this.name}/br0`),
      mtu: this.segment.mtu,
      up: true,
      carrier: this.ports.length > 0,
      txqlen: 1000,
      addresses: NONE,
      bridge: { ageingTime: 300, stp: false, mcastSnooping: false },
      origin: this.segment.origin,
    }
    return plainNamespace(this.name, 'switch', [bridge, ...this.ports], NONE, NO_IPV6, this.segment.origin)
  }
}

/** The router's interfaces on the segments, and its way out. */
function routerInterfaces(
  segments: readonly PlannedSegment[],
  seed: number,
  families: readonly Family[],
): PlannedInterface[] {
  const inside = segments.flatMap((segment, i): PlannedInterface[] => {
    const addresses = segment.nets.flatMap(({ prefix, gateway }): Cidr[] =>
      gateway ? [{ address: gateway, length: prefixLength(prefix) }] : [],
    )
    if (addresses.length === 0) return []
    const name = `eth${i}`
    const mac = hiddenMac(seed, `router/${name}`)
    return [{ name, kind: 'ethernet', segment, addresses, mtu: segment.mtu, mac, origin: segment.origin }]
  })
  return [...inside, uplinkInterface('router', seed, families)]
}

const WAN: PlannedSegment = {
  name: 'wan',
  nets: [],
  mtu: 1500,
  origin: { component: 'underlay', note: 'the router’s way out' },
}

const INTERNET_ORIGIN: Origin = {
  component: 'underlay',
  note: 'an internet that answers for every public address',
  assumed: true,
}

/** What the router rests on: gateways an Underlay names, or else that nodes reach each other somehow, which is an assumption. */
function routerOrigin(segments: readonly PlannedSegment[]): Origin {
  const given = segments.find(({ nets, origin }) => origin.object !== undefined && nets.some((net) => net.gateway))
  if (given !== undefined) return { ...given.origin, note: 'the gateway of the segment' }
  const subnets = segments.flatMap((segment) => segment.nets).length
  const count = ['no', 'one', 'two', 'three', 'four'][subnets] ?? String(subnets)
  return {
    component: 'underlay',
    note: subnets === 1 ? 'the gateway of the nodes’ subnet' : `nodes of ${count} subnets`,
    assumed: true,
  }
}

function uplinkInterface(side: 'router' | 'internet', seed: number, families: readonly Family[]): PlannedInterface {
  const name = side === 'router' ? 'wan0' : 'eth0'
  const addresses = families.map((family) => ({ address: UPLINK[family][side], length: UPLINK[family].length }))
  return {
    name,
    kind: 'ethernet',
    segment: WAN,
    addresses,
    mtu: 1500,
    mac: hiddenMac(seed, `${side}/${name}`),
    origin: WAN.origin,
  }
}

/**
 * The routes of the internet: every address is local, except the way back to the segments. IPv4: without policy rules the
 * kernel keeps `local` and `main` as one table, so the longer prefixes of the way back win. IPv6 asks `local` first, where
 * `throw` sends the lookup on to `main`.
 *
 * @linux include/net/ip_fib.h fib_lookup, net/ipv6/fib6_rules.c fib6_rule_lookup
 */
function internetRoutes(segments: readonly PlannedSegment[], families: readonly Family[]): Route[] {
  const origin = INTERNET_ORIGIN
  return families.flatMap((family): Route[] => {
    const v6 = family === 6 ? ({ metric: 1024, pref: 'medium' } as const) : {}
    const common = { family: family === 4 ? 'inet' : 'inet6', origin, protocol: 'static', ...v6 } as const
    const nets = segments.flatMap((segment) => segment.nets.map((net) => net.prefix))
    const back = nets.filter((net) => familyOf(net) === family)
    const { router, length } = UPLINK[family]
    const elsewhere = family === 4 ? [] : [...back, prefixOf(router, length), 'fe80::/10' as Prefix]
    return [
      {
        ...common,
        dst: family === 4 ? DEFAULT_IPV4 : DEFAULT_IPV6,
        type: 'local',
        dev: 'lo',
        table: 'local',
        scope: family === 4 ? 'host' : 'global',
      },
      ...elsewhere.map((dst): Route => ({ ...common, dst, type: 'throw', table: 'local', scope: 'global' })),
      ...back.map(
        (dst): Route => ({ ...common, dst, type: 'unicast', via: router, dev: 'eth0', table: 'main', scope: 'global' }),
      ),
    ]
  })
}

/** The router between the segments, and the internet behind it. */
function routerAndInternet(
  plan: UnderlayPlan,
  names: Names,
  switches: ReadonlyMap<PlannedSegment, Switch>,
  seed: number,
  owned: readonly OwnedRange[],
): Underlay {
  const gateways = plan.segments.flatMap((segment) => segment.nets.flatMap((net) => net.gateway ?? []))
  if (gateways.length === 0) return { namespaces: [], wires: [] }
  const families = ([4, 6] as const).filter((family) => gateways.some((ip) => familyOf(ip) === family))
  const [router, internet] = [names.free('router'), names.free('internet')]
  const planned = routerInterfaces(plan.segments, seed, families)
  const devices = planned.map((dev, i) => machineInterface(dev, i + 2))
  for (const dev of planned) if (dev.segment !== WAN) switches.get(dev.segment!)!.plug(router, dev.name)
  const routes = devices.flatMap((dev) => kernelRoutes(dev, { forwarding6: true }))
  for (const family of families) {
    const common = {
      type: 'unicast',
      via: UPLINK[family].internet,
      dev: 'wan0',
      table: 'main',
      protocol: 'static',
    } as const
    const rest = { scope: 'global', origin: WAN.origin } as const
    if (family === 4) routes.push({ family: 'inet', dst: DEFAULT_IPV4, ...common, ...rest })
    else routes.push({ family: 'inet6', dst: DEFAULT_IPV6, ...common, ...rest, metric: 1024, pref: 'medium' })
  }
  const nets = plan.segments.flatMap((segment) => segment.nets.map(({ prefix }) => prefix))
  for (const family of families) routes.push(...nowhereRoutes(family, nets, owned))
  const outside = machineInterface(uplinkInterface('internet', seed, families), 2)
  return {
    namespaces: [
      plainNamespace(router, 'router', devices, routes, FORWARDING, routerOrigin(plan.segments)),
      plainNamespace(
        internet,
        'external',
        [outside],
        [...kernelRoutes(outside), ...internetRoutes(plan.segments, families)],
        {},
        INTERNET_ORIGIN,
      ),
    ],
    wires: [
      {
        ends: [
          { netns: router, dev: 'wan0' },
          { netns: internet, dev: 'eth0' },
        ],
        origin: WAN.origin,
      },
    ],
  }
}

/**
 * The machines' surroundings: a switch for every segment, a router that joins them and leads to an internet that answers,
 * and machines of the Underlay that are no Kubernetes nodes.
 *
 * @param nodes - names of the Kubernetes nodes; their namespaces are built elsewhere
 * @param owned - ranges the internet does not have: pools, and addresses that somebody in the input has
 */
export function buildUnderlay(
  plan: UnderlayPlan,
  nodes: ReadonlySet<string>,
  seed: number,
  owned: readonly OwnedRange[] = NONE,
): Underlay {
  const names = new Names([...nodes, ...plan.machines.keys()])
  const switches = new Map<PlannedSegment, Switch>()
  for (const segment of plan.segments)
    switches.set(segment, new Switch(names.free(`switch-${segment.name}`), segment, seed))
  const hosts: Namespace[] = []
  for (const machine of plan.machines.values()) {
    for (const dev of machine.interfaces) {
      if (dev.segment && dev.kind === 'ethernet') switches.get(dev.segment)?.plug(machine.name, dev.name)
    }
    if (nodes.has(machine.name)) continue
    const devices = machine.interfaces.map((dev, i) => machineInterface(dev, i + 2))
    hosts.push(
      plainNamespace(machine.name, 'host', devices, machineRoutes(machine, devices, false), {}, machine.origin),
    )
  }
  const out = routerAndInternet(plan, names, switches, seed, owned)
  const list = [...switches.values()]
  return {
    namespaces: [...list.map((each) => each.namespace()), ...hosts, ...out.namespaces],
    wires: [...list.flatMap((each) => each.wires), ...out.wires],
  }
}
