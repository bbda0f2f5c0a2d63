import type { Origin } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'

/** An address that stands for a pod's own. @calico felix/dataplane/linux/floating_ip_mgr.go */
export interface FloatingAddress {
  /** The address others use. */
  readonly external: Ip
  /** The pod's own. */
  readonly internal: Ip
  /** What asks for it. */
  readonly origin?: Origin
}
