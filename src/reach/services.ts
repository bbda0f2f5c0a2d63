import { type ClusterNode, endpointsIn, serviceAt } from '../control/index.ts'
import { leadsAt } from '../lab/index.ts'
import { keptIn } from '../model/index.ts'
import type { Family, Ip } from '../wire/index.ts'
import type { Cells } from './cells.ts'
import { classOf, type EndClass, FAMILIES } from './ends/classes.ts'
import type { Member } from './ends/members.ts'
import { judged } from './policy/flow-judge.ts'
import type { ReachFlow } from './reach.ts'
import type { ReachWorld } from './world.ts'

const NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const

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
    return portsOf(world, service.name, family).map(({ protocol, port }) => {
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

interface Port {
  readonly service: Member
  readonly address: Ip
  readonly family: Family
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly port: number
}

function portsOf(
  { cluster }: ReachWorld,
  name: string,
  family: Family,
): { protocol: Port['protocol']; port: number }[] {
  const found = cluster.resources.services.find(
    ({ metadata }) => `svc/${metadata.namespace ?? 'default'}/${metadata.name}` === name,
  )
  return (found?.spec.ports ?? []).map(({ port, protocol = 'TCP' }) => {
    return { port, protocol: protocol.toLowerCase() as Port['protocol'], family }
  })
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
function ofPort(world: ReachWorld, cells: Cells, from: EndClass, port: Port, classes: readonly EndClass[]): number {
  const { cluster, holders } = world
  const hit = serviceAt(cluster.resources.services, port.address, port.port, port.protocol)
  if (hit === undefined)
    return cells.broken(`${port.service.name} has no rules for ${port.protocol}/${port.port}`, 'other')
  const perNode = askingNodes(world, from).map(({ node, member }) => {
    const input = inputOf(world, member)
    const source = member.addresses[port.family] as Ip
    const { backends, why } = leadsAt(cluster, hit, node, { source, ...input })
    const leads = backends.map((one): Lead => ({ ...one, name: holders.get(one.address)?.name ?? one.address }))
    const sorts = new Map<string, { lead: Lead; count: number; from: Member }>()
    for (const lead of leads) {
      const own = classHolding(classes, lead.name)
      const near =
        lead.name === member.name ? 'itself' : holders.get(lead.address)?.node === member.node ? 'near' : 'far'
      const key = `${own?.members[0]?.name ?? lead.name} ${near} ${lead.port}`
      const known = sorts.get(key)
      if (known === undefined) sorts.set(key, { lead, count: 1, from: member })
      else known.count += 1
    }
    const cases = [...sorts].map(([key, { lead, count, from: asking }]) => ({
      when: count === 1 ? `endpoint ${lead.name}` : `endpoints like ${lead.name}`,
      outcome: ofLead(world, cells, from, asking, port, lead, key),
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
function askingNodes({ cluster }: ReachWorld, from: EndClass): { node: ClusterNode; member: Member }[] {
  const own = [...from.byNode].flatMap(([name, [member]]) => {
    const node = cluster.nodes.find((one) => one.name === name)
    return node === undefined || member === undefined ? [] : [{ node, member }]
  })
  return own
}

function ofLead(
  world: ReachWorld,
  cells: Cells,
  from: EndClass,
  asking: Member,
  port: Port,
  lead: Lead,
  sort: string,
): number {
  const decision = keptIn(
    decided(world),
    `${from.members[0]?.name} ${port.service.name} ${port.protocol}/${port.port} ${port.family} ${sort}`,
    () =>
      judged(
        world,
        { from: asking, to: port.service, family: port.family, backend: lead.address },
        NUMBERS[port.protocol],
        port.port,
      ),
  )
  return cells.decided(decision, () => cells.serviceWay(from, asking, port, lead, sort))
}

const decisions = new WeakMap<ReachWorld, Map<string, number>>()

function decided(world: ReachWorld): Map<string, number> {
  return keptIn(decisions, world, () => new Map())
}
