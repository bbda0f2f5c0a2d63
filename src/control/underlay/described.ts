import { inCreationOrder } from '../objects-by-kind.ts'
import type { Resources } from '../resources.ts'
import { planDerived } from './derive.ts'
import type { UnderlayInterface, UnderlayResource } from './kind.ts'
import type { PlannedInterface } from './plan.ts'

/** The object that says of a cluster's machines and Ethernets what is assumed where nobody says it; the one there is, where there is one. */
export function describedUnderlay(resources: Pick<Resources, 'underlays' | 'nodes'>): UnderlayResource {
  const [given] = resources.underlays
  if (given !== undefined) return given
  const { segments, machines } = planDerived(inCreationOrder(resources.nodes), 0)
  return {
    apiVersion: 'packetwalk/v1',
    kind: 'Underlay',
    metadata: { name: 'derived' },
    spec: {
      segments: segments.map(({ name, nets }) => ({
        name,
        cidrs: nets.map(({ prefix }) => prefix),
        gateways: nets.flatMap(({ gateway }) => gateway ?? []),
      })),
      nodes: [...machines.values()].map(({ name, interfaces }) => ({ name, interfaces: interfaces.map(described) })),
    },
  }
}

/** A card; its hardware address follows from its name. */
function described({ name, segment, addresses }: PlannedInterface): UnderlayInterface {
  return {
    name,
    ...(segment === undefined ? {} : { segment: segment.name }),
    addresses: addresses.map(({ address, length }) => `${address}/${length}`),
  }
}
