import type { Target } from '../../model/index.ts'
import { IPV4_CHECKSUM, IPV4_TOS, IPV6_CLASS_LOW, readU16, updateChecksum16, writeU16 } from '../../wire/index.ts'
import { IP_CT_UNTRACKED } from '../kernel/conntrack.ts'
import { NF_DROP } from '../kernel/stack.ts'
import type { SetBinding } from './compile-match.ts'
import { tosOf } from './match-header.ts'
import type { NfPacket } from './packet.ts'
import { CONTINUE, type TargetFn } from './rule.ts'

type Of<K extends Target['kind']> = Extract<Target, { kind: K }>

/** MARK. */
export function markTarget(t: Of<'MARK'>): TargetFn {
  const { value, mask } = t
  return ({ skb }) => {
    const { mark } = skb
    switch (t.op) {
      case 'set-xmark':
        skb.mark = ((mark & ~mask) ^ value) >>> 0
        break
      case 'and':
        skb.mark = (mark & value) >>> 0
        break
      case 'or':
        skb.mark = (mark | value) >>> 0
        break
      case 'xor':
        skb.mark = (mark ^ value) >>> 0
        break
    }
    return CONTINUE
  }
}

/** CONNMARK; nothing happens without a connection. */
export function connmarkTarget(t: Of<'CONNMARK'>): TargetFn {
  const { op, value, mask, nfmask } = t
  return ({ skb }) => {
    const { ct } = skb
    if (ct === null) return CONTINUE
    if (op === 'set-xmark') ct.mark = ((ct.mark & ~mask) ^ value) >>> 0
    else if (op === 'save-mark') ct.mark = ((ct.mark & ~mask) ^ (skb.mark & nfmask)) >>> 0
    else skb.mark = ((skb.mark & ~nfmask) ^ (ct.mark & mask)) >>> 0
    return CONTINUE
  }
}

/** CT and NOTRACK: not tracked, or tracked in a zone. */
export function ctTarget(t: Of<'CT' | 'NOTRACK'>): TargetFn {
  if (t.kind === 'CT' && t.helper !== undefined) return unmodelledTarget(`-j CT --helper ${t.helper}`)
  const notrack = t.kind === 'NOTRACK' || t.notrack
  const zone = t.kind === 'CT' ? (t.zone ?? 0) : 0
  return (p) => {
    if (p.ct !== null) return CONTINUE
    if (notrack) p.skb.ctinfo = IP_CT_UNTRACKED
    else p.zone = zone
    return CONTINUE
  }
}

/** TTL and HL. A TTL that would leave 0–255 is cut there. */
export function ttlTarget(t: Of<'TTL'>): TargetFn {
  return (p) => {
    const at = p.at + (p.family === 'inet' ? 8 : 7)
    const old = p.bytes[at]!
    const sum = t.op === 'inc' ? old + t.value : old - t.value
    const next = t.op === 'set' ? t.value : Math.min(255, Math.max(0, sum))
    if (next === old) return CONTINUE
    p.bytes[at] = next
    if (p.family === 'inet') fixHeader(p, old << 8, next << 8)
    return CONTINUE
  }
}

/** TOS and DSCP. */
export function tosTarget(t: Of<'TOS' | 'DSCP'>): TargetFn {
  const mask = t.kind === 'DSCP' ? 0xfc : t.mask
  const value = t.kind === 'DSCP' ? t.value << 2 : t.value
  return (p) => {
    const old = tosOf(p)
    const next = (old & ~mask) ^ value
    if (next === old) return CONTINUE
    if (p.family === 'inet') {
      p.bytes[p.at + IPV4_TOS] = next
      fixHeader(p, old, next)
    } else {
      p.bytes[p.at] = (p.bytes[p.at]! & 0xf0) | (next >>> 4)
      p.bytes[p.at + IPV6_CLASS_LOW] = (p.bytes[p.at + IPV6_CLASS_LOW]! & 0x0f) | ((next & 15) << 4)
    }
    return CONTINUE
  }
}

function fixHeader(p: NfPacket, old: number, next: number): void {
  writeU16(p.bytes, p.at + IPV4_CHECKSUM, updateChecksum16(readU16(p.bytes, p.at + IPV4_CHECKSUM), old, next))
}

/** SET. */
export function setTarget(t: Of<'SET'>, sets: SetBinding): TargetFn {
  const bound = sets(t.set)
  const source = t.dims.map((dim) => dim === 'src')
  if (bound === undefined) return unmodelledTarget(`-j SET: there is no set ${t.set}`)
  return (p) => {
    if (t.op === 'add') bound.set.add(p, source)
    else bound.set.del(p, source)
    return CONTINUE
  }
}

/** A target nobody can carry out: the packet ends here, by name. */
export function unmodelledTarget(what: string): TargetFn {
  return (p) => {
    p.unmodelled = what
    return NF_DROP
  }
}
