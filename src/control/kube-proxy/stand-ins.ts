import { familyOf, type Ip, withPort } from '../../wire/index.ts'
import type { PodResource, ServiceResource } from '../kubernetes-kinds.ts'
import type { Endpoint, PodAddressesOf } from './endpoints.ts'
import { SelectedPods } from './selected-pods.ts'
import type { ServicePort } from './service-ports.ts'

function hasNoAddress({ spec, status }: PodResource): boolean {
  const given = status?.podIP ?? status?.podIPs?.[0]?.ip
  return given === undefined && spec.nodeName !== undefined && spec.hostNetwork !== true
}

/**
 * Where the input leaves open which address a pod has, IPAM gives it one, and an EndpointSlice that names the true one would
 * lead nowhere: such an endpoint stands for a pod the Service selects on its node.
 */
export class StandIns {
  private readonly pods: readonly PodResource[]
  private readonly addressesOf: PodAddressesOf
  private readonly selected: SelectedPods
  private readonly isNeeded: boolean
  private known: ReadonlySet<Ip> | undefined

  constructor(services: readonly ServiceResource[], pods: readonly PodResource[], addressesOf: PodAddressesOf) {
    const open = pods.filter(hasNoAddress)
    this.pods = pods
    this.addressesOf = addressesOf
    this.isNeeded = open.length > 0
    this.selected = new SelectedPods(this.isNeeded ? services : [], open)
  }

  /** The endpoints of a port of a Service, each at the address its pod has here. */
  replaced(found: readonly Endpoint[], port: ServicePort): readonly Endpoint[] {
    if (!this.isNeeded || found.every(({ address }) => this.isKnown(address))) return found
    const free = new Set(this.selected.of(port.resource))
    return found.map((endpoint) => {
      if (this.isKnown(endpoint.address)) return endpoint
      for (const pod of free) {
        const address = this.addressesOf(pod).find((ip) => familyOf(ip) === port.family)
        const { namespace = 'default', name } = pod.metadata
        const names = `${namespace}/${name}`
        const isOther = endpoint.pod !== undefined && endpoint.pod !== names
        const isElsewhere = endpoint.node !== undefined && endpoint.node !== pod.spec.nodeName
        if (address === undefined || isOther || isElsewhere) continue
        free.delete(pod)
        return { ...endpoint, address, text: withPort(address, endpoint.port), pod: names }
      }
      return endpoint
    })
  }

  private isKnown(address: Ip): boolean {
    this.known ??= new Set(this.pods.flatMap((pod) => this.addressesOf(pod)))
    return this.known.has(address)
  }
}
