/** Bits of the firewall mark that Felix uses, each one bit but `endpoint`. @calico felix/dataplane/driver.go, felix/markbits */
export interface Marks {
  /** Policy let the packet through. */
  readonly accept: number
  /** A policy passed the packet on to the next tier. */
  readonly pass: number
  /** A policy denies it (v3.30+); absent: a denying rule drops by itself. */
  readonly drop?: number
  /** For what one rule of a policy remembers over several rules. */
  readonly scratch0: number
  /** The same. */
  readonly scratch1: number
  /** WireGuard's own packets. */
  readonly wireguard?: number
  /** The rest, for endpoints with IPVS. */
  readonly endpoint: number
  /** What is cleared when a packet comes in anew. */
  readonly all: number
}

/** The mask of a cluster that says nothing. */
export const MARK_MASK = 0xffff0000

/** Bits Felix needs one by one, beside those of WireGuard. Only IPVS needs some for endpoints. */
function bitsNeeded(wireguard: boolean, dropBit: boolean): number {
  return 4 + (wireguard ? 1 : 0) + (dropBit ? 1 : 0)
}

/** Single bits of a mask, the lowest first. */
function bitsOf(mask: number): number[] {
  return Array.from({ length: 32 }, (_, i) => (1 << i) >>> 0).filter((bit) => (mask & bit) !== 0)
}

/** Whether Felix starts with a mask: it ends itself where there are not enough bits. */
export function enoughBits(mask: number, wireguard: boolean, dropBit: boolean): boolean {
  return bitsOf(mask).length >= bitsNeeded(wireguard, dropBit)
}

/** The bits of a mask, dealt out from the lowest; one that has too few counts as the usual one. */
export function marksOf(given: number, wireguard: boolean, dropBit: boolean): Marks {
  const mask = enoughBits(given, wireguard, dropBit) ? given : MARK_MASK
  const free = bitsOf(mask)
  const next = (): number => free.shift()!
  const [accept, pass] = [next(), next()]
  const drop = dropBit ? next() : undefined
  const [scratch0, scratch1] = [next(), next()]
  const wireguardBit = wireguard ? next() : undefined
  return {
    accept,
    pass,
    ...(drop === undefined ? {} : { drop }),
    scratch0,
    scratch1,
    ...(wireguardBit === undefined ? {} : { wireguard: wireguardBit }),
    endpoint: free.reduce((all, bit) => (all | bit) >>> 0, 0),
    all: (accept | pass | scratch0 | scratch1) >>> 0,
  }
}
