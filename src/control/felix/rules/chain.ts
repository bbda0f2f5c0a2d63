import type { Match, NatRange, Origin, Target } from '../../../model/index.ts'

/** What rules of Felix test. */
export type FelixMatch = Extract<
  Match,
  { kind: 'in-interface' | 'out-interface' | 'protocol' | 'mark' | 'conntrack' | 'set' | 'addrtype' }
>

/** What rules of Felix do. */
export type FelixAction =
  | Extract<Target, { kind: 'ACCEPT' | 'DROP' | 'RETURN' | 'jump' | 'goto' | 'MARK' }>
  | { readonly kind: 'MASQUERADE' | 'SNAT'; readonly range: NatRange }

/** A rule as Felix makes it, whatever writes it into the kernel. @calico felix/generictables/rules.go */
export interface FelixRule {
  /** All must hold. The order is that of Felix's own text. */
  readonly match: readonly FelixMatch[]
  /** What is done. */
  readonly action: FelixAction
  /** Comments for people. */
  readonly comment?: readonly string[]
  /** What made it. */
  readonly origin: Origin
}

/** A chain of rules. */
export interface FelixChain {
  /** Name. */
  readonly name: string
  /** Where Felix puts its rules in a chain of the kernel; absent: the chain is its own. */
  readonly builtIn?: 'insert' | 'append'
  /** Rules in order. */
  readonly rules: readonly FelixRule[]
}
