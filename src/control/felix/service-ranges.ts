import { type Prefix, parsePrefix } from '../../wire/index.ts'
import type { BGPConfigurationResource } from '../calico-kinds.ts'

/** Ranges of Services that nodes announce, in order of their text. @calico felix/dataplane/linux/service_loop_mgr.go */
export function serviceRanges(bgp: BGPConfigurationResource | undefined): readonly Prefix[] {
  const { serviceClusterIPs, serviceExternalIPs, serviceLoadBalancerIPs } = bgp?.spec ?? {}
  const given = [serviceClusterIPs, serviceExternalIPs, serviceLoadBalancerIPs].flatMap((list) => list ?? [])
  return given.flatMap(({ cidr }) => parsePrefix(cidr) ?? []).sort()
}
