import { checkLab, invalid, type Lab } from '../lab/index.ts'
import { checkArgument, checkCount, checkOptions, isRecord, pushTo } from '../model/index.ts'
import { TcpConnections } from '../wire/index.ts'
import { type Capture, type CaptureInput, type RawPacket, readCapture } from './capture-file.ts'
import { disappearedIn } from './disappeared.ts'
import { exchangesIn } from './exchanges.ts'
import { conversationsOf, type Opened } from './flows.ts'
import { conversationOf, endsOf } from './keys.ts'
import { Names } from './names.ts'
import { openPacket, type Ports, USUAL_PORTS } from './packet.ts'
import { PlaceIndex, placesOf } from './places.ts'
import {
  CAPTURE_SCHEMA,
  type CapturedPacket,
  type CapturedSource,
  type CaptureQuestion,
  type CaptureReport,
  type Explained,
  type Place,
} from './report.ts'
import { type SimulatedFlow, simulatedFlows } from './simulated.ts'
import { lineOf, namedEnds, tunnelsOf, whatOf } from './words.ts'

/** Flows that are simulated unless more are asked for. */
const FLOWS = 200

/**
 * Explains captures of a network: where each was taken, what each packet is, which hop of the simulation it equals, what is missing, and
 * where between two captures packets disappear. The conversations of the captures are simulated once each; the lab is as before when it
 * returns.
 * @throws InputError for what is no capture, and when the lab does not record
 */
export function explainCapture(
  lab: Lab,
  captures: readonly CaptureInput[],
  question: CaptureQuestion = {},
): CaptureReport {
  checkLab(lab)
  checkArgument(areCaptures(captures), 'captures', 'a list of captures: { name, bytes }', captures)
  checkOptions(question)
  const { flows: most = FLOWS } = question
  checkCount('options.flows', most)
  if (lab.recorder === null) throw invalid('a lab that records what its packets meet', 'one opened with record: false')
  const names = new Names(lab)
  const ports = portsOf(lab)
  const sources = captures.flatMap((input) => sourcesOf(input, readCapture(input), ports))
  const moment = lab.snapshot()
  const conversations = conversationsOf(
    sources.flatMap(({ packets }) => packets),
    names,
  )
  const ground = { lab, moment, names, ports }
  const { flows, unsimulated } = simulatedFlows(ground, conversations, most)
  lab.restore(moment)
  const index = new PlaceIndex(flows)
  const flowOf = flowFinder(flows)
  const explained = sources.map((source) => explainSource(lab, source, { names, flows, index, flowOf }))
  const seen = sources.map(({ packets, file, application }, i) => ({
    packets,
    place: explained[i]?.place,
    file,
    isOurs: application === 'packetwalk',
  }))
  return {
    schema: CAPTURE_SCHEMA,
    flows: flows.map(({ told }) => told),
    sources: explained,
    disappeared: disappearedIn(seen, flows, flowOf),
    unsimulated,
  }
}

function areCaptures(captures: unknown): boolean {
  const isText = (value: unknown): boolean => typeof value === 'string'
  return (
    Array.isArray(captures) &&
    captures.every(isRecord) &&
    captures.every(({ name, bytes, at = '' }) => isText(name) && bytes instanceof Uint8Array && isText(at))
  )
}

/** UDP ports of WireGuard in this network. */
function portsOf({ cluster }: Lab): Ports {
  const set = (cluster?.nodes ?? []).flatMap(({ felix }) => [felix.wireguardPort, felix.wireguardPortV6])
  return { wireguard: new Set([...USUAL_PORTS.wireguard, ...set]) }
}

/** Packets that one device saw. */
interface Source {
  readonly file: string
  readonly interface: string
  readonly said: string | undefined
  readonly packets: readonly Opened[]
  readonly start: bigint
  readonly fault: string | undefined
  readonly application: string | undefined
}

/** The devices of a file: its interfaces, and those that a cooked header tells apart. */
function sourcesOf({ at }: CaptureInput, capture: Capture, ports: Ports): Source[] {
  const { name: file, packets, interfaces, fault, application } = capture
  const groups = new Map<string, Opened[]>()
  for (const raw of packets) {
    const packet = openPacket(raw.bytes, raw.linkType, ports)
    pushTo(groups, `${raw.interface} ${packet.link?.ifindex ?? ''}`, { raw, packet })
  }
  const start = packets[0]?.time ?? 0n
  const common = { file, said: at, start, fault, application }
  if (groups.size === 0) return [{ ...common, interface: interfaces[0] ?? '', packets: [] }]
  return [...groups.values()].map((opened) => {
    const [{ raw, packet }] = opened as [Opened]
    const named = interfaces[raw.interface] ?? ''
    const { ifindex } = packet.link ?? {}
    return { ...common, interface: ifindex === undefined || named !== '' ? named : `index ${ifindex}`, packets: opened }
  })
}

