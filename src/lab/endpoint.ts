import { type Cluster, clusterIpsOf, endpointsIn, isAlive, type PodResource, type Resources } from '../control/index.ts'
import {
  didYouMean,
  InputError,
  keptIn,
  knownOf,
  type Namespace,
  type Network,
  type Note,
  namesIn,
  nearestWord,
} from '../model/index.ts'
import { type Ip, isIpv4 } from '../wire/index.ts'
import { ENDPOINT_KINDS, type EndpointWord, parseEndpoint } from './endpoint-word.ts'
import { firstPod, namespaceOf, podsOf } from './pods-of.ts'
import { serviceEndpoint, serviceOf } from './service-endpoint.ts'

/** Where a packet starts or ends: a namespace of the network, and the address that stands for it. */
export interface Endpoint {
  /** Name of the network namespace; undefined for an address nobody in the network has. */
  readonly netns: string | undefined
  /** Address; undefined for a namespace without one. */
  readonly address: Ip | undefined
  /** All its addresses, IPv4 first. */
  readonly addresses: readonly Ip[]
  /** As people say it, and as it is found again: `default/web-0`, `node/node01`, `8.8.8.8`. */
  readonly label: string
  /** What is open of whatever goes there, for a destination that is not known as far as its address. */
  readonly notes?: readonly Note[]
}

/** A network namespace, and what it was found as. */
interface Found {
  readonly netns: string
  readonly label: string
}

/**
 * Finds an endpoint by kubectl's words: `NAMESPACE/POD`, `pod/NAMESPACE/POD`, `POD` or `pod/POD`, `deploy/NAME`, `ds/NAME`,
 * `sts/NAME` as its first ready pod, `node/NAME`, `svc/NAME`; by a DNS name of the cluster, or what a resolver of a pod makes one of
 * (`web.shop`, `web`); by the name of any network namespace (`internet` is the one outside), or an address. A pod of the host's
 * network is where its node is.
 * @param namespace - where names without a namespace are looked for; absent = in `default`, and else everywhere
 * @throws InputError naming what would be right, with the nearest valid name
 */
export function findEndpoint(network: Network, cluster: Cluster | null, name: string, namespace?: string): Endpoint {
  const word = parseEndpoint(name)
  if (word?.kind === 'address') return { ...byAddress(network, cluster, word.address), label: name }
  if (word?.kind === 'service' && !Object.hasOwn(network.namespaces, name)) {
    return serviceEndpoint(cluster, { name: word.name, namespace: word.namespace ?? namespace }, name)
  }
  const finder = new Finder(network, cluster, namespace, name)
  const service = word?.kind === 'name' ? finder.service(word.name) : undefined
  if (service !== undefined) return serviceEndpoint(cluster, service, name)
  const found = finder.find(word)
  const addresses = addressesOf(network, cluster, network.namespaces[found.netns] as Namespace)
  return { netns: found.netns, address: addresses[0], addresses, label: found.label }
}

/** One search. */
class Finder {
  private readonly network: Network
  private readonly resources: Resources | undefined
  private readonly pods: readonly PodResource[]
  private readonly namespace: string | undefined
  private readonly text: string
  private readonly called = new Map<string, readonly string[]>()

  constructor(network: Network, cluster: Cluster | null, namespace: string | undefined, text: string) {
    this.network = network
    this.resources = cluster?.resources
    this.pods = this.resources?.pods ?? []
    this.namespace = namespace
    this.text = text
  }

  find(word: Exclude<EndpointWord, { kind: 'address' }> | undefined): Found {
    switch (word?.kind) {
      case undefined:
        throw this.missing(`KIND/NAMESPACE/NAME; ${didYouMean(this.text.split('/')[0] as string, ENDPOINT_KINDS)}`)
      case 'node':
        return this.node(word.name) ?? this.exactly(this.text) ?? this.noSuchName()
      case 'pod':
        return this.pod(word.name, word.namespace ?? this.namespace) ?? this.exactly(this.text) ?? this.noSuchPod(word)
      case 'controller':
        return this.controlled(word) ?? this.exactly(this.text) ?? this.noSuchController(word)
      case 'service':
        return this.exactly(this.text) ?? this.noSuchName()
      case 'host':
        return (
          this.exactly(this.text) ?? this.pod(word.host, word.namespace) ?? this.noSuchPod({ ...word, name: word.host })
        )
      case 'name':
        return this.named(word.name)
    }
  }

