import {
  fdbObjects,
  inFile,
  isBrief,
  isIfconfig,
  linkObjects,
  neighObjects,
  routeObjects,
  ruleObjects,
} from '../linux/index.ts'
import { type Issue, pushTo } from '../model/index.ts'
import { type Content, contentOf, detailOf } from './content.ts'
import type { FileKind } from './file-kinds.ts'
import { firewallOf } from './firewall-files.ts'
import type { Machine, MachineFile } from './machines.ts'
import { strangersOf } from './strangers.ts'

/** A file with what it holds. */
export interface Source {
  /** What it holds. */
  readonly kind: FileKind
  /** The file. */
  readonly file: MachineFile
  /** Its form; never unreadable. */
  readonly content: Content
}

/** A file of which nothing could be read. */
export interface Damaged {
  /** What it would hold. */
  readonly kind: FileKind
  /** The file. */
  readonly file: MachineFile
  /** What is wrong with it. */
  readonly why: string
}

/** The files of a machine, sorted out. */
export interface Sources {
  /** Readable files of each kind, the one that says most first. */
  readonly byKind: ReadonlyMap<FileKind, readonly Source[]>
  /** Files of which nothing could be read, though the tool that wrote them was there. */
  readonly damaged: readonly Damaged[]
  /** Files whose form lacks what is needed. */
  readonly listings: readonly Source[]
  /** Files of which nothing could be read, and those nobody knows. */
  readonly issues: readonly Issue[]
}

/** Not what a tool printed. */
const DOCUMENT = /\.(ya?ml|md|html?|svg|[cm]?[jt]s|ipynb|pcap(ng)?)$/i

