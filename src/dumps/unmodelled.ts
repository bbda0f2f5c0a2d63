import { type Note, type NoteScope, note } from '../model/index.ts'
import { fieldsOf } from './fields.ts'
import type { FileKind } from './file-kinds.ts'
import { nftablesOf } from './nftables.ts'
import type { Source, Sources } from './sources.ts'

/** What decides about packets on a machine and is not modelled. */
export interface Unmodelled {
  /** A sentence. */
  readonly what: string
  /** The command that shows it. */
  readonly check: string
  /** Which flows meet it. */
  readonly scope: NoteScope
}

/** Things of one machine and file that are told one by one; beyond, one note says it for all. */
const MOST = 50

type Find = (netns: string, source: Source, sources: Sources) => readonly Unmodelled[]

const FINDERS: readonly (readonly [FileKind, Find])[] = [
  ['nft.json', nftablesOf],
  ['tc.json', filtersOf],
  ['qdisc.json', qdiscsOf],
  ['bpf.json', programsOf],
  ['ethtool.txt', featuresOf],
  ['vrf.txt', vrfsOf],
  ['iptables.txt', otherTablesOf],
  ['ip6tables.txt', otherTablesOf],
]

/** Native nftables chains, tc filters, queueing disciplines, eBPF programs and VRFs of a machine: they see packets, and packetwalk does not model them. */
export function unmodelledNotes(netns: string, sources: Sources): Note[] {
  const found = FINDERS.flatMap(([kind, find]) =>
    (sources.byKind.get(kind) ?? []).flatMap((source) => {
      const list = find(netns, source, sources)
      return list.length <= MOST ? list.map((one) => ({ one, source })) : [{ one: together(netns, list), source }]
    }),
  )
  const notes = found.map(({ one: { what, check, scope }, source }) =>
    note('dump_unread', what, { object: netns, file: source.file.path, check: `${check}   (on ${netns})`, scope }),
  )
  return [...notes, ...damagedNotes(netns, sources)]
}

function together(netns: string, list: readonly Unmodelled[]): Unmodelled {
  const [{ what, check }] = list as [Unmodelled]
  return { what: `${what}, and ${list.length - 1} more like this`, check, scope: { kind: 'through', netns: [netns] } }
}

/** A file that was gathered, and of which nothing could be read, may hold what decides. */
function damagedNotes(netns: string, sources: Sources): Note[] {
  return sources.damaged
    .filter(({ kind }) => FINDERS.some(([one]) => one === kind))
    .map(({ file, why }) =>
      note('dump_unread', `${file.path} could not be read: ${why}`, {
        object: netns,
        file: file.path,
        scope: { kind: 'through', netns: [netns] },
      }),
    )
}

/** Objects of a JSON file; undefined for text. */
function rowsOf({ content }: Source): readonly Readonly<Record<string, unknown>>[] | undefined {
  if (content.form !== 'json') return undefined
  return Array.isArray(content.value) ? content.value.map(fieldsOf) : [fieldsOf(content.value)]
}

function onDevice(netns: string, dev: string | undefined): NoteScope {
  return dev === undefined ? { kind: 'through', netns: [netns] } : { kind: 'device', netns, dev }
}

/** `tc -j filter show dev DEV`, that list behind the device it was asked of, or the text. */
function filtersOf(netns: string, source: Source): Unmodelled[] {
  const rows = rowsOf(source)
  const devices = new Set<string | undefined>()
  if (rows === undefined) {
    for (const [, dev] of source.file.text.matchAll(/^filter (?:dev (\S+) )?/gm)) devices.add(dev)
  }
  for (const row of rows ?? []) {
    const dev = typeof row['dev'] === 'string' ? row['dev'] : undefined
    const filters = row['filters']
    const isThere = Array.isArray(filters)
      ? filters.some((one) => Object.keys(fieldsOf(one)).length > 0)
      : Object.keys(row).length > 0
    if (isThere) devices.add(dev)
  }
  return [...devices].map((dev) => ({
    what: dev === undefined ? 'tc filters are not modelled' : `tc filters of ${dev} are not modelled`,
    check: `tc filter show dev ${dev ?? 'DEV'} ingress`,
    scope: onDevice(netns, dev),
  }))
}

