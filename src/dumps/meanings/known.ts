import type { BackendRef, Chain, IptRule, Match, RuleMeaning } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'

/** What the other dumps and the objects tell of addresses and interfaces that rules name. */
export interface Known {
  /** Pod behind the host end of a veth of this machine. */
  podBehind(dev: string): string | undefined
  /** Pod that has an address, and the node it runs on. */
  podAt(address: Ip): Pick<BackendRef, 'pod' | 'node'>
}

/** Chains of one table by name. */
export type Chains = Readonly<Record<string, Chain>>

/** What rules stand for; a rule that is not in it stands for nothing that is known. */
export type Meanings = Map<IptRule, RuleMeaning>

/** The comments of a rule, without the hash Felix writes into the first. */
export function commentsOf(rule: IptRule): string[] {
  return rule.matches.flatMap((match) =>
    match.kind === 'comment' && !match.comment.startsWith('cali:') ? [match.comment] : [],
  )
}

/** The first test of a kind that a rule makes. */
export function matchOf<K extends Match['kind']>(rule: IptRule, kind: K): Extract<Match, { kind: K }> | undefined {
  return rule.matches.find((match): match is Extract<Match, { kind: K }> => match.kind === kind)
}

/** The chain a rule leads to; undefined when it leads nowhere. */
export function chainBehind(rule: IptRule): string | undefined {
  const { target } = rule
  return target?.kind === 'jump' || target?.kind === 'goto' ? target.chain : undefined
}

/** Whether a rule ends the packet. */
export function refuses(rule: IptRule): boolean {
  return rule.target?.kind === 'DROP' || rule.target?.kind === 'REJECT'
}
