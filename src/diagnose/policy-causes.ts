import { cablePeer, type FindingCode, type PolicyRef } from '../model/index.ts'
import { type Decision, decisionsOf, endText, isDenial, lastMatch, natByWords, policyName } from '../trace/index.ts'
import type { Cause, DropPlace } from './cause.ts'
import { six } from './commands.ts'
import { delayWords } from './course.ts'
import type { Facts } from './facts.ts'
import { missingRoute } from './missing-route.ts'
import { changeFor, type PolicyDenial } from './policy-change.ts'
import { mistakeIn } from './policy-mistakes.ts'
import { noBackend, outsideRange } from './service-causes.ts'

/** A packet that policy, Felix or a Service refused; undefined where no rule with a meaning did. */
export function refused(place: DropPlace): Cause | undefined {
  const { lost, drop } = place
  const end = lost.trace.hops.indexOf(drop)
  const before = decisionsOf(lost.trace).filter((one) => one.packet === drop.packet && one.hop < end)
  const denial = lastMatch(before, (one) => isDenial(one) && one.netns === drop.netns)
  if (denial === undefined) return undefined
  const cause = causeOf(denial, place)
  const seen = sightOf(denial, before)
  const origin = cause.origin ?? denial.origin
  return {
    ...cause,
    ...(seen === '' ? {} : { seen }),
    ...(origin === undefined ? {} : { origin }),
  }
}

/** What the packet looked like where it was refused, and who had made it so. */
function sightOf({ seen, hop }: Decision, all: readonly Decision[]): string {
  if (seen.destination.address === '') return ''
  const before = all.filter((one) => one.hop < hop)
  const by = [...new Set(before.flatMap((one) => (one.kind === 'nat' ? [`${one.side} by ${natByWords(one.by)}`] : [])))]
  const after = by.length === 0 ? '' : `, translated before: ${by.join(', ')}`
  const protocol = seen.protocol === '' ? '' : `${seen.protocol} `
  return `There the packet was ${protocol}${endText(seen.source)} → ${endText(seen.destination)}${after}`
}

function causeOf(denial: Decision, place: DropPlace): Cause {
  switch (denial.kind) {
    case 'policy':
    case 'tier-end':
      return byPolicy(denial, place)
    case 'profile':
    case 'no-profile':
      return {
        code: 'profile_denies',
        right: 'A policy that selects the endpoint must allow the packet, or a profile of it',
        checks: ruleChecks(denial, place),
        placed: ['calicoctl get profile -o yaml'],
      }
    case 'endpoint-to-host':
      return felix(
        'Set defaultEndpointToHostAction of the FelixConfiguration to Accept (or Return), or ask another node',
        denial,
        place,
      )
    case 'rpf':
      return (
        notBehindIt(denial, place) ??
        felix(
          'Send under an address of the pod; others are let in by workloadSourceSpoofing and the annotation cni.projectcalico.org/allowedSourcePrefixes',
          denial,
          place,
        )
      )
    case 'encapsulated':
      return felix(
        'Let pods do so by allowIPIPPacketsFromWorkloads or allowVXLANPacketsFromWorkloads of the FelixConfiguration',
        denial,
        place,
      )
    case 'tunnel':
      return felix(
        'The other end must be a node of this cluster, or one of externalNodesList of the FelixConfiguration',
        denial,
        place,
      )
    case 'unknown-interface':
      return unknownInterface(denial, place)
    case 'invalid':
      return felix(
        'Send the packet within a connection; one that takes another way back than there is seen by halves',
        denial,
        place,
      )
    case 'service-loop':
      return felix('Ask an address that a Service has', denial, place)
    case 'no-backend':
      return noBackend(denial, place)
    case 'source-range':
      return outsideRange(denial)
    case 'failsafe':
    case 'established':
    case 'service':
    case 'nat':
      return { code: 'rule_drops', right: '' }
  }
}

/** A pod that sends under its own address, to which its node has no route by the interface any more. */
function notBehindIt({ seen }: Decision, { drop, facts }: DropPlace): Cause | undefined {
  const { address } = seen.source
  const owner = facts.ownerOf(address)
  const sender = cablePeer(facts.network, drop.netns, drop.dev)?.netns
  if (owner?.role !== 'pod' || owner.netns !== sender) return undefined
  const { checks, ...missing } = missingRoute(facts, drop.netns, address, owner)
  return {
    code: 'route_missing',
    ...missing,
    checks: [`ip ${six(address)}route get ${address}`, ...checks],
  }
}

/** Felix has written no chains for an interface: it knows no endpoint there, or has not come to it. */
function unknownInterface(denial: Decision, place: DropPlace): Cause {
  const delay = place.facts.course?.delayOf('felix', place.drop.netns)
  if (delay === undefined) {
    const right = 'The pod behind the interface must be one of Calico’s: its WorkloadEndpoint is missing'
    return felix(right, denial, place)
  }
  const { because, right } = delayWords(delay)
  return { ...felix(right, denial, place), because }
}

function felix(right: string, denial: Decision, place: DropPlace): Cause {
  const settings =
    denial.kind === 'endpoint-to-host' || denial.kind === 'encapsulated'
      ? ['calicoctl get felixconfiguration default -o yaml']
      : []
  return { code: 'felix_refuses', right, checks: ruleChecks(denial, place), placed: settings }
}

const CODES: Readonly<Record<PolicyDenial['kind'], FindingCode>> = {
  policy: 'policy_denies',
  'tier-end': 'policy_ends',
}

function byPolicy(denial: PolicyDenial, place: DropPlace): Cause {
  const { direction } = denial
  const change = changeFor(denial, place.facts)
  const policies = denial.kind === 'policy' ? [denial.policy] : denial.policies
  const right =
    change === undefined
      ? `A policy must allow this ${direction}`
      : `One more ${direction} rule in ${policyName(change.policy)}${change.before === 0 ? '' : `, before rule ${change.before},`} lets it through`
  return {
    code: CODES[denial.kind],
    because: mistakeIn(denial, place),
    right,
    ...(change === undefined ? {} : { change }),
    placed: policies.map((policy) => commandFor(policy, place.facts)),
    checks: ruleChecks(denial, place),
  }
}

/** The chain that refused, with its counters. */
function ruleChecks(denial: Decision, { lost }: DropPlace): string[] {
  const hop = lost.trace.hops[denial.hop]
  if (hop?.kind !== 'rule') return []
  const tool = hop.family === 'inet6' ? 'ip6tables' : 'iptables'
  return [`${tool} -t ${hop.table} -L ${hop.chain} -v -n`]
}

/** The command that shows a policy. */
function commandFor(policy: PolicyRef, facts: Facts): string {
  const { kind, api, namespace, name } = policy
  const within = namespace === undefined ? '' : ` -n ${namespace}`
  if (api === 'kubernetes') return `kubectl get ${kind.toLowerCase()}${within} ${name} -o yaml`
  return `calicoctl get ${kind.toLowerCase()}${within} ${storedName(policy, facts)} -o yaml`
}

/** In the store some names begin with their tier. */
function storedName({ kind, namespace, name, tier }: PolicyRef, { cluster }: Facts): string {
  const long = `${tier}.${name}`
  const isStored = cluster?.resources.policies.some(
    (one) => one.kind === kind && one.metadata.namespace === namespace && one.metadata.name === long,
  )
  return isStored === true ? long : name
}
