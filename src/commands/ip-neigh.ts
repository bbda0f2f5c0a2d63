import { isNeighState, peek, take, type Words } from '../linux/index.ts'
import type { Namespace, Neighbour, Network } from '../model/index.ts'
import { BY_USER, interfaceOf, withNamespace } from './edit.ts'
import { expand, need, needIp, needMac, refuse, toolRefuses, wrongArgument } from './refusal.ts'

const VERBS = ['add', 'change', 'chg', 'replace', 'delete', 'flush'] as const

type Draft = { -readonly [K in keyof Neighbour]?: Neighbour[K] } & { proxy?: boolean }

/** `ip neigh add|change|replace|del|flush`, with `proxy`. @throws Refusal in the words of `ip` */
export function ipNeighCommand(
  network: Network,
  ns: Namespace,
  words: Words,
  family: 'inet' | 'inet6' | undefined,
): Network {
  const verb = expand(take(words), VERBS)
  if (verb === undefined) return refuse(`ip neigh ${VERBS.join('|')}`, words.list.join(' '))
  if (verb === 'flush' && peek(words) === undefined) return toolRefuses('Flush requires arguments.')
  const draft = readNeighbour(words)
  if (verb === 'flush') return flush(network, ns, draft, family)
  const { dst, dev } = draft
  if (dst === undefined || dev === undefined) return toolRefuses('Device and destination are required arguments.')
  interfaceOf(ns, dev)
  if (draft.proxy === true) return proxy(network, ns, verb === 'delete', { dst, dev })
  const at = ns.neighbours.findIndex((entry) => entry.dst === dst && entry.dev === dev)
  const old = ns.neighbours[at]
  if (verb === 'delete') {
    if (old === undefined) return toolRefuses('RTNETLINK answers: No such file or directory')
    return withNamespace(network, { ...ns, neighbours: ns.neighbours.filter((_, i) => i !== at) })
  }
  if (verb === 'add' && old !== undefined) return toolRefuses('RTNETLINK answers: File exists')
  if ((verb === 'change' || verb === 'chg') && old === undefined) {
    return toolRefuses('RTNETLINK answers: No such file or directory')
  }
  if (draft.lladdr === undefined && old?.lladdr === undefined && NEEDS_MAC.has(draft.state ?? 'PERMANENT'))
    return toolRefuses('Error: No link layer address given.')
  const entry = makeEntry(dst, dev, draft, old)
  const neighbours =
    old === undefined ? [...ns.neighbours, entry] : ns.neighbours.map((item, i) => (i === at ? entry : item))
  return withNamespace(network, { ...ns, neighbours })
}

/** States in which a neighbour has a link-layer address. @linux include/net/neighbour.h NUD_VALID, without NOARP */
const NEEDS_MAC: ReadonlySet<string> = new Set(['PERMANENT', 'REACHABLE', 'STALE', 'DELAY', 'PROBE'])

function makeEntry(dst: Neighbour['dst'], dev: string, draft: Draft, old: Neighbour | undefined): Neighbour {
  const lladdr = draft.lladdr ?? old?.lladdr
  return {
    dst,
    dev,
    ...(lladdr === undefined ? {} : { lladdr }),
    state: draft.state ?? 'PERMANENT',
    ...(draft.router === true ? { router: true } : {}),
    origin: BY_USER,
  }
}

function readNeighbour(words: Words): Draft {
  const draft: Draft = {}
  while (words.at < words.list.length) {
    const word = take(words)!
    if (word === 'dev') draft.dev = need(words)
    else if (word === 'to') draft.dst = needIp(words)
    else if (word === 'lladdr') draft.lladdr = needMac(words)
    else if (word === 'nud' || word === 'state') {
      const text = need(words).toUpperCase()
      if (isNeighState(text)) draft.state = text
      else if (text !== 'ALL') wrongArgument(text.toLowerCase(), 'nud state is bad')
    } else if (word === 'router') draft.router = true
    else if (word === 'proxy') {
      draft.proxy = true
      draft.dst = needIp(words)
    } else if (word !== 'all' && word !== 'extern_learn') {
      words.at -= 1
      draft.dst = needIp(words)
    }
  }
  return draft
}

function proxy(
  network: Network,
  ns: Namespace,
  remove: boolean,
  entry: { dst: Neighbour['dst']; dev: string },
): Network {
  const others = ns.proxyNeighbours.filter((other) => other.dst !== entry.dst || other.dev !== entry.dev)
  if (remove && others.length === ns.proxyNeighbours.length) {
    return toolRefuses('RTNETLINK answers: No such file or directory')
  }
  return withNamespace(network, {
    ...ns,
    proxyNeighbours: remove ? others : [...others, { ...entry, origin: BY_USER }],
  })
}

/** Without a state, permanent and NOARP entries stay. */
function flush(network: Network, ns: Namespace, draft: Draft, family: 'inet' | 'inet6' | undefined): Network {
  const goes = (entry: Neighbour): boolean => {
    if (draft.dev !== undefined && entry.dev !== draft.dev) return false
    if (draft.dst !== undefined && entry.dst !== draft.dst) return false
    if (family !== undefined && entry.dst.includes(':') !== (family === 'inet6')) return false
    if (draft.state !== undefined) return entry.state === draft.state
    return entry.state !== 'PERMANENT' && entry.state !== 'NOARP'
  }
  return withNamespace(network, { ...ns, neighbours: ns.neighbours.filter((entry) => !goes(entry)) })
}
