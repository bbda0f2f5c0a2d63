import type { PolicyDirection } from '../../model/index.ts'
import type { FieldPath } from '../origin.ts'
import type { CalicoRule, PortText } from './kinds.ts'
import { parsePort, portRefusal, portText } from './ports.ts'
import type { Problem, RuleSpec } from './spec.ts'

/** A rule of Kubernetes that Calico cannot convert. */
export interface Unconverted extends Problem {
  /** The list it is in. */
  readonly direction: PolicyDirection
  /** Number in the list, from 1. */
  readonly index: number
  /** Why, in the words Calico logs. */
  readonly words: string
}

/** Ends the conversion of a rule; {@link convertedRules} takes it in. */
export class Unconvertible extends Error {
  readonly problem: Problem
  /** @param words - as Calico says it */
  constructor(problem: Problem, words: string) {
    super(words)
    this.problem = problem
  }
}

/** What became of the rules of a direction. */
export interface ConvertedRules {
  /** Calico's rules. */
  readonly rules: readonly RuleSpec[]
  /** Those that could not be converted. */
  readonly failures: readonly Unconverted[]
}

/**
 * The rules of a direction in Calico's terms.
 *
 * @param convert - one rule; throws {@link Unconvertible}
 * @param instead - what stands for a rule that cannot be converted
 */
export function convertedRules<Rule>(
  direction: PolicyDirection,
  list: readonly Rule[],
  convert: (rule: Rule, path: FieldPath) => readonly CalicoRule[],
  instead: (rule: Rule) => readonly CalicoRule[] = () => [],
): ConvertedRules {
  const rules: RuleSpec[] = []
  const failures: Unconverted[] = []
  for (const [i, one] of list.entries()) {
    const path = ['spec', direction, i]
    const found = conversionOf(one, path, convert)
    if (found instanceof Unconvertible)
      failures.push({ ...found.problem, direction, index: i + 1, words: found.message })
    for (const rule of found instanceof Unconvertible ? instead(one) : found) rules.push({ rule, index: i + 1, path })
  }
  return { rules, failures }
}

function conversionOf<Rule>(
  rule: Rule,
  path: FieldPath,
  convert: (rule: Rule, path: FieldPath) => readonly CalicoRule[],
): readonly CalicoRule[] | Unconvertible {
  try {
    return convert(rule, path)
  } catch (error) {
    if (error instanceof Unconvertible) return error
    throw error
  }
}

/** A port as Calico keeps it. @throws Unconvertible where it is none; `words` says where Calico noticed */
export function convertedPort(port: PortText, path: FieldPath, words: (refusal: string) => string): PortText {
  const parsed = parsePort(port)
  if (typeof parsed === 'object') return portText(parsed)
  throw new Unconvertible(
    { path, expected: parsed, received: String(port) },
    words(portRefusal(String(port)) ?? parsed),
  )
}
