import { targetOf } from './commands.ts'
import {
  decides,
  type Effect,
  excludes,
  LEAVING,
  type Reading,
  type Speaker,
  supports,
  TOTAL,
  UNDERLAY,
} from './effect.ts'
import type { Of } from './fact.ts'
import type { PastedLine } from './sections.ts'

/** BGP. */
const BGP_PORT = 179

/** A hop of traceroute: where the packet came to, or went instead. */
export function hopReading(
  { number, address, mark }: Of<'hop'>,
  { command }: PastedLine,
  { where, isSender, place, way }: Speaker,
): Reading {
  const to = targetOf(command)
  const says = `${where}hop ${number} is ${address === '' ? 'silent' : address}${mark === '' ? '' : ` ${mark}`}`
  const concerns = to === place.target || to === place.asked
  if (mark === '!X' || mark === '!10' || mark === '!13') return { says, effects: decides('F51') }
  if (address === '' || !isSender) return { says, effects: [] }
  if (mark !== '') return { says, effects: concerns ? supports('F34', 'F42', 'F08', 'F45') : [] }
  // That it answers at all says that packets pass both ways.
  if (address === place.target) return { says, effects: excludes(...TOTAL) }
  if (!concerns) return { says, effects: [] }
  if (address === place.peerAddress && place.peer !== place.node)
    return { says: `${says}: the packet reaches ${place.peer}`, effects: excludes(...UNDERLAY, ...LEAVING) }
  if (address === place.gateway)
    return {
      says: `${says}: the packet takes the default route`,
      effects:
        way?.kind === 'plain' && !way.isOneSegment
          ? supports('F08')
          : way?.kind === 'outside'
            ? []
            : [...supports('F34', 'F42', 'F36', 'F41', 'F08'), ...excludes('F01', 'F02', 'F03', 'F04', 'F18')],
    }
  return { says, effects: [] }
}

/** The MTU of the way as tracepath found it: whoever finds a smaller one was told of it. */
export function pathMtuReading({ mtu }: Of<'path-mtu'>, { where, place }: Speaker): Reading {
  const says = `${where}the path’s MTU is ${mtu}, the pod’s ${place.mtu}`
  return { says, effects: mtu < place.mtu ? [...supports('F15', 'F16'), ...excludes('F17')] : [] }
}

const OUTCOME_WORDS: Readonly<Record<Of<'tried'>['outcome'], string>> = {
  open: 'is accepted',
  refused: 'is refused',
  timeout: 'is not answered',
  unreachable: 'meets no route, or a firewall that says so',
  name: 'finds no address for the name',
}

/** A connection that somebody tried: a refusal is an answer, silence is none. */
export function triedReading({ outcome, to, port }: Of<'tried'>, speaker: Speaker): Reading {
  const { where, place, isSender } = speaker
  const end = to === '' ? '' : ` to ${to}${port === 0 ? '' : `:${port}`}`
  const says = `${where}a connection${end} ${OUTCOME_WORDS[outcome]}`
  if (outcome === 'name') return { says, effects: supports('F60', 'F61', 'F55'), isTold: true }
  if (port === BGP_PORT && to === place.peerAddress) return { says, effects: ofBgp(outcome) }
  if (to === place.peerAddress && to !== place.target)
    return { says, effects: outcome === 'open' || outcome === 'refused' ? excludes('F21', 'F35') : [], isTold: true }
  if (!isSender || (to !== '' && to !== place.target && to !== place.asked)) return { says, effects: [], isTold: true }
  return { says, effects: ofFlow(outcome, speaker), isTold: true }
}

function ofBgp(outcome: Of<'tried'>['outcome']): Effect[] {
  switch (outcome) {
    case 'open':
      return excludes('F34', 'F41')
    case 'refused':
      return supports('F41', 'F34')
    default:
      return supports('F34', 'F21')
  }
}

function ofFlow(outcome: Of<'tried'>['outcome'], { way, place }: Speaker): Effect[] {
  const isService = way?.isService === true || place.service !== ''
  switch (outcome) {
    case 'open':
      return excludes(...TOTAL, 'F76', 'F77')
    case 'refused':
      // A Service without endpoints is refused by the asker's own node; a pod refuses for itself.
      return isService ? supports('F76') : excludes(...TOTAL)
    case 'unreachable':
      return supports('F51', 'F45', 'F58', 'F08')
    default:
      return excludes('F83')
  }
}

