import { Network, once } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import type { ClusterEdit } from '../cluster-edit/edit.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import { clusterDatastore } from '../confd/cluster-datastore.ts'
import { FixedRules } from '../fixed-rules.ts'
import { storedIpam } from '../ipam/carry-over.ts'
import { type Ipam, ipamResult } from '../ipam/cluster-ipam.ts'
import type { Endpoints } from '../kube-proxy/endpoints.ts'
import { servicesFacts } from '../kube-proxy/services-facts.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import { ListedPods, type PodListEdit, withListedPods } from '../listed-pods.ts'
import type { NamespaceMaker } from '../namespaces.ts'
import type { Book, PolicyInputs } from '../policy/book.ts'
import { hasNotesOf } from '../policy/notes.ts'
import { builtOn, type Descent, descentOf, type Enforced, enforcedPolicies, type Ground } from '../policy-edit.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import type { EndpointSlices } from '../services/endpoint-slices.ts'
import { selectingServices } from '../services/selecting-services.ts'
import { hasStoredIpam, withStoredIpam } from '../stored-ipam.ts'
import { EditedGroups } from './edited-groups.ts'
import { editedNamespaces } from './edited-namespaces.ts'
import { EditedWorkloads } from './edited-workloads.ts'
import { flatIpam } from './flat-ipam.ts'
import { podMakingOf } from './pod-base.ts'
import { type ListChanges, listChanges, podsOf } from './pod-changes.ts'
import type { PodMaking } from './pod-making.ts'
import type { Roster } from './roster.ts'
import { rosterAfter } from './roster-edit.ts'

/**
 * The cluster of edited pods, at the cost of what changed: all that is not about them is shared with the one given. Undefined where an
 * edit is of something else, too, or where more follows from it than from pods by themselves: then all objects are to be looked at.
 */
export function withPods(
  cluster: Cluster,
  edit: ClusterEdit,
  { pods: lists, leaks }: { readonly pods?: PodListEdit; readonly leaks?: ReadonlySet<string> } = {},
): Cluster | undefined {
  if (podsOf(edit) === undefined) return undefined
  const descent = descentOf(cluster)
  const { ground } = descent
  const before = podMakingOf(descent)
  if (before === undefined) return undefined
  const pods = ListedPods.of(cluster.resources)
  const edited = lists !== undefined && ListedPods.ofArray(lists.from) === pods ? lists.to : undefined
  const changes = listChanges(pods, before, edit, (name) => ground.maker.node(name), edited)
  if (changes === undefined) return undefined
  const roster = rosterAfter(before.roster, { ...changes, ...(leaks && { leaks }) }, before.base.asking)
  if (roster === undefined) return undefined
  const touched = servicesOf(ground.inputs.resources, changes)
  if (touched.size > 0 && ground.making.ways.mayAnnounce) return undefined
  if (mayTurnGiven(ground.inputs.slices, touched, before.roster, roster, changes)) return undefined
  return new PodEdit(descent, before, changes, roster, touched).cluster(cluster)
}

/** Services that select pods of an edit, as they were or as they are. */
function servicesOf({ services }: Resources, { before, after }: ListChanges): ReadonlySet<ServiceResource> {
  return new Set([...before, ...after].flatMap((pod) => selectingServices(services, pod)))
}

/** Objects with other pods, and those of IPAM as they are then, where there are any. */
function resourcesOf(resources: Resources, pods: ListedPods, ipam: () => Ipam): Resources {
  const stored = hasStoredIpam(resources) ? withStoredIpam(resources, () => storedIpam(ipam())) : resources
  return withListedPods(stored, pods)
}

/** Whether an edit may change whom endpoints lead to that are among the objects. */
function mayTurnGiven(
  slices: EndpointSlices,
  touched: ReadonlySet<ServiceResource>,
  before: Roster,
  after: Roster,
  { gone, added }: ListChanges,
): boolean {
  if ([...touched].some((service) => slices.isGiven(service))) return true
  return slices.tellOf([
    ...gone.flatMap((netns) => before.addresses(netns)),
    ...added.flatMap(({ pod }) => after.addresses(namespacedName(pod.metadata))),
  ])
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
    const enforced = this.enforced(inputsNow, from.resources)
    const touched = [...this.touched]
    const endpoints = making.ways.endpoints.edited(slices, touched, touched)
    const { policies } = enforced
    const maker = this.makerOf(workloads, policies, endpoints)
    const made = this.making(maker, policies)
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

  private enforced(inputs: PolicyInputs, was: Resources): Enforced {
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
    const isNoted = hasNotesOf(was, inputs.resources, changes.before, changes.after)
    const [idle, idleBefore] = [book.idle(), policies.idle()]
    if (isNoted && idle.length === idleBefore.length && idle.every((one, i) => one === idleBefore[i]))
      return { policies: book, findings }
    return { policies: book, findings: enforcedPolicies(inputs).findings }
  }

  private makerOf(workloads: EditedWorkloads, policies: Book, endpoints: Endpoints): NamespaceMaker {
    const { maker } = this.descent.ground
    const { felix, others, fixed } = maker.firewall
    const touched = [...this.touched]
    const now = touched.length === 0 ? undefined : others.edited?.({ gone: touched, fresh: touched, endpoints })
    return maker.forPods(workloads, {
      felix: felix.enforcing(policies),
      others: now ?? others,
      fixed: now === undefined ? fixed : new FixedRules(fixed),
    })
  }

  private making(maker: NamespaceMaker, policies: Book): PodMaking {
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
    // Of one that came and went since all was looked at there is nothing to tell: without it all is as it was first.
    for (const netns of changes.left) {
      if (roster.placeBefore(netns) < 0) editions.delete(netns)
      else editions.set(netns, edition)
    }
    for (const netns of changes.joined) editions.set(netns, roster.edited(netns)!)
    const isAsWas =
      descent.policies === descent.first &&
      maker.firewall.others === ground.maker.firewall.others &&
      policies.hasSetsOf(descent.policies)
    const rules = isAsWas ? before.rules : {}
    return { ...before, roster, unwired: changes.unwired, editions, rules }
  }

  private network(maker: NamespaceMaker, policies: Book, made: PodMaking): Network {
    const { ground } = this.descent
    const { base } = made
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
    const namespaces = editedNamespaces(this.descent, this.before, { maker, policies, made })
    return new Network({ namespaces, wires: maker.wiresOf(ofPod), shared: ground.network.shared })
  }
}
