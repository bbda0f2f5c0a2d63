import {
  type ClusterNode,
  endpointsIn,
  type ServiceAddress,
  type ServiceResource,
  serviceAt,
} from '../control/index.ts'
import { leadsAt } from '../lab/index.ts'
import { keptIn } from '../model/index.ts'
import { type Family, IP_PROTOCOL, type Ip } from '../wire/index.ts'
import type { Cells } from './cells.ts'
import { classOf, type EndClass, FAMILIES } from './ends/classes.ts'
import { type Member, serviceTitle } from './ends/members.ts'
import { judged } from './policy/flow-judge.ts'
import type { ReachFlow } from './reach.ts'
import type { ReachWorld } from './world.ts'

/** Protocols of ports of Services. */
export const PORT_PROTOCOLS: Readonly<Record<'tcp' | 'udp' | 'sctp', number>> = {
  tcp: IP_PROTOCOL.TCP,
  udp: IP_PROTOCOL.UDP,
  sctp: IP_PROTOCOL.SCTP,
}

/** Services: each is a class of its own. */
export function serviceClasses(world: ReachWorld): EndClass[] {
  return world.services.map((member) => {
    const { atoms } = world
    const own = Object.fromEntries(
      FAMILIES.flatMap((family) => {
        const address = member.addresses[family]
        return address === undefined ? [] : [[family, atoms.of(address)]]
      }),
    )
    return classOf(world, { kind: 'service', members: [member], atoms: own, path: member.name, isEdited: false })
  })
}

/** An endpoint of a Service as one of a class. */
interface Lead {
  readonly address: Ip
  readonly port: number
  readonly name: string
}

/** From a class to the ports of a Service. */
export function serviceCells(
  world: ReachWorld,
  cells: Cells,
  from: EndClass,
  to: EndClass,
  classes: readonly EndClass[],
): number | undefined {
  const [service] = to.members as readonly [Member]
  const flows = FAMILIES.flatMap((family): ReachFlow[] => {
    const address = service.addresses[family]
    if (address === undefined || from.atoms[family] === undefined) return []
    return portsOf(world, service.name).map(({ protocol, port }) => {
      const headers = {
        protocol,
        low: port,
        high: port,
        ...(Object.keys(service.addresses).length > 1 ? { family } : {}),
      }
      return { headers, outcome: ofPort(world, cells, from, { service, address, family, protocol, port }, classes) }
    })
  })
  return flows.length === 0 ? undefined : cells.pattern(flows)
}

/** A port of a Service that is asked. */
export interface ServicePortAsked {
  /** The Service. */
  readonly service: Member
  /** The address of it that is asked. */
  readonly address: Ip
  /** Family. */
  readonly family: Family
  /** Protocol. */
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** Its port. */
  readonly port: number
}

/** What is looked up of Services, each once. */
interface Known {
  /** Their objects by name. */
  readonly objects: ReadonlyMap<string, ServiceResource>
  /** The Service that rules have at an address and a port, by both. */
  readonly hits: Map<string, ServiceAddress | undefined>
  /** What policy says, by who asks, whom, and which endpoint it gets. */
  readonly decisions: Map<string, number>
}

const knownOf = new WeakMap<ReachWorld, Known>()

function known(world: ReachWorld): Known {
  return keptIn(knownOf, world, () => ({
    objects: new Map(
      world.cluster.resources.services.map((one): [string, ServiceResource] => [serviceTitle(one), one]),
    ),
    hits: new Map(),
    decisions: new Map(),
  }))
}

/** The object of a Service. @param name - `svc/NAMESPACE/NAME` */
export function serviceNamed(world: ReachWorld, name: string): ServiceResource | undefined {
  return known(world).objects.get(name)
}

function portsOf(world: ReachWorld, name: string): { protocol: ServicePortAsked['protocol']; port: number }[] {
  return (known(world).objects.get(name)?.spec.ports ?? []).map(({ port, protocol = 'TCP' }) => {
    return { port, protocol: protocol.toLowerCase() as ServicePortAsked['protocol'] }
  })
}

/** What kube-proxy makes rules of, without what Services are told apart by in all other ways: those of one shape lead the same ways. */
function shapeOf(service: ServiceResource | undefined): string {
  if (service === undefined) return ''
  const { selector, ports, clusterIP, clusterIPs, externalIPs, loadBalancerIP, ...rest } = service.spec
  const { labels = {}, annotations = {} } = service.metadata
  const marks = Object.entries({ ...labels, ...annotations }).filter(([key]) =>
    key.startsWith('service.kubernetes.io/'),
  )
  return JSON.stringify([rest, marks])
}

