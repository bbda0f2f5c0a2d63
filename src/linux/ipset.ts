import type { IpSet, IpSetType } from '../model/index.ts'
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

/** What of an `add` line is kept: the member and `nomatch`; timeouts, counters and comments are not. */
export function memberOf(words: readonly string[]): string | undefined {
  const member = words[2]
  if (member === undefined) return undefined
  return words.includes('nomatch', 3) ? `${member} nomatch` : member
}

/** `ipset save`: sets by name, members in dump order. */
export function parseIpSets(text: string, place: Place): Readonly<Record<string, IpSet>> {
  const sets = new Map<string, Draft>()
  const refused = new Set<string>()
  for (const line of linesOf(text, place)) {
    const words = line.text.trim().split(/\s+/)
    if (words[0] === 'create') {
      const set = parseCreate(words, line.place)
      if (set === undefined) refused.add(words[1] ?? '')
      else sets.set(set.name, set)
    } else if (words[0] === 'add') {
      const member = memberOf(words)
      const set = sets.get(words[1] ?? '')
      if (set !== undefined && member !== undefined) set.members.push(member)
      else if (!refused.has(words[1] ?? '')) report(line.place, 'missing_reference', 'add SET MEMBER', line.text)
    } else if (!words[0]!.startsWith('#')) report(line.place, 'syntax', 'create … or add …', line.text)
  }
  return Object.fromEntries(sets)
}

/** `ipset save`. */
export function ipsetSave(sets: Readonly<Record<string, IpSet>> | undefined): string {
  return Object.values(sets ?? {})
    .map((set) => {
      const family = set.family === undefined ? '' : ` family ${set.family}`
      const head = `create ${set.name} ${set.type}${family}${set.options === undefined ? '' : ` ${set.options}`}\n`
      return `${head}${set.members.map((member) => `add ${set.name} ${member}\n`).join('')}`
    })
    .join('')
}
