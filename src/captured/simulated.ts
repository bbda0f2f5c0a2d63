import { endpointsIn } from '../control/index.ts'
import { choosing, type Lab } from '../lab/index.ts'
import { describeNote, InputError } from '../model/index.ts'
import type { LabSnapshot, Run } from '../shell/index.ts'
import type { PacketRole } from '../trace/index.ts'
import { familyOf, type Ip, parseHex } from '../wire/index.ts'
import type { Conversation } from './flows.ts'
import { conversationOf, endsOf, type FlowEnds, HIDDEN, keyOf, looseKeyOf } from './keys.ts'
import type { Names } from './names.ts'
import { openPacket, type Packet, type Ports } from './packet.ts'
import type { CapturedFlow, Place } from './report.ts'

/** A frame of the simulation. */
export interface SimulatedFrame {
  readonly place: Place
  readonly kind: 'tx' | 'rx'
  readonly packet: Packet
  readonly key: string
  readonly looseKey: string
  /** Part its packet plays. */
  readonly role: PacketRole
}

/** A conversation with what the simulation makes of it. */
export interface SimulatedFlow {
  readonly conversation: Conversation
  readonly told: CapturedFlow
  readonly frames: readonly SimulatedFrame[]
  /** All conversations that its frames have: translated ones, too. */
  readonly aliases: ReadonlySet<string>
  /** Which way packets with these ends go, by `directionOf`. */
  readonly ways: ReadonlyMap<string, 'request' | 'reply'>
}

/** What simulating needs. */
export interface Ground {
  readonly lab: Lab
  readonly moment: LabSnapshot
  readonly names: Names
  readonly ports: Ports
}

/** Simulates conversations: each once, those that were translated into each other together. */
export function simulatedFlows(
  ground: Ground,
  conversations: readonly Conversation[],
  limit: number,
): { readonly flows: readonly SimulatedFlow[]; readonly unsimulated: number } {
  const flows = new Map<string, SimulatedFlow>()
  const covered = new Set<string>()
  let simulated = 0
  let unsimulated = 0
  // What asks a Service or a node's port shows the rest of its way under other addresses.
  const first = conversations.filter((one) => isDoor(ground, one))
  const others = conversations.filter((one) => !first.includes(one))
  // What is hidden may be shown by what is seen in the clear elsewhere.
  const isHidden = ({ ends }: Conversation): boolean => ends.protocol === HIDDEN
  const order = [...first, ...others.filter((one) => !isHidden(one)), ...others.filter(isHidden)]
  for (const one of order) {
    if (covered.has(one.key)) continue
    if (simulated >= limit) {
      unsimulated++
      continue
    }
    simulated++
    const flow = simulatedFlow(ground, one, conversations)
    flows.set(one.key, flow)
    for (const alias of flow.aliases) covered.add(alias)
  }
  return { flows: conversations.flatMap(({ key }) => flows.get(key) ?? []), unsimulated }
}

function isDoor({ names }: Ground, { ends }: Conversation): boolean {
  const owner = names.ownerOf(ends.destination)
  return owner?.kind === 'service' || (owner?.kind === 'node' && names.nodePort(ends.to, ends.protocol) !== undefined)
}

function simulatedFlow(ground: Ground, one: Conversation, all: readonly Conversation[]): SimulatedFlow {
  const { lab, names } = ground
  const { ends } = one
  const run = runOf(ground, one, all)
  const frames = run === undefined ? [] : framesOf(ground, run)
  const aliases = new Set(
    frames.map(({ packet }) => endsOf(packet)).flatMap((found) => (found === undefined ? [] : [conversationOf(found)])),
  )
  aliases.add(one.key)
  const notes = (run?.notes ?? []).filter(({ ignored, effect }) => ignored !== true && effect !== 'harmless')
  return {
    conversation: one,
    ways: waysOf(one, frames),
    frames,
    aliases,
    told: {
      protocol: ends.protocol,
      client: names.end(ends.source, ends.from, ends.protocol),
      server: names.end(ends.destination, ends.to, ends.protocol),
      predicted: run?.trace.summary ?? '',
      ok: run?.ok ?? false,
      confidence: {
        kind: run?.certainty === 'certain' ? (lab.dump === null ? 'objects' : 'dump') : (run?.certainty ?? 'undecided'),
        of: [...new Set(notes.map(describeNote))],
      },
    },
  }
}

/** Longer transfers than this show nothing that these do not. */
const MOST_DATA = 8000

