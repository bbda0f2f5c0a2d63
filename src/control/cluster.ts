import { Network, once, pushTo } from '../model/index.ts'
import type { Family, Ip } from '../wire/index.ts'
import { policedPaths } from './bird/cluster-bgp.ts'
import { noteBorrowedBehindReflectors, noteMeshOfTwoAses } from './bird/mesh-notes.ts'
import { type BgpPlan, bgpPlan } from './bird/peerings.ts'
import { arePoliced, type PolicedPaths, unlearnedByPolicy } from './bird/policed-routes.ts'
import { routerRoutes } from './bird/router-routes.ts'
import { serviceAnnouncements } from './bird/service-announcements.ts'
import { noteServiceRoutes } from './bird/service-notes.ts'
import { type BgpSessions, keptRoutes, type SessionFacts, sessionFaults, unlearnedOwners } from './bird/sessions.ts'
import type { CalicoVersion } from './calico-version.ts'
import { addressOfNode, type ClusterNode, clusterNodes, vtepMacAnnotation } from './cluster-node.ts'
import type { WorkloadEndpoint } from './cni.ts'
import { clusterDatastore } from './confd/cluster-datastore.ts'
import type { ConfdDatastore } from './confd/datastore.ts'
import { wireguardPeers } from './felix/devices.ts'
import { FelixFirewall, type FirewallFacts } from './felix/firewall.ts'
import { noteNatFamily } from './felix/nat-family.ts'
import { serviceRanges } from './felix/service-ranges.ts'
import { wireguardKeys } from './felix/wireguard-key.ts'
import { Findings } from './findings.ts'
import { FixedRules } from './fixed-rules.ts'
import { announcedAddresses } from './floating-addresses.ts'
import { withInstalledPools } from './install/pools.ts'
import { type Inheritance, storedIpam } from './ipam/carry-over.ts'
import { assignAddresses, type Ipam, type IpamResult, ipamResult } from './ipam/cluster-ipam.ts'
import { hostLocalOf, poolsOfRanges } from './ipam/host-local.ts'
import { type Pool, readPools } from './ipam/pool.ts'
import { type ProxyConfig, readProxyConfig } from './kube-proxy/config.ts'
import { Endpoints } from './kube-proxy/endpoints.ts'
import { addressesOfNodes, noteServices, type ServiceNotes } from './kube-proxy/notes.ts'
import type { PortEndpoints } from './kube-proxy/port-endpoints.ts'
import type { ServiceAddress, ServicePacket, ServiceWay } from './kube-proxy/service-way.ts'
import { servicesFacts } from './kube-proxy/services-facts.ts'
import type { ServiceResource } from './kubernetes-kinds.ts'
import { vtepMac } from './names.ts'
import { namespaceMaker } from './namespaces.ts'
import { NO_OTHERS, otherParts, proxySysctls } from './node-firewall.ts'
import type { NodeFacts } from './node-namespace.ts'
import { originOf } from './origin.ts'
import { noteOtherCnis } from './other-cni.ts'
import { noteDataplanes, routeSourceOf } from './other-dataplanes.ts'
import type { TunnelsOf } from './policy/host-endpoints.ts'
import type { PolicyBook } from './policy/model.ts'
import { noteEndpointToHost, warnOfAutoHostEndpoints } from './policy/notes.ts'
import { builtOn, enforcedPolicies } from './policy-edit.ts'
import { notePortmap, readPortmap } from './portmap/config.ts'
import { type Destination, destinationsOf } from './prefixes-of-nodes.ts'
import type { Resources } from './resources.ts'
import type { ClusterRouteFacts, Vtep } from './routes/situation.ts'
import { clusterRoutes } from './routes/views.ts'
import { EndpointSlices } from './services/endpoint-slices.ts'
import { notePodAnnotations } from './settings/annotations.ts'
import { calicoNodeEnvironment } from './settings/environment.ts'
import { noteMarkMasks } from './settings/mark-mask.ts'
import { noteFilters, noteSettings } from './settings/notes.ts'
import { readSettings, type Settings } from './settings/settings.ts'
import { hasStoredIpam, withStoredIpam } from './stored-ipam.ts'
import { tunnelNeeds } from './tunnel-needs.ts'
import { buildUnderlay } from './underlay/build.ts'
import type { UnderlayPlan } from './underlay/plan.ts'
import { planUnderlay } from './underlay/plan-underlay.ts'
import { noteWarnings } from './warnings.ts'

