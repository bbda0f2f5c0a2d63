import {
  type ClusterNode,
  type HostEndpointResource,
  hostEndpointsOf,
  type PolicySpec,
  selectsEndpoint,
} from '../../control/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'
import { peerOf, scopeOf } from '../pod-classes.ts'

/** Host endpoints, and what pods may do to their node. */
export function hostChecks(facts: LintFacts): LintFinding[] {
  return [...unprotected(facts), ...failsafes(facts), ...passing(facts), ...hidden(facts), ...toHost(facts)]
}

/** Nodes of host endpoints that somebody declared. */
function nodesWithHosts({ resources, cluster }: LintFacts): readonly ClusterNode[] {
  const names = new Set(resources.hostEndpoints.map(({ spec }) => spec.node))
  return names.size === 0 ? [] : cluster.nodes.filter(({ name }) => names.has(name))
}

/** Policies that select a host endpoint, of whatever stage. */
function policiesOf({ policies }: LintFacts, { metadata }: HostEndpointResource): readonly PolicySpec[] {
  const endpoint = { label: (name: string) => metadata.labels?.[name], unknown: [] }
  return policies().filter(
    (policy) => policy.namespace === undefined && selectsEndpoint(scopeOf(policy), endpoint) === true,
  )
}

function unprotected(facts: LintFacts): LintFinding[] {
  return facts.resources.hostEndpoints.flatMap((resource) => {
    if ((resource.spec.profiles ?? []).length > 0 || policiesOf(facts, resource).length > 0) return []
    const message = `no policy selects it, and it has no profile: of ${resource.spec.node} only failsafe ports are reached`
    return [found('host-endpoint-without-policy', [{ resource }], message)]
  })
}

function failsafes(facts: LintFacts): LintFinding[] {
  const [node] = nodesWithHosts(facts)
  if (node === undefined) return []
  const felix = facts.resources.felixConfigurations.find(({ spec }) => spec['failsafeInboundHostPorts'] !== undefined)
  const of: Subject[] = felix === undefined ? [] : [{ resource: felix, path: ['spec', 'failsafeInboundHostPorts'] }]
  if (node.felix.rules.failsafeInbound.length === 0) {
    return [
      found(
        'failsafe-emptied',
        [...of, { resource: node.resource }],
        `${node.name} has host endpoints and no failsafe port`,
      ),
    ]
  }
  const assumed = felix === undefined ? 'the failsafe ports that Felix has where nobody says' : undefined
  const selecting = new Set(facts.resources.hostEndpoints.flatMap((one) => policiesOf(facts, one)))
  return [...selecting].flatMap((policy) =>
    policy.ingress.flatMap(({ rule, path, index }) => {
      if (rule.action !== 'Deny') return []
      const protocol = String(rule.protocol ?? '').toLowerCase()
      const beaten = node.felix.rules.failsafeInbound.find(
        (one) => one.protocol === protocol && (rule.destination?.ports ?? []).some((port) => Number(port) === one.port),
      )
      if (beaten === undefined) return []
      const message = `ingress rule ${index} denies ${protocol} ${beaten.port}, a failsafe port`
      return [found('failsafe-beats-deny', [{ resource: policy.resource, path }, ...of], message, assumed)]
    }),
  )
}

/** Policies of host endpoints that are not asked about what a Service translates. */
function passing(facts: LintFacts): LintFinding[] {
  const service = facts.resources.services.find(({ spec }) => spec.type === 'NodePort' || spec.type === 'LoadBalancer')
  if (service === undefined) return []
  return facts.resources.hostEndpoints.flatMap((resource) => {
    const all = policiesOf(facts, resource).filter(({ directions }) => directions.includes('ingress'))
    if (all.length === 0 || all.some(({ applyOnForward, preDNAT }) => applyOnForward || preDNAT)) return []
    const message = `node ports of ${service.metadata.name} and its like pass ${all.length === 1 ? 'the policy' : 'all policies'} of ${resource.metadata.name}`
    const subjects = [{ resource: all[0]!.resource }, { resource }, { resource: service }]
    return [found('node-ports-pass-host-policy', subjects, message)]
  })
}

/** Rules of host endpoints that let pods in by labels, whose addresses NAT hides. */
function hidden(facts: LintFacts): LintFinding[] {
  const { cluster, resources, pools } = facts
  const pool = pools.find(({ natOutgoing }) => natOutgoing)
  const nodes = nodesWithHosts(facts)
  if (pool === undefined || cluster.nodes.length < 2 || nodes.length === 0) return []
  if (nodes.every(({ felix }) => felix.rules.natOutgoingExclusions === 'IPPoolsAndHostIPs')) return []
  const selecting = new Set(resources.hostEndpoints.flatMap((one) => policiesOf(facts, one)))
  return [...selecting].flatMap((policy) =>
    policy.ingress.flatMap((spec) => {
      const peer = peerOf(policy, spec, 'source')
      const isHost = (): boolean =>
        nodes.some((node) => hostEndpointsOf(node, resources).some((one) => selectsEndpoint(peer!, one) === true))
      if (spec.rule.action !== 'Allow' || peer === undefined || isHost()) return []
      const taken = facts.classes().find((one) => one.isTaken(peer))
      if (taken === undefined) return []
      const message = `ingress rule ${spec.index} lets ${taken.sample.netns} in, which comes from other nodes with their address`
      const subjects = [{ resource: policy.resource, path: spec.path }, { resource: pool.resource }]
      return [found('host-policy-expects-pod-address', subjects, message, facts.assumedOf(pool))]
    }),
  )
}

function toHost({ cluster, resources }: LintFacts): LintFinding[] {
  const node = cluster.nodes.find(({ felix }) => felix.rules.endpointToHost === 'DROP')
  if (node === undefined) return []
  const field = 'defaultEndpointToHostAction'
  const felix = resources.felixConfigurations.find(({ spec }) => spec[field] !== undefined)
  const variable = cluster.settings.env.get('FELIX_DEFAULTENDPOINTTOHOSTACTION')
  const message = `what pods of ${node.name} send to it is dropped`
  if (variable?.resource !== undefined) {
    return [found('endpoint-to-host-drops', [{ resource: variable.resource, path: variable.path }], message)]
  }
  if (felix !== undefined)
    return [found('endpoint-to-host-drops', [{ resource: felix, path: ['spec', field] }], message)]
  return [
    found('endpoint-to-host-drops', [{ resource: node.resource }], message, 'Drop, which is what Felix does by itself'),
  ]
}
