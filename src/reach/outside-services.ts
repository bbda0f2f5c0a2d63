import { outsideIpsOf, type ServiceResource } from '../control/index.ts'
import { familyOf } from '../wire/index.ts'
import type { Cells } from './cells.ts'
import { type EndClass, FAMILIES } from './ends/classes.ts'
import type { Member } from './ends/members.ts'
import { judged } from './policy/flow-judge.ts'
import type { ReachFlow } from './reach.ts'
import { PORT_PROTOCOLS, type ServicePortAsked, serviceNamed } from './services.ts'
import type { ReachWorld } from './world.ts'

/**
 * From addresses outside to the ports of a Service, at the first address of each family that it has there: an external one, or that of a
 * load balancer. Which node a packet comes to is up to routers; nodePorts are asked as ports of nodes.
 */
export function outsideCells(world: ReachWorld, cells: Cells, from: EndClass, to: EndClass): number | undefined {
  const [service] = to.members as readonly [Member]
  const object = serviceNamed(world, service.name)
  if (object === undefined) return undefined
  const asked = portsOutside(object, service).filter(({ family }) => from.atoms[family] !== undefined)
  const isOne = new Set(asked.map(({ family }) => family)).size < 2
  const flows = asked.map((port): ReachFlow => {
    const { protocol, port: low, family } = port
    const headers = { protocol, low, high: low, ...(isOne ? {} : { family }) }
    return { headers, outcome: outcomeOf(world, cells, from, port) }
  })
  return flows.length === 0 ? undefined : cells.pattern(flows)
}

function portsOutside(object: ServiceResource, service: Member): ServicePortAsked[] {
  const addresses = outsideIpsOf(object)
  return FAMILIES.flatMap((family) => {
    const address = addresses.find((one) => familyOf(one) === family)
    if (address === undefined) return []
    return (object.spec.ports ?? []).map(({ port, protocol = 'TCP' }) => {
      return { service, address, family, protocol: protocol.toLowerCase() as ServicePortAsked['protocol'], port }
    })
  })
}

function outcomeOf(world: ReachWorld, cells: Cells, from: EndClass, asked: ServicePortAsked): number {
  const { service, address, family, protocol, port } = asked
  const to = { ...service, addresses: { [family]: address } }
  const decision = judged(world, { from: from.members[0] as Member, to, family }, PORT_PROTOCOLS[protocol], port)
  return cells.decided(decision, () => cells.outsideWay(from, asked))
}
