import type { OtherResource, Resources } from '../control/index.ts'
import { isCalicoDaemonSet } from '../controllers/index.ts'
import type { AgentAction, NodeAgent } from './event.ts'

/** The CNI configuration that Calico puts on nodes. @calico cni-plugin/pkg/install */
export const CNI_CONFIG_FILE = '/etc/cni/net.d/10-calico.conflist'

/** Programs of calico-node that act on nodes. */
export const CALICO_NODE: readonly NodeAgent[] = ['felix', 'confd', 'bird']

/**
 * Whether an object only says how Calico is installed. When it is deleted nobody undoes on machines what was written: interfaces,
 * routes, rules and `/etc/cni/net.d` stay.
 */
export function isInstallation({ kind, metadata: { name, namespace } }: OtherResource): boolean {
  const isOfCalico = namespace === 'kube-system' || namespace === 'calico-system'
  if (kind === 'DaemonSet') return isOfCalico && isCalicoDaemonSet({ metadata: { name } })
  return kind === 'Installation' || (kind === 'ConfigMap' && isOfCalico && name === 'calico-config')
}

function runsCalico({ daemonSets, installations }: Resources): boolean {
  return daemonSets.some(isInstallation) || installations.length > 0
}

/** What becomes of the programs of calico-node with other objects. Its pods get no time to end: BIRD tells its peers nothing. @calico manifests/calico.yaml terminationGracePeriodSeconds */
export function calicoNodeAfter(before: Resources, after: Resources): AgentAction | undefined {
  if (before.daemonSets === after.daemonSets && before.installations === after.installations) return undefined
  const [ran, runs] = [runsCalico(before), runsCalico(after)]
  return ran === runs ? undefined : runs ? 'start' : 'kill'
}
