import type { IpSet, IpSetType } from '../model/index.ts'
import { memberForm, spreadMember } from './ipset-member.ts'
import { linesOf, originAt, type Place, report } from './place.ts'

const TYPES: ReadonlySet<string> = new Set([
  'hash:ip',
  'hash:net',
  'hash:ip,port',
  'hash:net,port',
  'hash:net,net',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:mac',
  'bitmap:port',
  'bitmap:ip',
  'list:set',
])

/** Whether a text is a type of set that packetwalk evaluates. */
function isIpSetType(text: string): text is IpSetType {
  return TYPES.has(text)
}

type Draft = { -readonly [K in keyof IpSet]: IpSet[K] } & { members: string[] }

/** The set a `create` line makes; undefined and an issue when it is not one. */
export function parseCreate(words: readonly string[], place: Place): Draft | undefined {
  const [, name, type] = words
  if (name === undefined || type === undefined) {
    return report(place, 'syntax', 'create NAME TYPE …', words.join(' '))
  }
  if (!isIpSetType(type)) return report(place, 'unsupported', [...TYPES].join(', '), type)
  const rest = words.slice(3)
  const at = rest.indexOf('family')
  const family = at < 0 ? undefined : rest[at + 1]
  if (at >= 0) rest.splice(at, 2)
  const hash = type.startsWith('hash:') && type !== 'hash:mac'
  return {
    name,
    type,
    ...(hash ? { family: family === 'inet6' ? ('inet6' as const) : ('inet' as const) } : {}),
    members: [],
    ...(rest.length === 0 ? {} : { options: rest.join(' ') }),
    origin: originAt(place),
  }
}

/**
 * The members an `add` or `del` line names, spread as the kernel spreads them; timeouts, counters and comments are not kept.
 * @returns undefined when the line has none, or one that such a set cannot hold
 */
export function membersOf(words: readonly string[], set: Pick<IpSet, 'type' | 'family'>): string[] | undefined {
  const members = words[2] === undefined ? undefined : spreadMember(words[2], set)
  return words.includes('nomatch', 3) ? members?.map((member) => `${member} nomatch`) : members
}

function addMembers(set: Draft, words: readonly string[], place: Place): void {
  const members = membersOf(words, set)
  if (members === undefined) report(place, 'invalid', memberForm(set), words[2] ?? 'nothing')
  else for (const member of members) set.members.push(member)
}

/** `ipset list` as well: blocks of `Name:`, `Type:`, `Header:`, and members one a line. */
function readListing(text: string, place: Place): Readonly<Record<string, IpSet>> {
  const sets: IpSet[] = []
  let head: Record<string, string> = {}
  let set: Draft | undefined
  for (const line of linesOf(text, place)) {
    const label = /^(Name|Type|Revision|Header|Size in memory|References|Number of entries|Members):\s*(.*)$/.exec(
      line.text,
    )
    if (label === null) {
      if (set !== undefined) addMembers(set, ['add', set.name, ...line.text.trim().split(/\s+/)], line.place)
      continue
    }
    const [, key = '', value = ''] = label
    if (key === 'Name') {
      head = {}
      set = undefined
    }
    head[key] = value
    if (key !== 'Members') continue
    set = parseCreate(['create', head['Name'] ?? '', head['Type'] ?? '', ...words(head['Header'])], line.place)
    if (set !== undefined) sets.push(set)
  }
  return Object.fromEntries(sets.map((one) => [one.name, one]))
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}

/** `ipset save`, or `ipset list`: sets by name, members in dump order. */
export function parseIpSets(text: string, place: Place): Readonly<Record<string, IpSet>> {
  if (/^Name: \S/m.test(text)) return readListing(text, place)
  const sets = new Map<string, Draft>()
  const refused = new Set<string>()
  for (const line of linesOf(text, place)) {
    const words = line.text.trim().split(/\s+/)
    if (words[0] === 'create') {
      const set = parseCreate(words, line.place)
      if (set === undefined) refused.add(words[1] ?? '')
      else sets.set(set.name, set)
    } else if (words[0] === 'add') {
      const set = sets.get(words[1] ?? '')
      if (set !== undefined) addMembers(set, words, line.place)
      else if (!refused.has(words[1] ?? '')) report(line.place, 'missing_reference', 'add SET MEMBER', line.text)
    } else if (!words[0]!.startsWith('#')) report(line.place, 'syntax', 'create … or add …', line.text)
  }
  return Object.fromEntries(sets)
}

/** What a set was made with, besides name and type. */
function optionsOf({ family, options }: IpSet): string {
  return `${family === undefined ? '' : ` family ${family}`}${options === undefined ? '' : ` ${options}`}`
}

/** `ipset save`. */
export function ipsetSave(sets: Readonly<Record<string, IpSet>> | undefined): string {
  return Object.values(sets ?? {})
    .map((set) => {
      const head = `create ${set.name} ${set.type}${optionsOf(set)}\n`
      return `${head}${set.members.map((member) => `add ${set.name} ${member}\n`).join('')}`
    })
    .join('')
}

/**
 * `ipset list`: what the kernel alone knows, its revision of the type and the memory it takes, is left out.
 * @param references - how many rules ask for a set
 * @param terse - without members (`-t`)
 */
export function ipsetList(sets: readonly IpSet[], references: (name: string) => number, terse = false): string {
  return sets
    .map((set) => {
      const head = `Name: ${set.name}\nType: ${set.type}\nHeader:${optionsOf(set)}\nReferences: ${references(set.name)}\n`
      const count = `Number of entries: ${set.members.length}\n`
      return terse ? `${head}${count}` : `${head}${count}Members:\n${set.members.map((one) => `${one}\n`).join('')}`
    })
    .join('\n')
}
