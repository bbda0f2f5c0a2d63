import { type ClusterNode, sourceOfLeaving } from '../../control/index.ts'
import { routeGet } from '../../dataplane/index.ts'
import { keptIn } from '../../model/index.ts'
import { type Family, IP_PROTOCOL, type Ip } from '../../wire/index.ts'
import { isAnsweredElsewhere } from '../ends/alike.ts'
import { type EndClass, poolsOf } from '../ends/classes.ts'
import type { Pair } from '../ends/pairs.ts'
import type { ReachWorld } from '../world.ts'
import { ALLOWED } from './decisions.ts'
import { doorsOf, judged, judgedSpans } from './flow-judge.ts'
import type { GateSide } from './gates.ts'
import { Cuts, joined, type Spans, spansBy } from './spans.ts'

const { UDP, SCTP, IPIP } = IP_PROTOCOL

/** What is answered from a socket of all addresses; the ways of SCTP are those of UDP. */
const DATAGRAMS: ReadonlySet<number> = new Set([UDP, SCTP])

/** More than any number of spans. */
const MANY = 2 ** 26

/** A port that clients ask from, as a lab gives them. */
const CLIENT_PORT = 40_000

/** Where a port leads nowhere else. */
const NO_DOOR = -1

/** What policy says between two classes of ends, of all headers at once. */
export class PolicyBetween {
  private readonly world: ReachWorld
  private readonly judgedPairs = new Map<string, number>()
  private readonly joint = new Map<number, number>()
  private readonly encapsulated = new Map<object, number>()
  private readonly all = new Map<string, number>()
  private readonly answering = new Map<string, Ip | undefined>()
  private readonly answers = new Map<number, number>()

  constructor(world: ReachWorld) {
    this.world = world
  }

  /** The number of spans of decisions. @param pair - two ends that stand for all as near to each other */
  of(from: EndClass, to: EndClass, pair: Pair, family: Family): number {
    const [source, destination] = [sideOf(from, family), sideOf(to, family)]
    if (this.isPlain(from, to, source, destination)) return this.ofGates(from, to, source, destination, family)
    const key = `${from.path}/${source.atom.id} > ${to.path}/${destination.atom.id} ${from.gates?.egress.id} ${to.gates?.ingress.id} ${pair.when} ${family}`
    const asked = keptIn(this.judgedPairs, key, () => {
      if (this.isOfNodes(from, to)) return this.ofNodes(from, to, pair, family)
      const said = judgedSpans(this.world, { from: pair.from, to: pair.to, family }, [from, to])
      return from.kind === 'pods' ? this.both(this.ownTunnels(from, family), said) : said
    })
    return isAnsweredElsewhere(from, to) ? this.both(asked, this.ofAnswer(from, to, pair, family)) : asked
  }

  /**
   * What a pod's policy says of a datagram by which a node answers it. The node answers from the address that its way back has, that of
   * its tunnel: where that is not the one that was asked, the answer belongs to no connection.
   */
  private ofAnswer(from: EndClass, to: EndClass, pair: Pair, family: Family): number {
    const [own, node] = [sideOf(from, family), sideOf(to, family)]
    const way = `${from.path}/${own.atom.id} > ${to.path} ${pair.when} ${family}`
    const address = keptIn(this.answering, way, () => {
      if (this.isTranslated(from, own, node)) return undefined
      const found = this.sourceOf(pair.to.node, pair.from.addresses[family])
      return found === pair.to.addresses[family] ? undefined : found
    })
    if (from.gates === undefined || address === undefined) return this.everything(family, ALLOWED)
    const { gates, universe, atoms, table } = this.world
    const source = { address, atom: atoms.of(address) }
    const answer = gates.answer(from.gates.ingress, source, own, universe[family])
    return keptIn(this.answers, answer, () => {
      const said = (table.all[answer] as Spans).find(
        ({ protocol, low, high }) => protocol === UDP && low <= CLIENT_PORT && CLIENT_PORT <= high,
      )
      const decision = said?.value ?? ALLOWED
      return table.of(
        spansBy(universe[family].protocols, new Cuts(), (protocol) => (DATAGRAMS.has(protocol) ? decision : ALLOWED)),
      )
    })
  }

  /** What two say, one after the other. */
  private both(a: number, b: number): number {
    if (a === b) return a
    const { table } = this.world
    return keptIn(this.joint, a * MANY + b, () =>
      table.of(
        joined(table.all[a] as Spans, table.all[b] as Spans, (left, right) => (left === ALLOWED ? right : left)),
      ),
    )
  }

  /** Whether nothing but the policies of pods decides. */
  private isPlain(from: EndClass, to: EndClass, source: GateSide, destination: GateSide): boolean {
    const kinds = [from.kind, to.kind]
    if (this.world.isForwardPoliced || !kinds.every((kind) => kind === 'pods' || kind === 'outside')) return false
    return from.kind !== 'pods' || to.kind !== 'pods' || !this.isTranslated(from, source, destination)
  }

  /** Whether the node of a pod gives what it sends another source. */
  private isTranslated(from: EndClass, source: GateSide, destination: GateSide): boolean {
    if (poolsOf(this.world, destination.atom) !== '') return false
    const { cluster } = this.world
    const node = this.nodeOf(from.members[0]?.node)
    const packet = { source: source.address, destination: destination.address, dev: '' }
    return node !== undefined && sourceOfLeaving(packet, node, cluster.resources, cluster.nodes) !== 'own'
  }

