import { type ConntrackEntry, type IpSet, isLate, type Ruleset, type TableName } from '../../model/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import { type SavedChain, saveChain, TableCompiler } from './compile-table.ts'
import type { SavedConn } from './conn.ts'
import { ConnTable, loadConns, saveConns } from './conn-table.ts'
import { dumpConn, seedConn } from './conntrack-dump.ts'
import { rulesetTracks } from './conntrack-needs.ts'
import { type RuleCounter, ruleCounters } from './counters.ts'
import { type CtSettings, ctSettings } from './ct-settings.ts'
import { type CompiledSet, compileSet } from './ipset.ts'
import { HookContexts } from './packet.ts'
import { RecentLists, type SavedRecent } from './recent.ts'

type Family = 'inet' | 'inet6'

/** What a hook does (`hooks.ts`), made when the first packet comes. */
export interface Plan {
  /** Counts with the rules what went by them without being counted. */
  settle(): void
}

/** States of the chains of one table. */
export interface SavedStates {
  /** Family. */
  readonly family: Family
  /** Table. */
  readonly table: TableName
  /** By chain. */
  readonly chains: ReadonlyMap<string, SavedChain>
}

/** What {@link Netfilter.save} copies. */
export interface NetfilterSnapshot {
  /** Connections, the oldest first. */
  readonly conns: readonly SavedConn[]
  /** Counters and what rules remember. */
  readonly states: readonly SavedStates[]
  /** Sets that rules change: what puts each back, by name. */
  readonly sets: ReadonlyMap<string, () => void>
  /** Lists of `-m recent`. */
  readonly recent: SavedRecent
}

/** Netfilter of one namespace: compiled chains and, kept over edits, its connections. */
export class Netfilter {
  /** Namespace. */
  readonly ns: NetNs
  /** Connections. @internal */
  readonly conns: ConnTable
  /** Addresses that `-m recent` has seen. @internal */
  readonly recent: RecentLists
  /** Packets in its hooks. @internal */
  readonly contexts: HookContexts = new HookContexts()
  /** Conntrack settings. @internal */
  readonly ct: CtSettings
  private readonly rules: Readonly<Record<Family, ReadonlyMap<TableName, TableCompiler>>>
  private readonly tracking: Readonly<Record<Family, boolean>>
  private readonly plans4: (Plan | undefined)[] = []
  private readonly plans6: (Plan | undefined)[] = []
  private readonly sets = new Map<string, CompiledSet>()
  private readonly written: ReadonlySet<string>

  constructor(ns: NetNs, previous: Netfilter | null) {
    this.ns = ns
    previous?.settle()
    const { iptables, ip6tables } = ns.model
    this.ct = ctSettings(ns.model)
    this.written = writtenSets([iptables, ip6tables])
    this.rules = {
      inet: this.compileTables('inet', iptables, previous),
      inet6: this.compileTables('inet6', ip6tables, previous),
    }
    this.tracking = {
      inet: iptables !== undefined && rulesetTracks(iptables),
      inet6: ip6tables !== undefined && rulesetTracks(ip6tables),
    }
    this.conns = previous?.conns ?? new ConnTable()
    this.recent = previous?.recent ?? new RecentLists()
    if (previous === null) this.seed()
    else this.forgetMasqueraded()
  }

  /** Whether connections are tracked in a family: some rule needs it. */
  tracks(family: Family): boolean {
    return this.tracking[family]
  }

  /** Tables of a family in dump order. @internal */
  tables(family: Family): ReadonlyMap<TableName, TableCompiler> {
    return this.rules[family]
  }

  /** What the hooks of a family do, by their numbers; whoever runs a hook puts it here. @internal */
  plans(family: Family): (Plan | undefined)[] {
    return family === 'inet' ? this.plans4 : this.plans6
  }

  /** A set by name, compiled on first use. @internal */
  set(name: string): CompiledSet | undefined {
    const known = this.sets.get(name)
    if (known !== undefined) return known
    const sets: Readonly<Record<string, IpSet>> = this.ns.model.ipsets ?? {}
    const model = Object.hasOwn(sets, name) ? sets[name] : undefined
    if (model === undefined) return undefined
    const fresh = compileSet(model, (other) => this.set(other), this.written.has(name))
    this.sets.set(name, fresh)
    return fresh
  }

  /** The connections, as the model writes them; in no particular order. */
  conntrack(): ConntrackEntry[] {
    const { now } = this.ns.sim.clock
    return this.conns.all(now).map((c) => dumpConn(c, now))
  }

  /** Forgets all connections (`conntrack -F`). */
  flushConntrack(): void {
    this.conns.clear()
  }

  /** Forgets some connections, as `conntrack -D` does; those it were. */
  forgetConnections(isGone: (entry: ConntrackEntry) => boolean): ConntrackEntry[] {
    const { now } = this.ns.sim.clock
    return this.conns.all(now).flatMap((conn) => {
      const entry = dumpConn(conn, now)
      if (!isGone(entry)) return []
      this.conns.remove(conn)
      return [entry]
    })
  }

