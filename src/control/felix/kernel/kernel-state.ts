import type { Family, Ip, Mac, Prefix } from '../../../wire/index.ts'
import type { VersionTraits } from '../../calico-version.ts'
import type { FelixSettings } from '../../settings/settings.ts'
import type { FelixRoute } from '../calc/route-resolver.ts'
import type { FloatingAddress } from '../floating-address.ts'

/** A calculated route, as far as Linux hears of it. */
export type CalculatedRoute = Omit<FelixRoute, 'natOutgoing' | 'tunnelTypes'>

/** A node's VXLAN device, of one family. */
export interface TunnelEndpoint {
  /** Node. */
  readonly node: string
  /** MAC of the device; absent where what the node says is none: then nothing is known of its frames. */
  readonly mac?: Mac
  /** Its address. */
  readonly address: Ip
  /** The node's address, which frames in packets go to. */
  readonly parent: Ip
}

/** A tunnel device that is wanted. */
export interface WantedDevice {
  /** Name. */
  readonly device: string
  /** Its address; absent while IPAM has given none. */
  readonly address?: Ip
  /** MTU, in bytes. */
  readonly mtu?: number
}

/** A pod of this node. */
export interface KernelWorkload {
  /** Who made it; `openstack` has floating addresses by itself. */
  readonly orchestrator: string
  /** Host end of its veth; absent: no routes lead to it. */
  readonly interface?: string
  /** Its ranges of the family. */
  readonly nets: readonly Prefix[]
  /** Addresses that stand for its own. */
  readonly floating: readonly FloatingAddress[]
}

/** A pool, as far as Linux hears of it. */
export interface KernelPool {
  /** Range. */
  readonly cidr: Prefix
  /** What leaves it is translated. */
  readonly natOutgoing: boolean
  /** Only for addresses of Services. */
  readonly loadBalancerOnly: boolean
}

/** What Felix of a node knows when it writes routes, sets and rules of translation of one family. */
export interface KernelState {
  /** The node. */
  readonly node: string
  /** Family. */
  readonly family: Family
  /** The uplink; absent while it is not known. */
  readonly parent?: string
  /** Settings. */
  readonly felix: FelixSettings
  /** What the release does. */
  readonly traits: VersionTraits
  /** Addresses of nodes. */
  readonly hosts: ReadonlyMap<string, Ip>
  /** `tunl0`; absent: no pool asks for it. */
  readonly ipip?: WantedDevice
  /** The VXLAN device; absent: no pool asks for it. */
  readonly vxlan?: WantedDevice
  /** VXLAN devices of all nodes. */
  readonly vteps: readonly TunnelEndpoint[]
  /** Routes. */
  readonly routes: readonly CalculatedRoute[]
  /** Pods. */
  readonly workloads: readonly KernelWorkload[]
  /** Pools of the family. */
  readonly pools: readonly KernelPool[]
}
