import type { KubernetesPolicySpec, OtherResource, Resources } from '../../control/index.ts'
import { parseCidr, parsePrefix, prefixOf } from '../../wire/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'

/** Ranges that are written with host bits, where Kubernetes or Calico take them so. */
export function rangeChecks({ resources }: LintFacts): LintFinding[] {
  return written(resources).flatMap(([text, subject]) => {
    const cidr = text.includes('/') ? parseCidr(text) : undefined
    if (cidr === undefined || parsePrefix(text) !== undefined) return []
    const message = `${text} is the network ${prefixOf(cidr.address, cidr.length)}`
    return [found('cidr-not-canonical', [subject], message)]
  })
}

type Written = readonly [text: string, subject: Subject]

function of(
  resource: OtherResource,
  texts: readonly (string | undefined)[],
  path: readonly (string | number)[],
): Written[] {
  return texts.flatMap((text, i): Written[] =>
    text === undefined ? [] : [[text.trim(), { resource, path: [...path, i] }]],
  )
}

function written(resources: Resources): Written[] {
  const { policies, networkSets, ipReservations, bgpConfigurations, services, kubeProxyConfigurations } = resources
  return [
    ...policies.flatMap((policy) =>
      policy.kind === 'NetworkPolicy' && !policy.apiVersion.includes('projectcalico.org')
        ? blocks(policy, policy.spec as KubernetesPolicySpec)
        : [],
    ),
    ...networkSets.flatMap((set) => of(set, set.spec?.nets ?? [], ['spec', 'nets'])),
    ...ipReservations.flatMap((one) => of(one, one.spec.reservedCIDRs ?? [], ['spec', 'reservedCIDRs'])),
    ...bgpConfigurations.flatMap((one) =>
      (['serviceClusterIPs', 'serviceExternalIPs', 'serviceLoadBalancerIPs'] as const).flatMap((field) =>
        of(
          one,
          (one.spec[field] ?? []).map(({ cidr }) => cidr),
          ['spec', field],
        ),
      ),
    ),
    ...services.flatMap((one) =>
      of(one, one.spec.loadBalancerSourceRanges ?? [], ['spec', 'loadBalancerSourceRanges']),
    ),
    ...kubeProxyConfigurations.flatMap((one) => of(one, (one.clusterCIDR ?? '').split(','), ['clusterCIDR'])),
  ]
}

/** Ranges in rules of Kubernetes. */
function blocks(resource: OtherResource, { ingress = [], egress = [] }: KubernetesPolicySpec): Written[] {
  const lists = [
    ...ingress.map(({ from = [] }, i) => [from, ['spec', 'ingress', i, 'from']] as const),
    ...egress.map(({ to = [] }, i) => [to, ['spec', 'egress', i, 'to']] as const),
  ]
  return lists.flatMap(([peers, path]) =>
    peers.flatMap(({ ipBlock }, j) =>
      of(resource, [ipBlock?.cidr, ...(ipBlock?.except ?? [])], [...path, j, 'ipBlock']),
    ),
  )
}