/** The flow of a packet, by its ends or those of what it is about. */
function flowFinder(flows: readonly SimulatedFlow[]): (one: Opened) => number | undefined {
  const byAlias = new Map<string, number>()
  flows.forEach(({ aliases }, i) => {
    for (const alias of aliases) if (!byAlias.has(alias)) byAlias.set(alias, i)
  })
  return ({ packet }) => {
    const ends = packet.quote === undefined ? endsOf(packet) : endsOf(packet.quote)
    return ends === undefined ? undefined : byAlias.get(conversationOf(ends))
  }
}

interface Known {
  readonly names: Names
  readonly flows: readonly SimulatedFlow[]
  readonly index: PlaceIndex
  readonly flowOf: (one: Opened) => number | undefined
}

function explainSource(lab: Lab, source: Source, known: Known): CapturedSource {
  const { file, said, packets, fault } = source
  const found = placesOf(known.index, packets, lab.network, source.interface)
  const place = said === undefined ? found.best[0] : placeNamed(lab, said)
  const connections = new TcpConnections()
  const explained = packets.map((one) => explainPacket(one, source, place, { ...known, connections }))
  const fits = explained.filter((one) => one.explained === 'expected').length
  const { missing, remarks } = exchangesIn(packets, known.flowOf, known.flows, place)
  return {
    file,
    interface: source.interface,
    ...(place === undefined ? {} : { place }),
    alternatives: said === undefined ? found.best.slice(1) : [],
    placeBy: said !== undefined ? 'said' : place === undefined ? 'unknown' : 'computed',
    fits: [fits, packets.length],
    packets: explained,
    missing,
    remarks,
    ...(fault === undefined ? {} : { fault }),
  }
}

/** A place that somebody says. @throws InputError for one that is not there */
function placeNamed(lab: Lab, said: string): Place {
  const slash = said.lastIndexOf('/')
  const { netns } = lab.endpoint(said.slice(0, Math.max(0, slash)))
  const dev = said.slice(slash + 1)
  const devices = Object.keys(lab.network.namespaces[netns ?? '']?.interfaces ?? {})
  if (netns !== undefined && (devices.includes(dev) || dev === 'any')) return { netns, dev }
  throw invalid(`NODE/DEVICE or POD/DEVICE; devices there: ${devices.join(', ')}`, `"${said}"`)
}

/** Places that are listed with a packet. */
const PLACES = 8

function explainPacket(
  one: Opened,
  { start }: Source,
  place: Place | undefined,
  known: Known & { readonly connections: TcpConnections },
): CapturedPacket {
  const { raw, packet } = one
  const { names, index, flowOf, flows } = known
  const here = place === undefined ? [] : index.framesLike(packet, place)
  const anywhere = index.framesLike(packet)
  const ends = namedEnds(packet, names)
  const flow = flowOf(one)
  const places = new Map(
    (here.length > 0 ? here : anywhere).map((frame) => [`${frame.place.netns}/${frame.place.dev}`, frame.place]),
  )
  const isKnown = isKnownPacket(one, names)
  const explained: Explained =
    here.length > 0 ? 'expected' : anywhere.length > 0 ? 'elsewhere' : isKnown ? 'known' : 'unknown'
  const nat = flow === undefined ? undefined : natOf(one, flows[flow]!)
  return {
    number: raw.number,
    time: Number(raw.time - start),
    line: lineOf(raw.bytes, raw.linkType, packet, known.connections),
    what: whatOf(packet, names),
    ...(ends === undefined ? {} : ends),
    tunnels: tunnelsOf(packet, names),
    ...(nat === undefined ? {} : { nat }),
    ...(flow === undefined ? {} : { flow }),
    explained,
    at: [...places.values()].slice(0, PLACES),
    ...cutFrom(raw),
  }
}

function cutFrom({ bytes, length }: RawPacket): { cutFrom?: number } {
  return length > bytes.length ? { cutFrom: length } : {}
}

/** Whether one knows what it is without a prediction: somebody of the network speaks, and it could be read. */
function isKnownPacket({ packet }: Opened, names: Names): boolean {
  const { arp, layers } = packet
  if (arp !== undefined) return names.ownerOf(arp.sender) !== undefined || names.ownerOf(arp.target) !== undefined
  const last = layers.at(-1)
  if (last === undefined) return false
  const isOwn = (address: string): boolean => names.ownerOf(address) !== undefined
  // Duplicate address detection has no source yet.
  return isOwn(last.source) || isOwn(last.destination) || last.source === '::' || last.source.startsWith('fe80:')
}

/** What its flow was called where it began, where translation has changed that. */
function natOf({ packet }: Opened, { conversation, told }: SimulatedFlow): string | undefined {
  const ends = packet.quote === undefined ? endsOf(packet) : endsOf(packet.quote)
  if (ends === undefined || conversationOf(ends) === conversation.key) return undefined
  return `${told.client.name} ${told.client.address} → ${told.server.name} ${told.server.address} before translation`
}