/** Queueing disciplines that pass a packet on as long as their queue is not full. */
const PASS: ReadonlySet<string> = new Set(
  (
    'noqueue pfifo bfifo pfifo_fast pfifo_head_drop mq mqprio multiq prio fq fq_codel codel cake sfq sfb red pie fq_pie choke ' +
    'gred cbs ets drr qfq htb hfsc cbq tbf skbprio hhf ingress clsact'
  ).split(' '),
)

function qdiscsOf(netns: string, source: Source): Unmodelled[] {
  const rows =
    rowsOf(source) ??
    [...source.file.text.matchAll(/^qdisc (\S+) \S+ (?:dev (\S+))?/gm)].map(([, kind, dev]) => ({ kind, dev }))
  return rows.flatMap(({ kind, dev }): Unmodelled[] => {
    if (typeof kind !== 'string' || PASS.has(kind)) return []
    const name = typeof dev === 'string' ? dev : undefined
    const what = `the queueing discipline ${kind} of ${name ?? 'a device'} is not modelled`
    return [{ what, check: `tc -s qdisc show dev ${name ?? 'DEV'}`, scope: onDevice(netns, name) }]
  })
}

/** `bpftool net`: programs at xdp and tc by device, and those in netfilter's hooks. */
function programsOf(netns: string, source: Source): Unmodelled[] {
  const devices = new Set<string | undefined>()
  const rows = rowsOf(source)
  if (rows === undefined) {
    let section = ''
    for (const line of source.file.text.split('\n')) {
      section = /^(\w+):\s*$/.exec(line)?.[1] ?? section
      const dev = /^(\S+)\(\d+\) /.exec(line)?.[1]
      if (dev !== undefined && section !== 'flow_dissector') devices.add(dev)
      if (/^\s*(ip|ip6|inet) (prerouting|input|forward|output|postrouting) prio/.test(line)) devices.add(undefined)
    }
  }
  for (const row of rows ?? []) {
    for (const list of [row['xdp'], row['tc']]) {
      for (const one of Array.isArray(list) ? list.map(fieldsOf) : []) {
        devices.add(typeof one['devname'] === 'string' ? one['devname'] : undefined)
      }
    }
    if (Array.isArray(row['netfilter']) && row['netfilter'].length > 0) devices.add(undefined)
  }
  return [...devices].map((dev) => ({
    what:
      dev === undefined
        ? 'eBPF programs in the hooks of netfilter are not modelled'
        : `eBPF programs at xdp or tc of ${dev} are not modelled`,
    check: 'bpftool net',
    scope: onDevice(netns, dev),
  }))
}

/** How a card cuts and sums packets changes none; a card that returns what it sends does. */
function featuresOf(netns: string, { file }: Source): Unmodelled[] {
  let dev = ''
  return file.text.split('\n').flatMap((line): Unmodelled[] => {
    dev = /^Features for (\S+):/.exec(line)?.[1] ?? dev
    if (!/^\s*loopback: on\s*$/.test(line)) return []
    const what = `${dev} returns what it sends (loopback: on), which is not modelled`
    return [{ what, check: `ethtool -k ${dev}`, scope: onDevice(netns, dev) }]
  })
}

/** Devices that a VRF holds have routing tables of their own; those that `ip -d link` tells are named there. */
function vrfsOf(netns: string, source: Source, sources: Sources): Unmodelled[] {
  const rows = rowsOf(source)
  const names =
    rows === undefined
      ? [...source.file.text.matchAll(/^(\S+)\s+\d+\s*$/gm)].map(([, name]) => name)
      : rows.map(({ name }) => name)
  const links = sources.byKind.get('link.json')?.[0]?.file.text ?? ''
  return names.flatMap((name): Unmodelled[] => {
    if (typeof name !== 'string' || /"info_kind":\s*"vrf"|^\s+vrf table /m.test(links)) return []
    const what = `the VRF ${name} is not modelled`
    return [{ what, check: `ip link show vrf ${name}`, scope: { kind: 'through', netns: [netns] } }]
  })
}

/** What iptables-nft says when rules of the older kind are there as well. */
function otherTablesOf(netns: string, { file, kind }: Source): Unmodelled[] {
  if (!/^# Warning: ip6?tables-legacy tables present/m.test(file.text)) return []
  const tool = kind === 'iptables.txt' ? 'iptables-legacy-save' : 'ip6tables-legacy-save'
  const what = `rules that only ${tool} prints are not in ${file.path}`
  return [{ what, check: tool, scope: { kind: 'through', netns: [netns] } }]
}
