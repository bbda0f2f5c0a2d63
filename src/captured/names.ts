import { type Cluster, clusterIpsOf, endpointsIn, nodePortOf, outsideIpsOf, POD_GATEWAY } from '../control/index.ts'
import type { Lab } from '../lab/index.ts'
import { type Namespace, namesIn, type Role } from '../model/index.ts'
import { withPort } from '../wire/index.ts'
import type { CapturedEnd, EndKind } from './report.ts'

/** Whom an address belongs to. */
export interface Owner {
  readonly name: string
  readonly kind: EndKind
  /** Namespace it is in; absent for what is in none. */
  readonly netns?: string
}

/** Up to so many namespaces are read for their addresses; of more, the objects tell. */
const MOST_READ = 2000

const KINDS: Readonly<Partial<Record<Role, EndKind>>> = { pod: 'pod', container: 'pod', node: 'node' }

/** Names of addresses: pods, nodes with their tunnels, Services, machines of the network beneath. */
export class Names {
  private readonly lab: Lab
  private readonly cluster: Cluster | null
  private readonly owners = new Map<string, Owner>()

  constructor(lab: Lab) {
    this.lab = lab
    this.cluster = lab.cluster
    const { namespaces } = lab.network
    const names = namesIn(namespaces)
    if (names.length <= MOST_READ) for (const name of names) this.addNamespace(namespaces[name]!)
    else for (const { name } of this.cluster?.nodes ?? []) this.addNamespace(namespaces[name]!)
    for (const service of this.cluster?.resources.services ?? []) {
      const { namespace = 'default', name } = service.metadata
      const owner: Owner = { name: `svc/${namespace}/${name}`, kind: 'service' }
      for (const ip of [...clusterIpsOf(service), ...outsideIpsOf(service)]) this.owners.set(ip, owner)
    }
  }

  private addNamespace({ name, role, interfaces }: Namespace): void {
    const kind = KINDS[role] ?? 'machine'
    for (const { name: dev, kind: sort, addresses } of Object.values(interfaces)) {
      for (const { local, scope } of addresses) {
        if (sort === 'loopback' && scope === 'host') continue
        // Every pod's host end has the same link-local address.
        if (scope === 'link' && this.owners.has(local)) continue
        const isTunnel = sort === 'ipip' || sort === 'vxlan' || sort === 'wireguard'
        const label = kind === 'node' ? `node/${name}${isTunnel ? ` (${dev})` : ''}` : name
        if (!this.owners.has(local)) this.owners.set(local, { name: label, kind, netns: name })
      }
    }
  }

  /** Whose an address is; undefined when nobody in the network has it. */
  ownerOf(address: string): Owner | undefined {
    const known = this.owners.get(address)
    if (known !== undefined) return known
    const endpoint = endpointsIn(this.cluster?.workloadEndpoints ?? []).holding(address)
    return endpoint === undefined ? undefined : { name: endpoint.netns, kind: 'pod', netns: endpoint.netns }
  }

  /** An end for people. */
  end(address: string, port: number, protocol: string): CapturedEnd {
    const shown = port === 0 ? address : withPort(address, port)
    const owner = this.ownerOf(address)
    if (owner !== undefined) {
      const door = owner.kind === 'node' ? this.nodePort(port, protocol) : undefined
      return {
        name: door === undefined ? owner.name : `${owner.name}, a port of ${door}`,
        kind: owner.kind,
        address: shown,
      }
    }
    if (address === POD_GATEWAY) return { name: 'the gateway of pods', kind: 'gateway', address: shown }
    if (isGroup(address)) return { name: 'all of a group', kind: 'group', address: shown }
    return { name: address, kind: 'outside', address: shown }
  }

  /** The Service whose port of nodes it is. */
  nodePort(port: number, protocol: string): string | undefined {
    if (port === 0 || (protocol !== 'tcp' && protocol !== 'udp')) return undefined
    const found = nodePortOf(this.cluster?.resources.services ?? [], port, protocol)
    if (found === undefined) return undefined
    const { namespace = 'default', name } = found.service.metadata
    return `svc/${namespace}/${name}`
  }

  /** Who answers for addresses that nobody in the network has. */
  get outside(): string | undefined {
    const { namespaces } = this.lab.network
    return ['internet', 'internet-2'].find((name) => namespaces[name]?.role === 'external')
  }
}

/** Multicast and broadcast. */
function isGroup(address: string): boolean {
  if (address.includes(':')) return address.startsWith('ff')
  const first = Number(address.split('.')[0])
  return (first >= 224 && first < 240) || address === '255.255.255.255'
}
