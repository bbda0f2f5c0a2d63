import {
  type Address,
  defaultRules,
  dictionary,
  type Interface,
  inKernelOrder,
  kernelRoutes,
  type Namespace,
  type Origin,
  type Role,
  type Route,
  type Rule,
  type Ruleset,
  type Sysctls,
} from '../../model/index.ts'
import {
  DEFAULT_IPV4,
  DEFAULT_IPV6,
  type Family,
  familyOf,
  IPV6_MIN_MTU,
  type Ip,
  prefixLength,
  prefixOf,
} from '../../wire/index.ts'
import { LOOPBACK, LOOPBACK_DUAL, LOOPBACK_DUAL_ROUTES, LOOPBACK_ROUTES } from '../loopback.ts'
import { addressEntry, linkLocalEntry } from '../machine-address.ts'
import type { PlannedInterface, PlannedMachine } from './plan.ts'

/** Sysctls of a machine that forwards; one object for all. `conf.default` stands for every interface. */
export const FORWARDING: Sysctls = {
  'net.ipv4.ip_forward': '1',
  'net.ipv4.conf.all.forwarding': '1',
  'net.ipv4.conf.default.forwarding': '1',
  'net.ipv6.conf.all.forwarding': '1',
  'net.ipv6.conf.default.forwarding': '1',
}

const NONE: readonly never[] = []

/** Addresses of an interface; a second IPv4 address of a subnet is secondary. @linux net/ipv4/devinet.c __inet_insert_ifa */
function addressEntries({ name, addresses, origin }: PlannedInterface): Address[] {
  const [only, ...more] = addresses
  if (only !== undefined && more.length === 0) return [addressEntry(only, name, origin)]
  const subnets = new Set<string>()
  return addresses.map((cidr) => {
    const subnet = prefixOf(cidr.address, cidr.length)
    const isSecondary = familyOf(subnet) === 4 && subnets.has(subnet)
    subnets.add(subnet)
    const entry = addressEntry(cidr, name, origin)
    return isSecondary ? { ...entry, secondary: true } : entry
  })
}

/** An interface of a machine as the kernel has it. */
export function machineInterface(dev: PlannedInterface, ifindex: number): Interface {
  const isDummy = dev.kind === 'dummy'
  const carrier = isDummy || (dev.kind === 'ethernet' && dev.segment !== undefined)
  const addresses = addressEntries(dev)
  // A device too small for IPv6 has none of it. @linux net/ipv6/addrconf.c ipv6_add_dev
  if (carrier && dev.mtu >= IPV6_MIN_MTU) addresses.push(linkLocalEntry(dev.mac))
  return {
    name: dev.name,
    ifindex,
    kind: dev.kind,
    mac: dev.mac,
    mtu: dev.mtu,
    up: true,
    carrier,
    ...(isDummy ? { noarp: true } : {}),
    txqlen: dev.kind === 'bridge' ? 0 : 1000,
    addresses,
    ...(dev.kind === 'bridge' ? { bridge: { stp: false, mcastSnooping: false } } : {}),
    origin: dev.origin,
  }
}

/** The loopback device of a machine. */
export function loopbackOf({ loopback }: Pick<PlannedMachine, 'loopback'> = {}): Interface {
  if (loopback === undefined) return LOOPBACK_DUAL
  return { ...LOOPBACK_DUAL, mtu: loopback.mtu, addresses: [...LOOPBACK_DUAL.addresses, ...addressEntries(loopback)] }
}

/** Routes of a loopback device. */
export function loopbackRoutes(lo: Interface): readonly Route[] {
  return lo === LOOPBACK_DUAL ? LOOPBACK_DUAL_ROUTES : kernelRoutes(lo)
}

/** The one way out of a machine: its own default route with one next hop, else through the gateway of its first segment that has one. */
export function defaultGateway(
  machine: PlannedMachine,
  family: Family,
): { readonly via: Ip; readonly dev: string } | undefined {
  if (machine.routes === undefined) return gatewayOfSegment(machine, family)
  const found = machine.routes
    .filter((route) => prefixLength(route.dst) === 0 && familyOf(route.dst) === family && route.table === 'main')
    .sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0))[0]
  return found?.via === undefined || found.dev === undefined ? undefined : { via: found.via, dev: found.dev }
}

