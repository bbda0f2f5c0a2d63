import type {
  ContainerPort,
  DaemonSetResource,
  DeploymentResource,
  InstallationResource,
  PodTemplate,
  Toleration,
} from '../../control/index.ts'
import { ownerKey } from '../object-keys.ts'
import { isActive, isPodReady } from '../pod-state.ts'
import { asGiven, fresh, ownedBy, type Work } from '../work.ts'

const NAMESPACE = 'calico-system'
const OPERATOR = { namespace: 'tigera-operator', name: 'tigera-operator' }
const EVERYTHING: readonly Toleration[] = [
  { key: 'CriticalAddonsOnly', operator: 'Exists' },
  { effect: 'NoSchedule', operator: 'Exists' },
  { effect: 'NoExecute', operator: 'Exists' },
]
const LINUX = { 'kubernetes.io/os': 'linux' }

/**
 * What the operator makes of an Installation: the namespace, calico-node, Typha and kube-controllers. With the Installation they go.
 * Its other programs (CSI driver, API server, Goldmane, Whisker) move no packets of pods and are not made.
 *
 * @calico operator pkg/controller/installation, pkg/render
 */
export function operator(work: Work): void {
  const { objects } = work
  for (const installation of objects.all('installations')) {
    if (asGiven(work, installation) === undefined && runsOperator(work)) install(work, installation)
  }
}

/** Whether a pod of the operator runs; where nobody gave its Deployment it does, or there would be no Installation. */
function runsOperator({ objects }: Work): boolean {
  if (objects.find('Deployment', OPERATOR.namespace, OPERATOR.name) === undefined) return true
  const sets = objects.setsOf(ownerKey('Deployment', OPERATOR.namespace, OPERATOR.name))
  return sets.some(({ metadata }) =>
    objects
      .podsOf(ownerKey('ReplicaSet', metadata.namespace, metadata.name))
      .some((pod) => isActive(pod) && isPodReady(pod)),
  )
}

function install(work: Work, installation: InstallationResource): void {
  const { objects } = work
  if (objects.find('Namespace', undefined, NAMESPACE) === undefined) {
    const metadata = { ...fresh(work, 'Namespace', { name: NAMESPACE }), ownerReferences: ownedBy(installation) }
    objects.put({ apiVersion: 'v1', kind: 'Namespace', metadata })
  }
  if (objects.find('DaemonSet', NAMESPACE, 'calico-node') === undefined) objects.put(calicoNode(work, installation))
  putDeployment(work, installation, 'calico-typha', typhas(objects.nodes().length), true, [
    { containerPort: 5473, hostPort: 5473 },
  ])
  putDeployment(work, installation, 'calico-kube-controllers', 1, false)
}

/** How many Typhas so many nodes need. @calico operator pkg/common/typha.go */
export function typhas(nodes: number): number {
  if (nodes <= 4) return nodes <= 2 ? 1 : 2
  return Math.min(20, Math.max(3, Math.floor(nodes / 200) + 2))
}

function templateOf(name: string, hostNetwork: boolean, ports?: readonly ContainerPort[]): PodTemplate {
  const container = name.replace('calico-kube-controllers', 'kube-controllers').replace('calico-typha', 'typha')
  return {
    metadata: { labels: { 'k8s-app': name } },
    spec: {
      ...(hostNetwork ? { hostNetwork } : {}),
      serviceAccountName: name,
      nodeSelector: LINUX,
      tolerations: EVERYTHING,
      containers: [
        {
          name,
          image: `docker.io/calico/${container.replace('calico-node', 'node')}`,
          ...(ports === undefined ? {} : { ports }),
        },
      ],
    },
  }
}

function calicoNode(work: Work, installation: InstallationResource): DaemonSetResource {
  const name = 'calico-node'
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      ...fresh(work, 'DaemonSet', { name, namespace: NAMESPACE, labels: { 'k8s-app': name } }),
      ownerReferences: ownedBy(installation),
    },
    spec: { selector: { matchLabels: { 'k8s-app': name } }, template: templateOf(name, true) },
  }
}

/** Makes a Deployment, or gives it as many pods as it needs now. */
function putDeployment(
  work: Work,
  installation: InstallationResource,
  name: string,
  replicas: number,
  hostNetwork: boolean,
  ports?: readonly ContainerPort[],
): void {
  const { objects } = work
  const there = objects.find('Deployment', NAMESPACE, name) as DeploymentResource | undefined
  if (there !== undefined) {
    if (there.spec.replicas !== replicas) objects.put({ ...there, spec: { ...there.spec, replicas } })
    return
  }
  objects.put({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...fresh(work, 'Deployment', { name, namespace: NAMESPACE, labels: { 'k8s-app': name } }),
      ownerReferences: ownedBy(installation),
    },
    spec: { replicas, selector: { matchLabels: { 'k8s-app': name } }, template: templateOf(name, hostNetwork, ports) },
  })
}
