// SARIF 2.1.0 as OASIS wrote it down: the members that a log, a run, a rule and a result must have, and those that code scanning asks for.
import { describe, expect, it } from 'vitest'
import { type SarifLog, sarifText } from '../../src/render/index.ts'
import { faultsOfSarif } from '../support/sarif.ts'

const RULES: SarifLog['rules'] = [
  {
    id: 'pools-overlap',
    level: 'error',
    short: 'Two pools share addresses',
    full: 'Why.',
    help: 'How.',
    tags: ['F26'],
  },
  { id: 'filter-unused', level: 'note', short: 'Nobody names the filter' },
]

const log = (...results: SarifLog['results']): SarifLog => ({
  tool: 'packetwalk lint',
  version: '1.2.3',
  rules: RULES,
  results,
})

const read = (given: SarifLog) => JSON.parse(sarifText(given)).runs[0]

describe('a SARIF log', () => {
  it('has what the standard requires, with and without results', () => {
    const places = [{ file: 'a b.yaml', line: 3, column: 5 }, { file: '/etc/x.yaml' }]
    const full = log(
      { rule: 'pools-overlap', message: 'they overlap', places, objects: ['IPPool/a', 'IPPool/b'] },
      {
        rule: 'filter-unused',
        message: 'unused',
        places: [],
        suppressed: 'IPPool/a says so',
        properties: { certainty: 'certain' },
      },
    )
    for (const given of [log(), full]) expect(faultsOfSarif(JSON.parse(sarifText(given)))).toEqual([])
  })

  it('names places by URI: relative ones stay so, what a URI may not hold is encoded', () => {
    const [result] = read(
      log({ rule: 'pools-overlap', message: 'x', places: [{ file: 'a b/ü#1.yaml', line: 3 }] }),
    ).results
    expect(result.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'a%20b/%C3%BC%231.yaml' },
      region: { startLine: 3 },
    })
    const [other] = read(log({ rule: 'pools-overlap', message: 'x', places: [{ file: '/tmp/a.yaml' }] })).results
    expect(other.locations[0].physicalLocation.artifactLocation.uri).toBe('file:///tmp/a.yaml')
  })

  it('gives a result the level of its rule, unless it has its own', () => {
    const results = [
      { rule: 'filter-unused', message: 'x', places: [] },
      { rule: 'filter-unused', level: 'error', message: 'x', places: [] },
    ] as const
    expect(read(log(...results)).results.map((one: { level: string }) => one.level)).toEqual(['note', 'error'])
  })

  it('knows a result again when only its line moved', () => {
    const at = (line: number) =>
      read(log({ rule: 'pools-overlap', message: 'x', places: [{ file: 'a', line }], objects: ['IPPool/a'] }))
        .results[0]
    expect(at(3).partialFingerprints).toEqual(at(9).partialFingerprints)
    expect(at(3).locations).not.toEqual(at(9).locations)
  })

  it('says what is suppressed, and by whom', () => {
    const [result] = read(log({ rule: 'pools-overlap', message: 'x', places: [], suppressed: 'IPPool/a' })).results
    expect(result.suppressions).toEqual([{ kind: 'inSource', justification: 'IPPool/a' }])
  })
})

describe('the judge of SARIF in these tests', () => {
  it.each([
    ['no version', (one: Log) => delete one.version],
    ['a rule without a name', (one: Log) => delete one.runs[0]!.tool.driver.rules[0]!.id],
    ['a result without a message', (one: Log) => delete one.runs[0]!.results[0]!.message],
    ['an index of another rule', (one: Log) => (one.runs[0]!.results[0]!.ruleIndex = 1)],
    ['a line 0', (one: Log) => (one.runs[0]!.results[0]!.locations[0].physicalLocation.region.startLine = 0)],
    ['a level of its own', (one: Log) => (one.runs[0]!.results[0]!.level = 'info')],
  ])('finds %s', (_what, spoil) => {
    const one = JSON.parse(sarifText(log({ rule: 'pools-overlap', message: 'x', places: [{ file: 'a', line: 1 }] })))
    expect(faultsOfSarif(one)).toEqual([])
    spoil(one)
    expect(faultsOfSarif(one)).not.toEqual([])
  })
})

// biome-ignore lint/suspicious/noExplicitAny: a text that was read, to be spoiled.
type Log = any
