import { parseDestination, parseNumber, peek, take, type Words } from '../linux/index.ts'
import { InputError, type IssueKind } from '../model/index.ts'
import { type Ip, type Mac, type Prefix, parseIp, parseMac } from '../wire/index.ts'

/**
 * Refuses a command.
 * @param expected - what would have been right
 * @param received - what was there, in the tool's own words where it has some
 * @throws InputError always
 */
export function refuse(expected: string, received: string, kind: IssueKind = 'invalid'): never {
  throw new InputError([{ kind, file: '', path: [], expected, received }])
}

/** The next word. @throws InputError at the end of the command */
export function need(words: Words, what: string): string {
  return take(words) ?? refuse(what, 'the end of the command', 'syntax')
}

/** Takes the next word when it is one of these. */
export function takeIf(words: Words, ...choices: string[]): boolean {
  const next = peek(words)
  if (next === undefined || !choices.includes(next)) return false
  words.at += 1
  return true
}

/** The next word as a number. @throws InputError when it is none */
export function needNumber(words: Words, what: string): number {
  const text = need(words, what)
  return parseNumber(text) ?? refuse(what, text, 'syntax')
}

/** The next word as an address. @throws InputError when it is none */
export function needIp(words: Words, what: string): Ip {
  const text = need(words, what)
  return parseIp(text) ?? refuse(what, text, 'syntax')
}

/** The next word as a link-layer address. @throws InputError when it is none */
export function needMac(words: Words, what: string): Mac {
  const text = need(words, what)
  return parseMac(text) ?? refuse(what, text, 'syntax')
}

/** `on` or `off`. @throws InputError for anything else */
export function needSwitch(words: Words, what: string): boolean {
  const text = need(words, `on or off for ${what}`)
  if (text === 'on' || text === '1') return true
  if (text === 'off' || text === '0') return false
  return refuse(`on or off for ${what}`, text, 'syntax')
}

/** A destination as `ip route` and `ip rule` take it. @throws InputError when it is none or has host bits */
export function prefixFrom(text: string, family: 'inet' | 'inet6'): Prefix {
  const prefix = parseDestination(text, family)
  if (prefix === undefined || prefix.includes(':') !== (family === 'inet6')) {
    return refuse(`a prefix of family ${family} without host bits`, text, 'syntax')
  }
  return prefix
}

/** Expands an abbreviation as iproute2 does: the first of the full words that starts with it. */
export function expand<T extends string>(word: string | undefined, full: readonly T[]): T | undefined {
  return word === undefined || word === '' ? undefined : full.find((choice) => choice.startsWith(word))
}
