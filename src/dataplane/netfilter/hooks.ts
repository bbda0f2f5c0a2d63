import type { TableName } from '../../model/index.ts'
import { IP_PROTOCOL, IPV6_EXTENSION_LENGTH, IPV6_NEXT_HEADER, isIpv4Fragment, readU32 } from '../../wire/index.ts'
import { dirOf } from '../kernel/conntrack.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import {
  NF_ACCEPT,
  NF_DROP,
  NF_FORWARD,
  NF_LOCAL_IN,
  NF_LOCAL_OUT,
  NF_POST_ROUTING,
  NF_PRE_ROUTING,
  NF_STOLEN,
} from '../kernel/stack.ts'
import { type Conn, isSettled } from './conn.ts'
import { nfConntrackConfirm, nfConntrackIn } from './conntrack.ts'
import { recordConntrack } from './conntrack-record.ts'
import { mustReroute, natHook } from './nat.ts'
import type { Netfilter, Plan } from './netfilter.ts'
import { deviceOf, type NfPacket } from './packet.ts'
import type { Passage } from './passage.ts'
import { PassageMemo } from './passage-memo.ts'
import type { CompiledChain, CompiledTable } from './rule.ts'
import { iptDoTable } from './traverse.ts'
import { type Walk, walkAgain } from './walk.ts'

/** What a hook does, one after another. */
export type Step =
  | { readonly kind: 'defrag' | 'conntrack' | 'confirm' }
  | { readonly kind: 'nat' | 'table'; readonly table: CompiledTable; readonly chain: CompiledChain }

/** The name of the base chain of a hook. */
const CHAIN_OF_HOOK = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const

/** What each hook holds, in kernel priority order: -400 defrag, -300 raw, -200 conntrack, -150 mangle, -100 DNAT, 0, 50, 100 SNAT, last. */
const ORDER: Readonly<Record<number, readonly (TableName | 'defrag' | 'conntrack' | 'confirm')[]>> = {
  [NF_PRE_ROUTING]: ['defrag', 'raw', 'conntrack', 'mangle', 'nat'],
  [NF_LOCAL_IN]: ['mangle', 'filter', 'security', 'nat', 'confirm'],
  [NF_FORWARD]: ['mangle', 'filter', 'security'],
  [NF_LOCAL_OUT]: ['defrag', 'raw', 'conntrack', 'mangle', 'nat', 'filter', 'security'],
  [NF_POST_ROUTING]: ['mangle', 'nat', 'confirm'],
}

/** A hook of a namespace. */
export interface HookPlan extends Plan {
  /** What it does, in order. */
  readonly steps: readonly Step[]
  /** How the last packets passed it. */
  readonly memo: PassageMemo
  /** The step in which conntrack looks at packets; -1 = none. */
  readonly tracksAt: number
  /** It tracks and translates; no other table is asked. */
  readonly onlyTracks: boolean
}

/** What happens at a hook, given the tables that are loaded and whether connections are tracked. */
function planOf(hook: number, tables: ReadonlyMap<TableName, CompiledTable>, tracks: boolean): HookPlan {
  const steps: Step[] = []
  for (const what of ORDER[hook] ?? []) {
    if (what === 'defrag' || what === 'conntrack' || what === 'confirm') {
      if (tracks) steps.push({ kind: what })
      continue
    }
    const table = tables.get(what)
    const chain = table?.chain(CHAIN_OF_HOOK[hook]!)
    if (table !== undefined && chain !== undefined) steps.push({ kind: what === 'nat' ? 'nat' : 'table', table, chain })
  }
  const tracksAt = steps.findIndex((step) => step.kind === 'conntrack')
  const memo = new PassageMemo()
  return {
    steps,
    memo,
    tracksAt,
    onlyTracks: steps.every((step) => step.kind !== 'table'),
    settle: () => memo.settle(),
  }
}

/** The plan of a hook, made when the first packet comes. */
function planAt(nf: Netfilter, family: 'inet' | 'inet6', hook: number): HookPlan {
  const plans = nf.plans(family)
  const known = plans[hook]
  if (known !== undefined) return known as HookPlan
  const made = planOf(hook, nf.tables(family), nf.tracks(family))
  plans[hook] = made
  return made
}

/**
 * Runs the chains of a hook over a packet, conntrack and NAT among them.
 * @linux net/netfilter/core.c nf_hook_slow
 */