/** A prompt and a command: the record of a session holds the answers to several. */
const PROMPT = /^[\w.@:~/-]+[$#] \S/m

/** Looks into the files of a machine: what they hold is told by their content, by their name only where the content could be either. */
export function sourcesOf(machine: Machine): Sources {
  const byKind = new Map<FileKind, Source[]>()
  const issues: Issue[] = []
  const listings: Source[] = []
  const damaged: Damaged[] = []
  const strangers: MachineFile[] = []
  for (const file of machine.files) {
    const hint = file.named?.kind
    if (hint === 'other') continue
    if (file.isPassedOver) {
      strangers.push(file)
      continue
    }
    if (hint === undefined && (DOCUMENT.test(file.path) || PROMPT.test(file.text))) {
      strangers.push(file)
      continue
    }
    // A table of names may be one line, which looks like nothing.
    const content: Content = hint === 'rt_tables' ? { form: 'text', kind: hint } : contentOf(file.text)
    const kind = kindOf(content, hint)
    if (kind === undefined) {
      strangers.push(file)
    } else if (content.form === 'unreadable') {
      if (!NOT_THERE.test(content.why)) damaged.push({ kind, file, why: content.why })
      issues.push({
        kind: 'syntax',
        file: file.path,
        path: [],
        expected: EXPECTED[kind] ?? kind,
        received: content.why,
      })
    } else if (content.form === 'listing') listings.push({ kind, file, content })
    else pushTo(byKind, kind, { kind, file, content })
  }
  for (const list of byKind.values()) list.sort((a, b) => worth(b) - worth(a))
  const unknown = strangersOf(strangers)
  return { byKind, damaged, listings: withoutBetter(listings, byKind), issues: [...issues, ...unknown] }
}

/** There is no such tool, so it keeps nothing. */
const NOT_THERE = /not found|no such file/i

const EXPECTED: Readonly<Partial<Record<FileKind, string>>> = {
  'link.json': 'what ip -d link prints',
  'addr.json': 'what ip addr prints',
  'route.json': 'what ip route show table all prints',
  'route6.json': 'what ip -6 route show table all prints',
  'rule.json': 'what ip rule prints',
  'rule6.json': 'what ip -6 rule prints',
  'neigh.json': 'what ip neigh prints',
  'neigh-proxy.json': 'what ip neigh show proxy prints',
  'fdb.json': 'what bridge fdb prints',
  'sysctl.txt': 'what sysctl -a prints',
  'iptables.txt': 'what iptables-save prints',
  'ip6tables.txt': 'what ip6tables-save prints',
  'ipset.txt': 'what ipset save prints',
  'conntrack.txt': 'what conntrack -L prints',
  'wg.txt': 'what wg show all dump prints',
  'nft.json': 'what nft -j list ruleset prints',
  'tc.json': 'what tc filter show prints',
  'qdisc.json': 'what tc qdisc show prints',
  'bpf.json': 'what bpftool net prints',
  'ethtool.txt': 'what ethtool -k prints',
  'vrf.txt': 'what ip vrf show prints',
  'bird-protocols.txt': 'what birdcl show protocols prints',
  'bird-routes.txt': 'what birdcl show route prints',
}

/** Kinds that look alike: which of them it is, the name says. */
const ALIKE: readonly (readonly FileKind[])[] = [
  ['link.json', 'addr.json'],
  ['route.json', 'route6.json'],
  ['rule.json', 'rule6.json'],
  ['neigh.json', 'neigh-proxy.json'],
  ['iptables.txt', 'ip6tables.txt'],
]

function kindOf(content: Content, hint: FileKind | undefined): FileKind | undefined {
  if (content.form === 'empty' || content.form === 'unreadable') return hint
  const kind = content.kind
  if (kind === undefined || hint === undefined) return kind ?? hint
  if (kind === 'addr.json') return kind
  return ALIKE.some((kinds) => kinds.includes(kind) && kinds.includes(hint)) ? hint : kind
}

function worth({ content, file, kind }: Source): number {
  const isEmpty = content.form === 'json' && Array.isArray(content.value) && content.value.length === 0
  const form = content.form === 'empty' || isEmpty ? 0 : content.form === 'json' ? 2 : 1
  return (form === 0 ? 0 : 100 + detailOf(file.text, kind) * 10) + form + (file.named === undefined ? 0 : 5)
}

/** A listing beside the file that was needed says nothing new. */
function withoutBetter(listings: readonly Source[], byKind: ReadonlyMap<FileKind, readonly Source[]>): Source[] {
  const poor = listings.filter(({ kind }) => !(byKind.get(kind) ?? []).some(({ content }) => content.form === 'text'))
  return poor.filter((one, i) => poor.findIndex(({ kind }) => kind === one.kind) === i)
}

const OBJECTS: Readonly<Partial<Record<FileKind, (text: string) => unknown[]>>> = {
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

/** The content of sources of one kind, as the parsers of `linux` take it, and the path they name. */
export function contentsOf(
  kind: FileKind,
  sources: readonly Source[],
): { readonly content: unknown; readonly path: string } {
  const [first] = sources
  if (first === undefined) return { content: undefined, path: '' }
  const path = first.file.path
  if (kind === 'iptables.txt' || kind === 'ip6tables.txt') return { content: firewallOf(sources), path }
  if (OBJECTS[kind] === undefined) return { content: first.file.text, path }
  const parts = sources.filter((source, i) => i === 0 || isOtherPart(source, sources.slice(0, i)))
  if (parts.length === 1) return { content: objectsOf(first), path }
  return { content: joinLinks(parts.flatMap((part) => inFile(objectsOf(part), part.file.path))), path }
}

function objectsOf({ content, file, kind }: Source): readonly unknown[] {
  if (content.form === 'json') return Array.isArray(content.value) ? (content.value as unknown[]) : [content.value]
  const objects = content.form === 'text' ? (OBJECTS[kind]?.(file.text) ?? []) : []
  const table = file.named?.part
  const isRoute = kind === 'route.json' || kind === 'route6.json'
  if (!isRoute || table === undefined) return objects
  for (const object of objects as Record<string, unknown>[]) object['table'] ??= table
  return objects
}

/** Whether a file holds another part of the whole than those before it. */
function isOtherPart(source: Source, before: readonly Source[]): boolean {
  const part = source.file.named?.part
  return (
    part !== undefined &&
    before.every((other) => other.file.named?.part !== undefined && other.file.named.part !== part)
  )
}

/** `ip -4 addr` and `ip -6 addr` name the same links: their addresses are put together. */
function joinLinks(objects: readonly unknown[]): readonly unknown[] {
  const links = new Map<unknown, Record<string, unknown>>()
  return objects.filter((object) => {
    const link = object as Record<string, unknown>
    const name = link['ifname']
    const known = links.get(name)
    if (name === undefined || !Array.isArray(link['addr_info'])) return true
    if (known === undefined) {
      links.set(name, link)
      return true
    }
    known['addr_info'] = [...(known['addr_info'] as unknown[]), ...(link['addr_info'] as unknown[])]
    return false
  })
}

/** What the form of the links leaves out; undefined when it says all. */
export function gapOfLinks(source: Source | undefined): string | undefined {
  if (source?.content.form !== 'text') return undefined
  const { text } = source.file
  if (isBrief(text))
    return 'ip -br prints neither indices nor MTUs, and not always link-layer addresses: they are made up'
  if (isIfconfig(text)) return 'ifconfig prints neither indices nor kinds of devices: they are guesses'
  return undefined
}
