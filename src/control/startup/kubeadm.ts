import { familyOf, parseCidr } from '../../wire/index.ts'
import type { ConfigMapResource } from '../kubernetes-kinds.ts'

/** The pods' ranges of kubeadm, as written; absent where it has none. */
export interface PodSubnets {
  /** The first IPv4 range. */
  readonly ipv4?: string
  /** The first IPv6 range. */
  readonly ipv6?: string
}

/**
 * `podSubnet` of kubeadm's ClusterConfiguration, which is kept as text in a ConfigMap: the first range of each family, up
 * to one that is no range. calico-node does not read YAML: quotation marks make a range none.
 *
 * @calico node/pkg/lifecycle/startup/startup.go extractKubeadmCIDRs
 */
export function podSubnetsOf({ data = {} }: Pick<ConfigMapResource, 'data'>): PodSubnets {
  const found: { ipv4?: string; ipv6?: string } = {}
  for (const text of Object.values(data)) {
    const line = /podSubnet: (.*)/.exec(text)
    if (line === null) continue
    for (const range of line[1]!.split(',')) {
      if (parseCidr(range) === undefined) break
      if (familyOf(range) === 4) found.ipv4 ??= range
      else found.ipv6 ??= range
    }
    break
  }
  return found
}

/** The name of that ConfigMap, in `kube-system`. */
export const KUBEADM_CONFIG = 'kubeadm-config'
