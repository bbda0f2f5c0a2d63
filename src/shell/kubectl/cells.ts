import type { LabelSelector, Metadata, NodeResource, PodResource, ServiceResource } from '../../control/index.ts'
import { isPodReady, nodeWord, podWord } from '../../controllers/index.ts'
import { ageOf, UNKNOWN } from './age.ts'
import type { Seen } from './seen.ts'

/** What kubectl writes where there is nothing. */
export const none = (text: string): string => (text === '' ? '<none>' : text)

/** The phase of a pod; one that runs nowhere is pending. */
export function phaseOf({ spec, status }: PodResource): string {
  return status?.phase ?? (spec.nodeName === undefined ? 'Pending' : 'Running')
}

/** Whether a pod runs, and is ready. */
export function isReady(pod: PodResource): boolean {
  return phaseOf(pod) === 'Running' && isPodReady(pod)
}

/** Cells of `kubectl get pods`. */
export function podCells(pod: PodResource, { time }: Seen): string[] {
  const containers = pod.spec.containers?.length ?? 1
  const restarts = (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)
  const ready = `${isReady(pod) ? containers : 0}/${containers}`
  return [pod.metadata.name, ready, podWord(pod), String(restarts), ageOf(pod, time)]
}

/** The namespace of an object. */
export function namespaceOf({ metadata }: { readonly metadata: Metadata }): string {
  return metadata.namespace ?? 'default'
}

/** By code points, as Go sorts. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function isSamePod(a: PodResource, b: PodResource): boolean {
  return a.metadata.name === b.metadata.name && namespaceOf(a) === namespaceOf(b)
}

/** Address of a pod. */
export function addressOf(seen: Seen, pod: PodResource): string {
  const endpoint = seen.workloadEndpoints.find((w) => w.pod === pod || isSamePod(w.pod, pod))
  if (endpoint !== undefined) return endpoint.addresses[0] ?? '<none>'
  if (pod.spec.hostNetwork !== true) return pod.status?.podIP ?? '<none>'
  const node = seen.nodes.find((n) => n.name === pod.spec.nodeName)
  const internal = node?.resource.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
  return pod.status?.podIP ?? node?.ipv4?.address ?? internal ?? '<none>'
}

/** Roles of a node, by its labels. */
export function rolesOf({ metadata }: NodeResource): readonly string[] {
  const prefix = 'node-role.kubernetes.io/'
  return Object.keys(metadata.labels ?? {})
    .flatMap((label) => (label.startsWith(prefix) ? [label.slice(prefix.length)] : []))
    .sort()
}

/** Cells of `kubectl get nodes`. */
export function nodeCells(node: NodeResource, { time }: Seen): string[] {
  const { metadata, status } = node
  return [
    metadata.name,
    nodeWord(node),
    none(rolesOf(node).join(',')),
    ageOf(node, time),
    String(status?.nodeInfo?.['kubeletVersion'] ?? UNKNOWN),
  ]
}

/** Further cells of `kubectl get nodes -o wide`. */
export function wideNodeCells({ status }: NodeResource): string[] {
  const info = (key: string): string => String(status?.nodeInfo?.[key] ?? UNKNOWN)
  const address = status?.addresses?.find((a) => a.type === 'InternalIP')?.address
  const rest = [info('osImage'), info('kernelVersion'), info('containerRuntimeVersion')]
  return [address ?? '<none>', '<none>', ...rest]
}

/** Cells of `kubectl get services`. */
export function serviceCells(service: ServiceResource, { time }: Seen): string[] {
  const { metadata, spec, status } = service
  const type = spec.type ?? 'ClusterIP'
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
    nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
  )
  const clusterIp = type === 'ExternalName' ? '<none>' : (spec.clusterIP ?? '<none>')
  return [metadata.name, type, clusterIp, outsideOf(spec, status), none(ports.join(',')), ageOf(service, time)]
}

/** What is shown as EXTERNAL-IP: by what else the Service is reached. @kubernetes kubernetes/pkg/printers/internalversion */
function outsideOf(spec: ServiceResource['spec'], status: ServiceResource['status']): string {
  const { type = 'ClusterIP', externalIPs = [] } = spec
  if (type === 'ExternalName') return none((spec as { readonly externalName?: string }).externalName ?? '')
  if (type !== 'LoadBalancer') return none(externalIPs.join(','))
  const given = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
  const all = [...given, ...externalIPs]
  return all.length === 0 ? '<pending>' : all.join(',')
}

/** Labels as kubectl joins them. */
export function pairs(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .sort(([a], [b]) => compare(a, b))
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/** A label selector as kubectl formats it. */
export function selectorCell({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const terms = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`
  })
  const equal = pairs(matchLabels)
  return [...(equal === '' ? [] : [equal]), ...terms].sort().join(',')
}

/** The first three, and how many more. */
export function some(texts: readonly string[], separator: string): string {
  const more = texts.length - 3
  return `${texts.slice(0, 3).join(separator)}${more > 0 ? ` + ${more} more...` : ''}`
}
