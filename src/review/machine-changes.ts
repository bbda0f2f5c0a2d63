import { movedMembers, type StateChange, stateChanges } from '../control/index.ts'
import type { Lab } from '../lab/index.ts'
import { iptablesRuleText } from '../linux/index.ts'
import { type Chain, type Namespace, type Origin, pushTo, type TableName } from '../model/index.ts'
import type { MachineChange, Op, Parts } from './review.ts'

/** A change of one namespace, before those that change alike are one. */
export type OneChange = Omit<MachineChange, 'on' | 'causes'> & { readonly netns: string }

const OPS: Readonly<Record<StateChange['op'], Op>> = { add: 'added', delete: 'removed', replace: 'changed' }

/** What is otherwise in a namespace, with what made it on both sides. */
export function changesIn(a: Lab, b: Lab, netns: string): readonly OneChange[] {
  const forth = stateChanges(a.network, b.network, netns)
  if (forth.length === 0) return []
  // What had made what is replaced is told by the way back.
  const origins = new Map<string, Origin | undefined>()
  for (const { op, thing, what, origin } of stateChanges(b.network, a.network, netns))
    if (op === 'replace') origins.set(`${thing} ${keyText(thing, what)}`, origin)
  const [before, after] = [a, b].map(({ network }) => own(network.namespaces, netns)) as [
    Namespace | undefined,
    Namespace | undefined,
  ]
  const roles = [before?.role, after?.role]
  const of = roles.includes('node') ? 'node' : roles.includes('pod') ? 'pod' : 'machine'
  const moved = forth.flatMap((one) =>
    one.thing === 'interface' && one.op !== 'replace' ? one.what.split(' ', 1) : [],
  )
  return forth.map((one): OneChange => {
    const { op, thing, what, was, origin } = one
    const text = keyText(thing, what)
    const sides = sidesOf(OPS[op], text, was)
    const old = op === 'replace' ? origins.get(`${thing} ${was ?? text}`) : op === 'delete' ? origin : undefined
    const fresh = op === 'delete' ? undefined : origin
    const parts = op === 'replace' ? partsOf(thing, text, before, after) : undefined
    return {
      op: OPS[op],
      thing,
      ...sides,
      ...(parts === undefined ? {} : { parts }),
      ...(isFollowing(one, moved) ? { follows: true as const } : {}),
      of,
      netns,
      ...(old === undefined ? {} : { before: old }),
      ...(fresh === undefined ? {} : { after: fresh }),
      confidence: confidenceIn(a, b, [old, fresh]),
    }
  })
}

/** Whether an entry goes with a device or an address: the kernel, or whoever made the device, has it with it. */
function isFollowing({ thing, what, was = what }: StateChange, moved: readonly string[]): boolean {
  switch (thing) {
    case 'route':
      return / proto kernel\b/.test(what) && / proto kernel\b/.test(was)
    case 'address':
      return what.startsWith('inet6 fe80:')
    case 'sysctl':
      return moved.some((dev) => what.includes(`.${dev}.`))
    default:
      return false
  }
}

function own(namespaces: Readonly<Record<string, Namespace>>, name: string): Namespace | undefined {
  return Object.hasOwn(namespaces, name) ? namespaces[name] : undefined
}

/** A set goes by its name: its members are told apart. */
function keyText(thing: StateChange['thing'], what: string): string {
  return thing === 'set' ? what.split(' ', 1)[0]! : what
}

function sidesOf(op: Op, text: string, was: string | undefined): Pick<MachineChange, 'was' | 'now'> {
  switch (op) {
    case 'added':
      return { now: text }
    case 'removed':
      return { was: text }
    case 'changed':
      return { was: was ?? text, now: text }
  }
}

function confidenceIn(a: Lab, b: Lab, origins: readonly (Origin | undefined)[]): MachineChange['confidence'] {
  const assumed = origins.flatMap((one) => (one?.assumed === true ? [one.note ?? one.component] : []))
  if (assumed.length > 0) return { kind: 'assumed', of: [...new Set(assumed)].sort() }
  return { kind: a.dump === null && b.dump === null ? 'objects' : 'dump', of: [] }
}

function partsOf(
  thing: StateChange['thing'],
  text: string,
  before: Namespace | undefined,
  after: Namespace | undefined,
): Parts | undefined {
  if (thing === 'set') {
    const { come, gone } = movedMembers(before?.ipsets?.[text], after?.ipsets?.[text])
    return { added: [...come].sort(), removed: [...gone].sort() }
  }
  if (thing !== 'chain') return undefined
  const [was, now] = [rulesOf(before, text), rulesOf(after, text)]
  return { added: without(now, was), removed: without(was, now) }
}

/** The rules of a chain as `ip6tables -t nat NAME` names it, without the comments that are Felix' sums of all rules before. */
function rulesOf(ns: Namespace | undefined, text: string): readonly string[] {
  const [, six, table = 'filter', name = ''] = /^(ip6tables )?(?:-t (\S+) )?(.*)$/.exec(text) ?? []
  const family = six === undefined ? 'inet' : 'inet6'
  const ruleset = family === 'inet' ? ns?.iptables : ns?.ip6tables
  const chain: Chain | undefined = ruleset?.tables[table as TableName]?.chains[name]
  const rules = (chain?.rules ?? []).map((rule) => plainRule(iptablesRuleText('', rule, family)))
  return chain?.policy === undefined ? rules : [`policy ${chain.policy}`, ...rules]
}

/** A rule without its chain, which is said, and without Felix' sum. */
function plainRule(text: string): string {
  return text
    .replace(/^-A "?"? ?/, '')
    .replace(SUM, '')
    .trim()
}

const SUM = / ?-m comment --comment "?cali:[\w-]+"?/

function without(list: readonly string[], other: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const one of other) left.set(one, (left.get(one) ?? 0) + 1)
  return list.filter((one) => {
    const count = left.get(one) ?? 0
    left.set(one, count - 1)
    return count <= 0
  })
}

/** What tells a change from others, wherever it is. */
export function changeKey({
  op,
  thing,
  was = '',
  now = '',
  parts,
  of,
}: Omit<OneChange, 'netns' | 'confidence'>): string {
  return JSON.stringify([thing, op, of, was, now, parts])
}

/** Those that change alike in one, in an order that is the same the other way round. */
export function grouped(changes: readonly (OneChange & Pick<MachineChange, 'causes'>)[]): readonly MachineChange[] {
  const groups = new Map<string, (OneChange & Pick<MachineChange, 'causes'>)[]>()
  for (const one of changes) pushTo(groups, `${changeKey(one)} ${one.causes.join(',')}`, one)
  const all = [...groups.values()].map((group): MachineChange => {
    const { netns: _, ...first } = group[0]!
    return { ...first, on: [...new Set(group.map(({ netns }) => netns))].sort() }
  })
  const keys = new Map(all.map((one) => [one, orderKey(one)]))
  return all.sort((a, b) => (keys.get(a)! < keys.get(b)! ? -1 : 1))
}

/** Things as people look at them. */
const ORDER: readonly MachineChange['thing'][] = [
  'namespace',
  'interface',
  'address',
  'route',
  'rule',
  'neighbour',
  'fdb',
  'sysctl',
  'chain',
  'set',
]

function orderKey({ thing, was = '', now = '', of, on, causes }: MachineChange): string {
  const sides = [was, now].filter((text) => text !== '').sort()
  return JSON.stringify([ORDER.indexOf(thing), of, sides, on, causes])
}
