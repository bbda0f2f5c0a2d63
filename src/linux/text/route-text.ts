import { isRouteType } from '../parse/route.ts'
import { type Json, type Line, lineOf, linesWithIndent, next, numeric } from './cursor.ts'

const FLAGS: ReadonlySet<string> = new Set(['onlink', 'linkdown', 'dead', 'pervasive', 'offload', 'trap', 'notify'])

/** `ip route show` in plain text as the objects `ip -j route show` gives. Lines that say nothing of a route are passed over. */
export function routeObjects(text: string): Json[] {
  const routes: Json[] = []
  for (const line of linesWithIndent(text)) {
    const words = lineOf(line.text)
    const current = routes.at(-1)
    if (words.words[0] === 'nexthop' && current !== undefined) {
      words.at = 1
      const hop: Json = { flags: [] }
      readOptions(hop, words)
      current['nexthops'] = [...((current['nexthops'] as Json[] | undefined) ?? []), hop]
    } else if (!line.indented) routes.push(routeObject(words))
  }
  return routes
}

function routeObject(line: Line): Json {
  const route: Json = { flags: [] }
  if (isRouteType(line.words[0] ?? '')) route['type'] = next(line)
  route['dst'] = next(line)
  readOptions(route, line)
  return route
}

function readOptions(route: Json, line: Line): void {
  const metrics: Json = {}
  while (line.at < line.words.length) {
    const word = next(line)
    switch (word) {
      case 'via': {
        const family = next(line)
        if (family === 'inet' || family === 'inet6') route['via'] = { family, host: next(line) }
        else route['gateway'] = family
        break
      }
      case 'dev':
      case 'table':
      case 'scope':
      case 'pref':
      case 'tos':
        route[word] = next(line)
        break
      case 'proto':
        route['protocol'] = next(line)
        break
      case 'src':
        route['prefsrc'] = next(line)
        break
      case 'metric':
      case 'weight':
        route[word] = numeric(next(line))
        break
      case 'mtu':
      case 'advmss': {
        const value = next(line)
        if (value === 'lock') {
          metrics['lock'] = [word]
          metrics[word] = numeric(next(line))
        } else metrics[word] = numeric(value)
        break
      }
      case 'from':
      case 'encap':
      case 'nhid':
      case 'realm':
      case 'realms':
        route[word] = next(line)
        break
      default:
        if (FLAGS.has(word)) (route['flags'] as string[]).push(word)
    }
  }
  if (Object.keys(metrics).length > 0) route['metrics'] = [metrics]
}

/** `ip rule show` in plain text as the objects `ip -j rule show` gives. */
export function ruleObjects(text: string): Json[] {
  return linesWithIndent(text).map((line) => {
    const words = lineOf(line.text)
    const rule: Json = { priority: numeric(next(words).replace(/:$/, '')) }
    while (words.at < words.words.length) readRuleWord(rule, next(words), words)
    return rule
  })
}

function selector(rule: Json, key: 'src' | 'dst', text: string): void {
  const [address, length] = text.split('/')
  rule[key] = address
  if (length !== undefined) rule[`${key}len`] = numeric(length)
}

function readRuleWord(rule: Json, word: string, line: Line): void {
  switch (word) {
    case 'not':
    case 'nop':
    case '[l3mdev-table]':
      rule[word === '[l3mdev-table]' ? 'l3mdev' : word] = null
      break
    case 'from':
      selector(rule, 'src', next(line))
      break
    case 'to':
      selector(rule, 'dst', next(line))
      break
    case 'fwmark': {
      const [mark, mask] = next(line).split('/')
      rule['fwmark'] = mark
      if (mask !== undefined) rule['fwmask'] = mask
      break
    }
    case 'iif':
    case 'oif':
    case 'tos':
    case 'ipproto':
    case 'suppress_ifgroup':
      rule[word] = next(line)
      break
    case 'lookup':
      rule['table'] = next(line)
      break
    case 'goto':
      rule['goto'] = numeric(next(line))
      break
    case 'suppress_prefixlength':
      rule['suppress_prefixlen'] = numeric(next(line))
      break
    case 'sport':
    case 'dport': {
      const [low, high] = next(line).split('-')
      if (high === undefined) rule[word] = numeric(low ?? '')
      else Object.assign(rule, { [`${word}_start`]: numeric(low ?? ''), [`${word}_end`]: numeric(high) })
      break
    }
    case 'uidrange':
      rule['uid_start'] = next(line)
      break
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      rule['action'] = word
      break
  }
}
