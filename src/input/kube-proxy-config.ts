import type { PlaceOf } from '../control/index.ts'
import type { Issue } from '../model/index.ts'
import { parseText } from './documents.ts'
import { objectIssue } from './judge.ts'
import { isMap, type RawObject, show } from './objects.ts'

/** Keys a ConfigMap of kube-proxy keeps its settings under: kubeadm's, and that of EKS. */
const KEYS = ['config.conf', 'config', 'kube-proxy.conf'] as const

/** Names of such ConfigMaps. */
const NAMES: ReadonlySet<unknown> = new Set(['kube-proxy', 'kube-proxy-config'])

/** Kind of the settings of kube-proxy. */
export const KUBE_PROXY_KIND = 'KubeProxyConfiguration'

/** Whether an object is the ConfigMap that kube-proxy is started with. */
export function isKubeProxyConfigMap({ kind, apiVersion, value }: RawObject): boolean {
  const { metadata } = value
  return kind === 'ConfigMap' && apiVersion === 'v1' && isMap(metadata) && NAMES.has(metadata['name'])
}

/** Whether an object is a file of settings of kube-proxy: it has no name of its own. */
export function isKubeProxyFile({ kind, apiVersion, value }: RawObject): boolean {
  return (
    kind === KUBE_PROXY_KIND && apiVersion.startsWith('kubeproxy.config.k8s.io/') && value['metadata'] === undefined
  )
}

/** Settings of kube-proxy as an object, with the name that kubeadm gives them. */
export function namedKubeProxyFile(raw: RawObject): RawObject {
  return { ...raw, value: { ...raw.value, metadata: { name: 'kube-proxy', namespace: 'kube-system' } } }
}

/** The settings a ConfigMap of kube-proxy holds as text, each field with its line in the file. */
export function kubeProxySettings(raw: RawObject, issues: Issue[]): RawObject[] {
  const { data } = raw.value
  const key = isMap(data) ? KEYS.find((one) => data[one] !== undefined) : undefined
  if (!isMap(data) || key === undefined) return []
  const path = ['data', key]
  const text = data[key]
  if (typeof text !== 'string') {
    issues.push(objectIssue(raw, 'invalid', path, 'YAML, as text', show(text)))
    return []
  }
  const start = raw.placeOf(path)
  const { documents, issues: faults } = parseText({ name: start?.file ?? raw.file, text })
  const within = (line: number): number => (start?.line ?? 0) + line
  issues.push(
    ...faults.map((fault) => ({ ...fault, ...(fault.line === undefined ? {} : { line: within(fault.line) }) })),
  )
  return documents.flatMap(({ value, placeOf }): RawObject[] => {
    if (!isMap(value) || value['kind'] !== KUBE_PROXY_KIND || typeof value['apiVersion'] !== 'string') return []
    const places: PlaceOf = (inner) => {
      const place = placeOf(inner)
      return place === undefined ? start : { ...place, line: within(place.line) }
    }
    const found = { apiVersion: value['apiVersion'], kind: KUBE_PROXY_KIND, value, file: raw.file, placeOf: places }
    return [namedKubeProxyFile(found)]
  })
}
