import { parseDestination, parseNumber, peek, take, type Words } from '../linux/index.ts'
import { describeIssue, InputError, type Issue } from '../model/index.ts'
import { type Ip, type Mac, type Prefix, parseIp, parseMac } from '../wire/index.ts'

/** A command that is refused: what is said about it goes to the user. */
export class Refusal extends InputError {
  /** What the tool itself prints; undefined where packetwalk says in its own words what it would have taken. */
  readonly told: string | undefined

  constructor(issue: Issue, told?: string) {
    super([issue])
    this.told = told
  }

  /** What to print for a command line. */
  wordsFor(line: string): string {
    return this.told ?? this.issues.map((issue) => describeIssue({ ...issue, object: line })).join('\n')
  }
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

/** The next word as a number. @throws Refusal when it is none */
export function needNumber(words: Words, what: string): number {
  const text = need(words)
  return parseNumber(text) ?? refuse(what, text)
}

/** The next word as an address. @throws Refusal when it is none */
export function needIp(words: Words, what: string): Ip {
  const text = need(words)
  return parseIp(text) ?? refuse(what, text)
}

/** The next word as a link-layer address. @throws Refusal when it is none */
export function needMac(words: Words, what: string): Mac {
  const text = need(words)
  return parseMac(text) ?? refuse(what, text)
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
  const prefix = parseDestination(text, family)
  if (prefix === undefined || prefix.includes(':') !== (family === 'inet6')) {
    return refuse(`a prefix of family ${family} without host bits`, text)
  }
  return prefix
}

/** Expands an abbreviation as iproute2 does: the first of the full words that starts with it. */
export function expand<T extends string>(word: string | undefined, full: readonly T[]): T | undefined {
  return word === undefined || word === '' ? undefined : full.find((choice) => choice.startsWith(word))
}
