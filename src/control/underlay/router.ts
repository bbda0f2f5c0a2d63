import { kernelRoutes, type Namespace, type Origin, type Route } from '../../model/index.ts'
import { type Cidr, type Family, familyOf, type Prefix, prefixLength } from '../../wire/index.ts'
import { firewallsOf } from './filters.ts'
import { type Uplink, uplinkOf, uplinkRoutes } from './internet.ts'
import { hiddenMac } from './mac.ts'
import { FORWARDING, loopbackOf, machineInterface, ownRoutes, plainNamespace } from './machine.ts'
import { nowhereRoutes, type OwnedRange } from './outside.ts'
import type { PlannedInterface, PlannedMachine, PlannedRouter, PlannedSegment, UnderlayPlan } from './plan.ts'

/** A router that is about to be built: described, or assumed because segments have a gateway that nobody is. */
export interface RouterPart {
  /** The router. */
  readonly router: PlannedRouter
  /** Its way to the internet, if it has one. */
  readonly uplink?: Uplink
}

/** Every router: those described, and one for the gateways that nobody is; each isolated segment has its own. */
export function routersOf(plan: UnderlayPlan, free: (name: string) => string, seed: number): RouterPart[] {
  const described = plan.routers ?? []
  const gateways = new Set(plan.segments.flatMap(({ nets }) => nets.map(({ gateway }) => gateway)))
  const held = new Set<string>()
  for (const { interfaces } of [...plan.machines.values(), ...described]) {
    for (const { segment, addresses } of interfaces) {
      for (const { address } of addresses) if (gateways.has(address)) held.add(`${segment?.name} ${address}`)
    }
  }
  const isFree = (segment: PlannedSegment): boolean =>
    segment.nets.some(({ gateway }) => gateway !== undefined && !held.has(`${segment.name} ${gateway}`))
  const open = plan.segments.filter(isFree)
  const joined = open.filter(({ isolated }) => isolated !== true)
  const assumed = [
    ...(joined.length > 0 ? [assumedRouter(free('router'), plan.segments, joined, seed, false)] : []),
    ...open
      .filter(({ isolated }) => isolated === true)
      .map((segment) => assumedRouter(free(`router-${segment.name}`), plan.segments, [segment], seed, true)),
  ]
  let number = 0
  return [...assumed, ...described].map((router): RouterPart => {
    if (!router.internet) return { router }
    const families = familiesOf(router)
    return {
      router,
      uplink: uplinkOf(router.name, number++, families, seed, router.masquerade ? [] : netsBehind(router)),
    }
  })
}

function familiesOf({ interfaces }: PlannedMachine): Family[] {
  const addresses = interfaces.flatMap((dev) => dev.addresses.map(({ address }) => address))
  return ([4, 6] as const).filter((family) => addresses.some((ip) => familyOf(ip) === family))
}

/** The subnets a router is on. */
function netsBehind({ interfaces }: PlannedMachine): Prefix[] {
  return interfaces.flatMap(({ segment }) => segment?.nets.map(({ prefix }) => prefix) ?? [])
}

function assumedRouter(
  name: string,
  all: readonly PlannedSegment[],
  segments: readonly PlannedSegment[],
  seed: number,
  masquerade: boolean,
): PlannedRouter {
  const interfaces = segments.map((segment): PlannedInterface => {
    const addresses = segment.nets.flatMap(({ prefix, gateway }): Cidr[] =>
      gateway ? [{ address: gateway, length: prefixLength(prefix) }] : [],
    )
    const dev = `eth${all.indexOf(segment)}`
    const mac = hiddenMac(seed, `${name}/${dev}`)
    return { name: dev, kind: 'ethernet', segment, addresses, mtu: segment.mtu, mac, origin: segment.origin }
  })
  const origin = masquerade ? { ...segments[0]!.origin, note: 'a NAT network by itself' } : assumedOrigin(segments)
  return { name, interfaces, routes: [], internet: true, masquerade, peers: [], filters: [], origin }
}

/** What the router rests on: gateways an Underlay names, or else that nodes reach each other somehow, which is an assumption. */
function assumedOrigin(segments: readonly PlannedSegment[]): Origin {
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

/** A router's namespace. */
export function routerNamespace(
  part: RouterPart,
  owned: readonly OwnedRange[],
  learned: readonly Route[] = [],
): Namespace {
  const { router, uplink } = part
  const planned = uplink === undefined ? router.interfaces : [...router.interfaces, uplink.inside]
  const devices = planned.map((dev, i) => machineInterface(dev, i + 2))
  const { filters, sourceCheck, origin, name } = router
  const masquerade = router.masquerade && uplink ? { dev: uplink.inside.name, origin } : undefined
  return plainNamespace({
    name,
    role: 'router',
    devices,
    lo: loopbackOf(router),
    routes: [
      ...devices.flatMap((dev) => kernelRoutes(dev, { forwarding6: true })),
      ...ownRoutes(router),
      ...learned,
      ...(uplink === undefined ? [] : outwards(router, uplink, owned)),
    ],
    rules: router.rules ?? [],
    sysctls: { ...FORWARDING, ...router.sysctls },
    ...firewallsOf({ filters, sourceCheck, masquerade }),
    origin,
  })
}

/** Default routes to the internet where a router has none of its own, and what the internet cannot have. */
function outwards(router: PlannedRouter, uplink: Uplink, owned: readonly OwnedRange[]): Route[] {
  const own = new Set(ownRoutes(router).map(({ dst, table }) => `${table} ${dst}`))
  const isNew = ({ dst, table }: Route): boolean => !own.has(`${table} ${dst}`)
  const nets = netsBehind(router)
  const nowhere = familiesOf(router).flatMap((family) => nowhereRoutes(family, nets, owned))
  return [...uplinkRoutes(uplink), ...nowhere].filter(isNew)
}
