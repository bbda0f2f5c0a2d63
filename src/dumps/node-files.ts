import {
  fdbObjects,
  hasDetails,
  linkObjects,
  neighObjects,
  parseNamespaceDump,
  routeObjects,
  ruleObjects,
} from '../linux/index.ts'
import { type Issue, type Namespace, Network, type Role } from '../model/index.ts'
import { decodeUtf8 } from '../wire/index.ts'

/** One machine or namespace of a dump. */
export interface DumpedNode {
  /** Name: that of its folder. */
  readonly name: string
  /** What its files say. */
  readonly namespace: Namespace
  /** Files that are not there. */
  readonly missing: readonly string[]
  /** What follows for the answer packetwalk can give, one sentence a gap. */
  readonly uncertain: readonly string[]
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

/** Names people give these files; the extension does not matter. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/^(ip[-_ ]?)?(d[-_])?(link|links)([-_]show)?$/, 'link.json'],
  [/^(ip[-_ ]?)?(d[-_])?(addr|address|addresses|a)([-_]show)?$/, 'addr.json'],
  [/^(ip[-_ ]?)?(d[-_])?(route|routes|r)([-_](show[-_])?(table[-_])?all)?([-_]show)?$/, 'route.json'],
  [/^(ip[-_ ]?)?(6[-_ ]?(route|routes)|(route|routes)[-_]?6)([-_](table[-_])?all)?$/, 'route6.json'],
  [/^(ip[-_ ]?)?(rule|rules)([-_]show)?$/, 'rule.json'],
  [/^(ip[-_ ]?)?(6[-_ ]?(rule|rules)|(rule|rules)[-_]?6)$/, 'rule6.json'],
  [/^(ip[-_ ]?)?(neigh|neighbour|neighbor|neighbours|neighbors)([-_]show)?$/, 'neigh.json'],
  [/^(ip[-_ ]?)?(neigh|neighbour|neighbor)([-_]show)?[-_]proxy$/, 'neigh-proxy.json'],
  [/^(bridge[-_ ]?)?fdb([-_]show)?$/, 'fdb.json'],
  [/^sysctl([-_]?a)?$/, 'sysctl.txt'],
  [/^iptables([-_]save)?([-_]c)?$/, 'iptables.txt'],
  [/^ip6tables([-_]save)?([-_]c)?$/, 'ip6tables.txt'],
  [/^ipset([-_]save)?$/, 'ipset.txt'],
  [/^(conntrack|nf_conntrack)([-_]l)?$/, 'conntrack.txt'],
  [/^(wg|wireguard)([-_]show)?([-_]all)?([-_]dump)?$/, 'wg.txt'],
]

const TEXT_FORMS: Readonly<Record<string, (text: string) => unknown[]>> = {
  'link.json': linkObjects,
  'addr.json': linkObjects,
  'route.json': routeObjects,
  'route6.json': routeObjects,
  'rule.json': ruleObjects,
  'rule6.json': ruleObjects,
  'neigh.json': neighObjects,
  'neigh-proxy.json': neighObjects,
  'fdb.json': fdbObjects,
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

/**
 * Reads files gathered on machines: a folder a machine, `ip -j` or plain text, under the names of `packetwalk collect` or
 * likely others. Says what is missing and what that makes uncertain. Never throws.
 * @param files - by path; the folder of a file names its machine
 */
export function parseDump(files: ReadonlyMap<string, Uint8Array | string>, options: DumpOptions = {}): Dump {
  const issues: Issue[] = []
  const folders = new Map<string, Map<string, string>>()
  for (const [path, content] of files) sortFile(path, content, options, folders, issues)
  const nodes = [...folders.keys()].sort().map((name) => readNode(name, folders.get(name)!, options, issues))
  const namespaces = Object.fromEntries(nodes.map((node): [string, Namespace] => [node.name, node.namespace]))
  return { nodes, network: new Network({ namespaces }), issues }
}

function sortFile(
  path: string,
  content: Uint8Array | string,
  options: DumpOptions,
  folders: Map<string, Map<string, string>>,
  issues: Issue[],
): void {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  const file = (parts.pop() ?? '').toLowerCase().replace(/\.(json|txt|log|out)$/, '')
  const folder = parts.at(-1) ?? options.name ?? 'node'
  const known = KNOWN.find(([pattern]) => pattern.test(file))?.[1]
  if (known === undefined) {
    if (!file.startsWith('.')) {
      const expected = 'a file of a dump (link, addr, route, rule, neigh, fdb, sysctl, iptables, …)'
      issues.push({ kind: 'unsupported', file: path, path: [], expected, received: file })
    }
    return
  }
  const text = typeof content === 'string' ? content : decodeUtf8(content)
  const list = folders.get(folder) ?? new Map<string, string>()
  if (text.trim() !== '' || !list.has(known)) list.set(known, text)
  folders.set(folder, list)
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text)
}

function readNode(name: string, texts: ReadonlyMap<string, string>, options: DumpOptions, issues: Issue[]): DumpedNode {
  const files: [string, unknown][] = []
  const uncertain: string[] = []
  for (const [file, text] of texts) {
    const form = TEXT_FORMS[file]
    files.push([file, form === undefined || isJson(text) ? text : form(text)])
    if (file === 'link.json' && !isJson(text) && !hasDetails(text)) {
      uncertain.push('link: printed without -d: VXLAN and bridge settings are unknown, kinds of devices are guesses')
    }
  }
  const role = options.roles?.[name] ?? 'node'
  const dump = parseNamespaceDump(name, role, Object.fromEntries(files))
  issues.push(...dump.issues)
  for (const file of dump.missing) uncertain.push(`${file}: ${CONSEQUENCES[file] ?? 'unknown'}`)
  return { name, namespace: dump.namespace, missing: dump.missing, uncertain }
}
