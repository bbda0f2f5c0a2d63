import type { CtState, Origin, PortRange, RuleMeaning } from '../../../model/index.ts'
import type { Prefix } from '../../../wire/index.ts'
import type { FelixAction, FelixChain, FelixMatch, FelixRule } from './chain.ts'

/** The words rules are made of, as short as Felix's own. @calico felix/generictables/match_builder.go */

/** What Felix makes of itself, without an object that asks for it. */
const BY_FELIX: Origin = { component: 'felix' }

export const inDev = (name: string): FelixMatch => ({ kind: 'in-interface', name })
export const outDev = (name: string): FelixMatch => ({ kind: 'out-interface', name })
/** All of the bits are set; meant for one. */
export const marked = (bits: number): FelixMatch => ({ kind: 'mark', mark: bits, mask: bits })
/** None of the bits is set. */
export const unmarked = (bits: number): FelixMatch => ({ kind: 'mark', mark: 0, mask: bits })
/** Some of the bits are set. */
export const someMarked = (bits: number): FelixMatch => ({ kind: 'mark', mark: 0, mask: bits, invert: true })
export const ctState = (...states: CtState[]): FelixMatch => ({ kind: 'conntrack', state: { states } })
export const notCtState = (...states: CtState[]): FelixMatch => ({ kind: 'conntrack', state: { states, invert: true } })
export const ESTABLISHED: FelixMatch = ctState('RELATED', 'ESTABLISHED')
export const INVALID: FelixMatch = ctState('INVALID')
/** A protocol; Felix writes the word where it has one. */
export const protocol = (number: number, word?: string): FelixMatch => ({
  kind: 'protocol',
  protocol: number,
  ...(word === undefined ? {} : { word }),
})
export const UDP: FelixMatch = protocol(17)
export const IPIP: FelixMatch = protocol(4)
export const inSet = (set: string, ...dims: ('src' | 'dst')[]): FelixMatch => ({ kind: 'set', set, dims })
export const notInSet = (set: string, ...dims: ('src' | 'dst')[]): FelixMatch => ({
  kind: 'set',
  set,
  dims,
  invert: true,
})
export const net = (side: 'source' | 'destination', prefix: Prefix): FelixMatch => ({ kind: side, prefix })
export const ports = (side: 'sports' | 'dports', ranges: readonly PortRange[]): FelixMatch => ({
  kind: 'multiport',
  side,
  ports: ranges,
})
export const dport = (port: number): FelixMatch => ports('dports', [{ low: port, high: port }])
export const TO_LOCAL: FelixMatch = { kind: 'addrtype', dstType: { types: ['LOCAL'] } }
export const FROM_LOCAL: FelixMatch = { kind: 'addrtype', srcType: { types: ['LOCAL'] } }

export const ACCEPT: FelixAction = { kind: 'ACCEPT' }
export const DROP: FelixAction = { kind: 'DROP' }
export const RETURN: FelixAction = { kind: 'RETURN' }
export const NOTRACK: FelixAction = { kind: 'NOTRACK' }
export const jumpTo = (chain: string): FelixAction => ({ kind: 'jump', chain })
export const goTo = (chain: string): FelixAction => ({ kind: 'goto', chain })
export const setMark = (bits: number): FelixAction => ({ kind: 'MARK', op: 'set-xmark', value: bits, mask: bits })
export const clearMark = (bits: number): FelixAction => ({ kind: 'MARK', op: 'set-xmark', value: 0, mask: bits })
/** Sets some bits of several and clears the others. */
export const setMasked = (value: number, mask: number): FelixAction => ({
  kind: 'MARK',
  op: 'set-xmark',
  value,
  mask,
  masked: true,
})

/** What policy let through before. */
export const ALLOWED_BEFORE = { kind: 'allowed-before' } as const
/** Comment of rules that let through what a host endpoint's policy did. */
export const BY_HOST_POLICY = 'Host endpoint policy accepted packet.'

/** What a rule has besides what it tests and does. */
export interface RuleParts {
  /** A comment for people. */
  readonly comment?: string
  /** What it stands for. */
  readonly meaning?: RuleMeaning
  /** What made it; absent = Felix by itself. */
  readonly origin?: Origin
}

/** A rule. */
export function rule(match: readonly FelixMatch[], action: FelixAction, parts: RuleParts = {}): FelixRule {
  const { comment, meaning, origin = BY_FELIX } = parts
  return {
    match,
    action,
    ...(comment === undefined ? {} : { comment: [comment] }),
    origin,
    ...(meaning === undefined ? {} : { meaning }),
  }
}

/** Felix' rule in a chain of the kernel: it leads to the chain of its own that is called like it. */
export function builtInJump(name: string, builtIn: 'insert' | 'append' = 'insert'): FelixChain {
  return { name, builtIn, rules: [rule([], jumpTo(`cali-${name}`))] }
}
