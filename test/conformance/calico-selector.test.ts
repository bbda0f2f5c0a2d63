// The verb `selector`: what is one, its canonical text, the id of its set, prefixes, and what it matches.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'

const ask = (selector: string, rest: object = {}): object => answerCalico({ verb: 'selector', selector, ...rest })

describe('a selector is printed in one way', () => {
  it.each<[what: string, selector: string, canonical: string]>([
    ['nothing', '', 'all()'],
    ['blanks', ' \t ', 'all()'],
    ['parentheses around everything', '((( all( ) )))', 'all()'],
    ['parentheses around what is one anyway', "(tier == 'web') && (has(zone))", '(tier == "web" && has(zone))'],
    [
      'groups get their parentheses',
      "tier=='web'&&has(zone)||rank!='1'",
      '((tier == "web" && has(zone)) || rank != "1")',
    ],
    ['a group inside a group of its own sort', 'has(a) && (has(b) && has(c))', '(has(a) && (has(b) && has(c)))'],
    ['three terms are one group', 'has(a) || has(b) || has(c)', '(has(a) || has(b) || has(c))'],
    ['an even number of negations', '!! ! !has(zone)', 'has(zone)'],
    ['an odd number of negations', '! !!has(zone)', '!has(zone)'],
    ['a negated comparison', "!tier == 'web'", '!tier == "web"'],
    ['a negated group', '!(has(a) || global( ))', '!(has(a) || global())'],
    ['a value with a single quote', `tier == "it's"`, `tier == "it's"`],
    ['a value with double quotes', `tier == 'so "called"'`, `tier == 'so "called"'`],
    ['words without blanks', 'tier startswith"we"&&tier endswith"b"', '(tier starts with "we" && tier ends with "b")'],
    ['words with many blanks', "tier \t not \t in\t{ 'a' }", 'tier not in {"a"}'],
    ['members in order, each once', "tier in {'web','db','web',\"cache\",}", 'tier in {"cache", "db", "web"}'],
    ['members in the order of bytes', "tier in {'b','B','a','_','10','9'}", 'tier in {"10", "9", "B", "_", "a", "b"}'],
    ['members with quotes', `tier in {"o'clock",'5"'}`, `tier in {'5"', "o'clock"}`],
    ['members beyond the first 65,536 characters', "tier in {'\u{1f600}','\uff41'}", 'tier in {"\uff41", "\u{1f600}"}'],
    ['an empty set', 'tier notin{}', 'tier not in {}'],
    ['an empty value', "tier contains ''", 'tier contains ""'],
    ['a label that is a word of the grammar', "in in {'in'} && not == 'x'", '(in in {"in"} && not == "x")'],
    ['a label that begins like a function', "hash == 'x' && allow == 'y'", '(hash == "x" && allow == "y")'],
  ])('%s', (_what, selector, canonical) => {
    expect(ask(selector)).toMatchObject({ result: { accepted: true, canonical } })
    expect(ask(canonical), 'its own text').toMatchObject({ result: { accepted: true, canonical } })
  })
})

it('a negation of a negation in parentheses stays two of them', () => {
  expect(ask('!(!has(zone))')).toMatchObject({ result: { canonical: '!!has(zone)' } })
})

describe('the id of a set follows from the text', () => {
  it.each<[selector: string, id: string]>([
    // SHA-224 over "s:" and the canonical text, by sha224sum.
    ['all()', 's:5y5I3VdRZfDU01O--xXAPx2yxCQQqMf0M6IWug'],
    ["projectcalico.org/orchestrator == 'k8s'", 's:WP38oCqDbAT2ANRZlXRDeKIcMPtyI8UP8QIKZA'],
    ["has(zone)&&tier in {'b','a'}", 's:5L5dLaPAf1Hr5A3XGNMLqYyFn-kieQxVEx87Uw'],
  ])('%s', (selector, id) => {
    expect(ask(selector)).toMatchObject({ result: { id } })
  })

  it('of a selector behind a prefix is that of the text with it', () => {
    const prefixed = ask("zone == 'a' || has(canary)", { prefix: 'pcns.' })
    expect(prefixed).toEqual(ask("pcns.zone == 'a' || has(pcns.canary)"))
  })
})

