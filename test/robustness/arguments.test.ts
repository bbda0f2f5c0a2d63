// Notebooks and JavaScript have no compiler in between: whatever a function is given, what is wrong with it is said by name.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as ask from '../../src/ask/index.ts'
import * as front from '../../src/index.ts'
import { InputError, Lab } from '../../src/index.ts'
import { loadResources } from '../../src/input/index.ts'

/** Values of every sort, none of them what a function wants unless by chance. */
const ANYTHING: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['0', 0],
  ['-1', -1],
  ['NaN', Number.NaN],
  ['an infinite number', Number.POSITIVE_INFINITY],
  ['a huge number', 1e99],
  ['an empty text', ''],
  ['a text', 'x'],
  ['a control character', '\0'],
  ['an empty list', []],
  ['a list of null', [null]],
  ['an empty object', {}],
  ['a foreign object', { name: 1, at: 5 }],
  ['a text with a number for text', [{ name: 'a', text: 5 }]],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a bigint', 10n],
  ['true', true],
  ['a map', new Map([['a', 1]])],
  ['a promise', Promise.resolve('x')],
  ['bytes', new Uint8Array(3)],
]

const TEXT = readFileSync('examples/demo/ipip.yaml', 'utf8')
const [A, B] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']

type Call = (value: unknown) => unknown
type Anything = Record<string, (...values: unknown[]) => unknown>

/** Functions of a door, which are no classes; most take something made before: what that is, first. */
const functionsOf = (door: object): Anything =>
  Object.fromEntries(
    Object.entries(door).filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name)),
  ) as Anything
const free = functionsOf(front)
const questions = functionsOf(ask)
const made = Lab.load(TEXT)
const trace = made.ping(A, B).trace
const desk = Lab as unknown as Anything
const lab = made as unknown as Anything

const OPTIONS = ['seed', 'ignore', 'notes', 'calicoVersion', 'record']
const PROGRAM_OPTIONS = ['count', 'size', 'ttl', 'timeout', 'source', 'sourcePort', 'dontFragment', 'server', 'port']

const PLAN = ask.readExpectations({
  name: 'plan.yaml',
  text: `{ apiVersion: packetwalk/v1, kind: Expectations, metadata: { name: p }, spec: { expectations: [{ from: ${A}, to: ${B} }] } }`,
})
const LOADED = loadResources([{ name: 'ipip.yaml', text: TEXT }])

/** What is asked of a lab first, and then made into text, by the names of the functions that take it. */
const REPORTS: readonly (readonly [RegExp, unknown])[] = [
  [/^reach(?!Of)|^flowIn|^narrowed/, ask.reachOf(made, { from: [A], packets: false })],
  [/^payload(?!Of)/, ask.payloadOf(made, { from: A, to: B })],
  [/^capture/, ask.explainCapture(made, [])],
  [/^renderExpectations/, ask.judgeExpectations(made, PLAN)],
  [/^renderReview|^isEmptyReview/, ask.reviewOf(made, made, { reach: false })],
  [/^diagnosis/, ask.diagnoseLab(made, { from: A, to: B })],
  [/^lint/, LOADED],
]

/** Questions with options: what they take, each tried with anything, beside what keeps the answer small. */
const ASKED: readonly (readonly [string, (options: object) => unknown, readonly string[]])[] = [
  [
    'reachOf(lab',
    (options) => ask.reachOf(made, { from: [A], to: [B], packets: false, ...options }),
    ['from', 'to', 'focus', 'packets', 'shard', 'progress'],
  ],
  ['payloadOf(lab', (options) => ask.payloadOf(made, { from: A, to: B, ...options }), ['limit']],
  [
    'payloadOf(lab, of none',
    (options) => ask.payloadOf(made, { limit: 0, ...options }),
    ['from', 'to', 'namespace', 'family'],
  ],
  ['explainCapture(lab, []', (options) => ask.explainCapture(made, [], options), ['flows']],
  ['judgeExpectations(lab, plan', (options) => ask.judgeExpectations(made, PLAN, options), ['pairs', 'progress']],
  [
    'reviewOf(lab, lab',
    (options) => ask.reviewOf(made, made, { reach: false, ...options }),
    ['nodes', 'reach', 'progress', 'lab'],
  ],
  ['lint(loaded', (options) => ask.lint(LOADED, options), ['calicoVersion', 'cluster', 'machines']],
  [
    'diagnoseLab(lab',
    (options) => ask.diagnoseLab(made, { from: A, to: B, ...options }),
    ['from', 'to', 'port', 'protocol', 'symptom', 'evidence'],
  ],
]

