import type { NamespaceDump } from '../linux/index.ts'
import { type Issue, type Note, type NoteParts, note, pushTo } from '../model/index.ts'
import type { Content } from './content.ts'
import type { FileKind } from './file-kinds.ts'
import { firewallFiles } from './firewall-files.ts'
import type { Source, Sources } from './sources.ts'

/** Lines of one file that are told one by one. */
const MOST = 5

/** What a form leaves out, in words; '' for one that leaves nothing out. */
export function listingWords(content: Content): string {
  if (content.form !== 'listing') return ''
  return `this is ${content.what}, which leaves out tables and parts of rules; ${content.needed} is needed`
}

/** Files and lines that are there and were not understood: they decide about whatever comes through. Routes, rules and links have notes of their own. */
export function unreadNotes(netns: string, sources: Sources, read: NamespaceDump): Note[] {
  const told = new Set(read.leftOut.flatMap(({ issues }) => issues))
  const byKind = new Map<FileKind | undefined, Issue[]>()
  for (const issue of read.issues) {
    if (told.has(issue)) continue
    const kind = kindOfFile(issue.file, sources)
    // A set works without what the kernel cannot have printed as its member.
    if (kind === 'ipset.txt' && issue.kind === 'invalid') continue
    pushTo(byKind, kind, issue)
  }
  return [
    ...sources.listings.map((source) => unread(netns, listingWords(source.content), source)),
    ...(['iptables.txt', 'ip6tables.txt'] as const).flatMap((kind) =>
      firewallFiles(sources.byKind.get(kind) ?? []).other.map((source) =>
        unread(netns, 'its rules differ from those of another file of this machine, and are not read', source),
      ),
    ),
    ...[...byKind].flatMap(([kind, issues]) => issueNotes(netns, kind, issues)),
  ]
}

function unread(netns: string, what: string, { file }: Source): Note {
  const scope = { kind: 'through', netns: [netns] } as const
  return note('dump_unread', what, { object: netns, file: file.path, check: `iptables-save   (on ${netns})`, scope })
}

function kindOfFile(path: string, { byKind }: Sources): FileKind | undefined {
  for (const [kind, list] of byKind) if (list.some(({ file }) => file.path === path)) return kind
  return undefined
}

function issueNotes(netns: string, kind: FileKind | undefined, issues: readonly Issue[]): Note[] {
  // A connection that is known already does not decide about a new one.
  if (kind === 'conntrack.txt') return []
  const concerned = concernedBy(netns, kind)
  const word = kind === 'iptables.txt' || kind === 'ip6tables.txt' ? 'rules' : (kind?.replace(/\.\w+$/, '') ?? 'it')
  return issues.slice(0, MOST).map(({ file, line, expected, received }, i) => {
    const more = i === MOST - 1 && issues.length > MOST ? `, and ${issues.length - MOST} more like this` : ''
    const what = `${word} could not be read: expected ${expected}, received ${received}${more}`
    return note('dump_unread', what, { object: netns, file, ...(line === undefined ? {} : { line }), ...concerned })
  })
}

function concernedBy(netns: string, kind: FileKind | undefined): NoteParts {
  if (kind === 'neigh.json' || kind === 'neigh-proxy.json' || kind === 'fdb.json') {
    return { scope: { kind: 'dropped', netns, layer: 'link' }, turns: 'failure' }
  }
  return { scope: { kind: 'through', netns: [netns] } }
}
