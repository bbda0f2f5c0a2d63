import type { Issue } from '../model/index.ts'
import { embeddedYaml } from './embedded-yaml.ts'
import { isMap, type RawObject } from './objects.ts'

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
  const documents = embeddedYaml(raw, ['data', key], data[key], issues) ?? []
  return documents.flatMap(({ value, placeOf }): RawObject[] => {
    if (!isMap(value) || value['kind'] !== KUBE_PROXY_KIND || typeof value['apiVersion'] !== 'string') return []
    return [
      namedKubeProxyFile({ apiVersion: value['apiVersion'], kind: KUBE_PROXY_KIND, value, file: raw.file, placeOf }),
    ]
  })
}
