import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8, type Ip, numberToIpv4 } from '../../wire/index.ts'

/** The first octet beyond which addresses are no router ids. */
const LAST_UNICAST = 223

/** The router id that `CALICO_ROUTER_ID=hash` makes of a node's name. @calico confd/pkg/resource/template/util.go HashToIPv4 */
export function hashedRouterId(node: string): Ip {
  const [first = 0, second = 0, third = 0, fourth = 0] = sha256(encodeUtf8(node))
  const unicast = first > LAST_UNICAST ? first - 32 : first
  return numberToIpv4(((unicast << 24) | (second << 16) | (third << 8) | fourth) >>> 0)
}
