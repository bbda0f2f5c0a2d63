import type { Words } from '../linux/index.ts'
import { linesOf, memberForm, membersOf, parseCreate, placeIn } from '../linux/index.ts'
import type { IpSet, Namespace, Network } from '../model/index.ts'
import { familyOf, parseIp } from '../wire/index.ts'
import { BY_USER, namespaceOf, withNamespace } from './edit.ts'
import { refuse, toolRefuses } from './refusal.ts'

/** `ipset create|add|del|flush|destroy|rename|swap|restore`. @throws Refusal in the words of `ipset` */
export function ipsetCommand(network: Network, netns: string, words: Words, stdin: string): Network {
  const ns = namespaceOf(network, netns)
  const list = words.list.slice(words.at).filter((word) => word !== '-!' && word !== '-q')
  const tolerant = list.includes('-exist') || words.list.includes('-!')
  const plain = list.filter((word) => word !== '-exist')
  if (plain[0] !== 'restore') return withNamespace(network, apply(ns, plain, tolerant))
  let next = ns
  for (const { text } of linesOf(stdin, placeIn('', []))) next = apply(next, text.trim().split(/\s+/), tolerant)
  return withNamespace(network, next)
}

const TRY = "Try `ipset help' for more information."

const ALIASES: Readonly<Record<string, string>> = {
  n: 'create',
  '-N': 'create',
  '-A': 'add',
  '-D': 'del',
  '-F': 'flush',
  '-X': 'destroy',
  x: 'destroy',
  '-E': 'rename',
  '-W': 'swap',
  e: 'rename',
  w: 'swap',
}

function apply(ns: Namespace, words: readonly string[], tolerant: boolean): Namespace {
  const verb = ALIASES[words[0] ?? ''] ?? (words[0] === '' ? undefined : words[0])
  if (verb !== undefined && ['create', 'add', 'del', 'rename', 'swap'].includes(verb)) {
    const missing = words[1] === undefined ? '' : words[2] === undefined ? 'second ' : undefined
    if (missing !== undefined)
      return toolRefuses(`ipset v7.17: Missing ${missing}mandatory argument to command ${verb}\n${TRY}`)
  }
  const sets = ns.ipsets ?? {}
  const name = words[1] ?? ''
  const set = Object.hasOwn(sets, name) ? sets[name] : undefined
  switch (verb) {
    case 'create':
      if (set !== undefined)
        return tolerant ? ns : toolRefuses('ipset v7.17: Set cannot be created: set with the same name already exists')
      return save(ns, name, create(words))
    case 'add':
    case 'del':
      return save(ns, name, change(needSet(set), verb, words, tolerant))
    case 'flush':
      if (words[1] === undefined)
        return {
          ...ns,
          ipsets: Object.fromEntries(Object.values(sets).map((item) => [item.name, { ...item, members: [] }])),
        }
      return save(ns, name, { ...needSet(set), members: [] })
    case 'destroy': {
      if (words[1] !== undefined) needSet(set)
      const gone = words[1] === undefined ? Object.keys(sets) : [name]
      if (gone.some((one) => isUsed(ns, one)))
        return toolRefuses('ipset v7.17: Set cannot be destroyed: it is in use by a kernel component')
      return {
        ...ns,
        ipsets: Object.fromEntries(Object.entries(sets).filter(([other]) => words[1] !== undefined && other !== name)),
      }
    }
    case 'swap': {
      const other = Object.hasOwn(sets, words[2] ?? '') ? sets[words[2] as string] : undefined
      if (needSet(set) !== undefined && other === undefined)
        return toolRefuses('ipset v7.17: Sets cannot be swapped: the second set does not exist')
      if (needSet(other).type !== needSet(set).type)
        return toolRefuses('ipset v7.17: The sets cannot be swapped: their type does not match')
      return swap(ns, needSet(set), needSet(other))
    }
    case 'rename':
      return rename(ns, needSet(set), words[2] ?? '')
    case undefined:
      return toolRefuses(`ipset v7.17: No command specified.\n${TRY}`)
    case 'list':
    case 'save':
    case 'test':
      return refuse('ipset create, add, del, flush, destroy, rename, swap or restore', words.join(' '))
    default:
      return toolRefuses(`ipset v7.17: No command specified: unknown argument ${verb}\n${TRY}`)
  }
}

