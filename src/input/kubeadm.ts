import { isMap, type RawObject } from './objects.ts'

/** Files that give a cluster its pod subnet, by kind and the start of their API group: kubeadm's own, and that of kind. */
const KINDS: Readonly<Record<string, string>> = { ClusterConfiguration: 'kubeadm.k8s.io/', Cluster: 'kind.x-k8s.io/' }

/** Whether an object is such a file. */
export function isClusterFile({ apiVersion, kind }: Pick<RawObject, 'apiVersion' | 'kind'>): boolean {
  return Object.hasOwn(KINDS, kind) && apiVersion.startsWith(KINDS[kind] as string)
}

/** The ConfigMap that kubeadm keeps such a file in, as far as it is read: the pod subnet. */
export function kubeadmConfig(raw: RawObject): RawObject[] {
  const { networking } = raw.value
  const podSubnet = isMap(networking) ? networking['podSubnet'] : undefined
  if (typeof podSubnet !== 'string') return []
  const metadata = { name: 'kubeadm-config', namespace: 'kube-system' }
  const data = { ClusterConfiguration: `networking:\n  podSubnet: ${podSubnet}\n` }
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      value: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
      file: raw.file,
      placeOf: () => raw.placeOf(['networking', 'podSubnet']),
    },
  ]
}
