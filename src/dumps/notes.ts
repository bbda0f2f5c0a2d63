import { cablePeer, type Network, type Note, note } from '../model/index.ts'
import type { DumpedNode } from './node-files.ts'

/** Files without which a machine may drop what it would forward in truth. */
const DECIDING: readonly string[] = [
  'link.json',
  'addr.json',
  'route.json',
  'route6.json',
  'rule.json',
  'rule6.json',
  'sysctl.txt',
  'wg.txt',
  'ipset.txt',
]

/** Those that only matter when nobody told the link-layer address or the remote end of a tunnel. */
const LINK_LAYER: readonly string[] = ['neigh.json', 'fdb.json']

/** Rules that drop packets and translate addresses. */
const RULES: readonly string[] = ['iptables.txt', 'ip6tables.txt']

/** The command whose output a file is. */
const COMMANDS: Readonly<Record<string, string>> = {
  'link.json': 'ip -d -j link',
  'addr.json': 'ip -j addr',
  'route.json': 'ip -j route show table all',
  'route6.json': 'ip -6 -j route show table all',
  'rule.json': 'ip -j rule',
  'rule6.json': 'ip -6 -j rule',
  'sysctl.txt': 'sysctl -a',
  'wg.txt': 'wg show all dump',
  'ipset.txt': 'ipset save',
  'neigh.json': 'ip -j neigh',
  'fdb.json': 'bridge -j fdb',
  'iptables.txt': 'iptables-save',
  'ip6tables.txt': 'ip6tables-save',
}

/** What joining dumps found out. */
interface Joined {
  readonly network: Network
  readonly nodes: readonly DumpedNode[]
  readonly assumedNamespaces: ReadonlySet<string>
  readonly unplugged: ReadonlySet<string>
}

/** What dumps leave open, with the flows each gap concerns. */
export function dumpNotes(joined: Joined): Note[] {
  return [
    ...joined.nodes.flatMap(({ notes }) => notes),
    ...joined.nodes.flatMap(gapsOf),
    ...openEnds(joined),
    ...madeUp(joined),
  ]
}

/** What is missing of a machine. */
function gapsOf({ name, missing }: DumpedNode): Note[] {
  return missing.flatMap((file): Note[] => {
    const common = { object: name, check: `${COMMANDS[file] ?? file}   (on ${name})` }
    const lacks = `its dump lacks ${file}`
    if (DECIDING.includes(file)) {
      return [note('dump_missing', lacks, { ...common, scope: { kind: 'dropped', netns: name } })]
    }
    if (LINK_LAYER.includes(file)) {
      return [note('dump_missing', lacks, { ...common, scope: { kind: 'dropped', netns: name, layer: 'link' } })]
    }
    if (!RULES.includes(file)) return []
    const translation = { kind: 'dropped', netns: name, layer: 'translation' } as const
    return [
      note('dump_rules_missing', `${lacks}; no rules are assumed`, {
        ...common,
        scope: { kind: 'through', netns: [name] },
      }),
      note('dump_missing', `${lacks}, and its rules may translate addresses`, { ...common, scope: translation }),
    ]
  })
}

/** Interfaces of which nobody knows where they lead, and Ethernets on which only dumped machines are known. */
function openEnds({ network, nodes, assumedNamespaces, unplugged }: Joined): Note[] {
  const open = [...unplugged].map((name): Note => {
    const [dev = '', ...rest] = name.split('/').reverse()
    const netns = rest.reverse().join('/')
    return note('dump_unplugged', `no dump says where ${name} leads`, { scope: { kind: 'device', netns, dev } })
  })
  const silent = nodes.flatMap(({ name, namespace }) =>
    Object.keys(namespace.interfaces).flatMap((dev): Note[] => {
      const peer = cablePeer(network, name, dev)
      if (peer === undefined || !assumedNamespaces.has(peer.netns)) return []
      const what = `nobody answered on ${dev}: a machine that was not dumped may be there`
      return [note('dump_silent', what, { object: name, scope: { kind: 'dropped', netns: name, dev, layer: 'link' } })]
    }),
  )
  return [...open, ...silent]
}

/** Where a failure ends that no dump tells. */
function madeUp({ assumedNamespaces }: Joined): Note[] {
  return [...assumedNamespaces].map((name) =>
    note('dump_assumed_end', 'where it ended, was not dumped but assumed', {
      object: name,
      scope: { kind: 'ended', netns: name },
    }),
  )
}
