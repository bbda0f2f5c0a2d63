import type { NodeResource } from '../../../control/index.ts'
import { compare, namespaceOf, none, phaseOf, rolesOf } from '../cells.ts'
import { at, listAt, mapAt, textAt } from '../object.ts'
import type { Seen } from '../seen.ts'
import { conditionLines, eventLines, labelLines, optional } from './parts.ts'
import { titledTable } from './tabbed.ts'

const SYSTEM: readonly (readonly [title: string, key: string])[] = [
  ['Machine ID', 'machineID'],
  ['System UUID', 'systemUUID'],
  ['Boot ID', 'bootID'],
  ['Kernel Version', 'kernelVersion'],
  ['OS Image', 'osImage'],
  ['Operating System', 'operatingSystem'],
  ['Architecture', 'architecture'],
  ['Container Runtime Version', 'containerRuntimeVersion'],
  ['Kubelet Version', 'kubeletVersion'],
  ['Kube-Proxy Version', 'kubeProxyVersion'],
]

/** @kubernetes kubectl/pkg/describe/describe.go describeNode */
export function nodeLines(seen: Seen, node: NodeResource): string[] {
  const { metadata } = node
  const taints = listAt(node, 'spec', 'taints').map((one) => {
    const value = textAt(one, 'value')
    return `${textAt(one, 'key')}${value === undefined ? '' : `=${value}`}:${textAt(one, 'effect')}`
  })
  const addresses = listAt(node, 'status', 'addresses').map(
    (one) => `  ${textAt(one, 'type')}:\t${textAt(one, 'address')}`,
  )
  const info = mapAt(node, 'status', 'nodeInfo')
  const system = SYSTEM.flatMap(([title, key]) =>
    info[key] === undefined ? [] : [`  ${title}:\t${String(info[key])}`],
  )
  const ranges = listAt(node, 'spec', 'podCIDRs').map(String)
  const pods = seen.resources.pods
    .filter((pod) => pod.spec.nodeName === metadata.name && !['Succeeded', 'Failed'].includes(phaseOf(pod)))
    .sort((a, b) => compare(namespaceOf(a), namespaceOf(b)) || compare(a.metadata.name, b.metadata.name))
  return [
    `Name:\t${metadata.name}`,
    `Roles:\t${none(rolesOf(node).join(','))}`,
    ...labelLines(node),
    ...(taints.length === 0
      ? ['Taints:\t<none>']
      : taints.sort().map((text, i) => `${i === 0 ? 'Taints:' : ''}\t${text}`)),
    `Unschedulable:\t${at(node, 'spec', 'unschedulable') === true}`,
    ...conditionLines(node, [
      ['Type', 'type'],
      ['Status', 'status'],
      ['Reason', 'reason'],
      ['Message', 'message'],
    ]),
    ...(addresses.length === 0 ? [] : ['Addresses:', ...addresses]),
    ...(system.length === 0 ? [] : ['System Info:', ...system]),
    ...optional('PodCIDR', textAt(node, 'spec', 'podCIDR')),
    ...optional('PodCIDRs', ranges.join(',')),
    ...titledTable(
      'Non-terminated Pods',
      ['Namespace', 'Name'],
      pods.map((pod) => [namespaceOf(pod), pod.metadata.name]),
    ).map((line, i) => (i === 0 && pods.length > 0 ? `Non-terminated Pods:\t(${pods.length} in total)` : line)),
    ...eventLines(seen, node),
  ]
}
