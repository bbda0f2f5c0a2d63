import { type Chain, type IptRule, isLate, type RuleHit, type Table, type TableName } from '../../model/index.ts'
import { NF_ACCEPT, NF_DROP } from '../kernel/stack.ts'
import { type BoundSet, compileMatch, type SetBinding, type SetLookup } from './compile-match.ts'
import { compileTarget } from './compile-target.ts'
import type { Action, CompiledChain, CompiledRule, CompiledTable, MatchFn, RuleState } from './rule.ts'
import { isSteadyMatch } from './steady.ts'

function freshState(): RuleState {
  return { packets: 0, bytes: 0, cells: [] }
}

/** Rules are immutable: what tells one from another is written once. */
const identities = new WeakMap<IptRule, string>()

/** What a rule tests and does, as text: rules of equal text are one to `iptables`. */
function identityOf(rule: IptRule): string {
  let text = identities.get(rule)
  if (text === undefined) {
    text = JSON.stringify([rule.matches, rule.target])
    identities.set(rule, text)
  }
  return text
}

/** States of a chain's rules and its policy, with the rules they belong to: what an edit carries over. */
export interface ChainStates {
  /** The rules. */
  readonly of: readonly IptRule[]
  /** A state per rule. */
  readonly rules: readonly RuleState[]
  /** Counters of the policy. */
  readonly policy: RuleState
}

/** A copy of {@link ChainStates} that shares nothing with it: every event of a cluster over time keeps one of each chain in use. */
export interface SavedChain {
  /** The rules. */
  readonly of: readonly IptRule[]
  /** Packets and bytes, rule by rule, those of the policy last. */
  readonly counts: readonly number[]
  /** Cells of the rules that have any, by their places; null where none has. */
  readonly cells: ReadonlyMap<number, readonly number[]> | null
}

/** Copies states. */
export function saveChain({ of, rules, policy }: ChainStates): SavedChain {
  const counts: number[] = []
  let cells: Map<number, readonly number[]> | null = null
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]!
    counts.push(rule.packets, rule.bytes)
    if (rule.cells.length > 0) {
      cells ??= new Map()
      cells.set(i, [...rule.cells])
    }
  }
  counts.push(policy.packets, policy.bytes)
  return { of, counts, cells }
}

function loadChain({ of, counts, cells }: SavedChain): ChainStates {
  const at = (i: number): RuleState => ({
    packets: counts[2 * i]!,
    bytes: counts[2 * i + 1]!,
    cells: [...(cells?.get(i) ?? [])],
  })
  return { of, rules: of.map((_, i) => at(i)), policy: at(of.length) }
}

/**
 * A table whose chains are compiled when the first packet enters them. Counters live on while a rule keeps its chain, tests and target;
 * what matches remember lives on only while nothing in the table changed, since `iptables` replaces a table as a whole.
 */
export class TableCompiler implements CompiledTable {
  /** Name. */
  readonly name: TableName
  /** Family. */
  readonly family: 'inet' | 'inet6'
  private readonly model: Table
  private sets: SetLookup
  /** Sets that compiled rules ask; undefined = there was none. */
  private readonly asked = new Map<string, BoundSet | undefined>()
  private readonly chains = new Map<string, LazyChain>()
  private before: ReadonlyMap<string, ChainStates>
  private unchanged: boolean

  constructor(
    family: 'inet' | 'inet6',
    name: TableName,
    model: Table,
    sets: SetLookup,
    previous: TableCompiler | null,
  ) {
    this.family = family
    this.name = name
    this.model = model
    this.sets = sets
    this.before = previous?.states() ?? new Map()
    this.unchanged = previous !== null && sameRules(previous.model, model)
  }

  /**
   * Whether it is as a table would be that is compiled now: nothing in the table changed, and sets it asks have at most other members. If
   * so, it goes on.
   */
  goesOn(model: Table, sets: SetLookup): boolean {
    if (model !== this.model) return false
    for (const [name, bound] of this.asked) if (sets(name)?.steady !== bound?.set.steady) return false
    for (const [name, bound] of this.asked) if (bound !== undefined) bound.set = sets(name)!
    this.sets = sets
    return true
  }

  chain(name: string): CompiledChain | undefined {
    return this.lazy(name)
  }

  private readonly bound: SetBinding = (name) => {
    const known = this.asked.get(name)
    if (known !== undefined) return known
    const set = this.sets(name)
    const fresh = set && { set }
    this.asked.set(name, fresh)
    return fresh
  }

  private readonly setNow: SetLookup = (name) => this.bound(name)?.set

  private lazy(name: string): LazyChain | undefined {
    const known = this.chains.get(name)
    if (known !== undefined) return known
    if (!Object.hasOwn(this.model.chains, name)) return undefined
    const fresh = new LazyChain(this, name, this.model, this.before.get(name), this.unchanged)
    this.chains.set(name, fresh)
    return fresh
  }

  /** Compiles one rule of a chain. */
  rule(chain: string, rule: IptRule, position: number, state: RuleState): CompiledRule {
    const { family, name: table } = this
    let cells = 0
    const cell = (initial: number): number => {
      if (cells === state.cells.length) state.cells.push(initial)
      return cells++
    }
    const context = { family, table, rule, state, cell }
    const matches: MatchFn[] = []
    let steady = 0
    for (const m of rule.matches) {
      const match = compileMatch(m, context, this.bound)
      if (match === null) continue
      if (steady === matches.length && isSteadyMatch(m, this.setNow)) steady++
      matches.push(match)
    }
    const action = (): Action => compileTarget(rule.target, (to) => this.chain(to), this.bound)
    return new LateRule(matches, steady, action, state, position, { family, table, chain, rule })
  }

