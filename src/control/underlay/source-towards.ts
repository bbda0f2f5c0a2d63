import type { Route } from '../../model/index.ts'
import { type Cidr, contains, type Family, familyOf, type Ip, parseIp, prefixLength } from '../../wire/index.ts'
import { sourceOnLink } from '../startup/autodetection.ts'
import { ownRoutes } from './machine.ts'
import type { PlannedMachine } from './plan.ts'

/** What the names of the internet lead to. */
const FAR_AWAY = { 4: '192.0.2.1' as Ip, 6: '2001:db8::1' as Ip } as const

/**
 * The address a machine would send from, before anything of Calico's is there: its own subnets, else its routes of the main
 * table. A name stands for something far away.
 */
export function sourceTowards(machine: PlannedMachine, target: string, family: Family): Ip | 'no-route' {
  const address = parseIp(target) ?? FAR_AWAY[family]
  const cidrs = machine.interfaces.flatMap(({ addresses }) => addresses)
  const near = sourceOnLink(cidrs, address)
  const route = routeTo(machine, address)
  if (near !== undefined && (near.address === address || near.length >= lengthOf(route))) return near.address
  if (route === undefined) return 'no-route'
  const { dev, via } = route.nexthops?.[0] ?? route
  const own = machine.interfaces.find(({ name }) => name === dev)?.addresses ?? []
  return route.src ?? (via && sourceOnLink(own, via)?.address) ?? firstOf(own, family) ?? 'no-route'
}

function routeTo(machine: PlannedMachine, address: Ip): Route | undefined {
  const routes = ownRoutes(machine).filter(
    ({ type, table, dst }) => type === 'unicast' && table === 'main' && contains(dst, address),
  )
  return [...routes].sort((a, b) => lengthOf(b) - lengthOf(a) || (a.metric ?? 0) - (b.metric ?? 0))[0]
}

function lengthOf(route: Route | undefined): number {
  return route === undefined ? -1 : prefixLength(route.dst)
}

function firstOf(cidrs: readonly Cidr[], family: Family): Ip | undefined {
  return cidrs.find(({ address }) => familyOf(address) === family)?.address
}
