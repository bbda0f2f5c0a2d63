import type { SceneRow } from '../plan.ts'
import { DUAL_STACK, IPV6 } from './families.ts'
import { NAT_OUTGOING, POLICY, SERVICE } from './services.ts'
import { BGP, MTU, THE_GAP, TROUBLESHOOTING } from './trouble.ts'
import { CROSS_SUBNET, IPIP, NO_ENCAPSULATION, SAME_NODE, VXLAN, WIREGUARD } from './ways.ts'

/** The canonical scenes, in the order a course takes them. */
export const SCENES: readonly SceneRow[] = [
  SAME_NODE,
  NO_ENCAPSULATION,
  IPIP,
  VXLAN,
  WIREGUARD,
  CROSS_SUBNET,
  NAT_OUTGOING,
  SERVICE,
  POLICY,
  MTU,
  IPV6,
  DUAL_STACK,
  BGP,
  THE_GAP,
  TROUBLESHOOTING,
]
