import { bytesToIpv6, familyOf, type Ip, ipv4ToNumber, ipv6ToBytes, numberToIpv4, toHex } from '../wire/index.ts'

/** An address to count with: IPv4 as uint32, IPv6 as bigint. Never mixed. */
export type AddressNumber = number | bigint

/** The number of an address. */
export function numberOf(address: Ip): AddressNumber {
  return familyOf(address) === 4 ? ipv4ToNumber(address) : BigInt(`0x${toHex(ipv6ToBytes(address))}`)
}

/** The address of a number. */
export function addressOf(number: AddressNumber): Ip {
  if (typeof number === 'number') return numberToIpv4(number)
  const bytes = new Uint8Array(16)
  for (let i = 15, rest = number; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n)
  return bytesToIpv6(bytes)
}

/** The number `offset` places on. */
export function plus(number: AddressNumber, offset: number): AddressNumber {
  return typeof number === 'number' ? number + offset : number + BigInt(offset)
}

/** How many places `number` lies behind `base`, both of one family; exact below 2^53. */
export function minus(number: AddressNumber, base: AddressNumber): number {
  if (typeof number === 'number' && typeof base === 'number') return number - base
  return Number(BigInt(number) - BigInt(base))
}
