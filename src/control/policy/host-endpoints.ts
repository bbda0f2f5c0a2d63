import { goRegexp, type Origin, pushTo } from '../../model/index.ts'
import { contains, type Ip, parseIps, parsePrefix } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { hostOfAll, hostOfInterfaces, inOrderOfNames } from '../felix/calc/host-resolution.ts'
import { KIND_OF_DEVICE } from '../felix/mtu.ts'
import type { TunnelKind } from '../ipam/block.ts'
import { internalIps } from '../node-annotations.ts'
import { originOf } from '../origin.ts'
import type { Resources } from '../resources.ts'
import { isSelectorFault, parseSelector, selects } from '../selector.ts'
import { kubeControllersEnvironment } from '../settings/environment.ts'
import type { PolicyEndpoint } from './endpoints.ts'
import type {
  AutoHostEndpoints,
  HostEndpointResource,
  HostEndpointTemplate,
  KubeControllersConfigurationResource,
} from './kinds.ts'
import type { Labels } from './labels.ts'

/** The profile that allows everything. */
export const ALLOWS_ALL = 'projectcalico-default-allow'

/** Interfaces of a node as something policies select, given or made. */
export interface HostEndpoint {
  /** Name. */
  readonly name: string
  /** Node. */
  readonly node: string
  /** Interface; `*` = all that have none of their own, '' = those with one of its addresses. */
  readonly interfaceName: string
  /** Addresses that stand for it in sets. */
  readonly expectedIPs: readonly Ip[]
  /** Profiles in order. */
  readonly profiles: readonly string[]
  /** Ports with a name. */
  readonly ports: readonly NamedPort[]
  /** Labels. */
  readonly labels: Labels
  /** The object. */
  readonly origin: Origin
}

/** A port that has a name. */
export interface NamedPort {
  /** Name. */
  readonly name: string
  /** Protocol as given. */
  readonly protocol: number | string
  /** Number. */
  readonly port: number
}

/** Variable of kube-controllers that beats `hostEndpoint.autoCreate`. */
export const AUTO_HOST_ENDPOINTS = 'AUTO_HOST_ENDPOINTS'

const CREATED_BY: Labels = { 'projectcalico.org/created-by': 'calico-kube-controllers' }

/** What an object asks kube-controllers for. */
interface Asked extends AutoHostEndpoints {
  readonly resource?: KubeControllersConfigurationResource
}

/** What kube-controllers are told about host endpoints. Their environment beats the object. @calico kube-controllers/pkg/config */
function autoHostEndpoints(resources: Resources): Asked[] {
  const env = kubeControllersEnvironment(resources)
  const running = env.get('ENABLED_CONTROLLERS')?.value.split(',')
  if (running !== undefined && !running.some((one) => one.trim() === 'node')) return []
  const told: Asked[] = resources.kubeControllersConfigurations.map((resource) => ({
    ...resource.spec?.controllers?.node?.hostEndpoint,
    resource,
  }))
  const variable = env.get(AUTO_HOST_ENDPOINTS)?.value
  if (variable === undefined) return told
  // What is neither is named when the cluster is built, and may mean either.
  const autoCreate = variable.toLowerCase() === 'disabled' ? 'Disabled' : 'Enabled'
  return (told.length === 0 ? [{}] : told).map((asked) => ({ ...asked, autoCreate }))
}

/** A HostEndpoint as given. */
function givenOne(resource: HostEndpointResource): HostEndpoint {
  const { node = '', interfaceName = '', expectedIPs = [], profiles = [], ports = [] } = resource.spec
  const { name, labels = {} } = resource.metadata
  const origin = originOf('felix', resource)
  return {
    name,
    node,
    interfaceName,
    expectedIPs: [...new Set(parseIps(expectedIPs))],
    profiles,
    ports,
    labels,
    origin,
  }
}

/** Addresses of a node as Calico's Node has them: its own, and those of its tunnels. */
function addressesOf(node: ClusterNode, tunnels: readonly Ip[]): Ip[] {
  const own = [node.ipv4, node.ipv6].flatMap((cidr) => cidr?.address ?? [])
  return [...new Set([...own, ...tunnels, ...internalIps(node.resource)])]
}

function madeOne(node: ClusterNode, name: string, rest: Partial<HostEndpoint>, asked: Asked): HostEndpoint {
  const note = 'kube-controllers make it, since hostEndpoint.autoCreate is Enabled'
  const path = ['spec', 'controllers', 'node', 'hostEndpoint', 'autoCreate']
  return {
    name,
    node: node.name,
    interfaceName: '',
    expectedIPs: [],
    profiles: [ALLOWS_ALL],
    ports: [],
    origin: originOf('felix', asked.resource, asked.resource === undefined ? [] : path, note),
    ...rest,
    labels: { ...node.labels, ...rest.labels, ...CREATED_BY },
  }
}

/** Those of a template: one for the addresses in its ranges, or one an interface that its pattern takes. */
function ofTemplate(
  node: ClusterNode,
  addresses: readonly Ip[],
  template: HostEndpointTemplate,
  asked: Asked,
): HostEndpoint[] {
  const { generateName = '', interfaceCIDRs = [], interfacePattern = '', labels = {} } = template
  const ranges = interfaceCIDRs.flatMap((cidr) => parsePrefix(cidr) ?? [])
  const expectedIPs = addresses.filter((ip) => ranges.some((range) => contains(range, ip)))
  const name = `${node.name}-${generateName}`
  if (interfacePattern === '') {
    return expectedIPs.length === 0 ? [] : [madeOne(node, `${name}-auto-hep`, { expectedIPs, labels }, asked)]
  }
  const pattern = goRegexp(interfacePattern)
  if (typeof pattern === 'string') return []
  const devs = (node.machine?.interfaces ?? []).filter((dev) => pattern.test(dev.name))
  return devs.map((dev) => {
    const own = dev.addresses.map(({ address }) => address)
    const all = [...new Set([...expectedIPs, ...own])]
    return madeOne(node, `${name}-${dev.name}-auto-hep`, { interfaceName: dev.name, expectedIPs: all, labels }, asked)
  })
}

