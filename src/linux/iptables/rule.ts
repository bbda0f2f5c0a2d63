import type { IptRule, Match, Target } from '../../model/index.ts'
import { protocolNumber } from '../protocol.ts'
import { MATCHES, type MatchDraft } from './match.ts'
import { isTargetName, readTarget } from './target.ts'
import { parseNetwork } from './values.ts'
import { peek, take, type Words } from './words.ts'

/** What a rule needs to know of its surroundings. */
export interface RuleContext {
  /** Family of the tool. */
  readonly family: 'inet' | 'inet6'
  /** Whether a name is a chain of this table. */
  readonly isChain: (name: string) => boolean
}

/** A rule's parts, or what is wrong with it. */
export type RuleResult = Omit<IptRule, 'text' | 'origin'> | { readonly fault: string }

interface State {
  readonly basic: Match[]
  readonly matches: (Match | MatchDraft)[]
  open: MatchDraft | undefined
  protocol: string | undefined
  target: Target | undefined
}

const BASIC: Readonly<Record<string, string>> = {
  '-s': 'source',
  '--source': 'source',
  '--src': 'source',
  '-d': 'destination',
  '--destination': 'destination',
  '--dst': 'destination',
  '-i': 'in-interface',
  '--in-interface': 'in-interface',
  '-o': 'out-interface',
  '--out-interface': 'out-interface',
  '-p': 'protocol',
  '--protocol': 'protocol',
  '-f': 'fragment',
  '--fragment': 'fragment',
}

/** Order in which `iptables-save` prints the tests of the IP header. */
const ORDER = ['source', 'destination', 'in-interface', 'out-interface', 'protocol', 'fragment']

/** Reads the words behind `-A CHAIN`. */
export function readRule(words: Words, context: RuleContext): RuleResult {
  const state: State = { basic: [], matches: [], open: undefined, protocol: undefined, target: undefined }
  while (words.at < words.list.length) {
    const fault = readOption(state, words, context)
    if (fault !== undefined) return { fault }
  }
  const matches = [
    ...state.basic.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)),
    ...state.matches.map((match) => finish(match, context.family)),
  ]
  return { matches, ...(state.target === undefined ? {} : { target: state.target }) }
}

function readOption(state: State, words: Words, context: RuleContext): string | undefined {
  const start = words.at
  let option = take(words)!
  let invert = false
  if (option === '!') {
    invert = true
    option = take(words) ?? ''
  }
  if (option === '-j' || option === '--jump' || option === '-g' || option === '--goto') {
    return readJump(state, option, words, context)
  }
  if (option === '-m' || option === '--match') return openMatch(state, take(words) ?? '')
  if (option === '-c' || option === '--set-counters') {
    take(words)
    take(words)
    return undefined
  }
  if (option === '-4' || option === '-6' || option === '--ipv4' || option === '--ipv6') return undefined
  if (Object.hasOwn(BASIC, option)) return readBasic(state, BASIC[option]!, words, invert, context)
  return readMatchOption(state, option, words, invert, context, start)
}

function readJump(state: State, option: string, words: Words, context: RuleContext): string | undefined {
  const name = take(words)
  if (name === undefined) return `a target behind ${option}`
  if (option === '-g' || option === '--goto') state.target = { kind: 'goto', chain: name }
  else if (isTargetName(name)) state.target = readTarget(name, words, context.family)
  else if (context.isChain(name)) state.target = { kind: 'jump', chain: name }
  else {
    state.target = { kind: 'unsupported', name, text: [name, ...words.list.slice(words.at)].join(' ') }
    words.at = words.list.length
  }
  return undefined
}

function openMatch(state: State, name: string): string | undefined {
  if (name === '') return 'a name behind -m'
  const known = Object.hasOwn(MATCHES, name) ? MATCHES[name] : undefined
  const draft: MatchDraft =
    known === undefined ? { kind: 'unsupported', name, text: `-m ${name}` } : { kind: known.kind, module: name }
  state.matches.push(draft)
  state.open = draft
  return undefined
}

function readBasic(
  state: State,
  kind: string,
  words: Words,
  invert: boolean,
  context: RuleContext,
): string | undefined {
  const not = invert ? { invert: true } : {}
  if (kind === 'fragment') {
    state.basic.push({ kind, ...not })
    return undefined
  }
  const value = take(words)
  if (value === undefined) return `a value for ${kind}`
  if (kind === 'in-interface' || kind === 'out-interface') state.basic.push({ kind, name: value, ...not })
  else if (kind === 'protocol') {
    const protocol = protocolNumber(value)
    if (protocol === undefined) return `a protocol, not ${value}`
    state.protocol = value.toLowerCase()
    if (protocol !== 0) state.basic.push({ kind, protocol, ...not })
  } else {
    const prefix = parseNetwork(value, context.family)
    if (prefix === undefined) return `a network, not ${value}`
    state.basic.push({ kind: kind as 'source' | 'destination', prefix, ...not })
  }
  return undefined
}

