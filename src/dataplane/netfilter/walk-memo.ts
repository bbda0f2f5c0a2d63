import type { RuleHit } from '../../model/index.ts'
import { IP_PROTOCOL, IPV4_TOS, readU32 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { Conn } from './conn.ts'
import type { NfPacket } from './packet.ts'
import { CONTINUE, type CompiledChain, type CompiledRule } from './rule.ts'
import { hasPorts } from './tuple.ts'

/** A step of a hook remembers this many walks of flows with the same hash; the next one takes the place of the oldest. */
const WAYS = 4

/** What is known of the walk of a flow: nothing yet, that it must be walked again for each packet, or all of it. */
type Knowledge = 'nothing' | 'not steady' | 'all'

/**
 * How the packets of one flow went through one table from one base chain: which rules they met, and the verdict. What tells flows apart
 * is all that steady matches look at (`steady.ts`).
 */
export class Walk {
  /** What is known. */
  knowledge: Knowledge = 'nothing'
  /** Rules that matched, in order. */
  readonly rules: CompiledRule[] = []
  /** Their positions, with 0 for the policy. */
  readonly positions: number[] = []
  /** What their records refer to. */
  readonly hits: RuleHit[] = []
  /** The base chain, when its policy decided. */
  policy: CompiledChain | null = null
  /** Some rule has a target to call. */
  calls = false
  /** NF_ verdict. */
  verdict = 0
  /** No rule was asked anything that may come out otherwise for the next packet. */
  isSteady = true
  private revision = -1
  private src = 0
  private dst = 0
  private upper = 0
  private protocol = 0
  private tos = 0
  private mark = 0
  private indev: NetDevice | null = null
  private outdev: NetDevice | null = null
  private ct: Conn | null = null
  private ctinfo = 0
  private ctStatus = 0
  private ctMark = 0

  /** Whether it is the walk of a packet's flow. */
  fits(p: NfPacket, upper: number): boolean {
    const { skb } = p
    const ct = p.ct
    return (
      this.src === p.src4 &&
      this.dst === p.dst4 &&
      this.upper === upper &&
      this.ct === ct &&
      this.ctinfo === skb.ctinfo &&
      (ct === null || (this.ctStatus === ct.status && this.ctMark === ct.mark)) &&
      this.mark === skb.mark &&
      this.indev === p.indev &&
      this.outdev === p.outdev &&
      this.protocol === p.protocol &&
      this.tos === p.bytes[p.at + IPV4_TOS] &&
      this.revision === p.ns.sim.revision
    )
  }

  /** Begins the walk of another flow. */
  begin(p: NfPacket, upper: number): void {
    const { skb } = p
    this.knowledge = 'nothing'
    this.rules.length = 0
    this.positions.length = 0
    this.hits.length = 0
    this.policy = null
    this.calls = false
    this.isSteady = true
    this.revision = p.ns.sim.revision
    this.src = p.src4
    this.dst = p.dst4
    this.upper = upper
    this.protocol = p.protocol
    this.tos = p.bytes[p.at + IPV4_TOS] as number
    this.mark = skb.mark
    this.indev = p.indev
    this.outdev = p.outdev
    this.ct = p.ct
    this.ctinfo = skb.ctinfo
    this.ctStatus = p.ct?.status ?? 0
    this.ctMark = p.ct?.mark ?? 0
  }

  /** A rule matched, and, where it has a target to call, was told to go on. */
  met(rule: CompiledRule): void {
    this.rules.push(rule)
    this.positions.push(rule.position)
    this.hits.push(rule.ref)
  }

  /** No rule decided, but the policy of the base chain. */
  decidedBy(base: CompiledChain, ref: RuleHit): void {
    this.policy = base
    this.positions.push(0)
    this.hits.push(ref)
  }

  /** The walk is over. */
  end(p: NfPacket, verdict: number): void {
    this.verdict = verdict
    this.knowledge = this.isSteady && !p.hotdrop && p.unmodelled === '' ? 'all' : 'not steady'
  }
}

/** The walks of the last flows at one step of a hook. */
export class WalkMemo {
  private readonly walks: (Walk | undefined)[] = []
  private turn = 0

  /** The walk of a packet's flow, begun when it is not known; null for packets whose walks are not remembered. */
  of(p: NfPacket): Walk | null {
    if (!isRemembered(p)) return null
    const upper = upperOf(p)
    const first = bucketOf(p, upper) * WAYS
    for (let i = first; i < first + WAYS; i++) {
      const known = this.walks[i]
      if (known === undefined) return this.begun(i, p, upper)
      if (known.fits(p, upper)) return known
    }
    this.turn = (this.turn + 1) % WAYS
    return this.begun(first + this.turn, p, upper)
  }

  private begun(place: number, p: NfPacket, upper: number): Walk {
    let walk = this.walks[place]
    if (walk === undefined) {
      walk = new Walk()
      this.walks[place] = walk
    }
    walk.begin(p, upper)
    return walk
  }
}

/** Whole IPv4 packets of protocols whose headers conntrack reads, not bridged, and not the answer to one that is in a hook now. */
function isRemembered(p: NfPacket): boolean {
  const { protocol, skb } = p
  if (p.family !== 'inet' || !p.transportFound || p.fragmentOffset !== 0 || !p.isOutermost) return false
  if (skb.physIn !== null || skb.physOut !== null) return false
  if (protocol === IP_PROTOCOL.TCP) return p.end - p.transport >= 20
  return (
    p.end - p.transport >= 12 && (protocol === IP_PROTOCOL.ICMP || protocol === IP_PROTOCOL.IPIP || hasPorts(protocol))
  )
}

/** Ports, or type and code of ICMP; 0 for protocols without either. */
function upperOf(p: NfPacket): number {
  if (p.protocol === IP_PROTOCOL.IPIP) return 0
  const word = readU32(p.bytes, p.transport)
  return p.protocol === IP_PROTOCOL.ICMP ? word >>> 16 : word
}

/** One of 16. */
function bucketOf(p: NfPacket, upper: number): number {
  const mixed = Math.imul(p.src4 ^ Math.imul(p.dst4, 0x9e3779b1) ^ upper, 0x85ebca6b)
  return mixed >>> 28
}

/** Goes a known walk again: counts, calls and records as the walk did. */
export function walkAgain(p: NfPacket, walk: Walk): number {
  return walk.calls ? callAgain(p, walk) : countAgain(p, walk)
}

function countAgain(p: NfPacket, walk: Walk): number {
  const { rules, policy } = walk
  const length = p.end - p.at
  for (let i = 0; i < rules.length; i++) {
    const { state } = rules[i] as CompiledRule
    state.packets++
    state.bytes += length
  }
  if (policy !== null) {
    const { policyState } = policy
    policyState.packets++
    policyState.bytes += length
  }
  const { log } = p.ns
  if (log !== null) log.rules(p.skb, p.outdev ?? p.indev, p.hook, walk.positions, walk.hits)
  return walk.verdict
}

/** Targets may lengthen the packet, change its mark, or refuse it. */
function callAgain(p: NfPacket, walk: Walk): number {
  const { rules, policy, positions, hits } = walk
  const { log } = p.ns
  for (let i = 0; i < rules.length; i++) {
    const { state, action } = rules[i] as CompiledRule
    state.packets++
    state.bytes += p.end - p.at
    const verdict = action.kind === 'call' ? action.run(p) : CONTINUE
    if (log !== null) log.rule(p.skb, p.outdev ?? p.indev, p.hook, positions[i] as number, hits[i] as RuleHit)
    if (verdict !== CONTINUE) return verdict
  }
  if (policy !== null) {
    policy.policyState.packets++
    policy.policyState.bytes += p.end - p.at
    if (log !== null) log.rule(p.skb, p.outdev ?? p.indev, p.hook, 0, hits[rules.length] as RuleHit)
  }
  return walk.verdict
}