/** An entry of the table of connections: it is kept once its packet has passed the rules of the machine. */
export function connectionReading(
  { isUnanswered, state, source, destination, answerFrom, answerTo }: Of<'connection'>,
  { where, isPeer, isSender, place, way }: Speaker,
): Reading | undefined {
  const isAsked = destination === place.target || destination === place.asked
  if (!isAsked || (source !== place.source && place.source !== '')) return undefined
  const isSilent = isUnanswered || state === 'SYN_SENT'
  const says = `${where}${source} → ${destination} ${isSilent ? 'is not answered' : 'is answered'}`
  if (way?.isService === true && answerFrom === destination)
    return { says: `${says}, and no endpoint took the Service’s place`, effects: decides('F77') }
  const translated = answerTo !== '' && answerTo !== source ? supports('F75', 'F66', 'F27') : []
  const arrived = isPeer ? excludes(...UNDERLAY, ...LEAVING) : []
  const left = isSender && !isPeer ? excludes('F45', 'F47', 'F49', 'F50') : []
  const answered = isSilent ? [] : excludes(...UNDERLAY)
  return { says, effects: [...translated, ...arrived, ...left, ...answered], isTold: true }
}

/** Endpoints of the Service that is asked. Slices have its name and a few letters. */
export function endpointsReading({ name, addresses }: Of<'endpoints'>, { where, place }: Speaker): Reading | undefined {
  const says = `${where}${name === '' ? 'the Service' : name} has ${addresses.length === 0 ? 'no endpoints' : addresses.join(', ')}`
  if (place.service === '') return { says, effects: [] }
  if (name !== '' && name !== place.service && !name.startsWith(`${place.service}-`)) return { says, effects: [] }
  if (addresses.length === 0) return { says, effects: decides('F76') }
  return { says, effects: [...excludes('F76'), ...(addresses.includes(place.source) ? supports('F82') : [])] }
}

const LOOPBACK = /^(?:127\.|::1$)/

/** A socket that listens: on the loopback nobody else reaches it. */
export function listenerReading({ address, port }: Of<'listener'>, { where, place }: Speaker): Reading {
  const says = `${where}somebody listens on ${address}:${port}`
  if (port === BGP_PORT) return { says, effects: excludes('F41') }
  if (port !== Number(place.port)) return { says, effects: [] }
  const isOwn = LOOPBACK.test(address)
  return { says: isOwn ? `${says}: only its own machine reaches that` : says, effects: [], isTold: true }
}

/** A socket of the two ends: a connection is there, or has come half way. */
export function socketReading({ state, local, remote }: Of<'socket'>, { where, place }: Speaker): Reading {
  const says = `${where}${local} ${state} ${remote}`
  const ends = [local, remote]
  const concerns = ends.includes(place.source) && (ends.includes(place.target) || ends.includes(place.asked))
  if (!concerns) return { says, effects: [] }
  if (state === 'ESTAB') return { says, effects: excludes(...TOTAL), isTold: true }
  return { says, effects: state === 'SYN-RECV' ? excludes(...UNDERLAY, ...LEAVING) : [], isTold: true }
}

type Row = readonly [RegExp, (value: number) => Effect[]]

const whenAny =
  (effects: Effect[]) =>
  (value: number): Effect[] =>
    value > 0 ? effects : []

const COUNTERS: readonly Row[] = [
  [/^(?:TcpExt)?IPReversePathFilter$/, (value) => (value > 0 ? decides('F48') : excludes('F48'))],
  [/^insert_failed$/, (value) => (value > 0 ? decides('F55') : excludes('F55'))],
  // 1: forwards, 2: does not (RFC 4293, ipForwarding).
  [/^IpForwarding$/, (value) => (value === 2 ? decides('F49') : excludes('F49'))],
  [/^IpOutNoRoutes$/, whenAny(supports('F42', 'F47'))],
  [/^Ip6?FragFails$/, whenAny(supports('F15', 'F17'))],
  [/InCsumErrors$/, whenAny(supports('F05'))],
  [/ListenDrops$|ListenOverflows$/, whenAny([])],
]

/** A counter of nstat, netstat -s or conntrack -S. */
export function counterReading({ name, value }: Of<'counter'>, where: string): Reading {
  const found = COUNTERS.find(([words]) => words.test(name))
  const says = `${where}${name} is ${value}`
  return { says, effects: found?.[1](value) ?? [], ...(found !== undefined && value > 0 ? { isTold: true } : {}) }
}