  private ofGates(from: EndClass, to: EndClass, source: GateSide, destination: GateSide, family: Family): number {
    const { gates, universe } = this.world
    const all = [
      ...(from.gates === undefined
        ? []
        : [this.ownTunnels(from, family), gates.answer(from.gates.egress, source, destination, universe[family])]),
      ...(to.gates === undefined ? [] : [gates.answer(to.gates.ingress, source, destination, universe[family])]),
    ]
    if (all.length === 0) return this.everything(family, ALLOWED)
    return all.reduce((a, b) => this.both(a, b))
  }

  /** Whether one of two is a node, and no host endpoint has a say anywhere. */
  private isOfNodes({ kind: from }: EndClass, { kind: to }: EndClass): boolean {
    if (this.world.areHosts || (from !== 'nodes' && to !== 'nodes')) return false
    return [from, to].every((kind) => kind === 'nodes' || kind === 'pods' || kind === 'outside')
  }

  /**
   * Nodes without host endpoints: a pod's policy is asked, but not by its own node, which may refuse its pods altogether. What a node
   * sends has the address that its routes choose. Ports that lead elsewhere are judged by themselves.
   *
   * @calico felix/rules/endpoints.go
   */
  private ofNodes(from: EndClass, to: EndClass, pair: Pair, family: Family): number {
    const said = this.ofPlainNodes(from, to, pair, family)
    const doors = doorsOf(this.world.cluster, pair.to)
    if (doors.length === 0) return said
    const { table, universe } = this.world
    const cuts = new Cuts()
    for (const [protocol, port] of doors) cuts.add(protocol, port, port)
    const isDoor = (protocol: number, low: number): boolean =>
      doors.some(([one, port]) => one === protocol && port === low)
    const asked = { from: pair.from, to: pair.to, family }
    const led = spansBy(universe[family].protocols, cuts, (protocol, low) =>
      isDoor(protocol, low) ? judged(this.world, asked, protocol, low) : NO_DOOR,
    )
    return table.of(joined(table.all[said] as Spans, led, (plain, door) => (door === NO_DOOR ? plain : door)))
  }

  private ofPlainNodes(from: EndClass, to: EndClass, { when, ...pair }: Pair, family: Family): number {
    const { gates, universe, atoms } = this.world
    const isNear = when === 'on one node'
    if (from.kind === 'pods' && from.gates !== undefined) {
      const egress = gates.answer(from.gates.egress, sideOf(from, family), sideOf(to, family), universe[family])
      const own = this.both(this.ownTunnels(from, family), egress)
      return isNear ? this.both(own, this.ofOwnNode(pair.from.node, family)) : own
    }
    if (to.gates === undefined || isNear) return this.everything(family, ALLOWED)
    const { node, addresses } = pair.from
    const address = this.sourceOf(node, pair.to.addresses[family]) ?? (addresses[family] as Ip)
    const source = { address, atom: atoms.of(address) }
    return gates.answer(to.gates.ingress, source, sideOf(to, family), universe[family])
  }

  /** The address that a node sends from, by its routes. */
  private sourceOf(node: string | undefined, dst: Ip | undefined): Ip | undefined {
    if (node === undefined || dst === undefined) return undefined
    const found = routeGet(this.world.lab.simulation.netns(node), { dst })
    return typeof found === 'string' ? undefined : found.src
  }

  /** What a node says of what its own pods send it. @calico felix/rules/static.go defaultEndpointToHostAction */
  private ofOwnNode(node: string | undefined, family: Family): number {
    const action = this.nodeOf(node)?.felix.rules.endpointToHost ?? 'ACCEPT'
    if (action === 'ACCEPT' || action === 'RETURN') return this.everything(family, ALLOWED)
    const why = `what a pod sends to its own node is dropped (defaultEndpointToHostAction ${action})`
    return this.everything(family, this.world.decisions.of({ verdict: 'denied', why, by: [] }))
  }

  private everything(family: Family, decision: number): number {
    const { table, universe } = this.world
    return keptIn(this.all, `${family} ${decision}`, () =>
      table.of(spansBy(universe[family].protocols, new Cuts(), () => decision)),
    )
  }

  /** What nodes say of pods that send encapsulated packets of their own. @calico felix/rules/endpoints.go */
  private ownTunnels(from: EndClass, family: Family): number {
    const { table, decisions, universe } = this.world
    const felix = this.nodeOf(from.members[0]?.node)?.felix
    if (felix === undefined) return this.everything(family, ALLOWED)
    return keptIn(this.encapsulated, family === 4 ? felix : felix.rules, () => {
      const why = 'a pod may not send encapsulated packets of its own: they are dropped before policy'
      const denied = decisions.of({ verdict: 'denied', why, by: ['FelixConfiguration'] })
      const cuts = new Cuts()
      cuts.add(UDP, felix.vxlanPort, felix.vxlanPort)
      const { allowIpipFromWorkloads, allowVxlanFromWorkloads } = felix.rules
      return table.of(
        spansBy(universe[family].protocols, cuts, (protocol, low) =>
          (protocol === IPIP && !allowIpipFromWorkloads) ||
          (protocol === UDP && low === felix.vxlanPort && !allowVxlanFromWorkloads)
            ? denied
            : ALLOWED,
        ),
      )
    })
  }

  private nodeOf(name: string | undefined): ClusterNode | undefined {
    return name === undefined ? undefined : this.world.nodesByName.get(name)
  }
}

function sideOf({ atoms }: EndClass, family: Family): GateSide {
  const atom = atoms[family] as GateSide['atom']
  return { address: atom.address, atom }
}
