import type { Match, NatRange, Origin, RejectWith, RuleMeaning, Target } from '../../../model/index.ts'

/** What rules of Felix test. */
export type FelixMatch =
  | Extract<
      Match,
      {
        kind:
          | 'in-interface'
          | 'out-interface'
          | 'source'
          | 'destination'
          | 'mark'
          | 'conntrack'
          | 'set'
          | 'multiport'
          | 'addrtype'
          | 'icmp'
          | 'icmp6'
          | 'rpfilter'
          | 'limit'
      }
    >
  /** A protocol in the word Felix writes; absent = as number. */
  | { readonly kind: 'protocol'; readonly protocol: number; readonly word?: string; readonly invert?: boolean }
  /** A destination port without `multiport`, behind a protocol. */
  | { readonly kind: 'udp'; readonly dport: { readonly low: number; readonly high: number } }

/** What rules of Felix do. */
export type FelixAction =
  | Extract<Target, { kind: 'ACCEPT' | 'DROP' | 'RETURN' | 'jump' | 'goto' | 'NOTRACK' }>
  | { readonly kind: 'REJECT'; readonly rejectWith: RejectWith }
  | {
      readonly kind: 'MARK'
      readonly op: 'set-xmark'
      readonly value: number
      readonly mask: number
      /** Felix writes `0x0` where it sets some bits of several, and `0` where it clears them; the kernel sees no difference. */
      readonly masked?: boolean
    }
  | { readonly kind: 'LOG'; readonly prefix: string; readonly level: number }
  | { readonly kind: 'NFLOG'; readonly prefix: string; readonly group: number; readonly size: number }
  | { readonly kind: 'MASQUERADE' | 'SNAT' | 'DNAT'; readonly range: NatRange }

/** A rule as Felix makes it, whatever writes it into the kernel. @calico felix/generictables/rules.go */
export interface FelixRule {
  /** All must hold. The order is that of Felix's own text. */
  readonly match: readonly FelixMatch[]
  /** What is done; absent: nothing. */
  readonly action?: FelixAction
  /** Comments for people. */
  readonly comment?: readonly string[]
  /** What made it. */
  readonly origin: Origin
  /** What it stands for, where it decides something. */
  readonly meaning?: RuleMeaning
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
