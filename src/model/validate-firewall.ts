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
  for (const name of Object.keys(table.chains)) {
    const loop = done.has(name) ? undefined : loopFrom(table, name, done)
    if (loop !== undefined) return loop
  }
  return undefined
}

/** A chain on the way, and its first rule not looked at. */
interface Step {
  readonly name: string
  rule: number
}

/** Goes from chain to chain in depth, with a stack of its own: chains may lead on further than calls can be nested. */
function loopFrom(table: Table, start: string, done: Set<string>): string[] | undefined {
  const way: Step[] = [{ name: start, rule: 0 }]
  const onWay = new Set([start])
  for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
    const next = nextChain(table, step)
    if (next === undefined) {
      done.add(step.name)
      onWay.delete(step.name)
      way.pop()
    } else if (onWay.has(next)) {
      const names = way.map(({ name }) => name)
      return [...names.slice(names.indexOf(next)), next]
    } else if (!done.has(next)) {
      way.push({ name: next, rule: 0 })
      onWay.add(next)
    }
  }
  return undefined
}

/** The chain that the next rule with one leads to. */
function nextChain(table: Table, step: Step): string | undefined {
  const rules = table.chains[step.name]?.rules ?? []
  while (step.rule < rules.length) {
    const target = rules[step.rule++]?.target
    if (target?.kind === 'jump' || target?.kind === 'goto') return target.chain
  }
  return undefined
}
