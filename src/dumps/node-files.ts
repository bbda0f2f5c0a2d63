import { hasDetails, parseNamespaceDump } from '../linux/index.ts'
import { type Issue, type Namespace, Network, type Note, note, type Role } from '../model/index.ts'
import { sessionsDown } from './bird.ts'
import type { FileKind } from './file-kinds.ts'
import { leftOutNotes } from './left-out.ts'
import { withLocalTable } from './local-table.ts'
import { type Machine, sortByMachine } from './machines.ts'
import { contentsOf, gapOfLinks, type Sources, sourcesOf } from './sources.ts'
import { numberTables } from './table-names.ts'
import { unmodelledNotes } from './unmodelled.ts'
import { listingWords, unreadNotes } from './unread.ts'

/** One machine or namespace of a dump. */
export interface DumpedNode {
  /** Name: that of its folder, or what its file `hostname` says. */
  readonly name: string
  /** What its files say. */
  readonly namespace: Namespace
  /** Files that are not there, or of which nothing could be read. */
  readonly missing: readonly string[]
  /** What follows for the answer packetwalk can give, one sentence a gap. */
  readonly uncertain: readonly string[]
  /** What its files leave out and follows from them, a sentence each. */
  readonly assumed: readonly string[]
  /** What its files say is wrong on it, a sentence each. */
  readonly remarks: readonly string[]
  /** What of its files is not understood, and which flows that concerns. */
  readonly notes: readonly Note[]
}

/** A dump of one or more machines. */
export interface Dump {
  /** The machines, by folder, in the order of the names. */
  readonly nodes: readonly DumpedNode[]
  /** Their namespaces as a network without wires: a dump does not say who is plugged into whom. */
  readonly network: Network
  /** Faults in the files, and files nobody knew what to do with. */
  readonly issues: readonly Issue[]
}

/** Settings of {@link parseDump}. */
export interface DumpOptions {
  /** Name of the machine when the files stand in no folder. */
  readonly name?: string
  /** Role by name of the machine; absent = node. */
  readonly roles?: Readonly<Record<string, Role>>
}

/** What a gap means. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  'link.json': 'kinds, MTUs and states of the interfaces are taken from elsewhere or unknown',
  'addr.json': 'no interface has an address: nothing is delivered here, and no source address can be chosen',
  'route.json': 'there are no routes: nothing leaves this machine',
  'route6.json': 'IPv6 routes are unknown',
  'rule.json': 'policy routing is unknown; the three rules every namespace starts with are assumed',
  'rule6.json': 'IPv6 policy routing is unknown; the two rules every namespace starts with are assumed',
  'neigh.json': 'static neighbours are unknown: a VXLAN or permanent entry that exists would be missed',
  'fdb.json': 'the remote ends of VXLAN tunnels and static bridge entries are unknown',
  'sysctl.txt': 'kernel defaults are assumed: forwarding off, no proxy ARP, no reverse path filter',
  'iptables.txt': 'no firewall or NAT rules are assumed: a packet may be dropped or rewritten in truth',
  'ip6tables.txt': 'no IPv6 firewall rules are assumed',
  'ipset.txt': 'sets that rules name are empty: those rules will not match',
  'wg.txt': 'WireGuard peers are unknown: nothing can be sent through the tunnel',
}

/** What makes a namespace. */
const READ: readonly FileKind[] = [
  'link.json',
  'addr.json',
  'route.json',
  'route6.json',
  'rule.json',
  'rule6.json',
  'neigh.json',
  'neigh-proxy.json',
  'fdb.json',
  'sysctl.txt',
  'iptables.txt',
  'ip6tables.txt',
  'ipset.txt',
  'conntrack.txt',
  'wg.txt',
]

/**
 * Reads files gathered on machines: a folder a machine, `ip -j` or plain text, under the names of `packetwalk collect` or
 * likely others, or in the folders of a collector. Says what is missing and what that makes uncertain.
 * @param files - by path; the folder of a file names its machine
 * @throws InputError when two folders would be one machine and hold the same file
 */
export function parseDump(files: ReadonlyMap<string, Uint8Array | string>, options: DumpOptions = {}): Dump {
  const issues: Issue[] = []
  const nodes: DumpedNode[] = []
  for (const machine of sortByMachine(files, options.name ?? 'node')) {
    const sources = sourcesOf(machine)
    issues.push(...sources.issues)
    const isMachine = machine.files.some(({ named }) => named !== undefined && named.kind !== 'other')
    if (isMachine || sources.byKind.size > 0) nodes.push(readNode(machine, sources, options, issues))
  }
  const namespaces = Object.fromEntries(nodes.map((node): [string, Namespace] => [node.name, node.namespace]))
  return { nodes, network: new Network({ namespaces }), issues }
}

function readNode({ name }: Machine, sources: Sources, options: DumpOptions, issues: Issue[]): DumpedNode {
  const { files, paths } = filesOf(sources)
  const read = parseNamespaceDump(name, options.roles?.[name] ?? 'node', files, paths)
  issues.push(...read.issues)
  const rtTables = (sources.byKind.get('rt_tables') ?? []).map(({ file }) => file.text)
  const numbered = numberTables(read.namespace, rtTables.join('\n'))
  const whole = withLocalTable(numbered.namespace)
  const assumed = assumptions(numbered.unknown, whole !== undefined)
  return {
    name,
    namespace: whole ?? numbered.namespace,
    missing: read.missing,
    uncertain: [
      ...gapsOfLinks(sources),
      ...sources.listings.map(({ file, content }) => `${file.path}: ${listingWords(content)}`),
      ...read.missing.map((file) => `${file}: ${CONSEQUENCES[file] ?? 'unknown'}`),
    ],
    assumed,
    remarks: sessionsDown(sources),
    notes: [
      ...unreadNotes(name, sources, read),
      ...leftOutNotes(whole ?? numbered.namespace, read.leftOut),
      ...unmodelledNotes(name, sources),
      ...assumed.map((what) => assumedNote(name, what)),
    ],
  }
}

function filesOf({ byKind }: Sources): { files: Record<string, unknown>; paths: Record<string, string> } {
  const files: Record<string, unknown> = {}
  const paths: Record<string, string> = {}
  for (const kind of READ) {
    const sources = byKind.get(kind)
    if (sources === undefined) continue
    const { content, path } = contentsOf(kind, sources)
    files[kind] = content
    paths[kind] = path
  }
  return { files, paths }
}

function gapsOfLinks({ byKind }: Sources): string[] {
  const source = byKind.get('link.json')?.[0] ?? byKind.get('addr.json')?.[0]
  const gap = gapOfLinks(source)
  if (gap !== undefined) return [`link: ${gap}`]
  const isPlain = source?.kind === 'link.json' && source.content.form === 'text' && !hasDetails(source.file.text)
  return isPlain
    ? ['link: printed without -d: VXLAN and bridge settings are unknown, kinds of devices are guesses']
    : []
}

function assumptions(tables: readonly string[], local: boolean): string[] {
  const numbers = `the numbers of table${tables.length === 1 ? '' : 's'} ${tables.join(', ')} are in no rt_tables of the dump; free ones stand for them`
  const derived = 'table local is not in the dump; its local and broadcast routes follow from the addresses'
  return [...(tables.length === 0 ? [] : [numbers]), ...(local ? [derived] : [])]
}

function assumedNote(name: string, what: string): Note {
  return note('dump_assumed', what, { object: name, scope: { kind: 'through', netns: [name] } })
}
