import type { NetDevice } from '../net-device.ts'

/** Runtime state of a bridge: ports and the forwarding database. */
export interface Bridge {
  /** The bridge's own device. */
  dev: NetDevice
  /** Ports in ifindex order. */
  ports: NetDevice[]
}
