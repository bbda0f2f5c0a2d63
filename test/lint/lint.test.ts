// Every finding by its stable name: the smallest cluster that has it and no other, and one that nearly has it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCluster } from '../../src/control/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { loadObjects } from '../../src/input/load.ts'
import { LINT_NAMES, LINT_RULES, type LintName, type LintReport, lint, rulesOf } from '../../src/lint/index.ts'
import { cluster } from '../../src/testing/index.ts'
import { BGP_ROWS } from '../control/contradictions/bgp-rows.ts'
import { IPAM_ROWS } from '../control/contradictions/ipam-rows.ts'
import { ADDRESS_CASES } from './cases/addresses.ts'
import { completed, WITH } from './cases/contradictions.ts'
import { type Case, calico, type Object_, POOL, pool, underlay } from './cases/objects.ts'
import { PATH_CASES } from './cases/paths.ts'
import { POLICY_CASES } from './cases/policies.ts'
import { RIGHT, SERVICE_CASES } from './cases/services.ts'

const CONTRADICTIONS: readonly Case[] = [...IPAM_ROWS, ...BGP_ROWS].map(([, name, wrong, right = []]) => ({
  name,
  wrong: completed(wrong),
  right: completed(right),
  ...(WITH[name] === undefined ? {} : { also: WITH[name] }),
}))
const CASES: readonly Case[] = [...ADDRESS_CASES, ...PATH_CASES, ...POLICY_CASES, ...SERVICE_CASES, ...CONTRADICTIONS]

/** What is told of nearly every cluster that is this small. */
const USUAL: ReadonlySet<LintName> = new Set<LintName>(['assumed-by-default', 'not-modelled'])

function report(objects: readonly Object_[], machines?: Case['machines']): LintReport {
  const loaded = loadObjects(objects)
  if (machines === undefined) return lint(loaded)
  const built = buildCluster(loaded.resources)
  return lint(loaded, { cluster: built, machines: built.network.edit(machines) })
}

const namesOf = ({ findings }: LintReport): LintName[] => [...new Set(findings.map(({ name }) => name))]

describe('a finding', () => {
  it.each(CASES.map((one, i) => ({ ...one, title: `${one.name} (${i + 1})` })))(
    '$title',
    ({ name, wrong, right, also = [], machines }) => {
      const names = namesOf(report(wrong, machines))
      expect(names).toContain(name)
      expect(names.filter((one) => one !== name && !also.includes(one) && !USUAL.has(one))).toEqual([])
      expect(namesOf(report(right))).not.toContain(name)
    },
  )

  it('has a case, whatever its name', () => {
    expect(LINT_NAMES.filter((name) => !CASES.some((one) => one.name === name))).toEqual([])
  })

  it('says what, why and how, each in its own words', () => {
    expect(LINT_NAMES.length).toBeGreaterThanOrEqual(45)
    for (const name of LINT_NAMES) {
      const { what, why, fix } = LINT_RULES[name]
      expect(
        [what, why, fix].every((text) => text.length > 8 || text === 'see docs/limits.md'),
        name,
      ).toBe(true)
    }
    const said = LINT_NAMES.map((name) => LINT_RULES[name].what)
    expect(new Set(said).size).toBe(said.length)
  })

  it('names objects, where they stand, and what it rests on', () => {
    const text = [
      'apiVersion: projectcalico.org/v3',
      'kind: IPPool',
      'metadata: {name: p}',
      'spec:',
      '  cidr: 10.70.0.0/16',
      '---',
    ]
    const other = [
      'apiVersion: projectcalico.org/v3',
      'kind: IPPool',
      'metadata: {name: q}',
      'spec: {cidr: 10.70.1.0/24}',
    ]
    const loaded = loadResources([{ name: 'a.yaml', text: [...text, ...other].join('\n') }])
    const [first] = lint(loaded).findings
    expect(first).toMatchObject({
      name: 'pools-overlap',
      objects: ['IPPool/p', 'IPPool/q'],
      certainty: 'derived',
      assumed: '',
    })
    expect(first!.places.map(({ file, line }) => `${file}:${line}`)).toEqual(['a.yaml:5', 'a.yaml:10'])
  })

  it('says what was assumed where no object says it', () => {
    const [ofMtu] = PATH_CASES
    const one = report(ofMtu!.wrong).findings.find(({ name }) => name === 'mtu-too-big')
    expect(one).toMatchObject({ certainty: 'assumed', assumed: expect.stringContaining('1500') })
    const known = report([...ofMtu!.wrong, underlay({}, { a: {} })]).findings.find(({ name }) => name === 'mtu-too-big')
    expect(known).toMatchObject({ certainty: 'derived', assumed: '' })
  })
})

