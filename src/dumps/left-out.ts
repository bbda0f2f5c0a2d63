import type { LeftOut } from '../linux/index.ts'
import { type Issue, type Namespace, type Note, note, pushTo } from '../model/index.ts'
import { contains, isHostPrefix, type Prefix, prefixOf } from '../wire/index.ts'

type LostRoute = Extract<LeftOut, { readonly kind: 'route' }>
type LostRule = Extract<LeftOut, { readonly kind: 'rule' }>
type LostLink = Extract<LeftOut, { readonly kind: 'link' }>

/** Notes of one machine about routes, or about rules; beyond, one says it for all. */
const MOST = 50

/** Routes, policy rules and interfaces of a dump that are not modelled leave open what they could turn. */
export function leftOutNotes(namespace: Namespace, leftOut: readonly LeftOut[]): Note[] {
  const { name } = namespace
  const routes = leftOut.filter((one) => one.kind === 'route')
  const rules = leftOut.filter((one) => one.kind === 'rule')
  const links = leftOut.filter((one) => one.kind === 'link')
  return [
    ...bounded(name, 'routes', routeNotes(name, routes)),
    ...bounded(name, 'rules', ruleNotes(namespace, rules, links)),
    ...links.flatMap((one) => linkNotes(namespace, one)),
  ]
}

function bounded(name: string, what: string, notes: Note[]): Note[] {
  if (notes.length <= MOST) return notes
  return [
    note('dump_unread', `${notes.length} kinds of ${what} are not modelled and left out`, {
      object: name,
      scope: { kind: 'through', netns: [name] },
    }),
  ]
}

/** One note for routes of a table that lack the same. */
function routeNotes(netns: string, routes: readonly LostRoute[]): Note[] {
  const groups = new Map<string, LostRoute[]>()
  for (const one of routes) {
    const key = `${one.family} ${one.table} ${reason(one).expected} ${one.to === undefined}`
    pushTo(groups, key, one)
  }
  return [...groups.values()].map((list) => {
    const [first] = list as [LostRoute]
    const { family, table } = first
    const issue = reason(first)
    const to = list.flatMap((one) => one.to ?? [])
    const where = list.length === 1 ? `the route to ${to[0] ?? 'what it does not say'}` : `${list.length} routes`
    const verb = list.length === 1 ? 'is' : 'are'
    return open(netns, `${where} of table ${table} ${verb} left out: ${words(issue)}`, issue, {
      check: `ip ${family === 'inet6' ? '-6 ' : ''}route get ADDRESS   (on ${netns})`,
      scope: { kind: 'routed', netns, family, table, ...(to.length === 0 ? {} : { to }) },
    })
  })
}

function ruleNotes(namespace: Namespace, rules: readonly LostRule[], links: readonly LostLink[]): Note[] {
  const netns = namespace.name
  return rules.flatMap((rule): Note[] => {
    const { family, from, to } = rule
    const issue = reason(rule)
    const what = `a policy rule is left out: ${words(issue)}`
    const check = `ip ${family === 'inet6' ? '-6 ' : ''}rule   (on ${netns})`
    if (rule.l3mdev) {
      const held = links.filter((link) => link.known && link.slaveKind === 'vrf')
      return held.map(({ name: dev }) => open(netns, what, issue, { check, scope: { kind: 'device', netns, dev } }))
    }
    const scope = {
      kind: 'routed',
      netns,
      family,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to: [to] }),
    } as const
    return [open(netns, what, issue, { check, scope })]
  })
}

function linkNotes(namespace: Namespace, link: LostLink): Note[] {
  const netns = namespace.name
  const { name: dev } = link
  const issue = reason(link)
  const check = `ip -d link show dev ${dev}   (on ${netns})`
  if (link.known) {
    return [
      open(netns, `${dev} is not modelled in full: ${words(issue)}`, issue, {
        check,
        scope: { kind: 'device', netns, dev },
      }),
    ]
  }
  const what = `${dev} is left out: ${words(issue)}`
  const nets = link.addresses
    .filter(({ scope }) => scope !== 'link' && scope !== 'host')
    .map(({ local, prefixlen }) => prefixOf(local, prefixlen))
  const reached = namespace.routes
    .filter((route) => (route.nexthops ?? [route]).some((hop) => hop.dev === dev) && !/^(fe80|ff)/.test(route.dst))
    .map((route) => route.dst)
  const all = [...new Set([...nets, ...reached])]
  const routed = (['inet', 'inet6'] as const).flatMap((family) => {
    const to = all.filter((prefix) => prefix.includes(':') === (family === 'inet6'))
    return to.length === 0 ? [] : [open(netns, what, issue, { check, scope: { kind: 'routed', netns, family, to } })]
  })
  const holds = Object.values(namespace.interfaces).some(({ master }) => master === dev)
  const isReached = holds || nets.some((net) => !isHostPrefix(net) && leadsOut(namespace, dev, net))
  const cutOff = `${what}; ${netns} may be reached through it`
  return [...routed, ...(isReached ? [open(netns, cutOff, issue, { check, turns: 'failure' })] : [])]
}

/** Whether a subnet of an interface is one in which others reach the machine: it has no modelled interface there. */
function leadsOut(namespace: Namespace, dev: string, net: Prefix): boolean {
  return !Object.values(namespace.interfaces).some(
    (other) => other.name !== dev && other.addresses.some(({ local }) => contains(net, local)),
  )
}

/** What is wrong with it first. */
function reason({ issues }: LeftOut): Issue {
  return issues[0] as Issue
}

function words({ expected, received }: Issue): string {
  return `expected ${expected}, received ${received}`
}

function open(netns: string, what: string, issue: Issue, parts: Parameters<typeof note>[2]): Note {
  return note('dump_unread', what, {
    object: netns,
    ...(issue.file === '' ? {} : { file: issue.file }),
    ...(issue.line === undefined ? {} : { line: issue.line }),
    ...parts,
  })
}
