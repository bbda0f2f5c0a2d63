import type { PolicyDirection, PolicyRef, ServiceRef } from '../model/index.ts'
import type { Decision, NatBy, PolicyAction, PolicyPlace, ServiceDecision } from './decision.ts'
import { endText } from './end-text.ts'

/** A decision in one line, as the views print it: `policy: default/deny-db-access ingress rule 1 denies (tier default), on n1 …`. */
export function describeDecision(decision: Decision): string {
  const where = whereOf(decision)
  return `${decisionWords(decision)}${where === '' ? '' : `, ${where}`}`
}

/** Where it fell: `on node01 at cali1234 → default/db-0`; '' where that is no news. */
function whereOf(decision: Decision): string {
  const { netns } = decision
  switch (decision.kind) {
    case 'policy':
    case 'tier-end':
    case 'profile':
    case 'no-profile':
    case 'failsafe':
      return place(netns, decision.direction, decision.at)
    case 'encapsulated':
    case 'tunnel':
    case 'invalid':
      return `on ${netns} at ${decision.dev}`
    case 'rpf':
    case 'unknown-interface':
    case 'service-loop':
    case 'endpoint-to-host':
    case 'no-backend':
    case 'source-range':
      return `on ${netns}`
    case 'established':
    case 'service':
    case 'nat':
      return ''
  }
}

/** A decision without its place, for whoever shows that by other means. */
export function decisionWords(decision: Decision): string {
  switch (decision.kind) {
    case 'policy': {
      const { policy, direction, rule, action } = decision
      const number = rule === 0 ? '' : ` rule ${rule}`
      return `policy: ${policyName(policy)} ${direction}${number} ${VERBS[action]} (tier ${policy.tier})`
    }
    case 'tier-end': {
      const { tier, direction, policies, at } = decision
      return `policy: end of tier ${tier} denies: ${selecting(policies, direction, at)}`
    }
    case 'profile': {
      const { profile, direction, action, at, selected } = decision
      const why = selected ? 'policies passed it on' : `no policy selects ${endpointName(at)} for ${direction}`
      return `profile: ${profile} ${direction} ${VERBS[action]}, ${why}`
    }
    case 'no-profile': {
      const { at, selected } = decision
      const why = selected ? 'policies passed it on, and' : `no policy selects ${endpointName(at)}, and`
      return `policy: denied: ${why} no profile allows it`
    }
    case 'failsafe':
      return `policy: a failsafe port: Felix lets it pass whatever policies say`
    case 'endpoint-to-host':
      return `policy: defaultEndpointToHostAction ${SETTINGS[decision.action]} decides on what a pod sends to its own node`
    case 'rpf':
      return `policy: source check: a reply to ${decision.seen.source.address} would not leave by ${decision.dev}: dropped`
    case 'encapsulated':
      return `policy: a pod may not send packets of a tunnel (IPIP or VXLAN) itself: dropped`
    case 'tunnel':
      return `policy: packets of a tunnel come from and go to nodes of the cluster only: dropped`
    case 'unknown-interface':
      return `policy: Felix knows no endpoint behind ${decision.dev}: dropped`
    case 'invalid':
      return `policy: the packet belongs to no connection and begins none: dropped`
    case 'service-loop':
      return `policy: no Service has ${decision.seen.destination.address} of a range of Services: dropped`
    case 'established':
      return 'policy: what follows passes as part of a connection that was admitted before'
    case 'service':
      return serviceWords(decision)
    case 'no-backend':
      return `service: ${serviceName(decision.service)} has no endpoint${decision.local ? ` on ${decision.netns}, and its traffic policy is Local` : ''}: ${decision.local ? 'dropped' : 'refused'}`
    case 'source-range':
      return `service: ${serviceName(decision.service)} may not be asked by ${decision.seen.source.address} (loadBalancerSourceRanges): dropped`
    case 'nat':
      return `nat: ${decision.side} ${decision.from} → ${decision.to} (${natByWords(decision.by)})`
  }
}

const VERBS: Readonly<Record<PolicyAction, string>> = { Allow: 'allows', Deny: 'denies', Pass: 'passes', Log: 'logs' }

const SETTINGS = { ACCEPT: 'Accept', DROP: 'Drop', REJECT: 'Reject', RETURN: 'Return' } as const

/** `default/deny-db-access`; what is no NetworkPolicy of Kubernetes says what it is. */
export function policyName({ kind, api, namespace, name }: PolicyRef): string {
  const full = namespace === undefined ? name : `${namespace}/${name}`
  if (kind !== 'NetworkPolicy') return `${kind} ${full}`
  return api === 'calico' ? `${full} (Calico)` : full
}

/** `svc/shop/db:5432`. */
export function serviceName({ namespace, name, port }: ServiceRef): string {
  return `svc/${namespace}/${name}:${port}`
}

function endpointName({ endpoint, host }: PolicyPlace): string {
  if (host) return 'the host endpoint'
  return endpoint === '' ? 'the endpoint' : endpoint
}

/** Who selects the endpoint, and that nothing matched. */
function selecting(policies: readonly PolicyRef[], direction: PolicyDirection, at: PolicyPlace): string {
  const names = policies.map(policyName).join(', ')
  const [select, whose] = policies.length === 1 ? ['selects', 'its'] : ['select', 'their']
  return `${names} ${select} this ${at.host ? 'host endpoint' : 'pod'} and none of ${whose} ${direction} rules matched`
}

/** `on node01 at cali1234 → default/db-0`. */
function place(netns: string, direction: PolicyDirection, { endpoint, host, dev, forward }: PolicyPlace): string {
  if (host) return `on ${netns} at ${dev} (host endpoint${forward === true ? ', forwarded' : ''})`
  if (endpoint === '') return `on ${netns}${dev === '' ? '' : ` at ${dev}`}`
  return direction === 'ingress' ? `on ${netns} at ${dev} → ${endpoint}` : `on ${netns} at ${endpoint} → ${dev}`
}

function serviceWords({ service, door, chosen, backends, affinity }: ServiceDecision): string {
  const backend = backends[chosen - 1]
  const at = backend === undefined ? '' : ` ${endText(backend)}`
  const who = backend?.pod === undefined ? '' : ` ${backend.pod}`
  const number = backends.length === 1 ? 'the only one' : `one of ${backends.length}`
  const how = affinity ? ', by affinity' : ''
  const asked = door === 'ClusterIP' ? '' : ` (${door})`
  return `service: ${serviceName(service)}${asked} → endpoint${who}${at}, ${number}${how}`
}

const WHY_MASQUERADED = {
  hairpin: 'to itself',
  external: 'from outside',
  'off-cluster': 'from outside the cluster’s pods',
  all: 'masqueradeAll',
} as const

/** Who translated, in a few words. */
export function natByWords(by: NatBy): string {
  switch (by.kind) {
    case 'nat-outgoing':
      return 'natOutgoing'
    case 'service':
      return serviceName(by.service)
    case 'service-masquerade':
      return by.service === undefined || by.why === undefined
        ? 'masqueraded for a Service'
        : `masqueraded for ${serviceName(by.service)}: ${WHY_MASQUERADED[by.why]}`
    case 'tunnel-source':
      return 'address of the tunnel'
    case 'host-port':
      return `hostPort ${by.port} of ${by.pod}`
    case 'rule':
      return `${by.table} ${by.chain} rule ${by.position}`
    case 'connection':
      return by.of === undefined ? 'as its connection was' : natByWords(by.of)
  }
}
