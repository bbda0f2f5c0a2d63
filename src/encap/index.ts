/**
 * What each encapsulation does to a packet: which outer header, which TTL, TOS, ECN and DF bits, how many bytes, and the way
 * back. Pure functions over bytes; the dataplane uses the same rules when it sends. May import: wire, model.
 *
 * @packageDocumentation
 */

export {
  ECN_CE,
  ECN_ECT_0,
  ECN_ECT_1,
  ECN_MASK,
  ECN_NOT_ECT,
  ecnDecapsulate,
  ecnEncapsulate,
  innerTos,
  setEcn4,
  setEcn6,
} from './ecn.ts'
export {
  type IpipParameters,
  ipipDecapsulate,
  ipipEncapsulate,
  ipipOuter,
} from './ipip.ts'
export { type Encapsulation, OVERHEAD, type OverheadLayer, overheadBytes, tunnelMtu } from './mtu.ts'
export type { OuterAddresses, OuterFields } from './outer.ts'
export {
  type VxlanContent,
  type VxlanHeaderFault,
  type VxlanParameters,
  vxlanDecapsulate,
  vxlanEncapsulate,
  vxlanHeaderFault,
  vxlanOuter,
  vxlanSourcePort,
} from './vxlan.ts'
export {
  WIREGUARD_HANDSHAKE_TOS,
  WIREGUARD_MAX_STAGED,
  WIREGUARD_TIME,
  wireguardDataLength,
  wireguardPadding,
} from './wireguard.ts'
