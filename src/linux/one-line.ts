import type { Issue, Route, Rule } from '../model/index.ts'
import type { Json } from './cursor.ts'
import { placeIn } from './place.ts'
import { parseRoutes, routeObjects } from './route.ts'
import { parseRules, ruleObjects } from './rule.ts'

/** What is wrong with a line. */
export interface LineFault {
  /** What would be right. */
  readonly expected: string
  /** What was there. */
  readonly received: string
}

/** Whether a line could not be read. */
export function isLineFault<T extends object>(result: T | LineFault): result is LineFault {
  return 'expected' in result
}

/**
 * One route as `ip route` prints it, the next hops of several behind it on the same line. Unlike a dump, which may come from
 * a newer `ip`, it must not hold words nobody knows.
 */
export function readRouteLine(text: string): Route | LineFault {
  const objects = routeObjects(text.trim().replace(/\s+nexthop\s/g, '\nnexthop '))
  const hops = objects.flatMap((object) => (object['nexthops'] as Json[] | undefined) ?? [])
  return onlyOne(
    text,
    [...objects, ...hops],
    'a route as ip route prints it, e.g. 10.0.2.0/24 via 10.0.1.1 dev eth0',
    (issues) => parseRoutes(objects, placeIn('', issues)),
  )
}

/** One rule as `ip rule` prints it; for IPv6 where one of its addresses is. */
export function readRuleLine(text: string): Rule | LineFault {
  const objects = ruleObjects(text.trim().replace(/^(\d+):\s*/, '$1: '))
  const family = /[\da-f]*:[\da-f:]+/i.test(text.replace(/^\s*\d+:\s/, '')) ? 'inet6' : 'inet'
  const wanted = 'a rule as ip rule prints it, e.g. 1000: from 10.0.2.0/24 lookup 100'
  if (!/^\s*\d+:\s/.test(text)) return { expected: `${wanted} (a priority and a colon first)`, received: text }
  return onlyOne(text, objects, wanted, (issues) => parseRules(objects, placeIn('', issues), family))
}

function onlyOne<T>(
  text: string,
  objects: readonly Json[],
  wanted: string,
  parse: (issues: Issue[]) => T[],
): T | LineFault {
  const unread = objects.flatMap((object) => (object['unread'] as string[] | undefined) ?? [])
  if (unread[0] !== undefined) return { expected: `${wanted}, without the word ${unread[0]}`, received: text }
  const issues: Issue[] = []
  const [first, second] = parse(issues)
  const [issue] = issues
  if (issue !== undefined) return { expected: `${wanted} (${issue.expected}, not ${issue.received})`, received: text }
  return first === undefined || second !== undefined ? { expected: wanted, received: text } : first
}
