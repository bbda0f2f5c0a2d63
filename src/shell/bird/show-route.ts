import { contains, containsPrefix, parseIp, parsePrefix, prefixLength } from '../../wire/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { addressWord, type BirdDesk, named } from './bird-desk.ts'
import { type BirdProtocol, verdictOf } from './protocol-text.ts'
import { routeText } from './route-text.ts'
import type { BirdRoute } from './table.ts'

type Way = 'export' | 'preexport' | 'noexport'

interface Asked {
  all: boolean
  count: boolean
  primary: boolean
  filtered: boolean
  about?: string
  prefix?: string
  protocol?: string
  towards?: { readonly way: Way; readonly name: string }
}

const NOT_MODELLED: ReadonlySet<string> = new Set(['where', 'filter', 'stats', 'import'])

/** `show route [all] [primary] [count] [for ADDRESS | PREFIX] [protocol P] [export|preexport|noexport P] [table T]`. */
export function showRoute(desk: BirdDesk, words: readonly string[]): string | Run {
  const asked = readAsked(desk, words)
  if ('said' in asked) return asked.said
  const { about, prefix, protocol, towards } = asked
  for (const name of [protocol, towards?.name]) {
    if (name !== undefined && typeof named(desk.protocols, name) === 'string') return `${name} is not a protocol\n`
  }
  if (asked.filtered) return ''
  const table = narrowed(desk.table(about), about, prefix)
  if (table.length === 0)
    return asked.count
      ? '0 of 0 routes for 0 networks\n'
      : 'Network not in table\n'.repeat(Number(about !== undefined || prefix !== undefined))
  const best = (one: BirdRoute): boolean => table.find((other) => other.prefix === one.prefix) === one
  const peer = towards === undefined ? undefined : desk.protocols.find((one) => one.name === towards.name)
  const shown = table.filter(
    (one) =>
      (!asked.primary || best(one)) &&
      (protocol === undefined || one.protocol === protocol) &&
      (peer === undefined || towards === undefined || goes(desk, peer, one, towards.way)),
  )
  if (!asked.count) {
    const since = new Map(desk.protocols.map((one) => [one.name, one.since]))
    return routeText(shown, asked.all, (name) => since.get(name) ?? '')
  }
  const networks = new Set(table.map((one) => one.prefix)).size
  return `${shown.length} of ${table.length} routes for ${networks} networks\n`
}

function readAsked({ config }: BirdDesk, words: readonly string[]): Asked | { readonly said: string | Run } {
  const asked: Asked = { all: false, count: false, primary: false, filtered: false }
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const value = words[i + 1]
    if (word === 'all' || word === 'count' || word === 'primary' || word === 'filtered') asked[word] = true
    else if (NOT_MODELLED.has(word)) return { said: failed(`packetwalk: birdcl show route ${word} is not modelled`, 2) }
    else if (word === 'for') {
      if (addressWord(value ?? '', config.family) !== 'address') return { said: 'syntax error\n' }
      asked.about = words[++i] as string
    } else if (
      word === 'protocol' ||
      word === 'table' ||
      word === 'export' ||
      word === 'preexport' ||
      word === 'noexport'
    ) {
      if (value === undefined) return { said: 'syntax error\n' }
      i++
      if (word === 'protocol') asked.protocol = value
      else if (word !== 'table') asked.towards = { way: word, name: value }
      else if (value !== 'master') return { said: `${value} is not a table\n` }
    } else if (addressWord(word, config.family) === 'prefix') asked.prefix = word
    else return { said: 'syntax error\n' }
  }
  return asked
}

/** The routes of one prefix; for an address those of the longest prefix with it. */
function narrowed(
  table: readonly BirdRoute[],
  about: string | undefined,
  prefix: string | undefined,
): readonly BirdRoute[] {
  const exact = parsePrefix(prefix ?? '')
  if (exact !== undefined) return table.filter((one) => containsPrefix(one.prefix, exact) && one.prefix === exact)
  const address = parseIp(about ?? '')
  if (address === undefined) return table
  const covering = table.filter((one) => contains(one.prefix, address))
  const longest = Math.max(...covering.map((one) => prefixLength(one.prefix)))
  return covering.filter((one) => prefixLength(one.prefix) === longest)
}

/** What goes to a protocol: before its filter, behind it, or what the filter takes out. */
function goes({ config }: BirdDesk, protocol: BirdProtocol, route: BirdRoute, way: Way): boolean {
  const verdict = verdictOf(protocol, config, route)
  switch (way) {
    case 'export':
      return verdict === 'accepted'
    case 'preexport':
      return verdict === 'accepted' || verdict === 'filtered'
    case 'noexport':
      return verdict === 'filtered'
  }
}