/** Whether a rule asks for a set, or a set of sets has it. */
function isUsed(ns: Namespace, name: string): boolean {
  const rulesets = [ns.iptables, ns.ip6tables].flatMap((ruleset) => Object.values(ruleset?.tables ?? {}))
  const rules = rulesets.flatMap((table) => Object.values(table.chains).flatMap((chain) => chain.rules))
  const isMember = Object.values(ns.ipsets ?? {}).some(
    ({ type, members }) => type === 'list:set' && members.includes(name),
  )
  if (isMember) return true
  return rules.some(
    ({ matches, target }) =>
      matches.some((match) => match.kind === 'set' && match.set === name) ||
      (target?.kind === 'SET' && target.set === name),
  )
}

function rename(ns: Namespace, set: IpSet, name: string): Namespace {
  const sets = ns.ipsets ?? {}
  if (name === '') return toolRefuses('ipset v7.17: Missing second mandatory argument to command rename')
  if (Object.hasOwn(sets, name))
    return toolRefuses('ipset v7.17: Set cannot be renamed: a set with the new name already exists')
  if (isUsed(ns, set.name)) return toolRefuses('ipset v7.17: Set cannot be renamed: it is in use by another system')
  const renamed = Object.entries(sets).map(([old, one]) => (one === set ? [name, { ...set, name }] : [old, one]))
  return { ...ns, ipsets: Object.fromEntries(renamed) }
}

function needSet(set: IpSet | undefined): IpSet {
  return set ?? toolRefuses('ipset v7.17: The set with the given name does not exist')
}

function save(ns: Namespace, name: string, set: IpSet): Namespace {
  return { ...ns, ipsets: { ...ns.ipsets, [name]: set } }
}

/** Types that the tool knows, packetwalk or not. */
const TYPES =
  /^(?:bitmap:(?:ip|ip,mac|port)|hash:(?:ip|ip,mark|ip,port|ip,port,ip|ip,port,net|mac|ip,mac|net|net,net|net,port|net,port,net|net,iface)|list:set|(?:ip|port|mac)(?:hash|map)|nethash)$/

function create(words: readonly string[]): IpSet {
  const family = words[words.indexOf('family') + 1]
  if (words.includes('family') && family !== 'inet' && family !== 'inet6' && family !== 'ipv4' && family !== 'ipv6')
    return toolRefuses(`ipset v7.17: Syntax error: unknown inet family ${family ?? ''}`)
  const place = placeIn('', [])
  const set = parseCreate(words, place)
  if (set !== undefined) return { ...set, origin: BY_USER }
  const issue = place.issues[0]
  const [, , type = ''] = words
  if (type !== '' && !TYPES.test(type)) return toolRefuses(`ipset v7.17: Syntax error: typename '${type}' is unknown`)
  return refuse(issue?.expected ?? 'create NAME TYPE', issue?.received ?? words.join(' '))
}

/** What the tool says of an address or a network that is none; undefined for what else is wrong. */
function elementFault({ type, family }: IpSet, text: string | undefined): string | undefined {
  if (text === undefined || (type !== 'hash:ip' && type !== 'hash:net')) return undefined
  const [address = '', length, ...more] = text.split('/')
  const [name, version, bits] = family === 'inet6' ? ['IPv6', 6, 128] : ['IPv4', 4, 32]
  if (more.length > 0 || address.includes('-')) return undefined
  const parsed = parseIp(address)
  if (parsed === undefined || familyOf(parsed) !== version)
    return `cannot parse ${address}: resolving to ${name} address failed`
  return length !== undefined && Number(length) > Number(bits) ? `'${length}' is out of range 0-${bits}` : undefined
}

function change(set: IpSet, verb: 'add' | 'del', words: readonly string[], tolerant: boolean): IpSet {
  const members = membersOf(words, set)
  const unread = members === undefined ? elementFault(set, words[2]) : undefined
  if (unread !== undefined) return toolRefuses(`ipset v7.17: Syntax error: ${unread}`)
  if (members === undefined) return refuse(memberForm(set), words[2] ?? 'nothing')
  const plain = (member: string): string => member.replace(/ nomatch$/, '')
  const held = new Set(set.members.map(plain))
  const named = new Set(members.map(plain))
  if (verb === 'add') {
    const fresh = members.filter((member) => !held.has(plain(member)))
    if (fresh.length < members.length && !tolerant)
      return toolRefuses("ipset v7.17: Element cannot be added to the set: it's already added")
    return { ...set, members: [...set.members, ...fresh] }
  }
  if (!tolerant && ![...named].every((member) => held.has(member)))
    return toolRefuses("ipset v7.17: Element cannot be deleted from the set: it's not added")
  return { ...set, members: set.members.filter((member) => !named.has(plain(member))) }
}

function swap(ns: Namespace, a: IpSet, b: IpSet): Namespace {
  return { ...ns, ipsets: { ...ns.ipsets, [a.name]: { ...b, name: a.name }, [b.name]: { ...a, name: b.name } } }
}
