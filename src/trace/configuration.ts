import {
  type FdbEntry,
  findFdb,
  findNeighbour,
  type Interface,
  knownOf,
  type Namespace,
  type Neighbour,
  type NetworkData,
  type Outline,
  outlineOf,
} from '../model/index.ts'
import { parseIp, parseMac } from '../wire/index.ts'

/** What is configured in a network, as events ask for it: by the names they hold. */
export class Configuration {
  /** The network. */
  readonly network: NetworkData

  constructor(network: NetworkData) {
    this.network = network
  }

  /** A namespace with this interface, other interfaces and routes left out where nobody has needed them yet. */
  outline(netns: string, dev: string): Namespace | undefined {
    const ns = this.namespace(netns)
    const outline = ns && outlineOf(ns)
    return outline !== undefined && Object.hasOwn(outline.interfaces, dev) ? outline : ns
  }

  /** What is known without a namespace that has this interface; undefined where only the whole can tell. */
  known(netns: string, dev: string): Outline | undefined {
    const ns = this.namespace(netns)
    const outline = ns && knownOf(ns)
    return outline?.interface(dev) === undefined ? undefined : outline
  }

  /** A namespace of the network; undefined when the log names another. */
  namespace(name: string): Namespace | undefined {
    return this.network.namespaces[name]
  }

  /** An interface; undefined when there is none of that name. */
  interface(netns: string, dev: string): Interface | undefined {
    return this.known(netns, dev)?.interface(dev) ?? this.namespace(netns)?.interfaces[dev]
  }

  /** A configured neighbour. */
  neighbour(netns: string, dev: string, address: string): Neighbour | undefined {
    const ns = this.namespace(netns)
    const dst = parseIp(address)
    return ns === undefined || dst === undefined ? undefined : findNeighbour(this.network, ns, dev, dst)
  }

  /** A configured forwarding entry. */
  fdb(netns: string, dev: string, mac: string): FdbEntry | undefined {
    const ns = this.namespace(netns)
    const known = parseMac(mac)
    return ns === undefined || known === undefined ? undefined : findFdb(this.network, ns, dev, known)
  }
}