/** Asks what the conversation asks, from its own end and port; undefined where nobody in the network could. */
function runOf(ground: Ground, one: Conversation, all: readonly Conversation[]): Run | undefined {
  const { lab, moment, names } = ground
  const { ends, sent, answered, isWhole, identifier } = one
  const owner = names.ownerOf(ends.source)
  // What strangers say to each other is no matter of this network.
  const from = owner === undefined && names.ownerOf(ends.destination) !== undefined ? names.outside : owner?.netns
  if (from === undefined) return undefined
  lab.restore(moment)
  const { simulation } = lab
  const before = simulation.choose
  const backend = backendSeen(ground, ends, all)
  if (backend !== undefined) simulation.choose = choosing(backend)
  const source = { source: ends.source as Ip, timeout: PATIENCE }
  try {
    switch (ends.protocol) {
      case 'icmp':
        return lab.ping(from, ends.destination, {
          source: ends.source as Ip,
          size: sent.longest,
          ident: identifier,
          linger: PATIENCE,
          pmtudisc: isWhole ? 'do' : 'dont',
        })
      case 'tcp': {
        const [request, reply] = [sent, answered].map(({ total }) => Math.max(1, Math.min(total, MOST_DATA)))
        return lab.tcp(from, ends.destination, ends.to, {
          ...source,
          sourcePort: ends.from,
          request: request!,
          reply: reply!,
        })
      }
      case 'udp':
        return lab.udp(from, ends.destination, ends.to, {
          ...source,
          sourcePort: ends.from,
          size: sent.longest,
        })
      case HIDDEN:
        return hiddenRun(ground, ends)
      default:
        return lab.raw(from, ends.destination, Number(ends.protocol), source)
    }
  } catch (error) {
    // Addresses that nobody may ask from, protocols with no way of asking: nothing is predicted.
    if (error instanceof InputError) return undefined
    throw error
  } finally {
    simulation.choose = before
  }
}

/** A ping between pods of two nodes, for what they send each other encrypted. */
function hiddenRun({ lab, names }: Ground, { source, destination }: FlowEnds): Run | undefined {
  const finder = endpointsIn(lab.cluster?.workloadEndpoints ?? [])
  const [from, to] = [source, destination].map((address) => finder.ofNode(names.ownerOf(address)?.netns ?? '')[0])
  const address = to?.addresses.find((ip) => from?.addresses.some((own) => familyOf(own) === familyOf(ip)))
  if (from === undefined || address === undefined) return undefined
  return lab.ping(from.netns, address, { linger: PATIENCE })
}

/** Seconds an answer is waited for: three SYNs. */
const PATIENCE = 4

/** The pod that a Service chose, where the capture shows it: the same client and port, and a pod that is asked. */
function backendSeen({ names }: Ground, ends: FlowEnds, all: readonly Conversation[]): string | undefined {
  const other = all.find(
    ({ ends: one }) =>
      one.protocol === ends.protocol &&
      one.source === ends.source &&
      one.from === ends.from &&
      one.destination !== ends.destination &&
      names.ownerOf(one.destination)?.kind === 'pod',
  )
  return other === undefined ? undefined : names.ownerOf(other.ends.destination)?.netns
}

/** Which way a packet goes, as a key. */
export function directionOf({ protocol, source, destination, from, to }: FlowEnds): string {
  return `${protocol} ${source} ${from} ${destination} ${to}`
}

/** Ways by ends: of the conversation itself, and of what its packets became under way. */
function waysOf({ ends }: Conversation, frames: readonly SimulatedFrame[]): Map<string, 'request' | 'reply'> {
  const ways = new Map<string, 'request' | 'reply'>([[directionOf(ends), 'request']])
  for (const { packet, role } of frames) {
    const found = packet.quote === undefined ? endsOf(packet) : undefined
    if (found === undefined || (role !== 'request' && role !== 'reply')) continue
    const { protocol, source, destination, from, to } = found
    const turned = directionOf({ protocol, source: destination, destination: source, from: to, to: from })
    if (!ways.has(directionOf(found)) && ways.get(turned) !== role) ways.set(directionOf(found), role)
  }
  return ways
}

function framesOf({ ports }: Ground, { trace }: Run): SimulatedFrame[] {
  const roles = new Map(trace.packets.map(({ id, role }) => [id, role]))
  return trace.hops.flatMap((hop): SimulatedFrame[] => {
    if (hop.kind !== 'tx' && hop.kind !== 'rx') return []
    const bytes = parseHex(hop.bytes)
    if (bytes === undefined) return []
    const packet = openPacket(bytes, hop.linkType, ports)
    const place = { netns: hop.netns, dev: hop.dev }
    const role = roles.get(hop.packet) ?? 'other'
    return [{ place, kind: hop.kind, packet, key: keyOf(packet), looseKey: looseKeyOf(packet), role }]
  })
}