export function nfHook(
  nf: Netfilter,
  family: 'inet' | 'inet6',
  hook: number,
  skb: PacketBuffer,
  indev: NetDevice | null,
  outdev: NetDevice | null,
): number {
  const plan = planAt(nf, family, hook)
  if (plan.steps.length === 0) return NF_ACCEPT
  if (plan.onlyTracks && hook !== NF_LOCAL_OUT && isSettled(skb)) return NF_ACCEPT
  const passages = skb.ct === null ? null : (skb.ct as Conn).passages
  const known = passages === null || !nf.contexts.isEmpty ? undefined : passages[placeOf(hook, skb)]
  if (known?.isThatOfConnection(skb, indev, outdev)) return known.passAgain(skb, nf.ns, hook, outdev ?? indev)
  let last: Passage | null = null
  if (skb.ct === null && nf.contexts.isEmpty) {
    last = plan.memo.last(skb, indev, outdev)
    if (last !== null) {
      if (plan.tracksAt < 0) return last.passAgain(skb, nf.ns, hook, outdev ?? indev)
      const how = last.trackAgain(nf, hook, skb, outdev ?? indev)
      if (how === 'passed') return NF_ACCEPT
      if (how === 'not') last = null
    }
  }
  const p = nf.contexts.enter()
  try {
    look(p, nf, family, hook, skb, indev, outdev)
    return last === null ? takeSteps(p, plan) : takeStepsBehind(p, plan, last)
  } finally {
    nf.contexts.leave()
  }
}

/** Takes the steps of a hook, as far as they are not known from the last packet of the flow. */
function takeSteps(p: NfPacket, plan: HookPlan): number {
  const { skb, ns, hook } = p
  const { tracksAt } = plan
  const passage = plan.onlyTracks ? null : plan.memo.of(p)
  if (passage === null || !passage.isKnown) return takeStepsFrom(0, p, plan, passage)
  if (tracksAt < 0) return passage.passAgain(skb, ns, hook, deviceOf(p))
  passage.enterAgain(skb, ns, hook, deviceOf(p))
  return takeStepsFrom(tracksAt, p, plan, passage)
}

/** Takes the steps behind conntrack, which has found another connection than before, or the same one in another state. */
function takeStepsBehind(p: NfPacket, plan: HookPlan, passage: Passage): number {
  passage.track(p, plan.tracksAt)
  return takeStepsFrom(plan.tracksAt + 1, p, plan, passage)
}

function takeStepsFrom(first: number, p: NfPacket, { steps, tracksAt }: HookPlan, known: Passage | null): number {
  const { skb, ns, hook } = p
  let passage = known
  for (let i = first; i < steps.length; i++) {
    const verdict = run(p, steps[i]!, i, passage)
    if (verdict === NF_DROP) dropped(p)
    if (verdict !== NF_ACCEPT) return verdict
    if (passage === null) continue
    if (i === tracksAt && passage.isKnown) return passage.passAgain(skb, ns, hook, deviceOf(p))
    // What a rule of chance did to the packet is not known: of the steps behind it nothing holds.
    if (passage.isUnsteadyAt(i)) passage = null
  }
  if (passage !== null && (skb.ct === null || isSettled(skb))) conclude(p, passage, tracksAt)
  return NF_ACCEPT
}

/** A connection has a passage for each hook and direction. */
function placeOf(hook: number, skb: PacketBuffer): number {
  return hook * 2 + dirOf(skb.ctinfo)
}

/**
 * A packet that is not tracked, or whose connection is settled, passed a hook: from now on all that happens there, but for conntrack
 * itself, may be known.
 */
function conclude(p: NfPacket, passage: Passage, tracksAt: number): void {
  const isKnown = passage.conclude(tracksAt)
  if (!isKnown || tracksAt >= 0 || p.ct === null) return
  p.ct.passages ??= []
  p.ct.passages[placeOf(p.hook, p.skb)] = passage
}

function look(
  p: NfPacket,
  nf: Netfilter,
  family: 'inet' | 'inet6',
  hook: number,
  skb: PacketBuffer,
  indev: NetDevice | null,
  outdev: NetDevice | null,
): void {
  p.skb = skb
  p.nf = nf
  p.ns = nf.ns
  p.family = family
  p.hook = hook
  p.indev = indev
  p.outdev = outdev
  p.hotdrop = false
  p.unmodelled = ''
  p.cause = 'netfilter_drop'
  p.zone = 0
  p.now = nf.ns.sim.clock.now
  p.load()
}

function run(p: NfPacket, step: Step, index: number, passage: Passage | null): number {
  switch (step.kind) {
    case 'defrag':
      return defrag(p)
    case 'conntrack': {
      const seen = p.ct
      const verdict = nfConntrackIn(p, p.zone, passage)
      if (p.ns.log !== null && p.ct !== seen) recordConntrack(p)
      if (passage !== null) passage.track(p, index)
      return verdict
    }
    case 'confirm':
      return nfConntrackConfirm(p)
    case 'nat':
      return nat(p, step.table, step.chain)
    case 'table': {
      const { table, chain } = step
      const known = passage === null ? null : passage.walk(index, table.name)
      const isMangleOut = p.hook === NF_LOCAL_OUT && table.name === 'mangle'
      if (!isMangleOut && known?.knowledge === 'all') return walkAgain(p, known, true)
      const verdict = isMangleOut ? mangleOut(p, chain, known) : walk(p, chain, known)
      hookEnd(p, table, verdict)
      return verdict
    }
  }
}

