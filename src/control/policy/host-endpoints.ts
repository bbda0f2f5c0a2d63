import type { ClusterNode } from '../cluster-node.ts'
import type { Resources } from '../resources.ts'
import { isSelectorFault, parseSelector, selects } from '../selector.ts'
import { kubeControllersEnvironment } from '../settings/environment.ts'
import type { PolicyEndpoint } from './endpoints.ts'
import type { AutoHostEndpoints, HostEndpointResource, HostEndpointTemplate } from './kinds.ts'

/** The host endpoints of a node as policies see them: those given, and those kube-controllers make. */
export function hostEndpointsOf(node: ClusterNode, resources: Resources): PolicyEndpoint[] {
  const given = resources.hostEndpoints.filter(({ spec }) => spec.node === node.name)
  const made = autoHostEndpoints(resources).flatMap((asked) => madeOn(node, asked))
  return [...given.map((one) => endpointOf(one, node)), ...made]
}

/** Variable of kube-controllers that beats `hostEndpoint.autoCreate`. */
export const AUTO_HOST_ENDPOINTS = 'AUTO_HOST_ENDPOINTS'

/** What kube-controllers are told about host endpoints. Their environment beats the object. @calico kube-controllers/pkg/config */
function autoHostEndpoints(resources: Resources): AutoHostEndpoints[] {
  const env = kubeControllersEnvironment(resources)
  const running = env.get('ENABLED_CONTROLLERS')?.value.split(',')
  if (running !== undefined && !running.some((one) => one.trim() === 'node')) return []
  const { kubeControllersConfigurations: given } = resources
  const told = given.map(({ spec }) => spec?.controllers?.node?.hostEndpoint ?? {})
  const variable = env.get(AUTO_HOST_ENDPOINTS)?.value
  if (variable === undefined) return told
  // What is neither is named when the cluster is built, and may mean either.
  const autoCreate = variable.toLowerCase() === 'disabled' ? 'Disabled' : 'Enabled'
  return (told.length === 0 ? [{}] : told).map((asked) => ({ ...asked, autoCreate }))
}

function endpointOf(host: HostEndpointResource, node: ClusterNode | undefined): PolicyEndpoint {
  const devs = devsOf(host, node)
  return { labels: host.metadata.labels ?? {}, unknown: [], ...(devs === undefined ? {} : { devs }) }
}

/** Interfaces a host endpoint stands for: the one it names, or those that have its addresses; undefined for all. */
export function devsOf({ spec }: HostEndpointResource, node: ClusterNode | undefined): readonly string[] | undefined {
  const { expectedIPs } = spec
  const interfaceName = spec.interfaceName ?? ''
  if (interfaceName !== '') return interfaceName === '*' ? undefined : [interfaceName]
  const having = (node?.machine?.interfaces ?? []).filter((dev) =>
    dev.addresses.some(({ address }) => expectedIPs?.some((ip) => ip === address)),
  )
  return having.length === 0 ? undefined : having.map(({ name }) => name)
}

/** Those of kube-controllers: one for all interfaces of a node, and one for each template whose selector takes the node. */
function madeOn(node: ClusterNode, asked: AutoHostEndpoints): PolicyEndpoint[] {
  if (asked.autoCreate !== 'Enabled') return []
  const own = { ...node.labels, 'projectcalico.org/created-by': 'calico-kube-controllers' }
  const templates = (asked.templates ?? []).filter((one) => takes(one, node))
  const whole = asked.createDefaultHostEndpoint === 'Disabled' ? [] : [{ labels: own, unknown: [] }]
  return [...whole, ...templates.map(({ labels }) => ({ labels: { ...own, ...labels }, unknown: [] }))]
}

/** A selector that cannot be read may take any node. */
function takes({ nodeSelector }: HostEndpointTemplate, node: ClusterNode): boolean {
  const selector = parseSelector(nodeSelector ?? 'all()')
  return isSelectorFault(selector) || selects(selector, node.labels)
}
