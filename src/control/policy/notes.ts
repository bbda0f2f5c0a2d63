import type { NoteScope } from '../../model/index.ts'
import { parseIp } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { OtherResource } from '../resource.ts'
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
  const variable = settings.env.get(`FELIX_${field.toUpperCase()}`)
  const shared = resources.felixConfigurations.find((one) => one.metadata.name === 'default')
  const byObject = new Map<OtherResource | undefined, { readonly action: string; readonly nodes: string[] }>()
  for (const { name } of nodes) {
    const own = resources.felixConfigurations.find((one) => one.metadata.name === `node.${name}`)
    const by = [own, shared].find((one) => one?.spec[field] !== undefined)
    const object = variable?.resource ?? by
    const known = byObject.get(object)
    if (known !== undefined) known.nodes.push(name)
    else byObject.set(object, { action: variable?.value ?? String(by?.spec[field]), nodes: [name] })
  }
  for (const [object, { action, nodes: names }] of byObject) {
    const scope = { kind: 'own_node', nodes: names } as const
    if (object === undefined) noteDefaultAction(settings.env.size > 0, field, scope, findings)
    else if (/^drop/i.test(action)) {
      const what = `what a pod sends to its own node is dropped (${field} ${action}); that rule is not rendered`
      findings.note('endpoint_to_host', object, variable?.path ?? ['spec', field], what, { scope })
    }
  }
}

/** Where calico-node is given and nothing is said, Felix's own default holds. */
function noteDefaultAction(isGiven: boolean, field: string, scope: NoteScope, findings: Findings): void {
  if (isGiven) {
    const what = `nothing sets ${field}, so Felix drops what a pod sends to its own node; that rule is not rendered`
    findings.assume('endpoint_to_host', what, { scope })
  } else
    findings.assume('endpoint_to_host_assumed', `${field} Accept, as calico.yaml and the operator set it`, { scope })
}
