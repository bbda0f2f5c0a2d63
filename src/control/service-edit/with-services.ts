import { Network, once } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import { type ClusterEdit, editedObjects } from '../cluster-edit/edit.ts'
import { clusterDatastore } from '../confd/cluster-datastore.ts'
import { Findings } from '../findings.ts'
import { FixedRules } from '../fixed-rules.ts'
import { noteServices } from '../kube-proxy/notes.ts'
import { servicesFacts } from '../kube-proxy/services-facts.ts'
import type { NamespaceMaker } from '../namespaces.ts'
import { hasKubeProxy } from '../node-firewall.ts'
import { editedNamespaces } from '../pod-edit/edited-namespaces.ts'
import { podMakingOf } from '../pod-edit/pod-base.ts'
import type { PodMaking } from '../pod-edit/pod-making.ts'
import type { Book } from '../policy/book.ts'
import { builtOn, type Descent, descentOf, type Ground, type PodWays } from '../policy-edit.ts'
import type { Resources } from '../resources.ts'
import type { EndpointSlices } from '../services/endpoint-slices.ts'
import { isOfServices, type ServiceChanges, serviceChanges } from './service-changes.ts'

/**
 * The cluster of edited Services, EndpointSlices and Endpoints, at the cost of what changed: all that is not about these Services is
 * shared with the one given. Undefined where an edit is of something else, too, or where more follows from it: nodes tell their peers of
 * Services, pods stand for endpoints at addresses that nobody has, or kube-proxy has nothing to do before, or after.
 */
export function withServices(cluster: Cluster, edit: ClusterEdit): Cluster | undefined {
  if (!isOfServices(edit)) return undefined
  const descent = descentOf(cluster)
  const { ways } = descent.ground.making
  const before = podMakingOf(descent)
  if (before === undefined || ways.mayAnnounce) return undefined
  const edited = editedObjects(cluster.resources, edit)
  const { resources } = edited
  if (hasKubeProxy(cluster.resources, ways.proxy) !== hasKubeProxy(resources, ways.proxy)) return undefined
  const changes = serviceChanges(edit, cluster.resources, edited)
  const isHeld = (address: Parameters<typeof before.roster.holding>[0]): boolean =>
    before.roster.holding(address).length > 0
  const slices = descent.ground.inputs.slices.edited(resources, changes, isHeld)
  return slices && clusterOf(descent, before, resources, changes, slices)
}

function clusterOf(
  descent: Descent,
  before: PodMaking,
  resources: Resources,
  changes: ServiceChanges,
  slices: EndpointSlices,
): Cluster {
  const { ground, policies, findings, names } = descent
  const { gone, fresh, others } = changes
  const inputs = { ...ground.inputs, resources, slices }
  const book = policies.forServices(inputs, (service) => !changes.names.has(service))
  const after = { gone: [...gone, ...others], fresh: [...fresh, ...others] }
  const endpoints = ground.making.ways.endpoints.edited(slices, after.gone, after.fresh)
  const { noted, ways } = notedAnew(ground, resources, slices, { ...ground.making.ways, endpoints })
  const { felix, others: writers, fixed } = ground.maker.firewall
  const maker = ground.maker.forPods(ground.maker.workloads, {
    felix: felix.enforcing(book),
    others: writers.edited?.({ ...after, endpoints }) ?? writers,
    fixed: writers.edited === undefined ? fixed : new FixedRules(fixed),
  })
  const made = { ...before, rules: rulesAfter(descent, before, maker, book) }
  const { wires, shared } = ground.network
  const namespaces = editedNamespaces(descent, before, { maker, policies: book, made })
  const ofServices = servicesFacts(slices, endpoints, ways.proxy)
  const { settings, nodes } = inputs
  const { ipam } = ground
  const groundNow: Ground = {
    ...ground,
    inputs,
    findings: noted,
    network: new Network({ namespaces, wires, shared }),
    maker,
    felix: maker.firewall.felix,
    making: { ...ground.making, ways, edited: made },
    ...ofServices,
    confd: once(() =>
      clusterDatastore({
        resources,
        settings,
        nodes,
        blocks: ipam.blocks,
        tunnels: ipam.tunnels,
        serviceEndpoints: ofServices.serviceEndpoints,
        isGiven: (service) => slices.isGiven(service),
      }),
    ),
  }
  return builtOn(groundNow, { policies: book, findings }, names)
}

/** What firewalls are by: the same, where they have the same rules and sets. */
function rulesAfter({ ground, policies, first }: Descent, before: PodMaking, maker: NamespaceMaker, now: Book): object {
  const isSame = policies === first && maker.firewall.others === ground.maker.firewall.others && now.hasSetsOf(policies)
  return isSame ? before.rules : {}
}

/** Findings with what is to be noted of Services now. */
function notedAnew(
  { findings }: Ground,
  { services }: Resources,
  slices: EndpointSlices,
  ways: PodWays,
): { readonly noted: Findings; readonly ways: PodWays } {
  const { at, count, onNodes } = ways.notes
  const fresh = new Findings()
  noteServices(services, slices, ways.proxy, onNodes, fresh)
  const { notes } = fresh
  return { noted: findings.withNotes(at, count, notes), ways: { ...ways, notes: { at, count: notes.length, onNodes } } }
}