/** Walks a table, or does what the last packet of the flow made of it. */
function walk(p: NfPacket, chain: CompiledChain, known: Walk | null): number {
  if (known?.knowledge === 'all') return walkAgain(p, known, false)
  const unknown = known !== null && known.knowledge === 'nothing' ? known : null
  const { mark } = p.skb
  const verdict = iptDoTable(p, chain, unknown)
  unknown?.end(p, verdict, mark)
  if (p.hotdrop || p.unmodelled !== '') return NF_DROP
  return verdict
}

/**
 * Whole datagrams only for conntrack. Looped-back and untracked packets are left alone.
 * @linux net/ipv4/netfilter/nf_defrag_ipv4.c ipv4_conntrack_defrag
 */
function defrag(p: NfPacket): number {
  const { skb } = p
  if (skb.ct !== null || skb.ctinfo !== 0) return NF_ACCEPT
  const { stack } = p.ns.sim
  if (p.family === 'inet') {
    if (!isIpv4Fragment(p.bytes, p.at)) return NF_ACCEPT
    const user = skb.physIn !== null ? 'bridge' : p.hook === NF_PRE_ROUTING ? 'conntrack-in' : 'conntrack-out'
    if (!stack.ipDefrag(skb, user)) return NF_STOLEN
  } else {
    if (p.bytes[p.at + IPV6_NEXT_HEADER] === undefined || !hasFragmentHeader(p)) return NF_ACCEPT
    if (!stack.ip6Defrag(skb, p.hook === NF_PRE_ROUTING ? 'conntrack-in' : 'conntrack-out')) return NF_STOLEN
  }
  p.load()
  return NF_ACCEPT
}

const EXTENSIONS: ReadonlySet<number> = new Set([
  IP_PROTOCOL.HOP_BY_HOP,
  IP_PROTOCOL.ROUTING,
  IP_PROTOCOL.DESTINATION_OPTIONS,
])

function hasFragmentHeader(p: NfPacket): boolean {
  let next = p.bytes[p.at + IPV6_NEXT_HEADER]!
  let at = p.at + 40
  while (EXTENSIONS.has(next) && at + 8 <= p.end) {
    next = p.bytes[at]!
    at += (p.bytes[at + IPV6_EXTENSION_LENGTH]! + 1) * 8
  }
  return next === IP_PROTOCOL.FRAGMENT && at + 8 <= p.end
}

/** The NAT hook with what surrounds it: a changed destination is routed anew. */
function nat(p: NfPacket, table: CompiledTable, chain: CompiledChain): number {
  if (isSettled(p.skb)) return mustReroute(p) ? reroute(p) : NF_ACCEPT
  const before = p.dst
  const verdict = natHook(p, () => {
    const v = iptDoTable(p, chain, null)
    const end = p.hotdrop || p.unmodelled !== '' ? NF_DROP : v
    hookEnd(p, table, end)
    return end
  })
  if (verdict !== NF_ACCEPT) return verdict
  if (p.hook === NF_PRE_ROUTING && p.dst !== before) p.skb.dst = null
  return mustReroute(p) ? reroute(p) : NF_ACCEPT
}

/** @linux net/ipv4/netfilter/iptable_mangle.c ipt_mangle_out */
function mangleOut(p: NfPacket, chain: CompiledChain, known: Walk | null): number {
  const { src, dst } = p
  const { mark } = p.skb
  const first = readU32(p.bytes, p.at)
  const verdict = walk(p, chain, known)
  if (verdict !== NF_ACCEPT) return verdict
  // The TOS, or traffic class and flow label, are all that a rule can change in the first word.
  const isSame = p.src === src && p.dst === dst && p.skb.mark === mark && readU32(p.bytes, p.at) === first
  return isSame ? NF_ACCEPT : reroute(p)
}

/** Another route; the chains that follow still see the old output device, as in the kernel. */
function reroute(p: NfPacket): number {
  const { stack } = p.ns.sim
  const ok = p.family === 'inet' ? stack.ipRouteMeHarder(p.skb) : stack.ip6RouteMeHarder(p.skb)
  return ok ? NF_ACCEPT : NF_DROP
}

function dropped(p: NfPacket): void {
  const cause = p.unmodelled === '' ? p.cause : 'netfilter_unmodelled'
  dropPacket(p.skb, cause, deviceOf(p))
}

function hookEnd(p: NfPacket, table: CompiledTable, verdict: number): void {
  p.ns.log?.hookEnd(p.skb, deviceOf(p), p.hook, verdict, table.name, p.unmodelled)
}