const CALLS: readonly (readonly [string, Call])[] = [
  ...Object.entries(free).flatMap(([name, call]): [string, Call][] => [
    [`${name}(…)`, (value) => call(value)],
    [`${name}(trace, …)`, (value) => call(trace, value)],
    [`${name}(…, trace)`, (value) => call(value, trace)],
  ]),
  ...Object.entries(questions).flatMap(([name, call]): [string, Call][] => [
    [`ask: ${name}(…)`, (value) => call(value)],
    [`ask: ${name}(lab, …)`, (value) => call(made, value)],
    [`ask: ${name}(…, lab)`, (value) => call(value, made)],
    ...REPORTS.filter(([taking]) => taking.test(name)).map(([, report]): [string, Call] => [
      `ask: ${name}(report, …)`,
      (value) => call(report, value),
    ]),
  ]),
  ['ask: reviewOf(lab, lab, …)', (value) => questions['reviewOf']?.(made, made, value)],
  ['ask: explainCapture(lab, [], …)', (value) => questions['explainCapture']?.(made, [], value)],
  [
    'ask: explainCapture(lab, [{ bytes: … }])',
    (value) => questions['explainCapture']?.(made, [{ name: 'a', bytes: value }]),
  ],
  ['ask: judgeExpectations(lab, plan, …)', (value) => questions['judgeExpectations']?.(made, PLAN, value)],
  ['ask: readExpectations({ text: … })', (value) => questions['readExpectations']?.({ name: 'a', text: value })],
  ['ask: mergedReach([…])', (value) => questions['mergedReach']?.([value])],
  ...ASKED.flatMap(([question, call, options]) =>
    options.map((name): [string, Call] => [`ask: ${question}, { ${name}: … })`, (value) => call({ [name]: value })]),
  ),
  ...['load', 'fromResources', 'fromNetwork', 'fromDumps'].map((name): [string, Call] => [
    `Lab.${name}(…)`,
    (value) => desk[name]?.(value),
  ]),
  ['Lab.load(text, …)', (value) => desk['load']?.(TEXT, value)],
  ['Lab.fromResources({ pods: … })', (value) => desk['fromResources']?.({ pods: value })],
  ['Lab.fromDumps({ path: … })', (value) => desk['fromDumps']?.({ 'node01/ip_route': value })],
  ...OPTIONS.map((name): [string, Call] => [
    `Lab.load(text, { ${name}: … })`,
    (value) => desk['load']?.(TEXT, { [name]: value }),
  ]),
  ...['edit', 'sh', 'compare', 'setNetwork', 'endpoint', 'run', 'trace', 'wait', 'restore'].map(
    (name): [string, Call] => [`lab.${name}(…)`, (value) => lab[name]?.(value)],
  ),
  ['lab.sh(node, …)', (value) => lab['sh']?.(A, value)],
  ['lab.endpoint(name, …)', (value) => lab['endpoint']?.(A, value)],
  ['lab.compare(change, …)', (value) => lab['compare']?.(() => undefined, value)],
  ...['ping', 'traceroute', 'udp', 'tcp'].flatMap((name): [string, Call][] => {
    const port = name === 'udp' || name === 'tcp' ? [80] : []
    return [
      [`lab.${name}(…)`, (value) => lab[name]?.(value, B, ...port)],
      [`lab.${name}(from, …)`, (value) => lab[name]?.(A, value, ...port)],
      [`lab.${name}(from, to, …)`, (value) => lab[name]?.(A, B, value)],
      [`lab.${name}(from, to, …, options)`, (value) => lab[name]?.(A, B, ...port, value)],
      ...PROGRAM_OPTIONS.map((option): [string, Call] => [
        `lab.${name}(from, to, { ${option}: … })`,
        (value) => lab[name]?.(A, B, ...port, { [option]: value }),
      ]),
    ]
  }),
]

/** What a call threw, unless it is an error that says what is wrong with the input. */
function fault(call: Call, value: unknown): string | undefined {
  try {
    call(value)
    return undefined
  } catch (error) {
    return error instanceof InputError ? undefined : String(error)
  }
}

describe('anything for anything', () => {
  it.each(CALLS)('%s works or throws an InputError', (_name, call) => {
    const faults = ANYTHING.flatMap(([name, value]) => {
      const found = fault(call, value)
      return found === undefined ? [] : [`${name}: ${found}`]
    })
    expect(faults).toEqual([])
  })
})

describe('what is said', () => {
  it.each<[string, () => unknown, string]>([
    [
      'a run for a trace',
      () => free['renderText']?.(made.ping(A, B)),
      'trace: expected a trace, such as run.trace or what parseTrace() gives, received an object with stdout, stderr, exitCode, outcome, files, …',
    ],
    [
      'a file not awaited',
      () => desk['load']?.(Promise.resolve('')),
      'input: expected a text, or texts with names: { name, text }, received a promise: await is missing',
    ],
    [
      'no destination',
      () => lab['ping']?.(A),
      'name: expected the name of a pod or node, or an address, received nothing',
    ],
    [
      'a text for a topic list',
      () => desk['load']?.(TEXT, { ignore: 'policy' }),
      'options.ignore: expected a list of topics: ',
    ],
    [
      'objects for a lab',
      () => questions['reachOf']?.(TEXT),
      'lab: expected a lab, such as Lab.load() gives, received "',
    ],
    [
      'a lab for an answer',
      () => questions['reachText']?.(made),
      'reach: expected an answer, such as reachOf() gives, received an object of Lab',
    ],
    [
      'a report of another form',
      () => questions['payloadText']?.(ask.explainCapture(made, [])),
      `report.schema: expected ${ask.PAYLOAD_SCHEMA}, received "${ask.CAPTURE_SCHEMA}"`,
    ],
    [
      'a shard that is none',
      () => questions['mergedReach']?.([null]),
      'shards[0]: expected an answer, such as reachOf() gives, received null',
    ],
  ])('%s', (_name, call, words) => {
    expect(call).toThrow(words)
    expect(call).toThrow(InputError)
  })
})