describe('a rule', () => {
  it('is found by its name, its alias and the failures it stands for', () => {
    expect(rulesOf('pool-overlaps-services')).toEqual(['pool-overlaps-services'])
    expect(rulesOf('POOL_OVERLAPS_SERVICE')).toEqual(['pool-overlaps-services'])
    expect(rulesOf('F60')).toEqual(['dns-not-allowed'])
    expect(rulesOf('f36')).toContain('bgp-graph-disconnected')
    expect(rulesOf('nothing')).toEqual([])
  })

  it('has every static lint of the catalogue of failures as its alias, once', () => {
    const aliases = LINT_NAMES.flatMap((name) => LINT_RULES[name].alias ?? [])
    expect(new Set(aliases).size).toBe(aliases.length)
    expect(aliases).toEqual(expect.arrayContaining([...CATALOGUE]))
  })
})

/** Static lints that the catalogue of failures in the field asks for. */
const CATALOGUE = [
  'POOL_OVERLAPS_UNDERLAY',
  'POOL_OVERLAPS_SERVICE',
  'CIDR_NOT_CANONICAL',
  'CROSSSUBNET_MASK_SUSPECT',
  'DUP_NODE_IP',
  'DUP_NODE_NAME',
  'DUP_POD_IP',
  'DUP_VTEP_MAC',
  'DUP_AFFINITY',
  'POD_IP_NOT_IN_ANY_POOL',
  'CLUSTERCIDR_MISMATCH',
  'MTU_TOO_BIG',
  'MIXED_BACKENDS',
  'BGP_GRAPH_DISCONNECTED',
  'DNS_NOT_ALLOWED',
  'POLICY_SELECTS_NOTHING',
  'LOG_ONLY_POLICY',
  'HEP_WITHOUT_POLICY',
  'UNMANAGED_INTERFACE_RISK',
  'GATEWAY_COLLISION',
  'DATAPLANE_MODE_CONFLICT',
]

describe('a suppression', () => {
  const two = (words: string) => [
    POOL,
    { ...pool('q', '10.70.4.0/24'), metadata: { name: 'q', annotations: { 'packetwalk/lint-ignore': words } } },
  ]

  it.each(['pools-overlap', 'F26', 'F32, pools-overlap'])('%s leaves out a finding of its object', (words) => {
    const { suppressed, findings } = report(two(words))
    expect(suppressed.map(({ name, by }) => [name, by])).toContainEqual(['pools-overlap', 'IPPool/q'])
    expect(findings.map(({ name }) => name)).not.toContain('pools-overlap')
  })

  it('leaves out nothing of other objects, and says so', () => {
    const other = calico('IPPool', 'r', { cidr: '10.90.0.0/16', natOutgoing: true })
    const names = namesOf(
      report([
        ...two(''),
        { ...other, metadata: { name: 'r', annotations: { 'packetwalk/lint-ignore': 'pools-overlap' } } },
      ]),
    )
    expect(names).toEqual(expect.arrayContaining(['pools-overlap', 'suppression-unused']))
  })

  it('tells the name that was probably meant', () => {
    const [first] = report(two('pool-overlap')).findings.filter(({ name }) => name === 'suppression-unknown')
    expect(first?.message).toContain('pools-overlap')
  })
})

describe('lint', () => {
  it('has nothing to say of a cluster that is right', () => {
    expect(namesOf(report(RIGHT)).filter((name) => !USUAL.has(name))).toEqual([])
    expect(namesOf(report([]))).toEqual([])
  })

  it('tells errors first', () => {
    const severities = report(ADDRESS_CASES.flatMap(({ wrong }) => wrong)).findings.map(({ severity }) => severity)
    const order = ['error', 'warning', 'info']
    expect(severities).toEqual([...severities].sort((a, b) => order.indexOf(a) - order.indexOf(b)))
  })

  it('throws for no cluster, and finds nothing wrong in one that is drawn right', () => {
    fc.assert(
      fc.property(cluster(), ({ resources }) => {
        const { findings } = lint({ resources, warnings: [], unread: [], replaced: [] })
        expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})
