import { keptIn } from '../../model/index.ts'
import { contains, type Family } from '../../wire/index.ts'
import type { Atom } from '../policy/address-atoms.ts'
import type { Gate } from '../policy/gates.ts'
import type { ReachEnd } from '../reach.ts'
import { grouped, type ReachWorld } from '../world.ts'
import { hostsOf } from './host-endpoints.ts'
import type { Member, PodMember } from './members.ts'
import { namedByHand } from './named-by-hand.ts'

/** Ends that nothing tells apart: neither what policy says of them, nor what packets meet on their way. */
export interface EndClass {
  /** What they are. */
  readonly kind: ReachEnd['kind']
  /** They, in order. */
  readonly members: readonly Member[]
  /** Of pods: their policies. */
  readonly gates?: { readonly ingress: Gate; readonly egress: Gate }
  /** Atoms of their addresses. */
  readonly atoms: Readonly<Partial<Record<Family, Atom>>>
  /** What packets see of them: ends of the same have the same way to whomever. */
  readonly path: string
  /** Their state is not as their objects make it: all about them is walked. */
  readonly isEdited: boolean
  /** Ranges, of addresses outside. */
  readonly except?: readonly string[]
  /** Members by node. */
  readonly byNode: ReadonlyMap<string, readonly Member[]>
  /** The class that it is a part of, or itself: those of different ones have no member in common. */
  readonly origin: object
}

/** A class of some members. */
export function classOf(world: Pick<ReachWorld, 'paths'>, parts: Omit<EndClass, 'byNode' | 'origin'>): EndClass {
  const path = keptIn(world.paths, parts.path, () => `${world.paths.size}`)
  const placed = parts.members.filter(({ node }) => node !== undefined)
  return { ...parts, path, byNode: grouped(placed, ({ node }) => node as string), origin: parts }
}

/** A class with some of its members only. */
export function restricted(one: EndClass, members: readonly Member[]): EndClass {
  const placed = members.filter(({ node }) => node !== undefined)
  return { ...one, members, byNode: grouped(placed, ({ node }) => node as string) }
}

/** Pods in classes. @param others - atoms of all who are no pods */
export function podClasses(world: ReachWorld, others: readonly Atom[]): EndClass[] {
  const { pods, atoms, gates, gatesOf, lab, cluster, kinds } = world
  const isSame = lab.simulation.network === cluster.network
  const isEdited = ({ name }: Member): boolean =>
    !isSame && lab.simulation.network.namespaces[name] !== cluster.network.namespaces[name]
  const borrowed = new Set<string>(
    cluster.destinations.filter((one) => one.borrowed).map(({ dst }) => dst.split('/')[0] as string),
  )
  const raw = grouped(pods, (pod) => {
    const { tiers, profiles } = pod.policies
    const own = FAMILIES.map((family) => atomOf(pod, family)?.id)
    return [gates.numbersOf(tiers, profiles), ...own].join(' ')
  })
  function atomOf({ addresses }: Member, family: Family): Atom | undefined {
    const address = addresses[family]
    return address === undefined ? undefined : atoms.of(address)
  }
  const alike = behaviours(
    world,
    [...raw.values()].map(([first]) => first as PodMember),
    others,
  )
  const hostsByNode = new Map<string, string>()
  const named = namedByHand(world)
  const pathOf = (pod: PodMember): string => {
    const { controls, floating } = pod.policies
    const own = controls !== undefined || floating !== undefined || isEdited(pod)
    const pools = FAMILIES.map((family) => poolsOf(world, atomOf(pod, family)))
    const byHand = named.filter((range) => Object.values(pod.addresses).some((one) => contains(range, one)))
    const lent = Object.values(pod.addresses).some((one) => borrowed.has(one))
    const hosts = keptIn(hostsByNode, pod.node as string, () => hostsOf(world, pod.node as string))
    return `pod ${kinds.of(pod.node as string)} ${hosts} ${pod.mtu} ${pools.join('/')} ${lent ? pod.node : ''} ${byHand.join(',')} ${own ? pod.name : ''}`
  }
  const merged = new Map<string, PodMember[]>()
  let i = 0
  for (const members of raw.values()) {
    const behaviour = alike[i++]
    for (const pod of members) keptIn(merged, `${behaviour} ${pathOf(pod)}`, () => []).push(pod)
  }
  return [...merged.values()].map((members) => {
    const first = members[0] as PodMember
    const own: { [family in Family]?: Atom } = {}
    for (const family of FAMILIES) {
      const atom = atomOf(first, family)
      if (atom !== undefined) own[family] = atom
    }
    return classOf(world, {
      kind: 'pods',
      members,
      gates: gatesOf(first),
      atoms: own,
      path: pathOf(first),
      isEdited: isEdited(first) || kinds.isEdited(first.node as string),
    })
  })
}

/** Families, in the order they are asked. */
export const FAMILIES: readonly Family[] = [4, 6]

const poolsByAtom = new WeakMap<Atom, string>()

/** Pools that have the addresses of an atom. */
export function poolsOf({ pools }: Pick<ReachWorld, 'pools'>, atom: Atom | undefined): string {
  if (atom === undefined) return ''
  return keptIn(poolsByAtom, atom, () => pools.filter((pool) => atom.tokens.has(pool)).join(','))
}

/**
 * Numbers of behaviours: the same number where policy says the same of two pods, whomever they ask and whoever asks them, by whatever
 * rules it is let through.
 */
function behaviours(world: ReachWorld, pods: readonly PodMember[], others: readonly Atom[]): number[] {
  const { atoms, gates, gatesOf, universe } = world
  const ids = new Map<string, number>()
  const told = pods.map(() => [] as number[])
  for (const family of FAMILIES) {
    const own = pods.map(({ addresses }) => {
      const address = addresses[family]
      return address === undefined ? undefined : atoms.of(address)
    })
    const peers = [...new Set([...own, ...others.filter(({ address }) => isOf(address, family))])].filter(
      (one) => one !== undefined,
    )
    const columns = peers.map(() => [] as number[])
    const rows = new Map<string, number>()
    const rowOf = (gate: Gate, atom: Atom): number =>
      keptIn(rows, `${gate.id} ${atom.id}`, () => {
        const side = { address: atom.address, atom }
        const answers = peers.map((peer) => {
          const other = { address: peer.address, atom: peer }
          return gate.direction === 'ingress'
            ? gates.answer(gate, other, side, universe[family])
            : gates.answer(gate, side, other, universe[family])
        })
        for (const [i, answer] of answers.entries()) columns[i]?.push(answer)
        return numberOf(ids, `row ${answers.join(' ')}`)
      })
    for (const [i, pod] of pods.entries()) {
      const atom = own[i]
      const { ingress, egress } = gatesOf(pod)
      told[i]?.push(...(atom === undefined ? [-1] : [rowOf(ingress, atom), rowOf(egress, atom)]))
    }
    const places = new Map(peers.map((peer, i) => [peer, numberOf(ids, `column ${columns[i]?.join(' ')}`)]))
    for (const [i, atom] of own.entries()) {
      told[i]?.push(atom === undefined ? -1 : (places.get(atom) as number))
      if (world.areHostsPoliced) told[i]?.push(atom?.id ?? -1)
    }
  }
  return told.map((one) => numberOf(ids, `all ${one.join(' ')}`))
}

function isOf(address: string, family: Family): boolean {
  return address.includes(':') === (family === 6)
}

function numberOf(ids: Map<string, number>, key: string): number {
  return keptIn(ids, key, () => ids.size)
}
