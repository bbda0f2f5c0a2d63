import type { DaemonSetResource } from '../../control/index.ts'
import { fresh, type Work } from '../work.ts'

const NAMESPACE = 'kube-system'

/** The chart of RKE2 that brings canal: Felix of Calico, pods wired by flannel. */
const CHART = 'rke2-canal'

/**
 * What RKE2's helm controller makes of its chart of canal where nodes still wait for a CNI plugin. The chart goes with RKE2, not with
 * the values that somebody gives it.
 */
export function canal(work: Work): void {
  const { objects, memory } = work
  const isAsked = objects.before.others.some(
    ({ apiVersion, metadata }) => apiVersion.startsWith('helm.cattle.io/') && metadata.name === CHART,
  )
  const isWaited = objects.nodes().some(({ metadata }) => !memory.cni.has(metadata.name))
  if (isAsked && isWaited && objects.find('DaemonSet', NAMESPACE, CHART) === undefined) objects.put(daemonSet(work))
}

function daemonSet(work: Work): DaemonSetResource {
  const labels = { 'k8s-app': 'canal' }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: fresh(work, 'DaemonSet', { name: CHART, namespace: NAMESPACE, labels }),
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork: true,
          serviceAccountName: 'canal',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [
            { effect: 'NoSchedule', operator: 'Exists' },
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { effect: 'NoExecute', operator: 'Exists' },
          ],
          containers: [
            {
              name: 'calico-node',
              image: 'rancher/hardened-calico',
              env: [
                { name: 'DATASTORE_TYPE', value: 'kubernetes' },
                { name: 'USE_POD_CIDR', value: 'true' },
                { name: 'CALICO_NETWORKING_BACKEND', value: 'none' },
                { name: 'CLUSTER_TYPE', value: 'k8s,canal' },
              ],
            },
            { name: 'kube-flannel', image: 'rancher/hardened-flannel' },
          ],
        },
      },
    },
  }
}
