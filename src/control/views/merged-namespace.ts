import {
  type Cable,
  inKernelOrder,
  lentTo,
  type Namespace,
  type Route,
  type Rule,
  rulesOf,
  writtenOut,
} from '../../model/index.ts'
import { writtenRules } from '../underlay/machine.ts'
import { type EntryOf, mergedList, mergedRecord } from './keyed-merge.ts'
import { mergedRuleset, mergedSets } from './merged-firewall.ts'
import { mergedInterfaces } from './merged-interfaces.ts'
import type { Sharing } from './state-changes.ts'
import { fdbEntry, neighbourEntry, proxyEntry, routeEntry, ruleEntry } from './state-entries.ts'

/** A namespace as somebody edited it, as programs had written it before, and as they have written it now. */
interface Three {
  readonly edited: Namespace
  readonly was: Namespace
  readonly fresh: Namespace
}

function namespaceIn({ namespaces }: Sharing, name: string): Namespace | undefined {
  return Object.hasOwn(namespaces, name) ? namespaces[name] : undefined
}

/** All share what they share, or none shares anything. */
function alike(three: Three, edited: Sharing, was: Sharing, fresh: Sharing): Three {
  if (three.edited.shared === three.was.shared && !isSharedNow(three, fresh)) return three
  return {
    edited: writtenOut(edited, three.edited),
    was: writtenOut(was, three.was),
    fresh: writtenOut(fresh, three.fresh),
  }
}

/** Whether programs share now what somebody had written by hand: it must not be there twice. */
function isSharedNow({ edited, was, fresh }: Three, network: Sharing): boolean {
  if (fresh.shared === was.shared) return false
  const lent = lentTo(network, fresh)
  return (
    hasAnyOf(edited.routes, was.routes, lent.routes, routeEntry) ||
    hasAnyOf(edited.neighbours, was.neighbours, lent.neighbours, neighbourEntry) ||
    hasAnyOf(edited.fdb, was.fdb, lent.fdb, fdbEntry)
  )
}

function hasAnyOf<T>(edited: readonly T[], was: readonly T[], lent: readonly T[], entryOf: EntryOf<T>): boolean {
  if (edited === was || lent.length === 0) return false
  const known = new Set(was)
  const own = new Set(edited.filter((one) => !known.has(one)).map((one) => entryOf(one).key))
  return own.size > 0 && lent.some((one) => own.has(entryOf(one).key))
}

function hasSameTables(ns: Namespace | undefined, was: Sharing, fresh: Sharing): boolean {
  return (ns?.shared ?? []).every(({ table }) => was.shared[table] === fresh.shared[table])
}

type Lists = 'routes' | 'neighbours' | 'proxyNeighbours' | 'fdb'

function listOf<K extends Lists>(
  { edited, was, fresh }: Three,
  key: K,
  entryOf: EntryOf<Namespace[K][number]>,
): Namespace[K] {
  return mergedList<Namespace[K][number]>(edited[key], was[key], fresh[key], entryOf) as Namespace[K]
}

function routesIn(three: Three): readonly Route[] {
  const merged = listOf(three, 'routes', routeEntry)
  return merged === three.edited.routes || merged === three.fresh.routes ? merged : inKernelOrder(merged)
}

const FAMILIES = ['inet', 'inet6'] as const

/** Rules are written down where there are others than the usual ones. */
function rulesIn({ edited, was, fresh }: Three): readonly Rule[] {
  if (edited.rules === was.rules) return fresh.rules
  if (was.rules === fresh.rules) return edited.rules
  const lists = [edited, was, fresh].map((ns) => [...rulesOf(ns, 'inet'), ...rulesOf(ns, 'inet6')])
  const merged = mergedList(lists[0]!, lists[1]!, lists[2]!, ruleEntry)
  if (merged === lists[0]) return edited.rules
  return writtenRules(FAMILIES.flatMap((family) => rulesOf({ rules: merged }, family)))
}

/**
 * A namespace that somebody edited by hand and programs have written to since: what programs left alone is as it was edited, entry by
 * entry; what they have made, changed or taken away since is as they have it.
 *
 * @param edited - the network as somebody left it
 * @param was - as programs had written it before
 * @param fresh - as they have written it now
 * @returns undefined for a namespace that somebody, or programs, took away
 */
export function mergedNamespace(name: string, edited: Sharing, was: Sharing, fresh: Sharing): Namespace | undefined {
  const [mine, before, now] = [edited, was, fresh].map((network) => namespaceIn(network, name))
  if (mine === undefined || (before === now && hasSameTables(now, was, fresh))) return mine
  if (mine === before || now === undefined) return now
  if (before === undefined) return mine
  return mergedOf(alike({ edited: mine, was: before, fresh: now }, edited, was, fresh))
}

function mergedOf(three: Three): Namespace {
  const { edited, was, fresh } = three
  const { iptables: _, ip6tables: _6, ipsets: _sets, ...own } = fresh
  const sysctlOrigins = mergedRecord(edited.sysctlOrigins ?? {}, was.sysctlOrigins ?? {}, fresh.sysctlOrigins ?? {})
  const plain: Namespace = {
    ...own,
    interfaces: mergedInterfaces(edited.interfaces, was.interfaces, fresh.interfaces),
    routes: routesIn(three),
    rules: rulesIn(three),
    neighbours: listOf(three, 'neighbours', neighbourEntry),
    proxyNeighbours: listOf(three, 'proxyNeighbours', proxyEntry),
    fdb: listOf(three, 'fdb', fdbEntry),
    sysctls: mergedRecord(edited.sysctls, was.sysctls, fresh.sysctls),
    ...(Object.keys(sysctlOrigins).length === 0 ? {} : { sysctlOrigins }),
    ...(edited.conntrack === undefined ? {} : { conntrack: edited.conntrack }),
  }
  return { ...plain, ...firewallOf(three) }
}

/** Read now: edit after edit, nothing must wait for all that were before. */
function firewallOf({ edited, was, fresh }: Three): Pick<Namespace, 'iptables' | 'ip6tables' | 'ipsets'> {
  const hasSets = edited.ipsets !== undefined || fresh.ipsets !== undefined
  const ipsets = hasSets ? mergedSets(edited.ipsets ?? {}, was.ipsets ?? {}, fresh.ipsets ?? {}) : undefined
  const iptables = mergedRuleset(edited.iptables, was.iptables, fresh.iptables, 'inet')
  const ip6tables = mergedRuleset(edited.ip6tables, was.ip6tables, fresh.ip6tables, 'inet6')
  return {
    ...(iptables === undefined ? {} : { iptables }),
    ...(ip6tables === undefined ? {} : { ip6tables }),
    ...(ipsets === undefined ? {} : { ipsets }),
  }
}

/** Wires that somebody laid or cut by hand, and programs since. */
export function mergedWires(
  edited: readonly Cable[],
  was: readonly Cable[],
  fresh: readonly Cable[],
): readonly Cable[] {
  return mergedList(edited, was, fresh, ({ ends }) => ({
    key: ends.map(({ netns, dev }) => `${netns} ${dev}`).join(' '),
    text: '',
  }))
}
