import type { Target } from '../../model/index.ts'
import { INADDR_LOOPBACK } from '../../wire/index.ts'
import { RT_SCOPE } from '../kernel/rtn.ts'
import { NF_ACCEPT, NF_DROP, NF_LOCAL_OUT } from '../kernel/stack.ts'
import { manipOf, natSetup } from './nat.ts'
import { compileRange, enginePrefix, netmap, oneAddress } from './nat-range.ts'
import type { NfPacket } from './packet.ts'
import { CONTINUE, type TargetFn } from './rule.ts'
import type { Addr } from './tuple.ts'

type Of<K extends Target['kind']> = Extract<Target, { kind: K }>

/** SNAT and DNAT. */
export function natTarget(t: Of<'SNAT' | 'DNAT'>): TargetFn {
  const range = compileRange(t.range)
  const manip = t.kind === 'SNAT' ? 'src' : 'dst'
  return (p) => (p.ct === null ? CONTINUE : natSetup(p, p.ct, range, manip))
}

/**
 * MASQUERADE: the source becomes the address the output device has for the next hop.
 * @linux net/netfilter/nf_nat_masquerade.c nf_nat_masquerade_ipv4
 */
export function masqueradeTarget(t: Of<'MASQUERADE' | 'REDIRECT'>): TargetFn {
  const range = compileRange(t.range)
  return (p) => {
    const { ct } = p
    if (ct === null || p.outdev === null) return CONTINUE
    if (p.family === 'inet' && ct.original.src === 0) return NF_ACCEPT
    const source = masqueradeSource(p)
    if (source === null) return NF_DROP
    ct.masqIndex = p.outdev.ifindex
    return natSetup(p, ct, oneAddress(source, range), 'src')
  }
}

function masqueradeSource(p: NfPacket): Addr | null {
  const { stack } = p.ns.sim
  const outdev = p.outdev!
  if (p.family === 'inet') {
    const gateway = p.skb.dst?.gateway
    const source = stack.inetSelectAddr(outdev, typeof gateway === 'number' ? gateway : p.dst4, RT_SCOPE.UNIVERSE)
    return source === 0 ? null : source
  }
  const source = stack.ipv6DevGetSaddr(p.ns, outdev, p.dst6Key)
  return source === '' ? null : source
}

const LOOPBACK_6 = `${'\0'.repeat(15)}\x01`

/** REDIRECT: to this host; for own packets to loopback. @linux net/netfilter/nf_nat_redirect.c nf_nat_redirect_ipv4 */
export function redirectTarget(t: Of<'MASQUERADE' | 'REDIRECT'>): TargetFn {
  const range = compileRange(t.range)
  return (p) => {
    const { ct } = p
    if (ct === null) return CONTINUE
    const to = redirectAddress(p)
    return to === null ? NF_DROP : natSetup(p, ct, oneAddress(to, range), 'dst')
  }
}

function redirectAddress(p: NfPacket): Addr | null {
  if (p.hook === NF_LOCAL_OUT) return p.family === 'inet' ? INADDR_LOOPBACK : LOOPBACK_6
  if (p.family === 'inet') return p.indev?.addrs4.find((a) => !a.secondary)?.local ?? null
  return p.indev?.addrs6.find((a) => a.scope !== 'link' && !a.tentative)?.key ?? null
}

/** NETMAP: the network part changes, the host part stays. */
export function netmapTarget(t: Of<'NETMAP'>): TargetFn {
  const to = enginePrefix(t.to)
  return (p) => {
    const { ct } = p
    if (ct === null) return CONTINUE
    const manip = manipOf(p.hook)
    return natSetup(p, ct, oneAddress(netmap(manip === 'src' ? p.src : p.dst, to), null), manip)
  }
}
