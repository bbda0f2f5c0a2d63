import type { Cluster } from '../control/index.ts'
import { didYouMean, InputError, type Namespace, type Network } from '../model/index.ts'
import { type Ip, isIpv4, parseIp } from '../wire/index.ts'

/** Where a packet starts or ends: a namespace of the network, and the address that stands for it. */
export interface Endpoint {
  /** Name of the network namespace; undefined for an address nobody in the network has. */
  readonly netns: string | undefined
  /** Address; undefined for a namespace without one. */
  readonly address: Ip | undefined
  /** All its addresses, IPv4 first. */
  readonly addresses: readonly Ip[]
  /** As people say it: `default/web-0`, `node/node01`, `8.8.8.8`. */
  readonly label: string
}

/**
 * Finds an endpoint by name: `NAMESPACE/POD`, `POD` (when only one namespace has it), `node/NAME`, the name of any network
 * namespace, or an address.
 * @throws InputError naming what would be right, with the nearest valid name
 */
export function findEndpoint(network: Network, cluster: Cluster | null, name: string): Endpoint {
  const address = parseIp(name)
  if (address !== undefined) return { ...byAddress(network, address), label: name }
  const netns = netnsOf(network, name)
  const namespace = network.namespaces[netns] as Namespace
  const addresses = addressesOf(network, cluster, namespace)
  return { netns, address: addresses[0], addresses, label: namespace.role === 'node' ? `node/${netns}` : netns }
}

function netnsOf(network: Network, name: string): string {
  const known = network.namespaces
  const node = name.startsWith('node/') ? name.slice('node/'.length) : undefined
  if (node !== undefined && Object.hasOwn(known, node) && known[node]?.role === 'node') return node
  if (Object.hasOwn(known, name)) return name
  const pods = Object.keys(known).filter((key) => key.endsWith(`/${name}`))
  if (pods.length === 1) return pods[0] as string
  const names = Object.keys(known).flatMap((key) => (known[key]?.role === 'node' ? [key, `node/${key}`] : [key]))
  const expected =
    pods.length > 1 ? `one of ${pods.join(', ')}` : `NAMESPACE/POD, node/NAME or an address; ${didYouMean(name, names)}`
  throw new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received: `"${name}"` }])
}

function byAddress(network: Network, address: Ip): Omit<Endpoint, 'label'> {
  for (const [netns, namespace] of Object.entries(network.namespaces)) {
    for (const dev of Object.values(namespace.interfaces)) {
      if (dev.kind === 'loopback' && address.startsWith('127.')) continue
      if (dev.addresses.some((a) => a.local === address)) return { netns, address, addresses: [address] }
    }
  }
  return { netns: undefined, address, addresses: [address] }
}

/** A pod's own addresses; a node's BGP addresses before those of tunnels and bridges. */
function addressesOf(network: Network, cluster: Cluster | null, namespace: Namespace): Ip[] {
  const node = cluster?.nodes.find((n) => n.name === namespace.name)
  const first = [node?.ipv4?.address, node?.ipv6?.address].filter((a) => a !== undefined)
  const all = Object.values(network.namespaces[namespace.name]?.interfaces ?? {})
    .filter((dev) => dev.kind !== 'loopback')
    .flatMap((dev) => dev.addresses)
    .filter((a) => a.scope === 'global')
    .map((a) => a.local)
  const unique = [...new Set([...first, ...all])]
  return [...unique.filter((a) => isIpv4(a)), ...unique.filter((a) => !isIpv4(a))]
}
