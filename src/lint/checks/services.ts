import {
  clusterIpsOf,
  hasSelector,
  isAlive,
  type PodResource,
  type ServiceResource,
  takingConnections,
} from '../../control/index.ts'
import { once, pushTo } from '../../model/index.ts'
import { containsPrefix, familyOf, type Prefix, parsePrefix } from '../../wire/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'
import type { LintName } from '../names.ts'

/** Services, ports of nodes, and kube-proxy. */
export function serviceChecks(facts: LintFacts): LintFinding[] {
  return [...endpoints(facts), ...shared(facts), ...hostPorts(facts), ...local(facts), ...proxies(facts)]
}

function podsByNamespace({ resources }: LintFacts): ReadonlyMap<string, readonly PodResource[]> {
  const found = new Map<string, PodResource[]>()
  for (const pod of resources.pods) if (isAlive(pod)) pushTo(found, pod.metadata.namespace ?? 'default', pod)
  return found
}

type Labels = Readonly<Record<string, string>>

function hasLabels(labels: Labels | undefined, wanted: readonly (readonly [string, string])[]): boolean {
  return wanted.every(([key, value]) => labels?.[key] === value)
}

const nameOf = ({ metadata }: ServiceResource): string => `${metadata.namespace ?? 'default'}/${metadata.name}`

