import { parseNumber, parsePortRange, peek, protocolNumber, take, type Words } from '../linux/index.ts'
import { type Namespace, type Network, type Rule, rulesOf } from '../model/index.ts'
import { BY_USER, withNamespace } from './edit.ts'
import { tableName } from './ip-route.ts'
import { expand, need, needNumber, prefixFrom, refuse, toolRefuses, wrongArgument } from './refusal.ts'

const VERBS = ['add', 'del', 'delete', 'flush'] as const

type Draft = { -readonly [K in keyof Rule]?: Rule[K] }

/** `ip rule add|del|flush`. @throws Refusal in the words of `ip` */
export function ipRuleCommand(
  network: Network,
  ns: Namespace,
  words: Words,
  given: 'inet' | 'inet6' | undefined,
): Network {
  const verb = expand(take(words), VERBS)
  if (verb === undefined) return refuse(`ip rule ${VERBS.join('|')}`, words.list.join(' '))
  const family = given ?? (words.list.some((word) => word.includes(':')) ? 'inet6' : 'inet')
  const others = ns.rules.filter((rule) => rule.family !== family)
  const rules = rulesOf(ns, family)
  const save = (own: readonly Rule[]): Network => withNamespace(network, { ...ns, rules: [...others, ...own] })
  if (verb === 'flush') return save(rules.filter((rule) => rule.priority === 0))
  if (peek(words) === undefined) return toolRefuses(`"ip rule ${verb === 'add' ? 'add' : 'del'}" requires arguments.`)
  const draft = readRule(words, family)
  if (verb === 'add') {
    if (rules.some((other) => other.priority === draft.priority && isSameRule(other, draft)))
      return toolRefuses('RTNETLINK answers: File exists')
    const rule: Rule = {
      action: 'lookup',
      ...draft,
      family,
      priority: draft.priority ?? nextPriority(rules),
      origin: BY_USER,
    }
    if (rule.action === 'lookup' && rule.table === undefined) return save(insert(rules, { ...rule, table: 'main' }))
    return save(insert(rules, rule))
  }
  const keys = Object.keys(draft) as (keyof Rule)[]
  const at = rules.findIndex((rule) => keys.every((key) => JSON.stringify(rule[key]) === JSON.stringify(draft[key])))
  if (at < 0) return toolRefuses('RTNETLINK answers: No such file or directory')
  return save(rules.filter((_, i) => i !== at))
}

/** Whether a rule is what a command asks for: the kernel compares the selector and what is done. @linux net/core/fib_rules.c rule_exists */
function isSameRule(rule: Rule, draft: Draft): boolean {
  const asked: Draft = { action: 'lookup', ...draft }
  if (asked.action === 'lookup') asked.table ??= 'main'
  const keys = [
    'not',
    'from',
    'to',
    'iif',
    'oif',
    'fwmark',
    'fwmask',
    'tos',
    'ipproto',
    'action',
    'table',
    'goto',
  ] as const
  return keys.every((key) => rule[key] === asked[key])
}

/** Before the second rule of the list. @linux net/core/fib_rules.c fib_default_rule_pref */
function nextPriority(rules: readonly Rule[]): number {
  const second = rules[1]
  return second !== undefined && second.priority > 0 ? second.priority - 1 : 0
}

function insert(rules: readonly Rule[], rule: Rule): Rule[] {
  const at = rules.findIndex((other) => other.priority > rule.priority)
  return at < 0 ? [...rules, rule] : [...rules.slice(0, at), rule, ...rules.slice(at)]
}

function readRule(words: Words, family: 'inet' | 'inet6'): Draft {
  const draft: Draft = {}
  while (words.at < words.list.length) {
    const word = take(words)!
    if (!readSelector(draft, word, words, family)) readAction(draft, word, words)
  }
  return draft
}

function readSelector(draft: Draft, word: string, words: Words, family: 'inet' | 'inet6'): boolean {
  switch (word) {
    case 'not':
      draft.not = true
      return true
    case 'from':
    case 'to': {
      const text = need(words)
      if (text !== 'all' && text !== 'any' && text !== 'default') draft[word] = prefixFrom(text, family)
      return true
    }
    case 'iif':
    case 'dev':
      draft.iif = need(words)
      return true
    case 'oif':
      draft.oif = need(words)
      return true
    case 'fwmark': {
      const [mark, mask] = need(words).split('/')
      draft.fwmark = parseNumber(mark ?? '') ?? wrongArgument(mark ?? '', 'fwmark value is invalid')
      if (mask !== undefined) draft.fwmask = parseNumber(mask) ?? wrongArgument(mask, 'fwmask value is invalid')
      return true
    }
    case 'tos':
    case 'dsfield':
      draft.tos = needNumber(words, 'a TOS')
      return true
    case 'ipproto': {
      const text = need(words)
      draft.ipproto = protocolNumber(text) ?? refuse('an IP protocol', text)
      return true
    }
    case 'sport':
    case 'dport': {
      const text = need(words)
      draft[word] = parsePortRange(text, '-') ?? refuse('a port or a range', text)
      return true
    }
    case 'pref':
    case 'priority':
    case 'preference':
    case 'order':
      draft.priority = needNumber(words, 'a priority', 'preference value is invalid')
      return true
    default:
      return false
  }
}

function readAction(draft: Draft, word: string, words: Words): void {
  switch (word) {
    case 'table':
    case 'lookup':
      draft.action = 'lookup'
      draft.table = tableName(need(words), 'invalid table ID')
      break
    case 'suppress_prefixlength':
    case 'sup_pl':
      draft.suppressPrefixlength = needNumber(words, 'a prefix length')
      break
    case 'suppress_ifgroup':
    case 'sup_group':
      refuse(`a rule without "${word}"`, word)
      break
    case 'goto':
      draft.action = 'goto'
      draft.goto = needNumber(words, 'a priority')
      break
    case 'nop':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      draft.action = word
      break
    case 'type':
      readAction(draft, need(words), words)
      break
    case 'protocol':
      need(words)
      break
    default:
      toolRefuses(`Error: argument "${word}" is wrong: Failed to parse rule type`)
  }
}