  /** The counters of a family now. */
  counters(family: Family): RuleCounter[] {
    this.settle()
    return ruleCounters(this, family)
  }

  /** Packets and bytes that hit a rule of a chain, counted from 0. */
  counter(family: Family, table: TableName, chain: string, rule: number): readonly [packets: number, bytes: number] {
    this.settle()
    const state = this.rules[family].get(table)?.statesOf(chain)?.rules[rule]
    return state === undefined ? [0, 0] : [state.packets, state.bytes]
  }

  /** Counts anew: a table, one chain of it, or one rule of that by its number from 0. */
  zeroCounters(family: Family, table: TableName, chain?: string, rule?: number): void {
    this.settle()
    for (const [name, { rules, policy }] of this.rules[family].get(table)?.states() ?? []) {
      if (chain !== undefined && name !== chain) continue
      for (const [i, state] of [...rules, ...(rule === undefined ? [policy] : [])].entries()) {
        if (rule !== undefined && i !== rule) continue
        state.packets = 0
        state.bytes = 0
      }
    }
  }

  /** Copies connections, counters and what rules remember. @internal */
  save(): NetfilterSnapshot {
    this.settle()
    const states = this.compilers().map((table): SavedStates => {
      const chains = [...table.states()].map(([name, s]) => [name, saveChain(s)] as const)
      return { family: table.family, table: table.name, chains: new Map(chains) }
    })
    const written = [...this.sets].filter(([name]) => this.written.has(name))
    const sets = new Map(written.map(([name, set]) => [name, set.keep()] as const))
    return { conns: saveConns(this.conns), states, sets, recent: this.recent.save() }
  }

  /** Puts back what {@link save} copied. @internal */
  load(saved: NetfilterSnapshot): void {
    loadConns(this.conns, saved.conns)
    this.recent.load(saved.recent)
    for (const name of this.written) if (!saved.sets.has(name)) this.sets.delete(name)
    for (const putBack of saved.sets.values()) putBack()
    for (const table of this.compilers()) {
      const found = saved.states.find((s) => s.family === table.family && s.table === table.name)
      table.restore(found?.chains ?? new Map(), (name) => this.set(name))
    }
    this.plans4.length = 0
    this.plans6.length = 0
  }

  /** Counts what remembered passages have not counted yet. */
  private settle(): void {
    for (const plan of this.plans4) plan?.settle()
    for (const plan of this.plans6) plan?.settle()
  }

  private compilers(): TableCompiler[] {
    return [...this.rules.inet.values(), ...this.rules.inet6.values()]
  }

  private compileTables(
    family: Family,
    ruleset: Ruleset | undefined,
    previous: Netfilter | null,
  ): ReadonlyMap<TableName, TableCompiler> {
    const out = new Map<TableName, TableCompiler>()
    const sets = (name: string): CompiledSet | undefined => this.set(name)
    for (const [name, table] of Object.entries(ruleset?.tables ?? {}) as [TableName, Ruleset['tables'][TableName]][]) {
      if (table === undefined) continue
      const before = previous?.rules[family].get(name) ?? null
      const goesOn = before?.goesOn(table, sets) === true
      out.set(name, goesOn ? (before as TableCompiler) : new TableCompiler(family, name, table, sets, before))
    }
    return out
  }

  /**
   * A masqueraded connection ends when the device it leaves by goes down or loses the address it borrowed.
   * @linux net/netfilter/nf_nat_masquerade.c masq_device_event, masq_inet_event
   */
  private forgetMasqueraded(): void {
    for (const c of this.conns.masqueraded) {
      const dev = this.ns.byIndex.get(c.masqIndex)
      const { dst } = c.reply
      const kept = dev?.up && (dev.addrs4.some((a) => a.local === dst) || dev.addrs6.some((a) => a.key === dst))
      if (!kept) this.conns.remove(c)
    }
  }

  private seed(): void {
    const { now } = this.ns.sim.clock
    for (const d of this.ns.model.conntrack ?? []) this.conns.insert(seedConn(d, now), now)
  }
}

/** Names of sets that a SET target changes; chains that are made when they are read have none. */
function writtenSets(rulesets: readonly (Ruleset | undefined)[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const ruleset of rulesets) {
    for (const { chains } of Object.values(ruleset?.tables ?? {})) {
      for (const chain of isLate(chains) ? [] : Object.values(chains)) {
        for (const { target } of chain.rules) if (target?.kind === 'SET') names.add(target.set)
      }
    }
  }
  return names
}

/** Compiles the rules of a namespace; null when no table is loaded. Connections and counters of `previous` are kept. */
export function compileNetfilter(ns: NetNs, previous: Netfilter | null): Netfilter | null {
  const { iptables, ip6tables } = ns.model
  const loaded = Object.keys(iptables?.tables ?? {}).length + Object.keys(ip6tables?.tables ?? {}).length
  return loaded === 0 ? null : new Netfilter(ns, previous)
}