function endpoints(facts: LintFacts): LintFinding[] {
  const { resources, cluster } = facts
  if (resources.services.length === 0) return []
  const pods = once(() => podsByNamespace(facts))
  const given = new Set(
    resources.endpointSlices.map(
      ({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.labels?.['kubernetes.io/service-name']}`,
    ),
  )
  return resources.services.flatMap((service) => {
    if (!hasSelector(service) || service.spec.type === 'ExternalName') return []
    const ports = cluster.serviceEndpoints(service)
    const empty = ports.filter((port) => takingConnections(port.endpoints).length === 0)
    if (empty.length === 0) return []
    const namespace = service.metadata.namespace ?? 'default'
    const wanted = Object.entries(service.spec.selector ?? {})
    const those = (pods().get(namespace) ?? []).filter((pod) => hasLabels(pod.metadata.labels, wanted))
    const missing = missingPort(service, those)
    if (missing !== undefined) return [missing]
    // Manifests without pods are no cluster without pods.
    const isKnown = given.has(nameOf(service)) || (pods().has(namespace) && !hasTemplate(facts, service))
    const served = new Set(ports.filter((port) => !empty.includes(port)).map(({ service: { port } }) => port))
    if (!isKnown || empty.every(({ service: { port } }) => served.has(port))) return []
    const why = those.length === 0 ? 'its selector selects no pod' : `none of its ${those.length} pods is ready`
    return [found('service-without-endpoints', [{ resource: service, path: ['spec', 'selector'] }], why)]
  })
}

/** A port that is called by a name which no container of these pods has. */
function missingPort(service: ServiceResource, pods: readonly PodResource[]): LintFinding | undefined {
  if (pods.length === 0) return undefined
  const names = new Set(
    pods.flatMap(({ spec }) => (spec.containers ?? []).flatMap(({ ports = [] }) => ports.map(({ name }) => name))),
  )
  const at = (service.spec.ports ?? []).findIndex(
    ({ targetPort }) => typeof targetPort === 'string' && !/^\d+$/.test(targetPort) && !names.has(targetPort),
  )
  if (at < 0) return undefined
  const { targetPort } = service.spec.ports![at]!
  const message = `none of its ${pods.length} pods has a port called ${targetPort}`
  return found('service-port-missing', [{ resource: service, path: ['spec', 'ports', at, 'targetPort'] }], message)
}

/** Whether something makes pods for a Service that are not among the objects. */
function hasTemplate({ resources }: LintFacts, service: ServiceResource): boolean {
  const wanted = Object.entries(service.spec.selector ?? {})
  const namespace = service.metadata.namespace ?? 'default'
  return [...resources.deployments, ...resources.daemonSets, ...resources.podSets].some(
    ({ metadata, spec }) =>
      (metadata.namespace ?? 'default') === namespace && hasLabels(spec.template?.metadata?.labels, wanted),
  )
}

/** What only one Service may have. */
function shared({ resources }: LintFacts): LintFinding[] {
  const addresses = new Map<string, Subject[]>()
  const ports = new Map<string, Subject[]>()
  for (const resource of resources.services) {
    for (const address of clusterIpsOf(resource)) pushTo(addresses, address, { resource, path: ['spec', 'clusterIP'] })
    for (const [i, { nodePort, protocol = 'TCP' }] of (resource.spec.ports ?? []).entries()) {
      if (nodePort !== undefined && nodePort > 0) {
        pushTo(ports, `${protocol} ${nodePort}`, { resource, path: ['spec', 'ports', i, 'nodePort'] })
      }
    }
  }
  const twice = (name: LintName, what: string, by: ReadonlyMap<string, readonly Subject[]>): LintFinding[] =>
    [...by]
      .filter(([, those]) => those.length > 1)
      .map(([value, those]) => found(name, those, `${those.length} Services have ${what} ${value}`))
  return [
    ...twice('services-share-address', 'the address', addresses),
    ...twice('node-ports-collide', 'node port', ports),
  ]
}

/** Pods of a node that want one port of it, at the same address. */
function hostPorts({ resources }: LintFacts): LintFinding[] {
  const byPort = new Map<string, { readonly subject: Subject; readonly hostIp: string }[]>()
  for (const resource of resources.pods) {
    const { nodeName, hostNetwork, containers = [] } = resource.spec
    if (nodeName === undefined || hostNetwork === true || !isAlive(resource)) continue
    for (const [i, { ports = [] }] of containers.entries()) {
      for (const [j, { hostPort, protocol = 'TCP', hostIP = '' }] of ports.entries()) {
        if (hostPort === undefined || hostPort === 0) continue
        const subject = { resource, path: ['spec', 'containers', i, 'ports', j, 'hostPort'] }
        const hostIp = ['0.0.0.0', '::'].includes(hostIP) ? '' : hostIP
        pushTo(byPort, `${protocol} ${hostPort} of ${nodeName}`, { subject, hostIp })
      }
    }
  }
  return [...byPort].flatMap(([port, those]) => {
    const clash = those.filter((one) =>
      those.some((other) => other !== one && (one.hostIp === other.hostIp || one.hostIp === '' || other.hostIp === '')),
    )
    if (clash.length < 2) return []
    const subjects = clash.map(({ subject }) => subject)
    return [found('host-ports-collide', subjects, `${clash.length} ports of pods are ${port}`)]
  })
}

function local({ resources, cluster }: LintFacts): LintFinding[] {
  return resources.services.flatMap((service) => {
    const { externalTrafficPolicy, type } = service.spec
    if (externalTrafficPolicy !== 'Local' || (type !== 'NodePort' && type !== 'LoadBalancer')) return []
    const [port] = cluster.serviceEndpoints(service)
    const on = new Set(takingConnections(port?.endpoints ?? []).flatMap(({ node }) => node ?? []))
    const without = cluster.nodes.filter(({ name }) => !on.has(name))
    if (on.size === 0 || without.length === 0) return []
    const some = without.slice(0, 3).map(({ name }) => name)
    const message = `${without.length} of ${cluster.nodes.length} nodes have no endpoint, as ${some.join(', ')}`
    return [
      found('local-traffic-on-few-nodes', [{ resource: service, path: ['spec', 'externalTrafficPolicy'] }], message),
    ]
  })
}

/** The release from which on Felix follows kube-proxy by itself. */
const AUTO_SINCE = 32

function proxies(facts: LintFacts): LintFinding[] {
  const { resources, cluster } = facts
  const [proxy] = resources.kubeProxyConfigurations
  const [installation] = resources.installations
  const felix = resources.felixConfigurations.find(({ metadata }) => metadata.name === 'default')
  const dataplane = installation?.spec.calicoNetwork?.linuxDataplane
  const inBpf = felix?.spec['bpfEnabled'] === true || dataplane === 'BPF'
  const daemon = resources.daemonSets.find(({ metadata }) => metadata.name === 'kube-proxy')
  const beside = proxy ?? daemon
  const bpf =
    inBpf && beside !== undefined
      ? [
          found(
            'kube-proxy-beside-bpf',
            [{ resource: beside }, { resource: (felix?.spec['bpfEnabled'] === true ? felix : installation)! }],
            'Felix is in eBPF mode, and kube-proxy is there',
          ),
        ]
      : []
  if (proxy === undefined) return bpf
  const { env } = cluster.settings
  const mode = String(env.get('FELIX_NFTABLESMODE')?.value ?? felix?.spec['nftablesMode'] ?? '').toLowerCase()
  // @calico felix/config/config_params.go: Disabled where nobody says, and Auto from v3.32 on
  const usual = cluster.settings.version.minor >= AUTO_SINCE ? 'auto' : 'disabled'
  const isIptables = dataplane !== 'Nftables' && !inBpf && (mode === '' ? usual : mode) === 'disabled'
  const engines =
    proxy.mode === 'nftables' && isIptables
      ? [
          found(
            'dataplane-mode-conflict',
            [{ resource: proxy, path: ['mode'] }, ...(felix === undefined ? [] : [{ resource: felix }])],
            'kube-proxy is in mode nftables, and Felix has nftablesMode Disabled',
            mode === '' ? `nftablesMode Disabled, as in ${cluster.settings.version.text} where nobody says` : undefined,
          ),
        ]
      : []
  return [...bpf, ...engines, ...clusterCidr(facts)]
}

function clusterCidr(facts: LintFacts): LintFinding[] {
  const [proxy] = facts.resources.kubeProxyConfigurations
  const { clusterCIDR = '', detectLocalMode = '' } = proxy ?? {}
  if (proxy === undefined || clusterCIDR === '' || !['', 'ClusterCIDR'].includes(detectLocalMode)) return []
  const ranges = clusterCIDR.split(',').flatMap((text): readonly Prefix[] => rangeOf(text.trim()))
  return facts.pools.flatMap((pool) => {
    const own = ranges.filter((range) => familyOf(range) === pool.family)
    if (own.length === 0 || own.some((range) => containsPrefix(range, pool.cidr))) return []
    const message = `clusterCIDR ${own.join(', ')} does not hold ${pool.cidr}`
    const subjects = [
      { resource: proxy, path: ['clusterCIDR'] },
      { resource: pool.resource, path: ['spec', 'cidr'] },
    ]
    return [found('clustercidr-mismatch', subjects, message, facts.assumedOf(pool))]
  })
}

function rangeOf(text: string): readonly Prefix[] {
  const prefix = parsePrefix(text)
  return prefix === undefined ? [] : [prefix]
}