  /** The Service that a resolver of a pod finds by `NAME` or `NAME.NAMESPACE`, where no pod or node is called so. */
  service(text: string): { readonly namespace: string; readonly name: string } | undefined {
    if (text.includes('/') || this.resources === undefined || this.exactly(text) !== undefined) return undefined
    const [name = '', within, ...more] = text.split('.')
    if (more.length > 0 || (within === undefined && this.isPod(name))) return undefined
    const namespace = within ?? this.namespace
    return serviceOf(this.resources.services, { name, namespace })
  }

  private isPod(name: string): boolean {
    return this.keysOf(name).length > 0 || this.pods.some(({ metadata }) => metadata.name === name)
  }

  /** Names of network namespaces. */
  private get keys(): readonly string[] {
    return namesIn(this.network.namespaces)
  }

  /** Those of pods that are called so, in whatever namespace. */
  private keysOf(name: string): readonly string[] {
    return keptIn(this.called, name, () => {
      const end = `/${name}`
      return this.keys.filter((key) => key.endsWith(end))
    })
  }

  /** `NAMESPACE/POD`, a bare name, or any network namespace. With a namespace asked for, pods of it come first. */
  private named(name: string): Found {
    const slash = name.indexOf('/')
    if (slash > 0) {
      return this.pod(name.slice(slash + 1), name.slice(0, slash)) ?? this.exactly(name) ?? this.noSuchName()
    }
    const within = this.namespace === undefined ? undefined : this.pod(name, this.namespace)
    return within ?? this.exactly(name) ?? this.pod(name, this.namespace) ?? this.noSuchName()
  }

  private exactly(name: string): Found | undefined {
    const { namespaces } = this.network
    if (!Object.hasOwn(namespaces, name)) return undefined
    return { netns: name, label: namespaces[name]?.role === 'node' ? `node/${name}` : name }
  }

  private node(name: string): Found | undefined {
    const found = this.exactly(name)
    return found?.label === `node/${name}` ? found : undefined
  }

  /** A pod by name; without a namespace that of `default`, else the only one that is called so. */
  private pod(name: string, namespace: string | undefined): Found | undefined {
    if (namespace !== undefined) {
      const own = `${namespace}/${name}`
      if (Object.hasOwn(this.network.namespaces, own)) return { netns: own, label: own }
      const object = this.pods.find((pod) => pod.metadata.name === name && namespaceOf(pod) === namespace)
      return object && this.attached(object)
    }
    const keys = this.keysOf(name)
    const hosted = this.pods.filter((pod) => pod.metadata.name === name && pod.spec.hostNetwork === true)
    const labels = [...new Set([...keys, ...hosted.map((pod) => `${namespaceOf(pod)}/${name}`)])]
    if (labels.length > 1) {
      if (labels.includes(`default/${name}`)) return this.pod(name, 'default')
      throw this.missing(`one of ${labels.join(', ')}`)
    }
    if (hosted[0] !== undefined) return this.attached(hosted[0])
    if (keys[0] !== undefined) return { netns: keys[0], label: keys[0] }
    const object = this.pods.find((pod) => pod.metadata.name === name)
    return object && this.attached(object)
  }

  /** Where a pod of the objects is: in a network namespace of its own or in its node's. @throws InputError when nowhere */
  private attached(pod: PodResource): Found {
    const { name } = pod.metadata
    const { spec, status } = pod
    const label = `${namespaceOf(pod)}/${name}`
    const netns = spec.hostNetwork === true ? spec.nodeName : label
    const why =
      spec.nodeName === undefined
        ? 'which is on no node'
        : !isAlive(pod)
          ? `which has ended (${status?.phase})`
          : spec.hostNetwork === true
            ? `which is on ${spec.nodeName}, a node that is not among the objects`
            : 'which got no address'
    if (isAlive(pod) && netns !== undefined && Object.hasOwn(this.network.namespaces, netns)) return { netns, label }
    throw this.missing('a pod with a network', `"${this.text}", ${why}`)
  }

  private controlled(word: Extract<EndpointWord, { kind: 'controller' }>): Found | undefined {
    const namespace = word.namespace ?? this.namespace
    const asked = { controller: word.controller, name: word.name, namespace }
    const all = this.resources === undefined ? [] : podsOf(this.resources, asked)
    const within = [...new Set(all.map(namespaceOf))]
    if (within.length > 1) throw this.missing(`a namespace before the name: one of ${within.join(', ')}`)
    const first = firstPod(all) ?? all[0]
    return first && this.attached(first)
  }

  private noSuchController({ controller, namespace }: Extract<EndpointWord, { kind: 'controller' }>): never {
    const within = namespace ?? this.namespace
    const where = within === undefined ? '' : ` in namespace ${within}`
    throw this.missing(
      `the name of a ${controller} with pods${where} (its selector selects them, or they name it in metadata.ownerReferences)`,
    )
  }

