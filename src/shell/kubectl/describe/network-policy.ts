import type { LabelSelector, OtherResource } from '../../../control/index.ts'
import { UNKNOWN } from '../age.ts'
import { namespaceOf, none, selectorCell } from '../cells.ts'
import { at, listAt, mapAt, textAt } from '../object.ts'
import { labelLines } from './parts.ts'

/** @kubernetes kubectl/pkg/describe/describe.go NetworkPolicyDescriber */
export function networkPolicyLines(policy: OtherResource): string[] {
  const spec = mapAt(policy, 'spec')
  const selector = selectorCell(mapAt(spec, 'podSelector') as LabelSelector)
  const types = listAt(spec, 'policyTypes').map(String)
  const affects = (type: 'Ingress' | 'Egress'): boolean =>
    types.length > 0 ? types.includes(type) : type === 'Ingress' || at(spec, 'egress') !== undefined
  return [
    `Name:\t${policy.metadata.name}`,
    `Namespace:\t${namespaceOf(policy)}`,
    `Created on:\t${madeOn(policy)}`,
    ...labelLines(policy),
    'Spec:',
    `  PodSelector:     ${selector === '' ? '<none> (Allowing the specific traffic to all pods in this namespace)' : selector}`,
    ...(affects('Ingress')
      ? ['  Allowing ingress traffic:', ...ruleLines(listAt(spec, 'ingress'), 'ingress')]
      : ['  Not affecting ingress traffic']),
    ...(affects('Egress')
      ? ['  Allowing egress traffic:', ...ruleLines(listAt(spec, 'egress'), 'egress')]
      : ['  Not affecting egress traffic']),
    `  Policy Types: ${(types.length > 0 ? types : ['Ingress', ...(affects('Egress') ? ['Egress'] : [])]).join(', ')}`,
  ]
}

/** A stamp as Go prints a time. */
function madeOn({ metadata: { creationTimestamp = '' } }: OtherResource): string {
  const [, date, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z$/.exec(creationTimestamp) ?? []
  return date === undefined ? UNKNOWN : `${date} ${time} +0000 UTC`
}

function ruleLines(rules: readonly unknown[], direction: 'ingress' | 'egress'): string[] {
  if (rules.length === 0) return [`    <none> (Selected pods are isolated for ${direction} connectivity)`]
  return rules.flatMap((rule, i) => [...(i === 0 ? [] : ['    ----------']), ...oneRule(rule, direction)])
}

function oneRule(rule: unknown, direction: 'ingress' | 'egress'): string[] {
  const ports = listAt(rule, 'ports')
  const peers = listAt(rule, direction === 'ingress' ? 'from' : 'to')
  const word = direction === 'ingress' ? 'From' : 'To'
  const of = direction === 'ingress' ? 'source' : 'destination'
  return [
    ...(ports.length === 0
      ? ['    To Port: <any> (traffic allowed to all ports)']
      : ports.map((port) => {
          const end = textAt(port, 'endPort')
          return `    To Port: ${textAt(port, 'port') ?? '<any>'}${end === undefined ? '' : `-${end}`}/${textAt(port, 'protocol') ?? 'TCP'}`
        })),
    ...(peers.length === 0
      ? [`    ${word}: <any> (traffic not restricted by ${of})`]
      : peers.flatMap((peer) => [`    ${word}:`, ...peerLines(peer)])),
  ]
}

function peerLines(peer: unknown): string[] {
  if (at(peer, 'ipBlock') !== undefined) {
    const except = listAt(peer, 'ipBlock', 'except').map(String)
    return [
      '      IPBlock:',
      `        CIDR: ${textAt(peer, 'ipBlock', 'cidr')}`,
      `        Except: ${except.join(', ')}`,
    ]
  }
  return (['namespaceSelector', 'podSelector'] as const).flatMap((key) => {
    const selector = at(peer, key)
    if (selector === undefined) return []
    const title = key === 'podSelector' ? 'PodSelector' : 'NamespaceSelector'
    return [`      ${title}: ${none(selectorCell(selector as LabelSelector))}`]
  })
}
