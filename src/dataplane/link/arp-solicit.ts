import { ARP_OPERATION, readU32 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { RT_SCOPE } from '../kernel/rtn.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { sendArp } from './arp-packet.ts'

/** Where an IPv4 header has its source. */
const SOURCE = 12

/**
 * Asks for a neighbour's hardware address: by unicast while the entry still has an address to try, then by broadcast.
 *
 * @param probes - solicitations sent before this one
 * @param lladdr - hardware address known so far; 0 = none
 * @param trigger - packet that waits for the answer; its source may become the asker's address
 * @linux net/ipv4/arp.c arp_solicit
 */
export function arpSolicit(
  dev: NetDevice,
  target: number,
  probes: number,
  lladdr: number,
  trigger: PacketBuffer | null,
): void {
  const { ucastSolicit, appSolicit } = dev.neigh4
  const isUnicast = probes < ucastSolicit
  if (!isUnicast && probes < ucastSolicit + appSolicit) return
  const source = solicitSource(dev, target, trigger) || dev.ns.sim.stack.inetSelectAddr(dev, target, RT_SCOPE.LINK)
  const fields = {
    operation: ARP_OPERATION.REQUEST,
    senderHardware: dev.mac,
    senderProtocol: source,
    targetHardware: 0,
    targetProtocol: target,
  }
  sendArp(dev, isUnicast && lladdr !== 0 ? lladdr : null, fields, trigger?.id ?? 0)
}

/** The address `arp_announce` lets us ask with; 0 = the device's own choice. */
function solicitSource(dev: NetDevice, target: number, trigger: PacketBuffer | null): number {
  if (trigger === null || dev.conf4.arpAnnounce >= 2) return 0
  const source = readU32(trigger.bytes, trigger.network + SOURCE)
  if (dev.ns.sim.stack.inetAddrType(dev.ns, source, null) !== 'LOCAL') return 0
  if (dev.conf4.arpAnnounce === 0) return source
  return isOnLink(dev, target, source) ? source : 0
}

/** Whether one subnet of the device holds both addresses (`inet_addr_onlink`). */
function isOnLink(dev: NetDevice, a: number, b: number): boolean {
  return dev.addrs4.some(({ address, mask }) => ((a ^ address) & mask) === 0 && ((b ^ address) & mask) === 0)
}
