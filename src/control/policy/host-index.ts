import { keptIn, once } from '../../model/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Resources } from '../resources.ts'
import { type Selector, selectsBy } from '../selector.ts'
import { type HostEndpoint, hostEndpointByInterface, hostEndpointsByNode, type TunnelsOf } from './host-endpoints.ts'
import type { HostEndpointResource, ProfileResource } from './kinds.ts'
import type { EndpointSelector } from './selector-text.ts'

/** Where host endpoints come from. */
export interface HostSources {
  /** The objects. */
  readonly resources: Resources
  /** HostEndpoints without faults. */
  readonly hostEndpoints: readonly HostEndpointResource[]
  /** Profiles without faults. */
  readonly profiles: readonly ProfileResource[]
  /** Nodes. */
  readonly nodes: readonly ClusterNode[]
  /** Addresses of a node's tunnels. */
  readonly tunnelsOf: TunnelsOf
}

/** Host endpoints by node, and which of them selectors select. */
export class HostIndex {
  private readonly byNode: () => ReadonlyMap<string, readonly HostEndpoint[]>
  private readonly machines: () => ReadonlyMap<string, ClusterNode>
  private readonly given: ReadonlyMap<string, ProfileResource>
  private readonly tunnelsOf: TunnelsOf
  private readonly found = new Map<string, boolean>()

  constructor({ resources, hostEndpoints, profiles, nodes, tunnelsOf }: HostSources) {
    this.byNode = once(() => hostEndpointsByNode(resources, hostEndpoints, nodes, tunnelsOf))
    this.machines = once(() => new Map(nodes.map((node) => [node.name, node])))
    this.tunnelsOf = tunnelsOf
    this.given = new Map(profiles.map((one) => [one.metadata.name, one]))
  }

  /** Whether there is none. */
  isEmpty(): boolean {
    return this.byNode().size === 0
  }

  /** All of them. */
  *all(): Iterable<HostEndpoint> {
    for (const hosts of this.byNode().values()) yield* hosts
  }

  /** Those of a node. */
  ofNode(node: string): readonly HostEndpoint[] {
    return this.byNode().get(node) ?? []
  }

  /** Those of a node that stand for an interface of it. */
  byInterface(node: string): readonly (readonly [dev: string, host: HostEndpoint])[] {
    const hosts = this.ofNode(node)
    return hosts.length === 0
      ? []
      : [...hostEndpointByInterface(hosts, this.machines().get(node), this.tunnelsOf(node))]
  }

  /** A label of one: it inherits those of its profiles. */
  label({ labels, profiles }: HostEndpoint, label: string): string | undefined {
    if (Object.hasOwn(labels, label)) return labels[label]
    for (const name of profiles) {
      const applied = this.given.get(name)?.spec?.labelsToApply
      if (applied !== undefined && Object.hasOwn(applied, label)) return applied[label]
    }
    return undefined
  }

  /** Whether a selector selects one. */
  selects(selector: Selector, host: HostEndpoint): boolean {
    return selectsBy(selector, (label) => this.label(host, label))
  }

  /** Whether a selector selects any; remembered by its text. */
  selectsAny({ text, parsed }: EndpointSelector): boolean {
    return keptIn(this.found, text, () => {
      for (const host of this.all()) if (this.selects(parsed, host)) return true
      return false
    })
  }
}
