import type { NatRange } from '../../model/index.ts'
import { ipv4ToNumber, ipv6ToKey, type Prefix } from '../../wire/index.ts'
import type { Addr } from './tuple.ts'

/** A NAT range in engine form (`struct nf_nat_range2`). */
export interface Range {
  /** First address, null = the address is not mapped. */
  readonly min: Addr | null
  /** Last address. */
  readonly max: Addr | null
  /** First port, -1 = ports are not prescribed. */
  readonly minPort: number
  /** Last port. */
  readonly maxPort: number
  /** `--random-fully`: always draw a port. */
  readonly randomFully: boolean
  /** `--persistent`: the choice of address depends on the source only. */
  readonly persistent: boolean
}

/** An address as the engine has it. */
export function engineAddr(address: string): Addr {
  return address.includes(':') ? ipv6ToKey(address) : ipv4ToNumber(address)
}

/** Compiles a target's range. `--random` draws a port like `--random-fully`, as it has in Linux since 5.0. */
export function compileRange(range: NatRange): Range {
  const min = range.minAddress === undefined ? null : engineAddr(range.minAddress)
  const minPort = range.minPort ?? -1
  return {
    min,
    max: range.maxAddress === undefined ? min : engineAddr(range.maxAddress),
    minPort,
    maxPort: range.maxPort ?? minPort,
    randomFully: range.randomFully === true || range.random === true,
    persistent: range.persistent === true,
  }
}

/** A range of exactly one address; ports as in `like`, or free. */
export function oneAddress(address: Addr, like: Range | null): Range {
  return {
    min: address,
    max: address,
    minPort: like?.minPort ?? -1,
    maxPort: like?.maxPort ?? -1,
    randomFully: like?.randomFully ?? false,
    persistent: like?.persistent ?? false,
  }
}

/** Whether an address lies in the range, which has one. */
export function inAddressRange(addr: Addr, range: Range): boolean {
  return addr >= (range.min as Addr) && addr <= (range.max as Addr)
}

/** Maps an address into a prefix one to one: the network part of `to`, the host part of `addr`. */
export function netmap(addr: Addr, to: { readonly network: Addr; readonly length: number }): Addr {
  if (typeof addr === 'number') {
    const mask = to.length === 0 ? 0 : -1 << (32 - to.length)
    return (((to.network as number) & mask) | (addr & ~mask)) >>> 0
  }
  const network = to.network as string
  let out = ''
  for (let i = 0; i < 16; i++) {
    const bits = Math.min(8, Math.max(0, to.length - i * 8))
    const mask = (0xff00 >>> bits) & 0xff
    out += String.fromCharCode((network.charCodeAt(i) & mask) | (addr.charCodeAt(i) & ~mask & 0xff))
  }
  return out
}

/** A prefix in engine form. */
export function enginePrefix(prefix: Prefix): { readonly network: Addr; readonly length: number } {
  const slash = prefix.indexOf('/')
  return { network: engineAddr(prefix.slice(0, slash)), length: Number(prefix.slice(slash + 1)) }
}
