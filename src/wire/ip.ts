import { type AddressFault, explainIpv4, type Ipv4, ipv4ToNumber, parseIpv4 } from './ipv4-address.ts'
import { explainIpv6, type Ip6Key, type Ipv6, ipv6ToKey, parseIpv6 } from './ipv6-address.ts'

/** An address of either family, in canonical text. */
export type Ip = Ipv4 | Ipv6

/** The address family, as `ip -4` and `ip -6` name it. */
export type Family = 4 | 6

/** A text as address of either family; IPv6 comes back in canonical text. Undefined when it is none. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

/** Those of some texts that are addresses, in their order. */
export function parseIps(texts: readonly (string | undefined)[]): Ip[] {
  return texts.flatMap((text) => parseIp(text ?? '') ?? [])
}

/** Why {@link parseIp} refuses a text; undefined when it does not. */
export function explainIp(text: string): AddressFault | undefined {
  return text.includes(':') ? explainIpv6(text) : explainIpv4(text)
}

/** The family of an address or prefix. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4
}

/** Whether an address is of the IPv4 family. */
export function isIpv4(address: Ip): address is Ipv4 {
  return familyOf(address) === 4
}

/** Whether an address is of the IPv6 family. */
export function isIpv6(address: Ip): address is Ipv6 {
  return familyOf(address) === 6
}

/** An address as the engine keeps it: IPv4 a uint32, IPv6 sixteen chars. */
export function addressKey(address: Ip): number | Ip6Key {
  return isIpv4(address) ? ipv4ToNumber(address) : ipv6ToKey(address)
}

/** Orders addresses as numbers, IPv4 before IPv6; for `sort`. */
export function compareIps(a: Ip, b: Ip): number {
  const family = familyOf(a)
  if (family !== familyOf(b)) return family - familyOf(b)
  if (family === 4) return ipv4ToNumber(a) - ipv4ToNumber(b)
  const left = ipv6ToKey(a)
  const right = ipv6ToKey(b)
  return left < right ? -1 : left > right ? 1 : 0
}

/** An address with a port behind it: `10.0.0.1:80`, `[fd00::1]:80`. */
export function withPort(address: string, port: number | string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
