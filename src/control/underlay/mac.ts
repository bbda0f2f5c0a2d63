import { type Cidr, familyOf, ipv4ToNumber, keyToMac, type Mac } from '../../wire/index.ts'
import { seededBytes } from '../sha1.ts'

/** A MAC nobody sees: switch ports and the uplink. Of one station, and locally administered. */
export function hiddenMac(seed: number, text: string): Mac {
  const bytes = seededBytes(seed, text)
  let key = (bytes[0]! & 0xfc) | 0x02
  for (let i = 1; i < 6; i++) key = key * 256 + bytes[i]!
  return keyToMac(key)
}

/** A MAC nobody gave: 02:42 and the IPv4 address, as Docker does; else from the seed. */
export function machineMac(addresses: readonly Cidr[], seed: number, text: string): Mac {
  const ipv4 = addresses.find((cidr) => familyOf(cidr.address) === 4)
  return ipv4 ? keyToMac(0x0242 * 2 ** 32 + ipv4ToNumber(ipv4.address)) : hiddenMac(seed, text)
}