  private noSuchPod({ name, namespace }: { readonly name: string; readonly namespace: string | undefined }): never {
    const within = namespace ?? this.namespace
    if (within === undefined) return this.noSuchName()
    const pods = this.podNames(within)
    throw this.missing(`a pod of namespace ${within}; ${didYouMean(name, pods)}`)
  }

  private podNames(namespace: string): string[] {
    const keys = this.keys.filter((key) => key.startsWith(`${namespace}/`))
    const hosted = this.pods.filter((pod) => pod.spec.hostNetwork === true && namespaceOf(pod) === namespace)
    return [...keys.map((key) => key.slice(namespace.length + 1)), ...hosted.map((pod) => pod.metadata.name)]
  }

  private noSuchName(): never {
    const known = this.network.namespaces
    if (this.text === 'internet') throw this.missing('an underlay with a router that leads to the internet')
    const services = (this.resources?.services ?? []).map((one) => `svc/${namespaceOf(one)}/${one.metadata.name}`)
    const namespaces = this.keys.flatMap((key) => (known[key]?.role === 'node' ? [key, `node/${key}`] : [key]))
    const names = [...namespaces, ...services]
    const asked = this.text.replace(/^(pods?|po|no|nodes)\//, '')
    // A bare name is compared with the names of pods in any namespace.
    const alike = asked.includes('/')
      ? []
      : names.filter((key) => nearestWord(asked, [key.slice(key.lastIndexOf('/') + 1)]))
    const nearest = alike.length === 1 ? `did you mean "${alike[0]}"?` : didYouMean(asked, names)
    const within = this.namespace === undefined ? '' : ` (without a namespace: in ${this.namespace})`
    throw this.missing(`NAMESPACE/POD, svc/NAMESPACE/NAME, node/NAME or an address${within}; ${nearest}`)
  }

  private missing(expected: string, received = `"${this.text}"`): InputError {
    return new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received }])
  }
}

/** Namespaces that are none of a pod, of networks as they were made. */
const machines = new WeakMap<Network['namespaces'], readonly string[]>()

function byAddress(network: Network, cluster: Cluster | null, address: Ip): Omit<Endpoint, 'label'> {
  // Nobody has the virtual address of a Service: in a large network it would be looked for everywhere.
  if (isVirtual(cluster, address)) return { netns: undefined, address, addresses: [address] }
  // As long as nobody edited the network, pods have the addresses that their objects say: they need not be made to be asked.
  const isAsMade = cluster !== null && network.namespaces === cluster.network.namespaces
  const pods = endpointsIn(isAsMade ? cluster.workloadEndpoints : [])
  const holder = pods.holding(address)
  if (holder !== undefined) return { netns: holder.netns, address, addresses: [address] }
  const names = isAsMade
    ? keptIn(machines, network.namespaces, () => Object.keys(network.namespaces).filter((name) => !pods.at(name)))
    : Object.keys(network.namespaces)
  for (const netns of names) {
    const namespace = network.namespaces[netns] as Namespace
    if (isIpv4(address) && knownOf(namespace)?.mayHave(address) === false) continue
    for (const dev of Object.values(namespace.interfaces)) {
      if (dev.kind === 'loopback' && address.startsWith('127.')) continue
      if (dev.addresses.some((a) => a.local === address)) return { netns, address, addresses: [address] }
    }
  }
  return { netns: undefined, address, addresses: [address] }
}

function isVirtual(cluster: Cluster | null, address: Ip): boolean {
  const services = cluster?.resources.services ?? []
  return services.some((service) => clusterIpsOf(service).includes(address))
}

/** A pod's own addresses; a node's BGP addresses before those of tunnels and bridges. */
function addressesOf(network: Network, cluster: Cluster | null, namespace: Namespace): Ip[] {
  const node = namespace.role === 'node' ? cluster?.nodes.find((n) => n.name === namespace.name) : undefined
  const first = [node?.ipv4?.address, node?.ipv6?.address].filter((a) => a !== undefined)
  const all = Object.values(network.namespaces[namespace.name]?.interfaces ?? {})
    .filter((dev) => dev.kind !== 'loopback')
    .flatMap((dev) => dev.addresses)
    .filter((a) => a.scope === 'global')
    .map((a) => a.local)
  const unique = [...new Set([...first, ...all])]
  return [...unique.filter((a) => isIpv4(a)), ...unique.filter((a) => !isIpv4(a))]
}
