import { derivedFrom, keptIn, type Namespace, Network, once } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import type { ClusterEdit } from '../cluster-edit/edit.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import { clusterDatastore } from '../confd/cluster-datastore.ts'
import { FixedRules } from '../fixed-rules.ts'
import { storedIpam } from '../ipam/carry-over.ts'
import { type Ipam, ipamResult } from '../ipam/cluster-ipam.ts'
import { Endpoints } from '../kube-proxy/endpoints.ts'
import { endpointsByPort } from '../kube-proxy/port-endpoints.ts'
import { serviceWay } from '../kube-proxy/service-way.ts'
import type { PodResource, ServiceResource } from '../kubernetes-kinds.ts'
import type { NamespaceMaker } from '../namespaces.ts'
import type { Book, PolicyInputs } from '../policy/book.ts'
import { hasNotesOf } from '../policy/notes.ts'
import { builtOn, type Descent, descentOf, type Enforced, enforcedPolicies, type Ground } from '../policy-edit.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { dnsAddresses } from '../services/dns-addresses.ts'
import type { EndpointSlices } from '../services/endpoint-slices.ts'
import { hasStoredIpam, withStoredIpam } from '../stored-ipam.ts'
import { EditedGroups } from './edited-groups.ts'
import { EditedWorkloads } from './edited-workloads.ts'
import { flatIpam } from './flat-ipam.ts'
import { firstMaking } from './pod-base.ts'
import { type ListChanges, listChanges, podsOf } from './pod-changes.ts'
import type { MadeNode, PodBase, PodMaking } from './pod-making.ts'
import type { Roster } from './roster.ts'
import { rosterAfter } from './roster-edit.ts'

/** So much may be edited before all objects are looked at again. */
const HEAVY = 1000

const makings = new WeakMap<Ground, PodMaking | 'none'>()

/**
 * The cluster of edited pods, at the cost of what changed: all that is not about them is shared with the one given. Undefined where an
 * edit is of something else, too, or where more follows from it than from pods by themselves: then all objects are to be looked at.
 */
export function withPods(cluster: Cluster, edit: ClusterEdit): Cluster | undefined {
  if (podsOf(edit) === undefined) return undefined
  const descent = descentOf(cluster)
  const { ground } = descent
  const before = ground.making.edited ?? keptIn(makings, ground, () => firstMaking(descent) ?? 'none')
  if (before === 'none' || before.roster.weight > HEAVY) return undefined
  const changes = listChanges(cluster.resources.pods, before, edit, (name) => ground.maker.node(name))
  if (changes === undefined) return undefined
  const roster = rosterAfter(before.roster, changes, before.base.asking)
  if (roster === undefined) return undefined
  const touched = servicesOf(before.base, changes)
  if (touched.size > 0 && ground.making.ways.isAnnounced) return undefined
  if (mayTurnGiven(ground.inputs.slices, touched, before.roster, roster, changes)) return undefined
  return new PodEdit(descent, before, changes, roster, touched).cluster(cluster)
}

/** Services that select pods of an edit, as they were or as they are. */
function servicesOf({ servicesOf: of }: PodBase, { before, after }: ListChanges): ReadonlySet<ServiceResource> {
  return new Set([...before, ...after].flatMap(of))
}

/** Objects with other pods, and those of IPAM as they are then, where there are any. */
function resourcesOf(resources: Resources, pods: Resources['pods'], ipam: () => Ipam): Resources {
  if (!hasStoredIpam(resources)) return { ...resources, pods }
  const made = withStoredIpam(resources, () => storedIpam(ipam()))
  return Object.defineProperty(made, 'pods', { enumerable: true, configurable: true, value: pods })
}

/** Whether an edit may change whom endpoints lead to that are among the objects. */
function mayTurnGiven(
  slices: EndpointSlices,
  touched: ReadonlySet<ServiceResource>,
  before: Roster,
  after: Roster,
  { gone, added }: ListChanges,
): boolean {
  const given = slices.givenAddresses()
  if (given.size === 0) return [...touched].some((service) => slices.isGiven(service))
  const addresses = [
    ...gone.flatMap((netns) => before.addresses(netns)),
    ...added.flatMap(({ pod }) => after.addresses(namespacedName(pod.metadata))),
  ]
  return addresses.some((one) => given.has(one)) || [...touched].some((service) => slices.isGiven(service))
}

