import { type Rule, tableId } from '../model/index.ts'
import { contains, hostPrefix, type Prefix, parseIp, parsePrefix, prefixAddress, prefixLength } from '../wire/index.ts'
import { failed } from './result.ts'
import type { Run } from './run.ts'

type Test = (rule: Rule) => boolean

/**
 * What `ip rule show …` selects. A prefix selects rules about parts of it.
 * @returns the tool's refusal for a word it does not take
 * @iproute2 ip/iprule.c filter_nlmsg
 */
export function ruleSelection(words: readonly string[]): Test | Run {
  const tests: Test[] = []
  for (let at = 0; at < words.length; at += 2) {
    const [word = '', value] = words.slice(at, at + 2)
    const makes = Object.hasOwn(SELECTORS, word) ? SELECTORS[word] : undefined
    if (makes === undefined) {
      const to = toTest(word)
      if (typeof to !== 'function') return to
      tests.push(to)
      at -= 1
      continue
    }
    if (value === undefined) return failed('Command line is not complete. Try option "help"', 255)
    const test = makes(value)
    if (typeof test !== 'function') return test
    tests.push(test)
  }
  return (rule) => tests.every((test) => test(rule))
}

/** Words of the tool that select, each with its value. */
const SELECTORS: Readonly<Record<string, (value: string) => Test | Run>> = {
  from: fromTest,
  to: toTest,
  fwmark: markTest,
  iif: (value) => (rule) => rule.iif === value,
  dev: (value) => (rule) => rule.iif === value,
  oif: (value) => (rule) => rule.oif === value,
  table: tableTest,
  lookup: tableTest,
  preference: priorityTest,
  priority: priorityTest,
  pref: priorityTest,
  order: priorityTest,
}

function wrong(value: string, what: string): Run {
  return failed(`Error: argument "${value}" is wrong: ${what} value is invalid\n`, 255)
}

function fromTest(value: string): Test | Run {
  return prefixTest(value, (rule) => rule.from)
}

function toTest(value: string): Test | Run {
  return prefixTest(value, (rule) => rule.to)
}

function prefixTest(value: string, of: (rule: Rule) => Prefix | undefined): Test | Run {
  if (value === 'all' || value === 'any' || value === 'default') return () => true
  const address = parseIp(value)
  const wanted = address === undefined ? parsePrefix(value) : hostPrefix(address)
  if (wanted === undefined) return failed(`Error: inet prefix is expected rather than "${value}".`)
  return (rule) => {
    const own = of(rule)
    return own !== undefined && prefixLength(own) >= prefixLength(wanted) && contains(wanted, prefixAddress(own))
  }
}

function tableTest(value: string): Test | Run {
  const id = tableId(value)
  if (id === undefined) return wrong(value, 'table id')
  return (rule) => rule.action === 'lookup' && tableId(rule.table ?? 'main') === id
}

function priorityTest(value: string): Test | Run {
  const priority = numberOf(value)
  return priority === undefined ? wrong(value, 'preference') : (rule) => rule.priority === priority
}

function markTest(value: string): Test | Run {
  const [mark, mask] = value.split('/').map(numberOf)
  if (mark === undefined || (value.includes('/') && mask === undefined)) return wrong(value, 'fwmark')
  return (rule) => rule.fwmark === mark && (mask === undefined || (rule.fwmask ?? 0xffffffff) === mask)
}

function numberOf(text: string): number | undefined {
  return /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : undefined
}
