// Judges one simulated probe against the captured one, as compare.py does.
import { readPcapng } from '../../src/wire/index.ts'
import { Canon, type CapturedFrame } from './canonical.ts'

/** What is compared of a probe: frames, and four tables. */
export const ASPECTS = ['frames', 'outcome', 'neighAfter', 'drops', 'iptablesHits'] as const
/** One of them. */
export type Aspect = (typeof ASPECTS)[number]

type Json = unknown
type JsonObject = { readonly [key: string]: Json }

/** Differences of one probe; an aspect that is absent is equal. */
export type Differences = Partial<Record<Aspect, string>>

/** What a comparison of one scenario needs to know beside the probes. */
export interface CompareContext {
  /** Ports named anywhere in the scenario; others were chosen by the kernel. */
  readonly ports: ReadonlySet<number>
  /** Namespaces that were not captured. */
  readonly unseen: ReadonlySet<string>
}

/** Reads what a comparison needs from the texts of `scenario.json` and `setup.txt`. */
export function compareContext(scenarioText: string, setupText: string): CompareContext {
  const scenario = JSON.parse(scenarioText) as {
    readonly switches_captured: boolean
    readonly namespaces: readonly { readonly name: string; readonly role: string }[]
  }
  const ports = new Set((JSON.stringify(scenario) + setupText).match(/\b\d{4,5}\b/g)?.map(Number) ?? [])
  const switches = scenario.namespaces.filter(({ role }) => role === 'switch').map(({ name }) => name)
  return { ports, unseen: new Set(scenario.switches_captured ? [] : switches) }
}

/** The frames of a capture file. */
export function framesOf(pcapng: Uint8Array): CapturedFrame[] {
  const file = readPcapng(pcapng)
  return file.packets.map((p) => {
    const dev = file.interfaces[p.interface]
    return {
      dev: dev?.name ?? '',
      way: p.direction === 'inbound' ? 'in' : p.direction === 'outbound' ? 'out' : '?',
      link: dev?.linkType ?? 1,
      bytes: p.bytes,
      time: Number(p.timestamp),
    }
  })
}

/** Multicast listener reports are sent by a timer that started with the interface. */
function isMld(b: Uint8Array): boolean {
  return b.length >= 49 && (b[0] as number) >> 4 === 6 && b[6] === 0 && b[40] === 58 && b[48] === 143
}

/** Frames as text, by `interface direction`. */
export function canonical(
  frames: readonly CapturedFrame[],
  kind: string,
  context: CompareContext,
): Map<string, string[]> {
  const canon = new Canon(kind, context.ports)
  const out = new Map<string, string[]>()
  for (const f of frames) {
    if (context.unseen.has(f.dev.split('/')[0] ?? '')) continue
    if (isMld(f.link === 101 ? f.bytes : f.bytes.subarray(14))) continue
    const key = `${f.dev} ${f.way}`
    const rows = out.get(key)
    const text = canon.frame(f.dev, f.link, f.bytes)
    if (rows) rows.push(text)
    else out.set(key, [text])
  }
  return out
}

/** The first difference of two canonical forms, as text; undefined when equal. */
function firstDifference(
  want: ReadonlyMap<string, readonly string[]>,
  got: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  for (const key of [...new Set([...want.keys(), ...got.keys()])].sort()) {
    const a = want.get(key) ?? []
    const b = got.get(key) ?? []
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      if (a[i] === b[i]) continue
      return `${key} frame ${i + 1}\n      want ${a[i] ?? 'none'}\n      got  ${b[i] ?? 'none'}`
    }
  }
  return undefined
}

function neighForm(t: Json): Json {
  const out: Record<string, string[]> = {}
  for (const [ns, rows] of Object.entries((t ?? {}) as Record<string, readonly JsonObject[]>)) {
    if (rows.length === 0) continue
    out[ns] = rows
      .map((e) => {
        const states = (e['state'] ?? []) as readonly string[]
        const state =
          states.includes('FAILED') || states.includes('INCOMPLETE')
            ? 'FAILED'
            : states.includes('PERMANENT')
              ? 'PERMANENT'
              : 'VALID'
        return `${e['dst']} ${e['dev']} ${e['lladdr'] ?? '-'} ${state}`
      })
      .sort()
  }
  return out
}

const NOT_A_DROP = new Set([
  'inet_sock_destruct',
  'skb_release_data',
  'skb_rbtree_purge',
  'inet_frag_rbtree_purge',
  'icmpv6_rcv',
  'ip6_mc_input',
])

function dropsForm(t: Json): Json {
  const pairs = new Set<string>()
  for (const [, reason, at] of (t ?? []) as readonly (readonly [number, string, string])[]) {
    const site = at.split('.')[0] ?? ''
    if (!NOT_A_DROP.has(site) && !(reason === 'NO_SOCKET' && site === 'icmp_rcv')) pairs.add(`${reason} ${site}`)
  }
  return [...pairs].sort()
}

function hitsForm(t: Json): Json {
  const out: Record<string, string[]> = {}
  for (const [ns, text] of Object.entries((t ?? {}) as Record<string, string>)) {
    const rows = text.split('\n').filter((x) => x.startsWith('['))
    if (rows.length > 0) out[ns] = rows.map((x) => x.replace(/^\[(\d+):\d+\]/, '[$1]')).sort()
  }
  return out
}

const FORMS: Readonly<Record<Exclude<Aspect, 'frames'>, (x: Json) => Json>> = {
  outcome: (x) => x ?? '',
  neighAfter: neighForm,
  drops: dropsForm,
  iptablesHits: hitsForm,
}

/** Lines that only one side has, `-` wanted and `+` got. */
function tableDifference(want: Json, got: Json): string | undefined {
  if (stable(want) === stable(got)) return undefined
  const a = lines(want)
  const b = lines(got)
  const minus = surplus(a, b).map((x) => `      - ${x}`)
  const plus = surplus(b, a).map((x) => `      + ${x}`)
  return [...minus, ...plus].join('\n')
}

function surplus(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const x of b) left.set(x, (left.get(x) ?? 0) + 1)
  return a.filter((x) => {
    const n = left.get(x) ?? 0
    left.set(x, n - 1)
    return n <= 0
  })
}

function lines(x: Json): string[] {
  if (Array.isArray(x)) return x.map(String)
  if (typeof x !== 'object' || x === null) return [String(x)]
  return Object.entries(x).flatMap(([ns, rows]) => (rows as readonly string[]).map((r) => `${ns}: ${r}`))
}

function stable(x: Json): string {
  if (typeof x !== 'object' || x === null || Array.isArray(x)) return JSON.stringify(x)
  return JSON.stringify(Object.entries(x).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Compares one probe; `got` are its simulated frames and tables. */
export function compareProbe(
  want: { readonly json: JsonObject; readonly frames: readonly CapturedFrame[] },
  got: { readonly json: JsonObject; readonly frames: readonly CapturedFrame[] },
  context: CompareContext,
): Differences {
  const kind = String(want.json['kind'] ?? '')
  const out: Differences = {}
  const frames = firstDifference(canonical(want.frames, kind, context), canonical(got.frames, kind, context))
  if (frames !== undefined) out.frames = frames
  for (const [aspect, form] of Object.entries(FORMS) as [Exclude<Aspect, 'frames'>, (x: Json) => Json][]) {
    const text = tableDifference(form(want.json[aspect]), form(got.json[aspect]))
    if (text !== undefined) out[aspect] = text
  }
  return out
}
