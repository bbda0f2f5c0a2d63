import { type Interface, kernelRoutes, type Origin, type Route } from '../model/index.ts'
import type { Ip } from '../wire/index.ts'

const KERNEL: Origin = { component: 'kernel', note: 'every network namespace has a loopback interface' }

const LO: Omit<Interface, 'addresses'> = {
  name: 'lo',
  ifindex: 1,
  kind: 'loopback',
  mac: '00:00:00:00:00:00' as NonNullable<Interface['mac']>,
  mtu: 65536,
  up: true,
  carrier: true,
  txqlen: 1000,
  origin: KERNEL,
}

const IPV4 = {
  family: 'inet',
  local: '127.0.0.1' as Ip,
  prefixlen: 8,
  scope: 'host',
  label: 'lo',
  origin: KERNEL,
} as const
const IPV6 = { family: 'inet6', local: '::1' as Ip, prefixlen: 128, scope: 'host', origin: KERNEL } as const

/** The loopback interface of a namespace without IPv6; one object for all. */
export const LOOPBACK: Interface = { ...LO, addresses: [IPV4] }

/** The loopback interface of a namespace with IPv6; one object for all. */
export const LOOPBACK_DUAL: Interface = { ...LO, addresses: [IPV4, IPV6] }

/** Routes of {@link LOOPBACK}. */
export const LOOPBACK_ROUTES: readonly Route[] = kernelRoutes(LOOPBACK)

/** Routes of {@link LOOPBACK_DUAL}. */
export const LOOPBACK_DUAL_ROUTES: readonly Route[] = kernelRoutes(LOOPBACK_DUAL)
