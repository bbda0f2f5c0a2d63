import { peek, take, type Words } from '../linux/index.ts'
import type { FdbEntry, Namespace, Network } from '../model/index.ts'
import { BY_USER, interfaceOf, namespaceOf, withInterface, withNamespace } from './edit.ts'
import { readPortOption } from './ip-link.ts'
import { expand, need, needIp, needMac, needNumber, refuse, toolRefuses } from './refusal.ts'

/** `bridge fdb add|append|replace|del|flush …` and `bridge link set …`. @throws Refusal in the words of `bridge` */
export function bridgeCommand(network: Network, netns: string, words: Words): Network {
  const object = expand(take(words), ['link', 'fdb'])
  const ns = namespaceOf(network, netns)
  if (object === 'link') return linkSet(network, ns, words)
  if (object === 'fdb') return fdbCommand(network, ns, words)
  return refuse('bridge link|fdb', words.list.join(' '))
}

function linkSet(network: Network, ns: Namespace, words: Words): Network {
  if (take(words) !== 'set') return refuse('bridge link set', words.list.join(' '))
  if (peek(words) === 'dev') take(words)
  let link = interfaceOf(ns, need(words))
  if (link.master === undefined) return toolRefuses('RTNETLINK answers: Operation not supported')
  while (words.at < words.list.length) {
    const word = take(words)!
    if (word !== 'master' && word !== 'self') link = { ...link, port: readPortOption(link.port ?? {}, word, words) }
  }
  return withNamespace(network, withInterface(ns, link))
}

type Draft = { -readonly [K in keyof FdbEntry]?: FdbEntry[K] }

const VERBS = ['add', 'append', 'replace', 'delete', 'flush'] as const

function fdbCommand(network: Network, ns: Namespace, words: Words): Network {
  const verb = expand(take(words), VERBS)
  if (verb === undefined) return refuse(`bridge fdb ${VERBS.join('|')}`, words.list.join(' '))
  const { draft, onMaster } = readEntry(words)
  if (draft.dev === undefined) return toolRefuses('Device and address are required arguments.')
  const link = interfaceOf(ns, draft.dev)
  if (verb === 'flush') {
    const fdb = ns.fdb.filter((entry) => entry.dev !== link.name || entry.state !== '')
    return withNamespace(network, { ...ns, fdb })
  }
  if (draft.mac === undefined) return toolRefuses('Device and address are required arguments.')
  const table = onMaster && link.master !== undefined ? { master: link.master } : { self: true as const }
  const entry: FdbEntry = {
    ...draft,
    ...table,
    dev: link.name,
    mac: draft.mac,
    state: draft.state ?? 'permanent',
    origin: BY_USER,
  }
  return withNamespace(network, { ...ns, fdb: change(ns.fdb, verb, entry, link.kind === 'vxlan') })
}

function readEntry(words: Words): { draft: Draft; onMaster: boolean } {
  const draft: Draft = {}
  let onMaster = false
  while (words.at < words.list.length) {
    const word = take(words)!
    if (word === 'dev') draft.dev = need(words)
    else if (word === 'dst') draft.dst = needIp(words)
    else if (word === 'port') draft.port = needNumber(words, 'a UDP port')
    else if (word === 'vni') draft.vni = needNumber(words, 'a VNI')
    else if (word === 'via') draft.via = need(words)
    else if (word === 'vlan') draft.vlan = needNumber(words, 'a VLAN')
    else if (word === 'master') onMaster = true
    else if (word === 'permanent' || word === 'local') draft.state = 'permanent'
    else if (word === 'static' || word === 'temp') draft.state = 'static'
    else if (word === 'dynamic') draft.state = ''
    else if (word === 'extern_learn') draft.externLearn = true
    else if (word !== 'self') {
      words.at -= 1
      draft.mac = needMac(words)
    }
  }
  return { draft, onMaster }
}

/** New entries of a VXLAN device come first in `bridge fdb`, its remotes behind one another. */
function change(
  fdb: readonly FdbEntry[],
  verb: 'add' | 'append' | 'replace' | 'delete',
  entry: FdbEntry,
  vxlan: boolean,
): FdbEntry[] {
  const sameMac = (other: FdbEntry): boolean =>
    other.mac === entry.mac && other.dev === entry.dev && other.vlan === entry.vlan && other.master === entry.master
  const sameRemote = (other: FdbEntry): boolean =>
    sameMac(other) && (entry.dst === undefined || other.dst === entry.dst)
  const at = fdb.findIndex(sameMac)
  if (verb === 'delete') {
    if (!fdb.some(sameRemote)) return toolRefuses('RTNETLINK answers: No such file or directory')
    return fdb.filter((other) => !sameRemote(other))
  }
  if (verb === 'add' && at >= 0) return toolRefuses('RTNETLINK answers: File exists')
  if (verb === 'append') {
    if (!vxlan && at >= 0) return toolRefuses('RTNETLINK answers: File exists')
    if (fdb.some(sameRemote)) return [...fdb]
    return [...fdb, entry]
  }
  if (verb === 'replace' && at >= 0) return fdb.map((other, i) => (i === at ? entry : other))
  return [...fdb, entry]
}
