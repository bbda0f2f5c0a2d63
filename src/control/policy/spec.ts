import type { PolicyDirection, PolicyKindName } from '../../model/index.ts'
import type { FieldPath } from '../origin.ts'
import type { CalicoRule, PolicyResource } from './kinds.ts'

/** Something wrong in an object. */
export interface Problem {
  /** The field. */
  readonly path: FieldPath
  /** What would be right. */
  readonly expected: string
  /** What is there. */
  readonly received: string
}

/** A rule in Calico's terms, and which rule of the object it stands for. */
export interface RuleSpec {
  /** The rule. */
  readonly rule: CalicoRule
  /** Number in the object's list, from 1. */
  readonly index: number
  /** Where it stands in the object. */
  readonly path: FieldPath
}

/** A policy of any kind in Calico's terms: what it says, and nothing of what it selects yet. */
export interface PolicySpec {
  /** The object. */
  readonly resource: PolicyResource
  /** Kind of the object. */
  readonly kind: PolicyKindName
  /** Whose object it is. */
  readonly api: 'kubernetes' | 'calico'
  /** Namespace; absent for policies of the whole cluster. */
  readonly namespace?: string
  /** Name of the tier. */
  readonly tier: string
  /** Order in its tier; Infinity where it has none. */
  readonly order: number
  /** Endpoints it is for; '' for all. */
  readonly scope: string
  /** Directions it applies to. */
  readonly directions: readonly PolicyDirection[]
  /** Never enforced. */
  readonly staged: boolean
  /** Applies to what host endpoints forward, too. */
  readonly applyOnForward: boolean
  /** Before address translation. */
  readonly preDNAT: boolean
  /** Before connection tracking. */
  readonly doNotTrack: boolean
  /** Rules for what comes in. */
  readonly ingress: readonly RuleSpec[]
  /** Rules for what goes out. */
  readonly egress: readonly RuleSpec[]
}

/** What reading a policy gave. */
export interface ReadPolicy {
  /** The policy; absent where Calico takes it for none. */
  readonly spec?: PolicySpec
  /** Why Calico refuses the object. */
  readonly faults: readonly Problem[]
  /** What of it Calico leaves out. */
  readonly warnings: readonly Problem[]
}