/** What a build may be told besides the objects. */
export interface BuildOptions {
  /** Release; absent = what the objects say. */
  readonly calicoVersion?: CalicoVersion
  /** Decides what a real machine draws at random (MACs, keys); absent = 0. */
  readonly seed?: number
  /** Which BGP sessions are up; absent = all. */
  readonly bgpSessions?: BgpSessions
  /** The machines and Ethernets under the cluster, where more is known of them than the objects tell; absent = as derived. */
  readonly underlay?: (derived: UnderlayPlan) => UnderlayPlan
  /** Up to this many namespaces are made at once, as plain data; beyond, each when it is first read; absent = 256. */
  readonly eagerLimit?: number
  /** Only Felix writes rules: there are no Services and no ports of nodes for pods; absent = kube-proxy and portmap write theirs. */
  readonly onlyFelixRules?: boolean
}

/** A cluster, computed: the network and how it came about. */
export interface Cluster {
  /** The network. */
  readonly network: Network
  /** What it was made from, with the pools that an Installation or calico-node makes. */
  readonly resources: Resources
  /** Settings in force, with the release. */
  readonly settings: Settings
  /** Nodes in order of creation. */
  readonly nodes: readonly ClusterNode[]
  /** Addresses. */
  readonly ipam: IpamResult
  /** Every prefix some node answers for, in the order of a routing table. */
  readonly destinations: readonly Destination[]
  /** Pods with a network of their own, in order of creation. */
  readonly workloadEndpoints: readonly WorkloadEndpoint[]
  /** What policies say, calculated for a node when it is asked. */
  readonly policies: PolicyBook
  /** BGP sessions the cluster wants. */
  readonly bgp: BgpPlan
  /** Sessions that are not up: `family a b` → BIRD's words. */
  readonly bgpFaults: ReadonlyMap<string, string>
  /** Who holds all the same what such a session told: `family at from`. */
  readonly bgpKept: ReadonlySet<string>
  /** What confd of every node reads, put together when somebody asks. */
  readonly confd: () => ConfdDatastore
  /** The endpoints of a Service, as kube-proxy knows them: by port and family. */
  readonly serviceEndpoints: (service: ServiceResource) => readonly PortEndpoints[]
  /** What the rules of a node make of a packet to an address of a Service. */
  readonly serviceWay: (to: ServiceAddress, node: ClusterNode, packet: ServicePacket) => ServiceWay
  /** The addresses that the cluster's DNS has for the name of a Service; of a headless one those of its endpoints. */
  readonly dnsAddresses: (service: ServiceResource) => readonly Ip[]
  /** What the objects brought to light: faults, warnings, and what is not modelled. */
  readonly findings: Findings
}

function vtepsOf(nodes: readonly ClusterNode[], ipam: Ipam, family: Family): ReadonlyMap<string, Vtep> {
  const vteps = new Map<string, Vtep>()
  for (const node of nodes) {
    const address = ipam.tunnels.get(node.name)?.[family === 4 ? 'vxlan' : 'vxlan-v6']
    const remote = addressOfNode(node, family)?.address
    if (address === undefined || remote === undefined) continue
    vteps.set(node.name, { address, remote, mac: vtepMacAnnotation(node, family) ?? vtepMac(node.name, family) })
  }
  return vteps
}

function byOwner(destinations: readonly Destination[]): ReadonlyMap<string, readonly Destination[]> {
  const owned = new Map<string, Destination[]>()
  for (const entry of destinations) pushTo(owned, entry.owner, entry)
  return owned
}

function remotes(vteps: ReadonlyMap<string, Vtep>): ReadonlyMap<string, Ip> {
  return new Map([...vteps].map(([name, { remote }]) => [name, remote]))
}

function nodeFacts(
  nodes: readonly ClusterNode[],
  pools: readonly Pool[],
  ipam: Ipam,
  destinations: readonly Destination[],
  settings: Settings,
  keys: NodeFacts['keys'],
  unlearned: ClusterRouteFacts['unlearned'],
  policies: FirewallFacts['policies'],
  others: Pick<NodeFacts, 'others' | 'sysctls'>,
): NodeFacts {
  const vteps = { 4: vtepsOf(nodes, ipam, 4), 6: vtepsOf(nodes, ipam, 6) }
  const vxlanHosts = { 4: remotes(vteps[4]), 6: remotes(vteps[6]) }
  const ipv6 = pools.some((pool) => pool.family === 6)
  const addressesOf = (node: string): Ip[] => Object.values(ipam.tunnels.get(node) ?? {})
  const peers = (family: Family, hosts: boolean) =>
    once(() => wireguardPeers(family, nodes, keys[family], destinations, addressesOf, settings, hosts))
  return {
    settings,
    pools,
    tunnels: ipam.tunnels,
    vteps,
    keys,
    nodes,
    peers: { 4: peers(4, false), 6: peers(6, false) },
    peersWithHosts: { 4: peers(4, true), 6: peers(6, true) },
    owned: byOwner(destinations),
    routes: clusterRoutes({ settings, nodes, destinations, vteps, unlearned, wireguard: keys }),
    felix: new FelixFirewall({
      settings,
      nodes,
      pools,
      vxlanHosts,
      serviceRanges: serviceRanges(settings.bgp),
      policies,
    }),
    ...others,
    sharedSysctls: new Map(),
    fixed: new FixedRules(),
    ipv6,
  }
}

