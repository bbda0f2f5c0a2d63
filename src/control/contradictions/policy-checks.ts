import { listAt, textAt } from '../validation/members.ts'
import { BUILT_IN_TIERS } from '../validation/tier.ts'
import { type Contradiction, finding } from './finding.ts'
import { type PlainObject, type PlainObjects, sharing } from './objects.ts'
import { plainNodes } from './plain-node.ts'

const POLICIES = ['NetworkPolicy', 'GlobalNetworkPolicy', 'StagedNetworkPolicy', 'StagedGlobalNetworkPolicy']

/** Policies, tiers, profiles and host endpoints against each other. */
export function policyChecks(objects: PlainObjects): Contradiction[] {
  return [...tiers(objects), ...profiles(objects), ...hostEndpoints(objects)]
}

function isCalicos({ api }: PlainObject): boolean {
  return api.includes('projectcalico.org/')
}

function tiers(objects: PlainObjects): Contradiction[] {
  const known = new Set([...Object.keys(BUILT_IN_TIERS), ...objects.of('Tier').map(({ name }) => name)])
  const missing = POLICIES.flatMap((kind) => objects.of(kind))
    .filter((policy) => isCalicos(policy) && !known.has(textAt(policy.spec, 'tier') || 'default'))
    .map(({ id, spec }) => finding('tier-missing', [id], `there is no tier ${textAt(spec, 'tier')}`))
  const shared = sharing(objects.of('Tier'), ({ spec }) => (spec['order'] === undefined ? '' : String(spec['order'])))
  return [
    ...missing,
    ...shared.map(([order, those]) =>
      finding(
        'tiers-share-order',
        those.map(({ id }) => id),
        `all have order ${order}`,
      ),
    ),
  ]
}

/** Names of profiles that come from Kubernetes' objects or that Calico makes itself. */
const MADE = /^(kns\.|ksa\.|projectcalico-default-allow$)/

function profiles(objects: PlainObjects): Contradiction[] {
  const known = new Set(objects.of('Profile').map(({ name }) => name))
  return [...objects.of('HostEndpoint'), ...objects.of('WorkloadEndpoint')].flatMap(({ id, spec }) =>
    listAt(spec, 'profiles')
      .map(String)
      .filter((name) => !known.has(name) && !MADE.test(name))
      .map((name) => finding('profile-missing', [id], `there is no profile ${name}`)),
  )
}

function hostEndpoints(objects: PlainObjects): Contradiction[] {
  const names = new Set(plainNodes(objects).map(({ name }) => name))
  const endpoints = objects.of('HostEndpoint')
  const lost = endpoints
    .filter(({ spec }) => names.size > 0 && textAt(spec, 'node') !== '' && !names.has(textAt(spec, 'node')))
    .map(({ id, spec }) => finding('host-endpoint-without-node', [id], `there is no node ${textAt(spec, 'node')}`))
  const named = endpoints.filter(({ spec }) => textAt(spec, 'interfaceName') !== '')
  const shared = sharing(named, ({ spec }) => `${textAt(spec, 'interfaceName')} of ${textAt(spec, 'node')}`)
  return [
    ...lost,
    ...shared.map(([place, those]) =>
      finding(
        'host-endpoints-share-interface',
        those.map(({ id }) => id),
        `all are ${place}`,
      ),
    ),
  ]
}