  /** The chains in dump order, with the counters of those that packets entered. */
  counters(): { name: string; chain: Chain; states: ChainStates | undefined }[] {
    return Object.entries(this.model.chains).map(([name, chain]) => ({ name, chain, states: this.statesOf(name) }))
  }

  /** States of one chain; undefined when no packet entered it. */
  statesOf(chain: string): ChainStates | undefined {
    const known = this.chains.get(chain)
    if (known?.isEntered === true || this.before.has(chain)) return this.lazy(chain)?.states
    return undefined
  }

  /** Goes back to other states: all chains are compiled anew around copies of them. */
  restore(states: ReadonlyMap<string, SavedChain>, sets: SetLookup): void {
    this.sets = sets
    this.asked.clear()
    this.before = new Map([...states].map(([name, saved]) => [name, loadChain(saved)]))
    this.unchanged = true
    this.chains.clear()
  }

  /** States of the chains that packets entered, for the table that follows this one or a snapshot. Reads no other chain. */
  states(): Map<string, ChainStates> {
    const all = new Map<string, ChainStates>()
    for (const name of new Set([...this.before.keys(), ...this.chains.keys()])) {
      const states = this.statesOf(name)
      if (states !== undefined) all.set(name, states)
    }
    return all
  }
}

/** A rule whose target is compiled when a packet meets all it tests: of the jumps of a long chain hardly one is taken. */
class LateRule implements CompiledRule {
  readonly matches: readonly MatchFn[]
  readonly steady: number
  readonly state: RuleState
  readonly position: number
  readonly ref: RuleHit
  private readonly make: () => Action
  private made: Action | undefined

  constructor(
    matches: readonly MatchFn[],
    steady: number,
    action: () => Action,
    state: RuleState,
    position: number,
    ref: RuleHit,
  ) {
    this.matches = matches
    this.steady = steady
    this.make = action
    this.state = state
    this.position = position
    this.ref = ref
  }

  get action(): Action {
    this.made ??= this.make()
    return this.made
  }
}

/** A chain that is read, and compiles itself, when somebody asks for its rules: those that rules only lead to stay unmade. */
class LazyChain implements CompiledChain {
  readonly name: string
  private readonly table: TableCompiler
  private readonly model: Table
  private readonly before: ChainStates | undefined
  private readonly unchanged: boolean
  private made: ChainStates | null = null
  private compiled: readonly CompiledRule[] | null = null

  constructor(table: TableCompiler, name: string, model: Table, before: ChainStates | undefined, unchanged: boolean) {
    this.table = table
    this.name = name
    this.model = model
    this.before = before
    this.unchanged = unchanged
  }

  /** Whether a packet entered it, or somebody asked for its states. */
  get isEntered(): boolean {
    return this.made !== null
  }

  get states(): ChainStates {
    if (this.made !== null) return this.made
    const { before, unchanged } = this
    const { rules } = this.chain
    if (before?.of === rules && (unchanged || before.rules.every(remembersNothing))) this.made = before
    else {
      const states = before === undefined ? rules.map(freshState) : carryOver(rules, before, unchanged)
      this.made = { of: rules, rules: states, policy: before?.policy ?? freshState() }
    }
    return this.made
  }

  get policy(): number {
    return this.chain.policy === 'DROP' ? NF_DROP : NF_ACCEPT
  }

  get policyRef(): CompiledChain['policyRef'] {
    const { family, name: table } = this.table
    return { family, table, chain: this.name, policy: this.chain.policy ?? 'ACCEPT' }
  }

  get policyState(): RuleState {
    return this.states.policy
  }

  private get chain(): Chain {
    return this.model.chains[this.name]!
  }

  get rules(): readonly CompiledRule[] {
    if (this.compiled === null) {
      const { of, rules } = this.states
      this.compiled = of.map((rule, i) => this.table.rule(this.name, rule, i + 1, rules[i]!))
    }
    return this.compiled
  }
}

/** Whether matches of a rule remember nothing. Its counters are the very same then, whoever compiles it: who did so before no longer runs. */
function remembersNothing({ cells }: RuleState): boolean {
  return cells.length === 0
}

/** The n-th rule of its kind takes over the state of the n-th one before. */
function carryOver(rules: readonly IptRule[], before: ChainStates, unchanged: boolean): readonly RuleState[] {
  const kept = (state: RuleState): RuleState =>
    unchanged || remembersNothing(state) ? state : { packets: state.packets, bytes: state.bytes, cells: [] }
  if (rules === before.of) return before.rules.map(kept)
  const old = new Map<string, RuleState[]>()
  for (const [i, rule] of before.of.entries()) {
    const text = identityOf(rule)
    const list = old.get(text)
    if (list === undefined) old.set(text, [before.rules[i]!])
    else list.push(before.rules[i]!)
  }
  return rules.map((rule) => {
    const state = old.get(identityOf(rule))?.shift()
    return state === undefined ? freshState() : kept(state)
  })
}

function sameRules(a: Table, b: Table): boolean {
  if (a === b) return true
  // Whether tables that are made when they are read are the same would have to be read out of all their chains.
  if (isLate(a.chains) || isLate(b.chains)) return false
  const names = Object.keys(a.chains)
  if (names.length !== Object.keys(b.chains).length) return false
  return names.every((name) => {
    const [x, y] = [a.chains[name], b.chains[name]]
    if (x === y) return true
    if (x === undefined || y === undefined || x.policy !== y.policy || x.rules.length !== y.rules.length) return false
    return x.rules.every((r, i) => r === y.rules[i] || identityOf(r) === identityOf(y.rules[i]!))
  })
}
