import { sysctlOf } from '../../model/index.ts'
import { contains, familyOf, type Ip, parseIp } from '../../wire/index.ts'
import type { Guess, Shown } from '../shown.ts'
import { policySigns } from './policies.ts'

/** What rules of a machine did: policy, Felix, Services, somebody else's. */
export function ruleSigns(shown: Shown): readonly Guess[] {
  const { loss } = shown
  switch (loss.code) {
    case 'POLICY_DENY':
      return policySigns(shown)
    case 'HEP_DENY':
      return [{ failure: 'F71', fits: 3, wanted: true }]
    case 'WL_TO_HOST_DROP':
      return [{ failure: 'F70', fits: 3, wanted: true }]
    case 'WL_TUNNEL_FORBIDDEN':
      return [{ failure: 'F14', fits: 3 }]
    case 'NF_CHAIN_POLICY_DROP':
      return [
        { failure: 'F50', fits: 3 },
        { failure: 'F51', fits: 2 },
      ]
    case 'SVC_NO_ENDPOINTS':
      return emptyService(shown)
    case 'SVC_LOCAL_NO_ENDPOINT':
      return [{ failure: 'F81', fits: 3 }]
    case 'SVC_NO_RULE':
      return [{ failure: 'F77', fits: 3 }]
    case 'CT_FULL':
      return [{ failure: 'F54', fits: 3 }]
    case 'CT_INVALID':
      return [{ failure: 'F57', fits: 3 }]
    case 'CT_INSERT_RACE':
      return [{ failure: 'F55', fits: 3 }]
    case 'CT_STALE_DNAT':
      return [{ failure: 'F56', fits: 3 }]
    default:
      return droppedByRule(shown)
  }
}

/** A Service with nobody behind it; in the range of a pool, it may be in the place of a pod. */
function emptyService({ lab, trace }: Shown): readonly Guess[] {
  const asked = trace.hops.find((hop) => hop.kind === 'route')
  const destination = asked?.kind === 'route' ? asked.destination : ''
  const isPods =
    parseIp(destination) !== undefined &&
    (lab.cluster?.ipam.pools ?? []).some(
      ({ cidr, family }) => familyOf(destination) === family && contains(cidr, destination as Ip),
    )
  return isPods
    ? [
        { failure: 'F26', fits: 3, because: `${destination} is in the range of a pool` },
        { failure: 'F76', fits: 2 },
      ]
    : [{ failure: 'F76', fits: 3 }]
}

/** A rule of nobody known, or none at all: then the kernel had no room. */
function droppedByRule(shown: Shown): readonly Guess[] {
  const { drop, lab, trace, decisions } = shown
  const netns = drop?.netns ?? shown.finding.netns
  const unknown = decisions().some(({ kind, packet }) => kind === 'unknown-interface' && packet === drop?.packet)
  if (unknown) {
    const because = 'Felix has written no chain for this interface'
    const hasTypha = lab.objects === null || lab.agentState('typha') === 'running'
    return hasTypha
      ? [
          { failure: 'F87', fits: 3, because },
          { failure: 'F89', fits: 2 },
        ]
      : [
          { failure: 'F88', fits: 3, because },
          { failure: 'F87', fits: 2 },
        ]
  }
  const range = decisions().some(({ kind }) => kind === 'source-range')
  if (range) return [{ title: 'loadBalancerSourceRanges leave the client out', fits: 3, wanted: true }]
  const rules = trace.hops.filter((hop) => hop.kind === 'rule' && hop.netns === netns && hop.packet === drop?.packet)
  const last = rules.at(-1)
  const ns = lab.network.namespaces[netns]
  const max = ns === undefined ? undefined : Number(sysctlOf(ns, 'net.netfilter.nf_conntrack_max'))
  if (max !== undefined && max > 0 && max < FEW_CONNECTIONS)
    return [
      { failure: 'F54', fits: 3, because: `nf_conntrack_max is ${max}` },
      { failure: 'F51', fits: 1 },
    ]
  const dropsError = trace.hops.some((hop) => hop.kind === 'icmp-error' && hop.code === 4 && hop.type === 3)
  if (dropsError)
    return [
      { failure: 'F17', fits: 3, loss: { stage: 'encap', code: 'MTU_EXCEEDED' } },
      { failure: 'F51', fits: 2 },
    ]
  if (last?.kind === 'rule' && last.chain === 'KUBE-FORWARD') return [{ failure: 'F57', fits: 3 }]
  return [
    { failure: 'F51', fits: 3 },
    { failure: 'F52', fits: 2 },
    { failure: 'F50', fits: 1 },
  ]
}

/** Fewer connections than any node has need of. */
const FEW_CONNECTIONS = 1_024