/** The match an option without `-m` means, by the protocol (`-p udp --dport 53`). */
const IMPLIED: Readonly<Record<string, string>> = {
  ...names('tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp'),
  'ipv6-icmp': 'icmp6',
  icmpv6: 'icmp6',
  '6': 'tcp',
  '17': 'udp',
  '1': 'icmp',
  '58': 'icmp6',
}

function names(...list: string[]): Record<string, string> {
  return Object.fromEntries(list.map((name) => [name, name]))
}

function readMatchOption(
  state: State,
  option: string,
  words: Words,
  invert: boolean,
  context: RuleContext,
  start: number,
): string | undefined {
  if (!option.startsWith('-')) return `an option, not ${option === '' ? 'the end' : option}`
  for (const draft of [state.open, impliedMatch(state)]) {
    if (draft === undefined || draft.kind === 'unsupported') continue
    const at = words.at
    const copy = { ...draft }
    if (MATCHES[draft['module'] as string]!.read(copy, option, words, invert, context.family)) {
      Object.assign(draft, copy, { words: [...wordsOf(draft), ...words.list.slice(start, words.at)] })
      if (!state.matches.includes(draft)) {
        state.matches.push(draft)
        state.open = draft
      }
      return undefined
    }
    words.at = at
  }
  return keepUnsupported(state, words, start)
}

function impliedMatch(state: State): MatchDraft | undefined {
  const name = state.protocol
  const module = name !== undefined && Object.hasOwn(IMPLIED, name) ? IMPLIED[name] : undefined
  if (module === undefined) return undefined
  const kind = MATCHES[module]!.kind
  return (state.matches.find((match) => match.kind === kind) as MatchDraft | undefined) ?? { kind, module }
}

/** Words of its options read so far: an option nobody models makes text of them again. */
function wordsOf(draft: MatchDraft): readonly string[] {
  return (draft['words'] ?? []) as readonly string[]
}

/** An option nobody models: its match turns `unsupported`, with all words up to the next option that starts something new. */
function keepUnsupported(state: State, words: Words, start: number): string | undefined {
  if (state.open === undefined) return `an option packetwalk knows, not ${words.list[start]!}`
  let end = words.at
  while (end < words.list.length && !/^(-[^-]?|!|--jump|--goto|--match)$|^--/.test(words.list[end]!)) end += 1
  words.at = end
  const text = words.list.slice(start, end).join(' ')
  const { open } = state
  if (open.kind === 'unsupported') open['text'] = `${String(open['text'])} ${text}`
  else {
    const module = String(open['module'])
    const read = wordsOf(open)
    for (const key of Object.keys(open)) delete open[key]
    Object.assign(open, { kind: 'unsupported', name: module, text: ['-m', module, ...read, text].join(' ') })
  }
  if (peek(words) === '!' && words.list[words.at + 1] === undefined) words.at = words.list.length
  return undefined
}

/** Fields without which a match says nothing. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  icmp: ['type'],
  icmp6: ['type'],
  mark: ['mark'],
  connmark: ['mark'],
  set: ['set'],
  multiport: ['ports'],
  comment: ['comment'],
  statistic: ['mode'],
  recent: ['op'],
  length: ['range'],
  ttl: ['op'],
  tos: ['value'],
  dscp: ['value'],
  pkttype: ['type'],
  mac: ['source'],
  u32: ['tests'],
}

function finish(match: Match | MatchDraft, family: RuleContext['family']): Match {
  if (!('module' in match)) return match as Match
  const { module, words: _, ...rest } = match
  const draft = rest as MatchDraft
  if (draft.kind === 'limit') {
    draft['rate'] ??= '3/hour'
    draft['burst'] ??= 5
  }
  if (draft.kind === 'recent') {
    draft['name'] ??= 'DEFAULT'
    draft['side'] ??= 'rsource'
    draft['mask'] ??= family === 'inet' ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'
  }
  const missing = (NEEDS[draft.kind] ?? []).some((key) => draft[key] === undefined)
  return (
    missing ? { kind: 'unsupported', name: String(module), text: ['-m', module, ...wordsOf(match)].join(' ') } : draft
  ) as Match
}