const ofMembers = new WeakMap<readonly EndClass[], Map<string, EndClass>>()

function classHolding(classes: readonly EndClass[], name: string): EndClass | undefined {
  const all = keptIn(ofMembers, classes, () => {
    const map = new Map<string, EndClass>()
    for (const one of classes) for (const member of one.members) map.set(member.name, one)
    return map
  })
  return all.get(name)
}

/** What becomes of a class of ends that ask a port of a Service: of each sort of endpoint that it may choose. */
function ofPort(
  world: ReachWorld,
  cells: Cells,
  from: EndClass,
  port: ServicePortAsked,
  classes: readonly EndClass[],
): number {
  const { cluster, holders } = world
  const at = `${port.address} ${port.port}/${port.protocol}`
  const hit = keptIn(known(world).hits, at, () =>
    serviceAt(cluster.resources.services, port.address, port.port, port.protocol),
  )
  if (hit === undefined)
    return cells.broken(`${port.service.name} has no rules for ${port.protocol}/${port.port}`, 'other')
  const { objects } = known(world)
  const perNode = askingNodes(world, from).map(({ node, member }) => {
    const input = inputOf(world, member)
    const source = member.addresses[port.family] as Ip
    const { backends, why } = leadsAt(cluster, hit, node, { source, ...input })
    const leads = backends.map((one): Lead => ({ ...one, name: holders.get(one.address)?.name ?? one.address }))
    const sorts = new Map<string, { lead: Lead; count: number; from: Member; way: string }>()
    for (const lead of leads) {
      const own = classHolding(classes, lead.name)
      const near =
        lead.name === member.name ? 'itself' : holders.get(lead.address)?.node === member.node ? 'near' : 'far'
      const key = `${own?.members[0]?.name ?? lead.name} ${near} ${lead.port}`
      const sort = sorts.get(key)
      const isEdited = from.isEdited || own?.isEdited === true
      const service = isEdited ? `${port.service.name}/${port.port} ${key}` : shapeOf(objects.get(port.service.name))
      const way = `${service} ${own?.path ?? lead.name} ${near}`
      if (sort === undefined) sorts.set(key, { lead, count: 1, from: member, way })
      else sort.count += 1
    }
    const cases = [...sorts].map(([key, { lead, count, from: asking, way }]) => ({
      when: count === 1 ? `endpoint ${lead.name}` : `endpoints like ${lead.name}`,
      outcome: ofLead(world, cells, from, asking, port, lead, key, way),
    }))
    if (cases.length === 0)
      return {
        when: `on ${node.name}`,
        outcome: cells.broken(why ?? 'the Service has no endpoint: refused', 'service_empty'),
      }
    return { when: `on ${node.name}`, outcome: cells.outcomes.over('endpoint', cases) }
  })
  return cells.outcomes.over('node pair', perNode)
}

function inputOf({ cluster }: ReachWorld, member: Member): { readonly input?: string } {
  const pod =
    member.name.startsWith('node/') || member.netns === undefined
      ? undefined
      : endpointsIn(cluster.workloadEndpoints).at(member.netns)
  return pod === undefined ? {} : { input: pod.interfaceName }
}

/** The nodes of a class that translate differently: one, unless the node decides which endpoints there are. */
function askingNodes({ nodesByName }: ReachWorld, from: EndClass): { node: ClusterNode; member: Member }[] {
  const own = [...from.byNode].flatMap(([name, [member]]) => {
    const node = nodesByName.get(name)
    return node === undefined || member === undefined ? [] : [{ node, member }]
  })
  return own
}

function ofLead(
  world: ReachWorld,
  cells: Cells,
  from: EndClass,
  asking: Member,
  port: ServicePortAsked,
  lead: Lead,
  sort: string,
  way: string,
): number {
  const decision = keptIn(
    known(world).decisions,
    `${from.members[0]?.name} ${port.service.name} ${port.protocol}/${port.port} ${port.family} ${sort}`,
    () =>
      judged(
        world,
        { from: asking, to: port.service, family: port.family, backend: lead.address },
        PORT_PROTOCOLS[port.protocol],
        port.port,
      ),
  )
  return cells.decided(decision, () => cells.serviceWay(from, asking, port, lead, way))
}
