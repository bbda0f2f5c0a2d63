import { hostPortsOf } from '../../control/index.ts'
import { pushTo } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import type { Atom } from '../policy/address-atoms.ts'
import { grouped, type ReachWorld } from '../world.ts'
import { classOf, type EndClass, FAMILIES } from './classes.ts'
import { hostsOf } from './host-endpoints.ts'
import type { Member } from './members.ts'

/** Nodes in classes: by their kind, by what is asked of their addresses, and by their host endpoints. */
export function nodeClasses(world: ReachWorld): EndClass[] {
  const { nodes, kinds, atoms } = world
  const ports = portsOfNodes(world)
  const atomOf = ({ addresses }: Member, family: Family): Atom | undefined => {
    const address = addresses[family]
    return address === undefined ? undefined : atoms.of(address)
  }
  const pathOf = (member: Member): string => {
    const node = member.node as string
    return `node ${kinds.of(node)} ${hostsOf(world, node)} ${ports.get(node) ?? ''}`
  }
  const groups = grouped(nodes, (member) =>
    [pathOf(member), ...FAMILIES.map((family) => atomOf(member, family)?.id)].join(' '),
  )
  return [...groups.values()].map((members) => {
    const first = members[0] as Member
    const own: { [family in Family]?: Atom } = {}
    for (const family of FAMILIES) {
      const atom = atomOf(first, family)
      if (atom !== undefined) own[family] = atom
    }
    return classOf(world, {
      kind: 'nodes',
      members,
      atoms: own,
      path: pathOf(first),
      isEdited: kinds.isEdited(first.node as string),
    })
  })
}

/** What of the ports of nodes leads elsewhere, as text: the same for nodes whose ports lead to pods of the same sort. */
function portsOfNodes(world: ReachWorld): ReadonlyMap<string, string> {
  const { cluster, nodes, pods, gatesOf } = world
  const { resources } = cluster
  const found = new Map<string, string[]>()
  const gates = new Map(pods.map((pod) => [pod.name, gatesOf(pod).ingress.id]))
  const names = new Map(nodes.map(({ node, addresses }) => [node, Object.values(addresses) as readonly string[]]))
  for (const pod of resources.pods) {
    const { name, namespace = 'default' } = pod.metadata
    for (const { protocol, hostPort, containerPort, hostIp } of hostPortsOf(pod)) {
      const node = pod.spec.nodeName ?? ''
      const own = names.get(node)?.includes(hostIp ?? '') === true ? 'own' : hostIp
      const gate = gates.get(`${namespace}/${name}`)
      pushTo(found, node, `${protocol}/${hostPort}>${containerPort} ${own ?? ''} ${gate}`)
    }
  }
  const external = new Set<string>(resources.services.flatMap(({ spec }) => spec.externalIPs ?? []))
  for (const [node = '', own] of names) if (own.some((one) => external.has(one))) pushTo(found, node, node)
  return new Map([...found].map(([node, ports]) => [node, ports.sort().join(',')]))
}
