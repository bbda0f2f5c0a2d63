import type { Namespace } from './namespace.ts'
import type { Match, Ruleset, Table } from './ruleset.ts'
import type { Report } from './validate.ts'

/** Chains and sets that rules name, and chains that lead back into themselves (iptables refuses those). */
export function checkFirewall(ns: Namespace, report: Report): void {
  checkRuleset(ns, ns.iptables, 'iptables', report)
  checkRuleset(ns, ns.ip6tables, 'ip6tables', report)
  for (const [name, set] of Object.entries(ns.ipsets ?? {})) {
    if (set.name !== name) report('invalid', ['ipsets', name, 'name'], `the key it is filed under, ${name}`, set.name)
    if (set.type !== 'list:set') continue
    set.members.forEach((member, i) => {
      if (ns.ipsets?.[member] === undefined)
        report('missing_reference', ['ipsets', name, 'members', i], 'a set', member)
    })
  }
}

function checkRuleset(ns: Namespace, ruleset: Ruleset | undefined, tool: string, report: Report): void {
  for (const [tableName, table] of Object.entries(ruleset?.tables ?? {})) {
    for (const [chainName, chain] of Object.entries(table.chains)) {
      chain.rules.forEach((rule, i) => {
        const path = [tool, 'tables', tableName, 'chains', chainName, 'rules', i]
        const { target } = rule
        if ((target?.kind === 'jump' || target?.kind === 'goto') && table.chains[target.chain] === undefined) {
          report('missing_reference', [...path, 'target'], 'a chain of the table', target.chain)
        }
        if (target?.kind === 'SET') checkSet(ns, target.set, [...path, 'target'], report)
        rule.matches.forEach((match: Match, j) => {
          if (match.kind === 'set') checkSet(ns, match.set, [...path, 'matches', j], report)
        })
      })
    }
    const loop = findLoop(table)
    if (loop !== undefined) {
      report('invalid', [tool, 'tables', tableName], 'chains that do not lead back into themselves', loop.join(' > '))
    }
  }
}

function checkSet(ns: Namespace, set: string, path: readonly (string | number)[], report: Report): void {
  if (ns.ipsets?.[set] === undefined) report('missing_reference', path, 'a set of this namespace', set)
}

/** A way from a chain of a table back to itself, if there is one: its chains, the first one again at the end. */
export function findLoop(table: Table): string[] | undefined {
  const done = new Set<string>()
  const visit = (name: string, way: string[]): string[] | undefined => {
    const at = way.indexOf(name)
    if (at >= 0) return [...way.slice(at), name]
    if (done.has(name)) return undefined
    for (const { target } of table.chains[name]?.rules ?? []) {
      if (target?.kind !== 'jump' && target?.kind !== 'goto') continue
      const loop = visit(target.chain, [...way, name])
      if (loop !== undefined) return loop
    }
    done.add(name)
    return undefined
  }
  for (const name of Object.keys(table.chains)) {
    const loop = visit(name, [])
    if (loop !== undefined) return loop
  }
  return undefined
}
