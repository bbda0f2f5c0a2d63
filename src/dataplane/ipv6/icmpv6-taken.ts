import { IP_PROTOCOL } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { PacketBuffer } from '../kernel/skb.ts'

/** An ICMPv6 message was read: it ends here (`consume_skb`). */
export function icmpv6Taken(skb: PacketBuffer, dev: NetDevice): void {
  const { log } = dev.ns
  log?.deliver(skb, IP_PROTOCOL.ICMPV6, skb.bytes[skb.transport] as number, 'icmpv6')
  log?.end(skb, dev, 'delivered')
}
