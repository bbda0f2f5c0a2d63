import type { Family } from '../../wire/index.ts'
import type { Atom } from '../policy/address-atoms.ts'
import { grouped, type ReachWorld } from '../world.ts'
import { classOf, type EndClass, FAMILIES } from './classes.ts'
import { hostsOf } from './host-endpoints.ts'
import type { Member } from './members.ts'

/** Nodes in classes: by their kind, by what is asked of their addresses, and by their host endpoints. */
export function nodeClasses(world: ReachWorld): EndClass[] {
  const { nodes, kinds, atoms } = world
  const atomOf = ({ addresses }: Member, family: Family): Atom | undefined => {
    const address = addresses[family]
    return address === undefined ? undefined : atoms.of(address)
  }
  const pathOf = (member: Member): string => {
    const node = member.node as string
    return `node ${kinds.of(node)} ${hostsOf(world, node)} ${hostPorts(world, node)}`
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

/** Nodes whose ports lead to pods of their own are told apart by them. */
function hostPorts({ pods, cluster }: ReachWorld, node: string): string {
  const own = cluster.resources.pods.some(
    ({ spec }) =>
      spec.nodeName === node &&
      (spec.containers ?? []).some(({ ports = [] }) => ports.some(({ hostPort }) => hostPort !== undefined)),
  )
  return own && pods.length > 0 ? node : ''
}
