import { keptIn } from '../../../model/index.ts'
import { type Ip, parseIps } from '../../../wire/index.ts'
import { calicoAnnotation } from '../../node-annotations.ts'
import { objectName } from '../../objects-by-kind.ts'
import type { Resources } from '../../resources.ts'
import { TUNNEL_ANNOTATION } from '../block.ts'
import { statedAddresses } from '../pod-address.ts'

/** Who says that an address is its own. */
export interface AddressOwner {
  /** `Pod/shop/web-0`, `Node/node1`, `Service/shop/web`. */
  readonly object: string
  /** What it has it for. */
  readonly as: 'pod' | 'tunnel' | 'service'
}

/**
 * Addresses in use, as their owners say: pods with a network of their own that have not ended, tunnels of nodes, Services with
 * addresses of load balancers.
 */
export function addressOwners({ pods, nodes, services }: Resources): ReadonlyMap<Ip, readonly AddressOwner[]> {
  const owners = new Map<Ip, AddressOwner[]>()
  const own = (addresses: readonly Ip[], owner: AddressOwner): void => {
    for (const address of addresses) keptIn(owners, address, () => []).push(owner)
  }
  for (const pod of pods) {
    const phase = pod.status?.phase
    if (pod.spec?.hostNetwork === true || phase === 'Succeeded' || phase === 'Failed') continue
    own(parseIps(statedAddresses(pod)?.texts ?? []), { object: objectName(pod), as: 'pod' })
  }
  for (const node of nodes) {
    const texts = Object.values(TUNNEL_ANNOTATION).map((name) => calicoAnnotation(node, name))
    own(parseIps(texts), { object: objectName(node), as: 'tunnel' })
  }
  for (const service of services) {
    const texts = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip)
    own(parseIps(texts), { object: objectName(service), as: 'service' })
  }
  return owners
}
