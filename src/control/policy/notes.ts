import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { Resources } from '../resources.ts'
import type { Settings } from '../settings/settings.ts'
import { devsOf } from './host-endpoints.ts'
import { selectedBy } from './selected.ts'

const NOT_ENFORCED = 'not enforced, its rules are not rendered'
/** The profile that allows everything; the rules of others are not read. */
const ALLOWS_ALL = 'projectcalico-default-allow'

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
        const { selector, directions, forwarded, faults } = selectedBy(policy)
        for (const { path, text, expected } of faults) findings.warn('invalid', policy, path, expected, text)
        if (directions.length === 0) break
        findings.note('policy', policy, [], NOT_ENFORCED, {
          scope: { kind: 'endpoints', selector, directions, forwarded },
        })
      }
    }
  }
}

/** Notes host endpoints that deny what no policy allows. Those that allow everything matter to the policies that select them. */
export function noteHostEndpoints(resources: Resources, nodes: readonly ClusterNode[], findings: Findings): void {
  for (const host of resources.hostEndpoints) {
    const { node, profiles } = host.spec
    if (node === undefined || profiles?.includes(ALLOWS_ALL)) continue
    const devs = devsOf(
      host,
      nodes.find(({ name }) => name === node),
    )
    findings.note('host_endpoint', host, [], NOT_ENFORCED, {
      scope: { kind: 'host_endpoint', node, ...(devs === undefined ? {} : { devs }) },
    })
  }
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
  const fromEnv = settings.env.get(`FELIX_${field.toUpperCase()}`)?.value
  const unsaid: string[] = []
  for (const { name, resource } of nodes) {
    const own = resources.felixConfigurations.find((one) => one.metadata.name === `node.${name}`)
    const shared = resources.felixConfigurations.find((one) => one.metadata.name === 'default')
    const by = [own, shared].find((one) => one?.spec[field] !== undefined)
    const action = fromEnv ?? by?.spec[field]
    const said = action ?? (settings.env.size > 0 ? 'Drop, as nothing else is said' : undefined)
    if (said === undefined) unsaid.push(name)
    else if (/^drop|^reject/i.test(String(said))) {
      const what = `${field} ${String(said)} is not modelled`
      findings.note('endpoint_to_host', by ?? resource, by === undefined ? [] : ['spec', field], what, {
        scope: { kind: 'own_node', nodes: [name] },
      })
    }
  }
  if (unsaid.length > 0)
    findings.assume('endpoint_to_host_assumed', `${field} Accept, as calico.yaml and the operator set it`, {
      scope: { kind: 'own_node', nodes: unsaid },
    })
}