/** An edit of pods: a cluster is made of it. */
class PodEdit {
  private readonly descent: Descent
  private readonly before: PodMaking
  private readonly changes: ListChanges
  private readonly roster: Roster
  private readonly touched: ReadonlySet<ServiceResource>

  constructor(
    descent: Descent,
    before: PodMaking,
    changes: ListChanges,
    roster: Roster,
    touched: ReadonlySet<ServiceResource>,
  ) {
    this.descent = descent
    this.before = before
    this.changes = changes
    this.roster = roster
    this.touched = touched
  }

  cluster(from: Cluster): Cluster {
    const { descent, before, roster, changes } = this
    const { ground } = descent
    const { base } = before
    const { inputs, making } = ground
    // Closures below hold on to what they name, and through the inputs of before to those before these.
    const { settings, nodes } = inputs
    const ipam = once(() => flatIpam(roster))
    const resources = resourcesOf(from.resources, changes.pods, ipam)
    const workloads = new EditedWorkloads(roster, base.endpoints, base.endpointOf)
    const running = new EditedGroups(base.running, roster, base.addressedOf)
    const slices = inputs.slices.forPods(running)
    const inputsNow: PolicyInputs = { ...inputs, resources, workloadEndpoints: workloads.list, slices }
    const enforced = this.enforced(inputsNow, from.resources.pods)
    const services = this.touched.size === 0 ? before.services : new Set([...before.services, ...this.touched])
    const isOther = (service: ServiceResource): boolean => services.has(service)
    const endpoints = new Endpoints(slices, { endpoints: this.before.firstEndpoints, isOther })
    const { policies } = enforced
    const maker = this.makerOf(workloads, policies, endpoints, isOther)
    const made = this.making(maker, policies, services)
    const ways = { ...making.ways, endpoints }
    const ofServices = servicesFacts(slices, endpoints, ways.proxy)
    const { pools, tunnels } = base.roster.base
    const told = once(() => ipamResult(ipam()))
    const network = this.network(maker, policies, made)
    const groundNow: Ground = {
      ...ground,
      inputs: inputsNow,
      workloadEndpoints: workloads.list,
      network,
      maker,
      felix: maker.firewall.felix,
      making: { ...making, ipam, ways, edited: made },
      ipam: {
        pools,
        tunnels,
        get blocks() {
          return told().blocks
        },
        get pods() {
          return told().pods
        },
      },
      ...ofServices,
      confd: once(() =>
        clusterDatastore({
          resources,
          settings,
          nodes,
          blocks: told().blocks,
          tunnels,
          serviceEndpoints: ofServices.serviceEndpoints,
          isGiven: (service) => slices.isGiven(service),
        }),
      ),
    }
    return builtOn(groundNow, enforced, descent.names)
  }

  private enforced(inputs: PolicyInputs, podsBefore: readonly PodResource[]): Enforced {
    const { descent, before, changes, roster } = this
    const { base } = before
    const { policies, findings } = descent
    const endpointOf = (of: Roster, netns: string): WorkloadEndpoint => {
      const one = of.at(of.placeOf(netns))
      return typeof one === 'number' ? base.endpoints[one]! : base.endpointOf(one)
    }
    const touched = this.touched
    const names = once(() => new Set([...touched].map(({ metadata }) => namespacedName(metadata))))
    const book = policies.forPods(inputs, {
      gone: changes.left.map((netns) => endpointOf(before.roster, netns)),
      fresh: changes.joined.map((netns) => endpointOf(roster, netns)),
      groups: new EditedGroups(base.groups, roster, base.endpointOf),
      isSame: (service) => !names().has(service),
    })
    const was = { ...inputs.resources, pods: podsBefore }
    const isNoted = hasNotesOf(was, inputs.resources, changes.before, changes.after)
    const [idle, idleBefore] = [book.idle(), policies.idle()]
    if (isNoted && idle.length === idleBefore.length && idle.every((one, i) => one === idleBefore[i]))
      return { policies: book, findings }
    return { policies: book, findings: enforcedPolicies(inputs).findings }
  }

  private makerOf(
    workloads: EditedWorkloads,
    policies: Book,
    endpoints: Endpoints,
    isOther: (service: ServiceResource) => boolean,
  ): NamespaceMaker {
    const { maker } = this.descent.ground
    const { felix, others, fixed } = maker.firewall
    const now = this.touched.size === 0 ? undefined : others.withEndpoints?.(endpoints, isOther)
    return maker.forPods(workloads, {
      felix: felix.enforcing(policies),
      others: now ?? others,
      fixed: now === undefined ? fixed : new FixedRules(),
    })
  }

