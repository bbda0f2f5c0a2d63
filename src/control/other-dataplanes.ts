import type { ClusterNode } from './cluster-node.ts'
import { CNI_CONFIG_PATH, cniConfigOf } from './cni-config.ts'
import type { Findings } from './findings.ts'
import type { Resources } from './resources.ts'
import type { RouteSource } from './settings/settings.ts'

/** Label by which kubelet says what a node runs. */
const OS = 'kubernetes.io/os'

/** Names nodes, and devices of pods, that work otherwise than what is built. */
export function noteDataplanes(resources: Resources, nodes: readonly ClusterNode[], findings: Findings): void {
  for (const { name, labels, resource } of nodes) {
    if (labels[OS] !== 'windows') continue
    const what = `${name} runs Windows, whose network is not modelled`
    const scope = { kind: 'through', netns: [name] } as const
    findings.note('dataplane', resource, ['metadata', 'labels', OS], what, { scope })
  }
  for (const configMap of resources.configMaps) {
    const config = cniConfigOf(configMap)
    const plugins = config === 'fault' ? [] : (config?.plugins ?? [])
    if (!plugins.some(({ device_type: type }) => type === 'netkit')) continue
    const what = 'device_type netkit: pods have netkit devices, which are taken for veth'
    findings.note('felix_field', configMap, CNI_CONFIG_PATH, what, { effect: 'assumed' })
  }
}

/** What all nodes calculate routes from; where they differ it is named. */
export function routeSourceOf(nodes: readonly ClusterNode[], findings: Findings): RouteSource {
  const [first] = nodes
  const source = first?.felix.routeSource ?? 'CalicoIPAM'
  const other = nodes.find(({ felix }) => felix.routeSource !== source)
  if (other !== undefined) {
    const what = `routeSource of ${other.name} is not that of ${first?.name}, and is taken to be ${source}`
    findings.note('felix_field', other.resource, [], what, { scope: { kind: 'between_nodes' } })
  }
  return source
}
