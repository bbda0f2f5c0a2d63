import { parseIp } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { Resources } from '../resources.ts'
import { kubeControllersEnvironment } from '../settings/environment.ts'
import type { Settings } from '../settings/settings.ts'
import { ALLOWS_ALL, AUTO_HOST_ENDPOINTS, devsOf } from './host-endpoints.ts'
import { readPolicy } from './read-policy.ts'
import { endpointSelector } from './selector-text.ts'

const NOT_ENFORCED = 'not enforced, its rules are not rendered'

/** Notes every policy with whom it selects: a flow neither end of which it selects is not concerned. */
export function notePolicies(resources: Resources, findings: Findings): void {
  for (const policy of resources.policies) {
    switch (policy.kind) {
      case 'StagedNetworkPolicy':
      case 'StagedGlobalNetworkPolicy':
      case 'StagedKubernetesNetworkPolicy':
        findings.note('policy_staged', policy, [], 'staged, so it is never enforced')
        break
      default: {
        const { spec } = readPolicy(policy)
        if (spec === undefined || spec.directions.length === 0) break
        const { directions, applyOnForward: forwarded } = spec
        findings.note('policy', policy, [], NOT_ENFORCED, {
          scope: { kind: 'endpoints', selector: endpointSelector(spec.scope).text, directions, forwarded },
        })
      }
    }
  }
}

/** Notes host endpoints that deny what no policy allows. Those that allow everything matter to the policies that select them. */
export function noteHostEndpoints(resources: Resources, nodes: readonly ClusterNode[], findings: Findings): void {
  warnOfAutoHostEndpoints(resources, findings)
  for (const host of resources.hostEndpoints) {
    const { node, profiles } = host.spec
    if (node === undefined || profiles?.includes(ALLOWS_ALL)) continue
    const { interfaceName = '', expectedIPs = [] } = host.spec
    const devs = devsOf(
      { interfaceName, expectedIPs: expectedIPs.flatMap((ip) => parseIp(ip) ?? []) },
      nodes.find(({ name }) => name === node),
    )
    findings.note('host_endpoint', host, [], NOT_ENFORCED, {
      scope: { kind: 'host_endpoint', node, ...(devs === undefined ? {} : { devs }) },
    })
  }
}

function warnOfAutoHostEndpoints(resources: Resources, findings: Findings): void {
  const variable = kubeControllersEnvironment(resources).get(AUTO_HOST_ENDPOINTS)
  if (variable === undefined || /^(enabled|disabled)$/i.test(variable.value)) return
  const { resource, path, name, value } = variable
  findings.warn('invalid', resource, path, `enabled or disabled for ${name}`, `"${value}"`)
}

/**
 * What a pod may send to its own node: Felix drops it by default, but Calico's manifests and the operator switch that off.
 * Who gave no manifest gets what they do, said so. @calico felix/rules/static.go
 */
export function noteEndpointToHost(
  resources: Resources,
  settings: Settings,
  nodes: readonly ClusterNode[],
  findings: Findings,
): void {
  const field = 'defaultEndpointToHostAction'
  // With calico-node in the input, what it does not say is Felix's own default.
  if (settings.env.size > 0) return
  const says = new Set(
    resources.felixConfigurations.filter(({ spec }) => spec[field] !== undefined).map(({ metadata }) => metadata.name),
  )
  const names = nodes.map(({ name }) => name).filter((name) => !says.has('default') && !says.has(`node.${name}`))
  if (names.length === 0) return
  findings.assume('endpoint_to_host_assumed', `${field} Accept, as calico.yaml and the operator set it`, {
    scope: { kind: 'own_node', nodes: names },
  })
}
