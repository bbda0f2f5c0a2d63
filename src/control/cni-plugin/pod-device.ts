import { routeLine } from '../../linux/index.ts'
import { inKernelOrder, type Route } from '../../model/index.ts'
import { familyOf, type Ip, type Mac, type Prefix } from '../../wire/index.ts'
import { HOST_LINK_LOCAL, POD_GATEWAY } from '../cni.ts'

/** The veth that wires a pod, as the plugin leaves it. */
export interface PodDevice {
  /** Container whose network namespace has the other end. */
  readonly container: string
  /** Host end. */
  readonly hostName: string
  /** Container end. */
  readonly name: string
  /** MAC of the container end. */
  readonly mac: Mac
  /** MTU of both ends. */
  readonly mtu: number
  /** Addresses of the container end. */
  readonly addresses: readonly Ip[]
  /** Settings of the host end that the plugin writes. */
  readonly sysctls: Readonly<Record<string, string>>
  /** Routes of the host to the pod. */
  readonly hostRoutes: readonly Route[]
  /** Routes of the pod. */
  readonly podRoutes: readonly Route[]
}

const ORIGIN = { component: 'cni' } as const

/** What the plugin writes for the host end. Only IPv6 of its own has to be looked after. */
export function hostEndSysctls(dev: string, addresses: readonly Ip[]): Record<string, string> {
  const has = (family: 4 | 6): boolean => addresses.some((address) => familyOf(address) === family)
  const [v4, v6] = [`net.ipv4.conf.${dev}`, `net.ipv6.conf.${dev}`]
  return {
    ...(has(4)
      ? {
          [`${v4}.route_localnet`]: '1',
          [`net.ipv4.neigh.${dev}.proxy_delay`]: '0',
          [`${v4}.proxy_arp`]: '1',
          [`${v4}.forwarding`]: '1',
        }
      : {}),
    ...(has(6)
      ? {
          [`${v6}.accept_dad`]: '0',
          [`${v6}.disable_ipv6`]: '0',
          [`${v6}.proxy_ndp`]: '1',
          [`${v6}.forwarding`]: '1',
        }
      : {}),
    [`${v6}.accept_ra`]: '0',
  }
}

/** The host's routes to the addresses of a pod, before Felix takes them over. */
export function hostRoutesTo(addresses: readonly Ip[], dev: string): Route[] {
  return addresses.map((address) =>
    familyOf(address) === 4
      ? route(`${address}/32`, dev, { scope: 'link' })
      : route(`${address}/128`, dev, { metric: 1024, pref: 'medium' }),
  )
}

/** Routes of a pod: those the kernel makes for its addresses, and the wanted ones through the host end. */
export function podRoutesOf(addresses: readonly Ip[], dev: string, wanted: readonly Prefix[]): Route[] {
  const routes: Route[] = []
  if (addresses.some((address) => familyOf(address) === 4)) {
    routes.push(route(`${POD_GATEWAY}/32`, dev, { scope: 'link' }))
    for (const dst of wanted) if (familyOf(dst) === 4) routes.push(route(dst, dev, { via: POD_GATEWAY }))
  }
  const ipv6 = addresses.filter((address) => familyOf(address) === 6)
  if (ipv6.length > 0) {
    const kernel = { protocol: 'kernel', metric: 256, pref: 'medium' } as const
    for (const dst of [...ipv6.map((address) => `${address}/128`), 'fe80::/64']) routes.push(route(dst, dev, kernel))
    const through = { via: HOST_LINK_LOCAL, metric: 1024, pref: 'medium' } as const
    for (const dst of wanted) if (familyOf(dst) === 6) routes.push(route(dst, dev, through))
  }
  return inKernelOrder(routes)
}

function route(dst: string, dev: string, rest: Partial<Route>): Route {
  return {
    family: dst.includes(':') ? 'inet6' : 'inet',
    dst: dst as Prefix,
    type: 'unicast',
    dev,
    table: 'main',
    protocol: 'boot',
    scope: 'global',
    origin: ORIGIN,
    ...rest,
  }
}

/** Routes of a family as `ip route` prints them. */
export function routeLines(routes: readonly Route[], family: 'inet' | 'inet6'): string[] {
  return routes.filter((one) => one.family === family).map((one) => routeLine(one).trim())
}
