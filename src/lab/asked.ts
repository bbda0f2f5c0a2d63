import type { Cluster } from '../control/index.ts'
import {
  checkArgument,
  checkOptions,
  describeNote,
  InputError,
  type Note,
  type NoteTopic,
  note,
} from '../model/index.ts'
import { describeRange, outOfRange, type Range } from '../programs/index.ts'
import type { Run } from '../shell/index.ts'
import { NO_TRACE, type Trace, type TraceEnds } from '../trace/index.ts'
import { type Ip, isIpv4, parseIp } from '../wire/index.ts'
import type { Endpoint } from './endpoint.ts'
import type { Listener } from './listener.ts'

/**
 * A program that nobody mentioned listens where the packet goes.
 * @param does - what else is assumed of it
 */
export function listenerNotes(listening: readonly Listener[], protocol: string, does = ''): Note[] {
  return listening.map(({ ns: { name }, port }) => {
    const what = `a program listens on ${name}, ${protocol} ${port}${does === '' ? '' : `,${does}`}; --no-server for none`
    return note('listener', what, { scope: { kind: 'ends', netns: [name] } })
  })
}

/** Refuses numbers and source addresses that the programs do not take. @throws InputError that names the option */
export function judgeOptions(options: object, ranges: Readonly<Record<string, Range>>): void {
  checkOptions(options)
  const { source } = options as { readonly source?: unknown }
  const isAddress = source === undefined || (typeof source === 'string' && parseIp(source) !== undefined)
  checkArgument(isAddress, 'source', 'an IPv4 or IPv6 address', source)
  const wrong = outOfRange(options, ranges)
  if (wrong === undefined) return
  const received = typeof wrong.value === 'string' ? `"${wrong.value}"` : String(wrong.value)
  throw new InputError([
    { kind: 'invalid', file: '', path: [wrong.name], expected: describeRange(wrong.range), received },
  ])
}

export function invalid(expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file: '', path: [], expected, received }])
}

/** The address to send to: of the family both have, IPv4 first. */
export function target(from: Endpoint, to: Endpoint): Ip {
  const families = new Set(from.addresses.map((a) => isIpv4(a)))
  const found = to.addresses.find((a) => families.has(isIpv4(a))) ?? to.address
  if (found !== undefined) return found
  throw new InputError([
    {
      kind: 'invalid',
      file: '',
      path: [],
      expected: 'an endpoint with an address',
      received: `"${to.label}", which has none`,
    },
  ])
}

/** The answer to a question about an end that has no address anybody knows: nothing is sent, and why is open. */
export function unaddressed(
  notes: readonly Note[],
  title: string,
  ends: TraceEnds,
  ignore: ReadonlySet<NoteTopic>,
): Run {
  const shown = notes.map((one): Note => (ignore.has(one.topic) ? { ...one, ignored: true } : one))
  const isOpen = shown.some((one) => one.ignored !== true)
  const outcome = `nothing was sent: ${notes.map(describeNote).join('; ')}`
  const certainty = isOpen ? 'undecided' : 'assumed'
  const trace: Trace = {
    ...NO_TRACE,
    title,
    ends,
    certainty,
    notes: shown,
    summary: isOpen ? `Undecided: ${outcome}.` : `${outcome}.`,
  }
  return {
    stdout: '',
    stderr: '',
    exitCode: 1,
    ok: false,
    outcome,
    certainty,
    notes: shown,
    diagnosis: [],
    trace,
    files: [],
  }
}

/** What a lab says that no time passes in. */
export function withoutTime(cluster: Cluster | null): InputError {
  const received = cluster === null ? 'one without objects' : 'one of dumps'
  return invalid('a lab of objects alone: what dumps hold is not calculated', received)
}