describe('a prefix stands before every label', () => {
  it.each([
    ['has(x)', 'has(p/x)'],
    ["x == 'x'", 'p/x == "x"'],
    ["x != 'x'", 'p/x != "x"'],
    ["x contains 'x'", 'p/x contains "x"'],
    ["x starts with 'x'", 'p/x starts with "x"'],
    ["x ends with 'x'", 'p/x ends with "x"'],
    ["x in {'x'}", 'p/x in {"x"}'],
    ["x not in {'x'}", 'p/x not in {"x"}'],
    ['!(has(x) && all() || global())', '!((has(p/x) && all()) || global())'],
  ])('%s', (selector, canonical) => {
    expect(ask(selector, { prefix: 'p/' })).toMatchObject({ result: { canonical } })
  })

  it('and labels without it are not seen', () => {
    const matches = (labels: object) => ask('has(x)', { prefix: 'p/', labels })
    expect(matches({ 'p/x': '' })).toMatchObject({ result: { match: true } })
    expect(matches({ x: '' })).toMatchObject({ result: { match: false } })
    expect(matches({ p: '', '/x': '' })).toMatchObject({ result: { match: false } })
  })
})

/** [policy.md §9], and what stands next to its rows. */
describe('what matches', () => {
  it.each<[selector: string, labels: Record<string, string>, match: boolean]>([
    ["role != 'db'", {}, true],
    ['role not in {}', {}, true],
    ['role in {}', { role: '' }, false],
    ["role in {'', 'x'}", { role: '' }, true],
    ["name contains ''", {}, false],
    ["!name ends with 'z'", {}, true],
    ["a == 'x' || b == 'y' && c == 'z'", { b: 'y' }, false],
    ['global() && !all()', {}, false],
    ["toString == 'x' || has(constructor)", {}, false],
  ])('%s', (selector, labels, match) => {
    expect(ask(selector, { labels })).toMatchObject({ result: { match } })
  })

  it('is only told where there are labels', () => {
    expect(ask('has(a)')).not.toHaveProperty('result.match')
    expect(ask('has(a)', { labels: {} })).toHaveProperty('result.match', false)
  })
})

describe('what is no selector is refused', () => {
  it.each<[selector: string, position: number]>([
    ['tier', 4],
    ["tier = 'web'", 4],
    ['tier == web', 4],
    ["tier == 'web' rank == '1'", 14],
    ["tier == 'web' &&", 16],
    ["'tier' == 'web'", 0],
    ["tier in 'web'", 8],
    ["tier in {'web'", 14],
    ["tier in {,'web'}", 9],
    ["tier in {'web',,}", 15],
    ["tier in {'web' 'db'}", 15],
    ["tier == 'web", 12],
    ["(tier == 'web'", 14],
    ["tier == 'web')", 13],
    ['has()', 4],
    ['has(tier rank)', 9],
    ["has('tier')", 4],
    ['all', 3],
    ['all(tier)', 4],
    ['global(', 7],
    ["tier\n== 'web'", 4],
    ["tier inside {'web'}", 4],
    [`${'x'.repeat(513)} == 'y'`, 512],
    [`has(${'x'.repeat(513)})`, 516],
  ])('%s', (selector, position) => {
    expect(ask(selector)).toMatchObject({ result: { accepted: false, fault: { position } } })
  })

  it('but not for being long', () => {
    expect(ask(`${'x'.repeat(512)} == '${'y'.repeat(5000)}'`)).toMatchObject({ result: { accepted: true } })
    expect(ask(Array(3000).fill('has(x)').join('||'))).toMatchObject({ result: { accepted: true } })
    const nested = (n: number) => ask(`${'('.repeat(n)}has(x)${')'.repeat(n)}`)
    expect(nested(900)).toMatchObject({ result: { accepted: true, canonical: 'has(x)' } })
    expect(nested(1001)).toEqual({ unsupported: 'more than 1000 parentheses inside each other' })
  })
})