  private making(maker: NamespaceMaker, policies: Book, services: PodMaking['services']): PodMaking {
    const { descent, before, changes, roster } = this
    const { ground } = descent
    const editions = new Map(before.editions)
    const edition = {}
    const nodesOf = (of: Roster, names: readonly string[]): void => {
      for (const netns of names) {
        const one = of.at(of.placeOf(netns))
        const node = typeof one === 'number' ? of.base.pods.node(one) : one.node
        editions.set(node.name, edition)
      }
    }
    nodesOf(before.roster, changes.left)
    nodesOf(roster, changes.joined)
    for (const netns of changes.left) editions.set(netns, edition)
    for (const netns of changes.joined) editions.set(netns, roster.edited(netns)!)
    const isAsWas =
      descent.policies === descent.first &&
      maker.firewall.others === ground.maker.firewall.others &&
      policies.hasSetsOf(descent.policies)
    const rules = isAsWas ? before.rules : {}
    return { ...before, roster, unwired: changes.unwired, editions, services, rules }
  }

  private network(maker: NamespaceMaker, policies: Book, { base, editions, rules }: PodMaking): Network {
    const { ground, latest, policies: now, first } = this.descent
    const { others } = ground.maker.firewall
    if (now !== first) {
      for (const [name, made] of latest) {
        base.made.set(name, { ...made, others, edition: this.before.editions.get(name) })
      }
    }
    const isNode = (name: string): boolean => maker.node(name) !== undefined
    const make = (name: string): Namespace =>
      isNode(name) ? nodeNamespace(name, maker, policies, base, editions) : podNamespaceOf(name, maker, editions)
    const namespaces = derivedFrom(base.namespaces, {
      names: rules === base.namespaces ? NOBODY : this.descent.names(),
      rules,
      others: editions,
      count: maker.count,
      list: maker.names,
      has: maker.has,
      make,
    })
    const { wires } = base
    const below = maker.cablesBelow
    // What makes wires later must not hold on to what was before: edit after edit, all of it would stay.
    const { roster } = this
    const ofPod = (i: number) => {
      const one = roster.at(i)
      // What a pod is called does not change: neither does its wire.
      const place = typeof one === 'number' ? one : one.place
      return place < 0 ? base.cableOf(one as Exclude<typeof one, number>) : wires[below + place]!
    }
    return new Network({ namespaces, wires: maker.wiresOf(ofPod), shared: ground.network.shared })
  }
}

const NOBODY: ReadonlySet<string> = new Set()

/** The namespace of a node by its pods of now and the policies of now: the very one that was made last, where these say the same. */
function nodeNamespace(
  name: string,
  maker: NamespaceMaker,
  policies: Book,
  base: PodBase,
  editions: PodMaking['editions'],
): Namespace {
  const { others, felix } = maker.firewall
  const edition = editions.get(name)
  const known = base.made.get(name)
  const first = (): MadeNode =>
    edition === undefined
      ? { namespace: base.namespaces[name]!, policies: base.policies, others: base.others, edition }
      : { namespace: maker.make(name), policies, others, edition }
  const last = known !== undefined && known.edition === edition ? known : first()
  const differs = last.others !== others || policies.differs(last.policies, name)
  const namespace = differs ? maker.underPolicies(last.namespace, felix) : last.namespace
  base.made.set(name, { namespace, policies, others, edition })
  return namespace
}

const ofPods = new WeakMap<object, Namespace>()

function podNamespaceOf(name: string, maker: NamespaceMaker, editions: PodMaking['editions']): Namespace {
  return keptIn(ofPods, editions.get(name)!, () => maker.make(name))
}

function servicesFacts(
  slices: EndpointSlices,
  endpoints: Endpoints,
  proxy: Parameters<typeof serviceWay>[3],
): Pick<Cluster, 'serviceEndpoints' | 'serviceWay' | 'dnsAddresses'> {
  return {
    serviceEndpoints: (service) => endpointsByPort(endpoints, service),
    serviceWay: (to, node, packet) => serviceWay(to, node, packet, proxy, endpoints),
    dnsAddresses: (service) => dnsAddresses(slices, service),
  }
}
