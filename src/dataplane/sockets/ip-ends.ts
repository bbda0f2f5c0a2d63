import { IPV4_DESTINATION, IPV4_SOURCE, IPV6_DESTINATION, IPV6_SOURCE, readIp6Key, readU32 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import type { Addr } from './inet-sock.ts'

/** Addresses of the IP header in front of a transport header. */
export interface IpEnds {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** Source. */
  readonly saddr: Addr
  /** Destination. */
  readonly daddr: Addr
}

/** Reads the addresses of `skb.network`. */
export function ipEnds(skb: PacketBuffer): IpEnds {
  const { bytes, network } = skb
  if ((bytes[network] as number) >> 4 === 4) {
    return {
      family: 'inet',
      saddr: readU32(bytes, network + IPV4_SOURCE),
      daddr: readU32(bytes, network + IPV4_DESTINATION),
    }
  }
  return {
    family: 'inet6',
    saddr: readIp6Key(bytes, network + IPV6_SOURCE),
    daddr: readIp6Key(bytes, network + IPV6_DESTINATION),
  }
}

/**
 * The device a packet counts as having come in by: an own IPv6 packet that came over the loopback interface, the device
 * of its destination address.
 * @linux net/ipv6/ip6_input.c ip6_rcv_core
 */
export function inputDevice(skb: PacketOnDevice, daddr: Addr): NetDevice {
  const { dev } = skb
  if (typeof daddr === 'number' || !dev.loopback) return dev
  return dev.ns.devices.find((one) => one.addrs6.some((a) => a.key === daddr)) ?? dev
}