function gatewayOfSegment(machine: PlannedMachine, family: Family) {
  for (const dev of machine.interfaces) {
    for (const { gateway } of dev.segment?.nets ?? []) {
      if (gateway === undefined || familyOf(gateway) !== family) continue
      const own = dev.addresses.some((cidr) => cidr.address === gateway)
      if (!own) return { via: gateway, dev: dev.name }
    }
  }
  return undefined
}

/** A machine's routes besides the kernel's: those it was given, else default routes through gateways. Not sorted. */
export function ownRoutes(machine: PlannedMachine): readonly Route[] {
  return machine.routes ?? ([4, 6] as const).flatMap((family) => derivedDefault(machine, family))
}

function derivedDefault(machine: PlannedMachine, family: Family): Route[] {
  const gateway = gatewayOfSegment(machine, family)
  if (!gateway) return []
  const origin: Origin = { ...machine.origin, component: 'underlay', note: 'the gateway of the segment' }
  const common = { type: 'unicast', ...gateway, table: 'main', protocol: 'boot', scope: 'global', origin } as const
  return [
    family === 4
      ? { family: 'inet', dst: DEFAULT_IPV4, ...common }
      : { family: 'inet6', dst: DEFAULT_IPV6, ...common, metric: 1024, pref: 'medium' },
  ]
}

/** Routes of a machine's own interfaces: the kernel's and its own. Not sorted. */
export function machineRoutes(machine: PlannedMachine, interfaces: readonly Interface[], forwarding: boolean): Route[] {
  return [...interfaces.flatMap((dev) => kernelRoutes(dev, { forwarding6: forwarding })), ...ownRoutes(machine)]
}

/** Rules of both families as they are written down: none where they are the kernel's own, all of them and no others. */
export function writtenRules(all: readonly Rule[]): readonly Rule[] {
  const isUsual = all.length === USUAL_RULES && all.every(({ origin }) => origin?.component === 'kernel')
  return isUsual ? [] : all
}

/** How many the kernel has of itself: three of IPv4, two of IPv6. */
const USUAL_RULES = 5

/** Rules with the usual ones; none where there are no others: the kernel's are not written down. */
export function withUsualRules(rules: readonly Rule[]): readonly Rule[] {
  if (rules.length === 0) return rules
  return (['inet', 'inet6'] as const).flatMap((family) => {
    const own = rules.filter((rule) => rule.family === family)
    return [...defaultRules(family), ...own].sort((a, b) => a.priority - b.priority)
  })
}

/** Firewalls of a namespace. */
export interface Firewalls {
  /** IPv4. */
  readonly iptables?: Ruleset
  /** IPv6. */
  readonly ip6tables?: Ruleset
}

/** What a namespace of plain interfaces and routes is made of. */
interface PlainParts extends Firewalls {
  readonly name: string
  readonly role: Role
  readonly devices: readonly Interface[]
  readonly routes?: readonly Route[]
  readonly rules?: readonly Rule[]
  readonly sysctls?: Sysctls
  readonly lo?: Interface
  readonly origin: Origin
}

/** A namespace of plain interfaces and routes. A switch has no IP of its own. */
export function plainNamespace(parts: PlainParts): Namespace {
  const { name, role, devices, routes = NONE, rules = NONE, sysctls = {}, origin } = parts
  const lo = role === 'switch' ? LOOPBACK : (parts.lo ?? LOOPBACK_DUAL)
  const interfaces = dictionary<Interface>()
  interfaces['lo'] = lo
  for (const dev of devices) interfaces[dev.name] = dev
  return {
    name,
    role,
    interfaces,
    routes: inKernelOrder([...(role === 'switch' ? LOOPBACK_ROUTES : loopbackRoutes(lo)), ...routes]),
    rules: withUsualRules(rules),
    neighbours: NONE,
    proxyNeighbours: NONE,
    fdb: NONE,
    sysctls,
    ...(parts.iptables === undefined ? {} : { iptables: parts.iptables }),
    ...(parts.ip6tables === undefined ? {} : { ip6tables: parts.ip6tables }),
    origin,
  }
}
