import { type Cluster, type EndpointFinder, endpointsIn, stateChanges, TUNL0_DOWN } from '../control/index.ts'
import {
  changesBetween,
  type Interface,
  isLazy,
  type Namespace,
  Network,
  withMembers,
  withReplaced,
} from '../model/index.ts'
import { changedNames } from './changed-names.ts'

const TUNL0 = 'tunl0'

/** A namespace with devices as they were left, and of what it was made. */
interface Known {
  readonly fresh: Namespace
  /** What is left, as text. */
  readonly key: string
  readonly made: Namespace
}

/**
 * Devices that programs do not touch again when what is stored is another: `tunl0`, which stays without an address once its module is
 * loaded, and the two ends of a pod, which keep the MTU they were made with.
 *
 * @calico felix/dataplane/linux/ipip_mgr.go, cni-plugin/pkg/dataplane/linux/dataplane_linux.go
 */
export class DevicesLeft {
  private readonly known = new Map<string, Known>()
  private latest: { readonly plain: Network; readonly made: Network } | undefined

  /**
   * What programs write now, with what is left of before.
   *
   * @param was - as they had written it
   * @param plain - as the objects of now would have it
   * @param nodes - nodes that are followed by themselves: of others nobody knows what was there
   */
  after(was: Network, plain: Network, cluster: Cluster, nodes: Iterable<string>): Network {
    if (plain === was) return was
    const names = namesOf(was, plain, cluster, nodes)
    const pods = endpointsIn(cluster.workloadEndpoints)
    const left = new Map(names.map((name) => [name, leftOf(name, was, plain, pods)]))
    const hasTunnel = (devices: readonly Interface[] = []): boolean => devices.some(({ name }) => name === TUNL0)
    const changes = new Map<string, Namespace>()
    for (const [name, devices] of left) {
      const fresh = namespaceIn(plain, name)
      if (fresh === undefined) {
        this.known.delete(name)
        continue
      }
      // A pod of a machine on which the module is loaded has its device, too.
      const isNew = fresh.interfaces[TUNL0] === undefined && !hasTunnel(devices)
      const all = isNew && hasTunnel(left.get(pods.at(name)?.node ?? '')) ? [...devices, TUNL0_DOWN] : devices
      if (all.length > 0) changes.set(name, this.made(name, fresh, all))
    }
    return this.network(plain, changes)
  }

  /** What programs had written, without devices that were only left and that a user has taken away. */
  without(written: Network, running: Network, plain: Network, nodes: Iterable<string>): Network {
    const changes = new Map<string, Namespace>()
    for (const name of changedNames(written, running, nodes)) {
      const [mine, was, fresh] = [running, written, plain].map((network) => namespaceIn(network, name))
      const isGone = mine !== undefined && mine.interfaces[TUNL0] === undefined
      if (!isGone || was?.interfaces[TUNL0] === undefined || fresh?.interfaces[TUNL0] !== undefined) continue
      const { [TUNL0]: _, ...interfaces } = was.interfaces
      const less = withMembers(was, { interfaces: () => interfaces })
      const of = (ns: Namespace) => ({ namespaces: { [name]: ns }, shared: written.shared })
      changes.set(name, stateChanges(of(less), of(mine!), name).length === 0 ? mine! : less)
    }
    if (changes.size === 0) return written
    const { wires, shared } = written
    return new Network({ namespaces: withReplaced(written.namespaces, changes), wires, shared })
  }

  private made(name: string, fresh: Namespace, left: readonly Interface[]): Namespace {
    const known = this.known.get(name)
    const key = left.map(({ name: dev, mtu, ifindex, up }) => `${dev} ${mtu} ${ifindex} ${up}`).join()
    if (known?.fresh === fresh && known.key === key) return known.made
    const made = withMembers(fresh, { interfaces: () => withDevices(fresh.interfaces, left) })
    this.known.set(name, { fresh, key, made })
    return made
  }

  private network(plain: Network, changes: ReadonlyMap<string, Namespace>): Network {
    if (changes.size === 0) return plain
    const { latest } = this
    const isSame = latest?.plain === plain && [...changes].every(([name, ns]) => latest.made.namespaces[name] === ns)
    if (isSame) return latest.made
    const { wires, shared } = plain
    const made = new Network({ namespaces: withReplaced(plain.namespaces, changes), wires, shared })
    this.latest = { plain, made }
    return made
  }
}

function namespaceIn({ namespaces }: Network, name: string): Namespace | undefined {
  return Object.hasOwn(namespaces, name) ? namespaces[name] : undefined
}

function namesOf(was: Network, plain: Network, cluster: Cluster, nodes: Iterable<string>): readonly string[] {
  if (!isLazy(plain.namespaces)) return changedNames(was, plain, nodes)
  const endpoints = endpointsIn(cluster.workloadEndpoints)
  const changes = changesBetween(was.namespaces, plain.namespaces)
  if (changes !== undefined) {
    const followed = new Set(nodes)
    return changes.names.filter((name) => followed.has(endpoints.at(name)?.node ?? name))
  }
  return [...nodes].flatMap((node) => [node, ...endpoints.ofNode(node).map(({ netns }) => netns)])
}

/** Devices of before that stay, or stay as they were. */
function leftOf(name: string, from: Network, to: Network, pods: EndpointFinder): Interface[] {
  const [was, fresh] = [namespaceIn(from, name), namespaceIn(to, name)]
  if (was === undefined || fresh === undefined || was === fresh) return []
  if (was.role !== 'node' && was.role !== 'pod') return []
  const isSame = (dev: string): boolean => {
    const netns = was.role === 'pod' ? name : pods.ofNode(name).find((one) => one.interfaceName === dev)?.netns
    return netns !== undefined && isSamePod(namespaceIn(from, netns), namespaceIn(to, netns))
  }
  const left: Interface[] = []
  for (const dev of Object.values(was.interfaces)) {
    const now = fresh.interfaces[dev.name]
    if (now === undefined && dev.name === TUNL0) left.push(dev.addresses.length === 0 ? dev : { ...dev, addresses: [] })
    else if (now !== undefined && dev.kind === 'veth' && now.mtu !== dev.mtu && isSame(dev.name)) left.push(dev)
  }
  return left
}

/** Whether two are the same pod: one that was made anew has other addresses. */
function isSamePod(a: Namespace | undefined, b: Namespace | undefined): boolean {
  const of = (ns: Namespace): string =>
    JSON.stringify(
      Object.values(ns.interfaces).flatMap(({ kind, mac, addresses }) =>
        kind === 'veth' ? [[mac, addresses.map(({ local }) => local)]] : [],
      ),
    )
  return a !== undefined && b !== undefined && (a === b || of(a) === of(b))
}

function withDevices(fresh: Namespace['interfaces'], left: readonly Interface[]): Namespace['interfaces'] {
  const all = { ...fresh }
  for (const dev of left) {
    const now = all[dev.name]
    if (now !== undefined) all[dev.name] = { ...now, mtu: dev.mtu }
    else {
      const taken = new Set(Object.values(all).map(({ ifindex }) => ifindex))
      const ifindex = taken.has(dev.ifindex) ? Math.max(...taken) + 1 : dev.ifindex
      all[dev.name] = ifindex === dev.ifindex ? dev : { ...dev, ifindex }
    }
  }
  return all
}
