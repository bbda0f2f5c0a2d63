import { parseCidr, parseIp } from '../../wire/index.ts'
import { type AdminPolicyKind, isAssumedRelease } from '../calico-version.ts'
import type { Findings } from '../findings.ts'
import type { OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import type { Settings } from '../settings/settings.ts'
import type { HostEndpointResource, NetworkSetResource, ProfileResource, TierResource } from './kinds.ts'
import { profileFaults } from './profiles.ts'
import { readPolicy } from './read-policy.ts'
import { endpointSelector } from './selector-text.ts'
import type { PolicySpec, Problem } from './spec.ts'
import { isBuiltInTier, tierFaults } from './tiers.ts'

/** Objects of policy that Calico takes; the others are named. */
export interface CheckedPolicies {
  /** Policies. */
  readonly policies: readonly PolicySpec[]
  /** Tiers. */
  readonly tiers: readonly TierResource[]
  /** Profiles. */
  readonly profiles: readonly ProfileResource[]
  /** Sets of ranges. */
  readonly networkSets: readonly NetworkSetResource[]
  /** Host endpoints. */
  readonly hostEndpoints: readonly HostEndpointResource[]
}

function report(resource: OtherResource, faults: readonly Problem[], findings: Findings): boolean {
  for (const { path, expected, received } of faults) findings.fault('invalid', resource, path, expected, received)
  return faults.length === 0
}

/** Objects without faults; the faults of the others are named. */
function sound<R extends OtherResource>(
  list: readonly R[],
  faultsOf: (resource: R) => readonly Problem[],
  findings: Findings,
): R[] {
  return list.filter((resource) => report(resource, faultsOf(resource), findings))
}

/** Calico writes this label itself where it has a meaning. */
function networkSetFaults({ metadata, spec }: NetworkSetResource): Problem[] {
  const faults: Problem[] = []
  const label = 'projectcalico.org/namespace'
  const own = metadata.labels?.[label]
  if (own !== undefined) {
    const expected = `no label ${label}: Calico makes it of the set's namespace`
    faults.push({ path: ['metadata', 'labels', label], expected, received: own })
  }
  for (const [i, net] of (spec?.nets ?? []).entries()) {
    if (parseIp(net) !== undefined || parseCidr(net) !== undefined) continue
    faults.push({ path: ['spec', 'nets', i], expected: 'a CIDR or an address', received: `"${net}"` })
  }
  return faults
}

/** @calico api/pkg/apis/projectcalico/v3/hostendpoint.go */
function hostEndpointFaults({ spec }: HostEndpointResource): Problem[] {
  const faults: Problem[] = []
  const { node = '', interfaceName = '', expectedIPs = [] } = spec
  if (node === '') faults.push({ path: ['spec', 'node'], expected: 'the name of a node', received: 'none' })
  if (interfaceName === '' && expectedIPs.length === 0) {
    faults.push({ path: ['spec'], expected: 'interfaceName or expectedIPs', received: 'neither' })
  }
  return faults
}

function checkedSpecs(resources: Resources, findings: Findings): PolicySpec[] {
  const specs: PolicySpec[] = []
  for (const resource of resources.policies) {
    const { spec, faults, warnings } = readPolicy(resource)
    for (const { path, expected, received } of warnings) findings.warn('invalid', resource, path, expected, received)
    if (report(resource, faults, findings) && spec !== undefined) specs.push(spec)
  }
  return specs
}

/** Policies of a tier that is not there come after all others. */
function warnOfMissingTiers(
  specs: readonly PolicySpec[],
  tiers: readonly TierResource[],
  { traits }: Settings,
  findings: Findings,
): void {
  const there = new Set([...traits.builtInTiers, ...tiers.map(({ metadata }) => metadata.name)])
  for (const { resource, tier, api } of specs) {
    if (there.has(tier) || (api === 'kubernetes' && isBuiltInTier(tier))) continue
    const expected = 'a tier that is there: the policies of others come after all tiers'
    findings.warn('missing_reference', resource, ['spec', 'tier'], expected, tier)
  }
}

/** Releases that read a kind of administrators' policies. */
const READ_BY: Readonly<Record<AdminPolicyKind, string>> = {
  AdminNetworkPolicy: 'v3.29 to v3.31',
  BaselineAdminNetworkPolicy: 'v3.30 and v3.31',
  ClusterNetworkPolicy: 'v3.32 on',
}

/** Administrators' policies of another release than the cluster's act here as they do there: whether they do at all is open. */
function noteUnread(specs: readonly PolicySpec[], { version, traits }: Settings, findings: Findings): void {
  for (const { resource, kind, scope, directions } of specs) {
    const read = Object.hasOwn(READ_BY, kind) ? (kind as AdminPolicyKind) : undefined
    if (read === undefined || traits.adminPolicies.includes(read)) continue
    const by = `Calico ${READ_BY[read]}, which reads this kind`
    findings.warn('unsupported', resource, ['apiVersion'], by, `${kind} with Calico ${version.text}`)
    const what = `Calico ${version.text} does not read it; it acts here as in Calico ${READ_BY[read]}`
    const effect = isAssumedRelease(version) ? 'assumed' : 'undecided'
    findings.note('policy', resource, ['apiVersion'], what, {
      scope: {
        kind: 'endpoints',
        selector: endpointSelector(scope).text,
        directions,
        forwarded: false,
        selected: true,
      },
      turns: 'any',
      effect,
    })
  }
}

/** Reads all objects of policy. Faults and what Calico leaves out go to `findings`. */
export function checkedPolicies(resources: Resources, settings: Settings, findings: Findings): CheckedPolicies {
  const policies = checkedSpecs(resources, findings)
  warnOfMissingTiers(policies, resources.tiers, settings, findings)
  noteUnread(policies, settings, findings)
  return {
    policies,
    tiers: sound(resources.tiers, tierFaults, findings),
    profiles: sound(resources.profiles, profileFaults, findings),
    networkSets: sound(resources.networkSets, networkSetFaults, findings),
    hostEndpoints: sound(resources.hostEndpoints, hostEndpointFaults, findings),
  }
}
