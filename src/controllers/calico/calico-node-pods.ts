import type { PodResource } from '../../control/index.ts'

/** DaemonSets that run calico-node. */
const CALICO_NODES: ReadonlySet<string> = new Set(['calico-node', 'canal', 'rke2-canal'])

/** Whether a pod is one of calico-node. */
export function isCalicoNode({ metadata }: PodResource): boolean {
  const [owner] = metadata.ownerReferences ?? []
  return owner === undefined
    ? metadata.labels?.['k8s-app'] === 'calico-node'
    : owner.kind === 'DaemonSet' && CALICO_NODES.has(owner.name)
}

/** Whether a DaemonSet runs calico-node. */
export function isCalicoDaemonSet({ metadata }: { readonly metadata: { readonly name: string } }): boolean {
  return CALICO_NODES.has(metadata.name)
}
