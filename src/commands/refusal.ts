import { parseDestination, parseNumber, peek, take, type Words } from '../linux/index.ts'
import { describeIssue, InputError, type Issue } from '../model/index.ts'
import { type Ip, type Mac, type Prefix, parseCidr, parseIp, parseMac } from '../wire/index.ts'

/** A command that is refused: what is said about it goes to the user. */
export class Refusal extends InputError {
  /** What the tool itself prints; undefined where packetwalk says in its own words what it would have taken. */
  readonly told: string | undefined

  constructor(issue: Issue, told?: string) {
    super([issue])
    this.told = told
  }

  /** The status the tool ends with; 2 where packetwalk refuses. */
  exitCodeFor(line: string): number {
    return this.told === undefined ? 2 : exitCodeOf(this.told, line)
  }

  /** What to print for a command line. */
  wordsFor(line: string): string {
    return this.told ?? this.issues.map((issue) => describeIssue({ ...issue, object: line })).join('\n')
  }
}

/** Words of iproute2 behind which it ends with 1: what it looked for itself was not there. */
const NOT_THERE =
  /^(?:Cannot find device|Device ".*" does not exist|".*" is invalid lladdr|"ip .*" requires|Flush requires|need at least|Object "|Not enough )|is expected rather than|must be "on" or "off"/

/** Words of iproute2 behind which it ends with 255: the command line was wrong. */
const MISREAD = /^(?:Error: argument "|Error: either "|Command line is not|Command "|Device and destination|Option ")/

/** With what status a tool ends that prints this: iproute2 has three of them, iptables two. */
function exitCodeOf(told: string, line: string): number {
  const tool = /^\s*(?:\S*\/)?([a-z0-9-]+)/.exec(line)?.[1] ?? ''
  if (/^ip6?tables/.test(tool)) return / v1\.8/.test(told) ? (/can't initialize/.test(told) ? 3 : 2) : 1
  if (tool === 'ipset' && told.includes("Try `ipset help'")) return 2
  if (['ipset', 'modprobe', 'rmmod', 'echo', 'sysctl'].includes(tool)) return 1
  if (MISREAD.test(told)) return 255
  if (/^Not enough information: "dev"/.test(told) && /\bl(?:i|in|ink)?\s+(?:set|del)/.test(line)) return 255
  return NOT_THERE.test(told) ? 1 : 2
}

/**
 * Refuses a command in packetwalk's own words.
 * @param expected - what would have been right
 * @param received - what was there
 * @throws Refusal always
 */
export function refuse(expected: string, received: string): never {
  throw new Refusal({ kind: 'invalid', file: '', path: [], expected, received })
}

/** Refuses a command as the tool does. @throws Refusal always */
export function toolRefuses(told: string): never {
  throw new Refusal({ kind: 'invalid', file: '', path: [], expected: 'a command the tool takes', received: told }, told)
}

/** The next word. @throws Refusal at the end of the command */
export function need(words: Words): string {
  return take(words) ?? toolRefuses('Command line is not complete. Try option "help"')
}

/** Takes the next word when it is one of these. */
export function takeIf(words: Words, ...choices: string[]): boolean {
  const next = peek(words)
  if (next === undefined || !choices.includes(next)) return false
  words.at += 1
  return true
}

/** The next word as a number. @param wrong - what the tool calls one that is none @throws Refusal when it is none */
export function needNumber(words: Words, what: string, wrong?: string): number {
  const text = need(words)
  return parseNumber(text) ?? (wrong === undefined ? refuse(what, text) : wrongArgument(text, wrong))
}

/** Refuses a value as iproute2 does. @throws Refusal always */
export function wrongArgument(text: string, wrong: string): never {
  return toolRefuses(`Error: argument "${text}" is wrong: ${wrong}`)
}

/** The next word as an address. @param family - as the tool names what it expects @throws Refusal when it is none */
export function needIp(words: Words, family = 'any valid'): Ip {
  const text = need(words)
  return parseIp(text) ?? toolRefuses(`Error: ${family} address is expected rather than "${text}".`)
}

/** The next word as a link-layer address. @throws Refusal when it is none */
export function needMac(words: Words): Mac {
  const text = need(words)
  return parseMac(text) ?? toolRefuses(`"${text}" is invalid lladdr.`)
}

/** `on` or `off`. @throws Refusal for anything else */
export function needSwitch(words: Words, what: string): boolean {
  const text = need(words)
  if (text === 'on' || text === '1') return true
  if (text === 'off' || text === '0') return false
  return refuse(`on or off for ${what}`, text)
}

/** A destination as `ip route` and `ip rule` take it. @throws Refusal when it is none or has host bits */
export function prefixFrom(text: string, family: 'inet' | 'inet6'): Prefix {
  const prefix = parseDestination(text, family) ?? abbreviated(text, family)
  if (prefix !== undefined && prefix.includes(':') === (family === 'inet6')) return prefix
  // The tool reads it, and the kernel finds bits below its length.
  if (parseCidr(text) !== undefined) return toolRefuses('Error: Invalid prefix for given prefix length.')
  return toolRefuses(`Error: any valid prefix is expected rather than "${text}".`)
}

/** `10/8` and `0/0`: octets that are not there are 0. @iproute2 lib/utils.c get_addr_ipv4 */
function abbreviated(text: string, family: 'inet' | 'inet6'): Prefix | undefined {
  const found = /^(\d{1,3}(?:\.\d{1,3}){0,2})\/(\d{1,2})$/.exec(text)
  if (found === null || family !== 'inet') return undefined
  const octets = (found[1] as string).split('.')
  return parseDestination(`${[...octets, '0', '0', '0'].slice(0, 4).join('.')}/${found[2]}`, family)
}

/** Expands an abbreviation as iproute2 does: the first of the full words that starts with it. */
export function expand<T extends string>(word: string | undefined, full: readonly T[]): T | undefined {
  return word === undefined || word === '' ? undefined : full.find((choice) => choice.startsWith(word))
}
