import { seedWord } from '../../model/index.ts'
import { bytesToIpv6, type Prefix } from '../../wire/index.ts'

/** The range of IPv6 that calico-node draws where nobody named one: fd, forty bits by lot, /48. @rfc 4193 §3.2 */
export function drawnRange(seed: number): Prefix {
  const bytes = new Uint8Array(16)
  bytes[0] = 0xfd
  for (let i = 1; i < 6; i++) bytes[i] = seedWord(seed + 1, i) >>> 24
  return `${bytesToIpv6(bytes)}/48` as Prefix
}