/** Those of kube-controllers: one for all interfaces of a node, and those of the templates whose selector takes the node. */
function madeOn(node: ClusterNode, tunnels: readonly Ip[], asked: Asked): HostEndpoint[] {
  if (asked.autoCreate !== 'Enabled') return []
  const addresses = addressesOf(node, tunnels)
  const templates = (asked.templates ?? []).filter((one) => takes(one, node))
  const made = templates.flatMap((template) => ofTemplate(node, addresses, template, asked))
  if (asked.createDefaultHostEndpoint === 'Disabled') return made
  return [madeOne(node, `${node.name}-auto-hep`, { interfaceName: '*', expectedIPs: addresses }, asked), ...made]
}

/** A selector that cannot be read may take any node. */
function takes({ nodeSelector }: HostEndpointTemplate, node: ClusterNode): boolean {
  const selector = parseSelector(nodeSelector ?? 'all()')
  return isSelectorFault(selector) || selects(selector, node.labels)
}

/** Addresses of a node's tunnels. */
type Tunnels = Readonly<Partial<Record<TunnelKind, Ip>>>

/** Addresses of the tunnels of nodes. */
export type TunnelsOf = (node: string) => Tunnels

/** Every host endpoint of a cluster, by node: those given, and those kube-controllers make. */
export function hostEndpointsByNode(
  resources: Resources,
  given: readonly HostEndpointResource[],
  nodes: readonly ClusterNode[],
  tunnelsOf: TunnelsOf,
): ReadonlyMap<string, readonly HostEndpoint[]> {
  const asked = autoHostEndpoints(resources)
  const own = new Map<string, HostEndpoint[]>()
  for (const host of given.map(givenOne)) pushTo(own, host.node, host)
  const found = new Map<string, readonly HostEndpoint[]>()
  for (const node of nodes) {
    const stated = own.get(node.name) ?? []
    const made = asked.flatMap((one) => madeOn(node, Object.values(tunnelsOf(node.name)), one))
    const fresh = made.filter(({ name }) => !stated.some((one) => one.name === name))
    if (stated.length + fresh.length > 0) found.set(node.name, [...stated, ...fresh])
  }
  return found
}

/** The host endpoints of a node as policies see them: those given, and those kube-controllers make. */
export function hostEndpointsOf(node: ClusterNode, resources: Resources): PolicyEndpoint[] {
  const given = resources.hostEndpoints.filter(({ spec }) => spec.node === node.name)
  const all = hostEndpointsByNode(resources, given, [node], () => ({})).get(node.name) ?? []
  return all.map((host) => {
    const devs = devsOf(host, node)
    const label = (name: string): string | undefined =>
      Object.hasOwn(host.labels, name) ? host.labels[name] : undefined
    return { label, unknown: [], ...(devs === undefined ? {} : { devs }) }
  })
}

/** Interfaces a host endpoint stands for: the one it names, or those that have its addresses; undefined for all. */
function devsOf(
  { interfaceName, expectedIPs }: Pick<HostEndpoint, 'interfaceName' | 'expectedIPs'>,
  node: ClusterNode | undefined,
): readonly string[] | undefined {
  if (interfaceName !== '') return interfaceName === '*' ? undefined : [interfaceName]
  const having = (node?.machine?.interfaces ?? []).filter((dev) =>
    dev.addresses.some(({ address }) => expectedIPs.some((ip) => ip === address)),
  )
  return having.length === 0 ? undefined : having.map(({ name }) => name)
}

/** Addresses of every interface of a node that is none of a pod: its cards, `lo` and tunnels. */
function addressesByInterface(node: ClusterNode | undefined, tunnels: Tunnels): Map<string, readonly Ip[]> {
  const { interfaces = [], loopback } = node?.machine ?? {}
  const devices = loopback === undefined ? interfaces : [...interfaces, loopback]
  const found = new Map(devices.map((dev) => [dev.name, dev.addresses.map(({ address }) => address)]))
  for (const [dev, kind] of Object.entries(KIND_OF_DEVICE)) {
    const address = tunnels[kind]
    if (address !== undefined) found.set(dev, [address])
  }
  return found
}

/** The host endpoint of each interface: of several that match the first by name; `*` for the others. @calico felix/dataplane/linux/endpoint_mgr.go */
export function hostEndpointByInterface(
  hosts: readonly HostEndpoint[],
  node: ClusterNode | undefined,
  tunnels: Tunnels,
): ReadonlyMap<string, HostEndpoint> {
  const cards = addressesByInterface(node, tunnels)
  // Interfaces that only a host endpoint tells of may be there, too.
  for (const { interfaceName } of inOrderOfNames(hosts)) {
    if (interfaceName !== '' && interfaceName !== '*' && !cards.has(interfaceName)) cards.set(interfaceName, [])
  }
  const found = new Map(
    hostOfInterfaces(
      hosts,
      [...cards].map(([name, addresses]) => ({ name, addresses })),
    ),
  )
  const rest = hostOfAll(hosts)
  if (rest !== undefined) found.set('*', rest)
  return found
}
