import { literalPattern } from '../model/index.ts'
import { drawStory, renderText, storyOf } from '../render/index.ts'
import type { Trace } from '../trace/index.ts'
import type { AnswerKind } from './answers.ts'
import type { Told } from './stages.ts'
import { type Step, stepOf, stepsOf } from './step.ts'

/** A trace without the values of a stage, in each form it is told in. */
interface Blanked {
  /** A line a hop. */
  readonly text: () => string
  /** Step by step. */
  readonly steps: () => readonly Step[]
  /** As a picture. */
  readonly picture: () => string
}

/** A trace with blanks in the place of these values, wherever they stand and however they are written there. */
export function blanksIn(trace: Trace, values: readonly Told[]): Blanked {
  const blank = blanker(values)
  return {
    text: () => blank(renderText(trace, { view: 'hops' })),
    steps: () => stepsOf(trace).map((one) => stepOf({ ...mapTexts(one, blank), bytes: '' })),
    picture: () => drawStory(mapTexts(storyOf(trace), blank)),
  }
}

/** Writes blanks: the longest value first, so that an address does not eat half of a range. */
function blanker(values: readonly Told[]): (text: string) => string {
  const all = [...values]
    .sort((a, b) => String(b.value).length - String(a.value).length)
    .flatMap(({ name, kind, value }) =>
      patternsOf(kind, String(value)).map((pattern) => ({ pattern: new RegExp(pattern, 'g'), blank: `____(${name})` })),
    )
  return (text) => all.reduce((left, { pattern, blank }) => left.replace(pattern, blank), text)
}

const BEFORE = '(?<![\\w.:/-])'

/** All that a value may be written as, as regular expressions that match it whole. */
function patternsOf(kind: AnswerKind, value: string): readonly string[] {
  const literal = literalPattern(value)
  switch (kind) {
    case 'address':
      // tcpdump writes a port behind a dot, `ip` a length behind a slash.
      return [`${BEFORE}${literal}(?![\\w-]${value.includes(':') ? '|:[\\da-f:]' : ''})`]
    case 'endpoint': {
      const [address = '', port = ''] = value.split(/:(?=\d+$)/)
      return [
        `${BEFORE}${literalPattern(address)}[:.]${port}(?!\\w)`,
        ...patternsOf('address', address),
        `${BEFORE}${port}(?![\\w.:/-])`,
      ]
    }
    case 'number':
      return [`(?<=[+−] ?)${literal}(?= bytes)`, '(?<=[+−] ?)\\d+(?= bytes)']
    case 'prefix':
      return prefixPatterns(value)
    case 'mac':
    case 'choice':
      return [literal]
    case 'name':
      return namePatterns(value)
  }
}

/** A range; `ip` prints that of one address without its length, and that of all as `default`. */
function prefixPatterns(value: string): readonly string[] {
  const literal = literalPattern(value)
  const [address = '', length = ''] = value.split('/')
  if (length === '0') return [literal, `${BEFORE}default(?= (via|dev) )`]
  const isHost = length === (value.includes(':') ? '128' : '32')
  return isHost ? [literal, ...patternsOf('address', address)] : [literal]
}

/** A name by itself; that of a host end also within names of chains, that of a policy also without its namespace. */
function namePatterns(name: string): readonly string[] {
  const literal = literalPattern(name)
  if (/^cali[0-9a-f]{11}$/.test(name)) return [literal]
  const [, policy] = /^[^/]+\/(.+)$/.exec(name) ?? []
  const whole = `(?<![\\w.:-])${literal}(?![\\w/-]|\\.\\w)`
  return policy === undefined ? [whole] : [whole, `${BEFORE}${literalPattern(policy)}(?![\\w/-])`]
}

/** Keys of what people read; the rest tells programs what is what. */
const READ: ReadonlySet<string> = new Set([
  'cause',
  'device',
  'devices',
  'frame',
  'name',
  'notes',
  'origin',
  'packet',
  'reasons',
  'removed',
  'said',
  'sentence',
  'summary',
  'target',
  'text',
  'title',
  'was',
  'where',
])

/** Plain data with other texts where people read them. */
function mapTexts<T>(data: T, change: (text: string) => string, isRead = false): T {
  if (typeof data === 'string') return (isRead ? change(data) : data) as T
  if (Array.isArray(data)) return data.map((one) => mapTexts(one, change, isRead)) as T
  if (typeof data !== 'object' || data === null) return data
  const entries = Object.entries(data).map(([key, one]) => [key, mapTexts(one, change, READ.has(key))])
  return Object.fromEntries(entries) as T
}