/** For every node the owners of whom it learns nothing over BGP. */
function unlearnedOf(
  bgp: BgpPlan,
  nodes: readonly ClusterNode[],
  sessions: SessionFacts,
  destinations: readonly Destination[],
  policed: PolicedPaths | undefined,
  { bgpPeers }: Resources,
  findings: Findings,
): ClusterRouteFacts['unlearned'] {
  const of = (family: Family): ReadonlyMap<string, readonly string[]> => {
    if (policed === undefined) return unlearnedOwners(bgp, family, nodes, sessions)
    const { owners, parted } = unlearnedByPolicy(policed, family, nodes, destinations)
    const peer = bgpPeers.find(({ spec }) => (spec.filters ?? []).length > 0)
    if (parted !== undefined && peer !== undefined) {
      const what = `filters let ${parted.node} learn some blocks of a node and not others, as ${parted.prefix}: its routes to them are not told apart`
      findings.note('bgp_filter', peer, ['spec', 'filters'], what, { scope: { kind: 'between_nodes' } })
    }
    return owners
  }
  noteBorrowedBehindReflectors(nodes, destinations, findings)
  return { 4: of(4), 6: of(6) }
}

/** Where nodes learn from routers only, the next hop that these give decides where tunnels of BIRD's lead. */
function noteTunnelsByRouters(bgp: BgpPlan, pools: readonly Pool[], settings: Settings, findings: Findings): void {
  const [router] = bgp.routers
  const pool = pools.find(({ ipip }) => ipip !== 'Never')
  if (router === undefined || pool === undefined || settings.mesh || !settings.birdProgramsIpip) return
  const what = `IPIP tunnels by routes that router ${router.name} passes on: whether it keeps their next hop is not modelled`
  findings.note('bgp_field', pool.resource, ['spec', 'ipipMode'], what, { scope: { kind: 'between_nodes' } })
}

/** Objects of IPAM as they are now, where the input has any and they are carried over. */
function withIpam(resources: Resources, ipam: Ipam): Resources {
  const isCarried = ipam.carried !== undefined && hasStoredIpam(resources)
  return isCarried ? withStoredIpam(resources, () => storedIpam(ipam)) : resources
}

/** Names what the objects ask for and is not built, with the flows each concerns. */
function noteEverything(
  resources: Resources,
  settings: Settings,
  nodes: readonly ClusterNode[],
  ipam: Ipam,
  proxy: ProxyConfig,
  slices: EndpointSlices,
  findings: Findings,
): ServiceNotes {
  warnOfAutoHostEndpoints(resources, findings)
  noteEndpointToHost(resources, settings, nodes, findings)
  const at = findings.notes.length
  const onNodes = once(() => addressesOfNodes(nodes, ipam.tunnels))
  noteServices(resources.services, slices, proxy, onNodes, findings)
  const count = findings.notes.length - at
  noteSettings(resources, findings)
  noteDataplanes(resources, nodes, findings)
  noteMarkMasks(resources, settings, nodes, findings)
  notePodAnnotations(resources, settings, findings)
  notePortmap(readPortmap(resources), ipam, findings)
  noteFilters(resources, findings)
  return { at, count, onNodes }
}

/**
 * Builds the network of a cluster from its objects. Pure: the same objects, options and session facts give the same
 * network. Faults in the objects are in `findings`; what they are about is left out.
 */
export function buildCluster(given: Resources, options: BuildOptions = {}): Cluster {
  return builtCluster(given, options, undefined)
}

/** What was before objects were edited. */
export interface Begun {
  /** What IPAM had given; undefined: the objects say it. */
  readonly inheritance: Inheritance | undefined
}

