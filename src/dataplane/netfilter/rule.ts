import type { IptRule, RuleHit, TableName } from '../../model/index.ts'
import type { NfPacket } from './packet.ts'

/** A compiled match: whether it holds. May set `hotdrop` or `unmodelled` on the packet. */
export type MatchFn = (p: NfPacket) => boolean

/** A compiled target with an effect: returns an NF_ verdict, or {@link CONTINUE}. */
export type TargetFn = (p: NfPacket) => number

/** Go on with the next rule (`XT_CONTINUE`). */
export const CONTINUE = -1

/** What follows when a rule matches. A steady target may be called again in a walk that is remembered; one that does nothing but to mark or untrack the packet need not be. */
export type Action =
  | { readonly kind: 'none' | 'accept' | 'drop' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: CompiledChain }
  | { readonly kind: 'call'; readonly run: TargetFn; readonly isSteady: boolean; readonly isPlain: boolean }

/** Packets and bytes that hit a rule, and what its matches remember; kept over edits that leave the rule alone. */
export interface RuleState {
  /** Packets. */
  packets: number
  /** Bytes, from the IP header on. */
  bytes: number
  /** Cells of matches with memory: statistic's counter, limit's credit and its time. */
  cells: number[]
}

/** A rule ready to run. */
export interface CompiledRule {
  /** All must hold. */
  readonly matches: readonly MatchFn[]
  /** How many of them, from the first on, come out the same for every packet of a flow. */
  readonly steady: number
  /** Then this. */
  readonly action: Action
  /** Counters. */
  readonly state: RuleState
  /** What the record of a hit refers to. */
  readonly ref: RuleHit
  /** Position in its chain, from 1. */
  readonly position: number
}

/** A chain; its rules are compiled when the first packet enters it. */
export interface CompiledChain {
  /** Name. */
  readonly name: string
  /** Rules. */
  readonly rules: readonly CompiledRule[]
  /** NF_ verdict of the policy; only a base chain is asked for it. */
  readonly policy: number
  /** Counters of the policy. */
  readonly policyState: RuleState
  /** What the record of a policy hit refers to. */
  readonly policyRef: RuleHit
}

/** A table ready to run. */
export interface CompiledTable {
  /** Name. */
  readonly name: TableName
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** A chain by name; undefined when there is none. */
  chain(name: string): CompiledChain | undefined
}

/** What compiling a match or a target needs to know. */
export interface RuleContext {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** Table. */
  readonly table: TableName
  /** The rule. */
  readonly rule: IptRule
  /** Its state. */
  readonly state: RuleState
  /** Index of a cell of the state for whoever asks next; a new cell holds `initial`, one kept over an edit what it held. */
  cell(initial: number): number
}
