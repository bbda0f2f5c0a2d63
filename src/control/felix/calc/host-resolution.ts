import { goRegexp } from '../../../model/index.ts'
import { type Ip, prefixAddress } from '../../../wire/index.ts'
import { type FelixEndpoint, hostEndpoint } from './felix-endpoint.ts'
import { felixWord } from './felix-word.ts'
import type { StoredObjects } from './stored-objects.ts'

/** An interface of a machine with its addresses. */
export interface NamedInterface {
  /** Name. */
  readonly name: string
  /** Addresses. */
  readonly addresses: readonly Ip[]
}

/** What says which interfaces a host endpoint is for. */
export interface HostClaim {
  /** Name of the host endpoint. */
  readonly name: string
  /** Interface; `*`: all that have no other, '': those with one of its addresses. */
  readonly interfaceName: string
  /** Its addresses. */
  readonly expectedIPs: readonly Ip[]
}

/** Whether a host endpoint is for an interface. One that names an interface is for no other, whatever its addresses. */
function claims({ interfaceName, expectedIPs }: HostClaim, { name, addresses }: NamedInterface): boolean {
  if (interfaceName !== '') return interfaceName === name
  return addresses.some((address) => expectedIPs.includes(address))
}

/**
 * The host endpoint of each interface that has one: of several the first by name.
 *
 * @calico felix/dataplane/linux/endpoint_mgr.go
 */
export function hostOfInterfaces<H extends HostClaim>(
  hosts: readonly H[],
  interfaces: readonly NamedInterface[],
): ReadonlyMap<string, H> {
  const sorted = inOrderOfNames(hosts)
  return new Map(
    interfaces.flatMap((dev) => {
      const host = sorted.find((one) => claims(one, dev))
      return host === undefined ? [] : [[dev.name, host] as const]
    }),
  )
}

/** The host endpoint of all interfaces that have none of their own. */
export function hostOfAll<H extends HostClaim>(hosts: readonly H[]): H | undefined {
  return inOrderOfNames(hosts).find(({ interfaceName }) => interfaceName === '*')
}

/** Host endpoints by name: of several that claim one interface the first counts. */
export function inOrderOfNames<H extends HostClaim>(hosts: readonly H[]): H[] {
  return [...hosts].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Which host endpoint each interface of a node has. */
export interface HostResolution {
  /** Names of host endpoints by interface. */
  readonly interfaces: ReadonlyMap<string, string>
  /** That of all other interfaces. */
  readonly allInterfaces?: string
  /** Whether a host endpoint is in use: `error` where it stands for no interface. */
  readonly status: ReadonlyMap<string, 'up' | 'error'>
}

function claimOf({ id, interfaceName, nets }: FelixEndpoint): HostClaim {
  return { name: id, interfaceName, expectedIPs: nets.map(prefixAddress) }
}

/** A name, or a regular expression between slashes. */
function matcher(text: string): (name: string) => boolean {
  const pattern = /^\/(.*)\/$/s.exec(text)?.[1]
  const regexp = pattern === undefined ? undefined : goRegexp(pattern)
  return (name) => (regexp === undefined || typeof regexp === 'string' ? name === text : regexp.test(name))
}

/** Interfaces that are none of the host for Felix: those of workloads, and those it is told to leave alone. */
function isForeign(name: string, prefixes: string, excluded: string): boolean {
  const words = (list: string): string[] => list.split(',').map((word) => word.trim())
  return (
    words(prefixes).some((prefix) => prefix !== '' && name.startsWith(prefix)) ||
    words(excluded).some((word) => matcher(word)(name))
  )
}

/** Which of the host endpoints of a datastore the interfaces of a node have. */
export function resolvedHosts(
  node: string,
  interfaces: readonly NamedInterface[],
  objects: StoredObjects,
): HostResolution {
  const all = objects.of('HostEndpoint', 'calico').flatMap((value) => hostEndpoint(value) ?? [])
  const hosts = all.filter((one) => one.node === node).map(claimOf)
  const prefixes = felixWord(objects, node, 'interfacePrefix') || 'cali'
  const excluded = felixWord(objects, node, 'interfaceExclude') || 'kube-ipvs0'
  const own = interfaces.filter(({ name }) => !isForeign(name, prefixes, excluded))
  const found = hostOfInterfaces(hosts, own)
  const wildcard = hostOfAll(hosts)
  const used = new Set([...found.values(), ...(wildcard === undefined ? [] : [wildcard])])
  return {
    interfaces: new Map([...found].map(([dev, { name }]) => [dev, name])),
    ...(wildcard === undefined ? {} : { allInterfaces: wildcard.name }),
    status: new Map(inOrderOfNames(hosts).map((host) => [host.name, used.has(host) ? 'up' : 'error'])),
  }
}