/** A cluster of objects. @param begun - undefined: it begins with them */
export function builtCluster(given: Resources, options: BuildOptions, begun: Begun | undefined): Cluster {
  const findings = new Findings()
  const isBegun = begun !== undefined
  const resources = withInstalledPools(given, calicoNodeEnvironment(given), isBegun, findings)
  const seed = options.seed ?? 0
  const settings = readSettings(resources, options.calicoVersion, findings)
  const derived = planUnderlay(resources, seed, findings)
  const underlayPlan = options.underlay?.(derived) ?? derived
  const nodes = clusterNodes(resources, settings, underlayPlan, findings)
  const hostLocal = hostLocalOf(resources, settings.env)
  const ownPools = readPools(resources.ippools, findings)
  const pools = hostLocal === undefined ? ownPools : poolsOfRanges(ownPools, hostLocal)
  noteNatFamily(resources, pools, settings.env, findings)
  const keys = { 4: wireguardKeys(nodes, false, seed), 6: wireguardKeys(nodes, true, seed) }
  const othersAddress = noteOtherCnis(resources, settings.env, hostLocal !== undefined, findings)
  const needs = tunnelNeeds(pools, settings, keys)
  const ipam = assignAddresses(resources, nodes, pools, needs, othersAddress, hostLocal, begun?.inheritance, findings)
  const bgp = bgpPlan(resources, nodes, settings, underlayPlan, findings)
  const proxy = readProxyConfig(resources, pools)
  const slices = EndpointSlices.of(resources, ipam.pods, nodes)
  const serviceNotes = noteEverything(resources, settings, nodes, ipam, proxy, slices, findings)
  const bgpFaults = sessionFaults(bgp, options.bgpSessions)
  const bgpKept = keptRoutes(options.bgpSessions)
  const sessions = { bgpFaults, bgpKept }
  noteTunnelsByRouters(bgp, pools, settings, findings)
  if (settings.traits.meshTakesOwnAs) noteMeshOfTwoAses(bgp, findings)
  const names = new Set(nodes.map((node) => node.name))
  const floating = announcedAddresses(ipam, nodes)
  const destinations = destinationsOf(ipam, names, { floating, source: routeSourceOf(nodes, findings) })
  // Calculated from what the namespaces' maker finds, and asked by it when somebody reads a firewall.
  const enforced: FirewallFacts['policies'] = {
    of: (node) => first.policies.of(node),
    set: (id, family) => first.policies.set(id, family),
  }
  const endpoints = new Endpoints(slices)
  const others =
    options.onlyFelixRules === true
      ? { others: NO_OTHERS, sysctls: {} }
      : { others: otherParts(resources, proxy, ipam, endpoints), sysctls: proxySysctls(resources, proxy) }
  const ofServices = servicesFacts(slices, endpoints, proxy)
  const { serviceEndpoints } = ofServices
  const { tunnels } = ipam
  const told = once(() => ipamResult(ipam))
  const confd = once(() =>
    clusterDatastore({
      resources,
      settings,
      nodes,
      blocks: told().blocks,
      tunnels,
      serviceEndpoints,
      isGiven: (service) => slices.isGiven(service),
    }),
  )
  const policed = arePoliced(resources.bgpPeers) ? policedPaths({ bgp, ...sessions, confd }) : undefined
  const unlearned = unlearnedOf(bgp, nodes, sessions, destinations, policed, resources, findings)
  const facts = nodeFacts(nodes, pools, ipam, destinations, settings, keys, unlearned, enforced, others)
  const owned = pools.map(({ cidr, resource }) => ({
    prefix: cidr,
    origin: originOf('underlay', resource, ['spec', 'cidr']),
  }))
  const services = serviceAnnouncements(resources.services, settings, bgp, nodes, pools, {
    endpointsOf: serviceEndpoints,
    isGiven: (service) => slices.isGiven(service),
  })
  const learned = routerRoutes({
    plan: bgp,
    nodes,
    destinations,
    services,
    sessions,
    ...(policed === undefined ? {} : { policed }),
  })
  const underlay = buildUnderlay(underlayPlan, names, seed, owned, learned)
  const routers = underlay.namespaces.filter(({ role }) => role === 'router').map(({ name }) => name)
  noteServiceRoutes(bgp, routers, services, settings, findings)
  const { maker, workloads } = namespaceMaker(facts, nodes, ipam, underlay, seed, options.eagerLimit)
  const workloadEndpoints = workloads.list
  const tunnelsOf: TunnelsOf = (node) => ipam.tunnels.get(node) ?? {}
  const inputs = { resources: withIpam(resources, ipam), nodes, workloadEndpoints, slices, tunnelsOf, settings }
  const first = enforcedPolicies(inputs)
  const namespaces = maker.namespaces()
  const network = new Network({
    namespaces,
    wires: maker.wires(),
    shared: facts.routes.tables,
  })
  const blockAffinities = ipam.carried?.affinities ?? resources.blockAffinities
  noteWarnings({ ...resources, blockAffinities }, nodes, ipam, workloads, findings)
  const known = {
    settings,
    nodes,
    ipam: told(),
    destinations,
    workloadEndpoints,
    bgp,
    ...sessions,
    confd,
    ...ofServices,
  }
  const isPoliced = policed !== undefined
  const ways = { proxy, endpoints, mayAnnounce: services.isAsked, isPoliced, notes: serviceNotes }
  const making = { options, ipam: () => ipam, ways }
  return builtOn({ ...known, inputs, findings, maker, felix: facts.felix, network, making }, first)
}
