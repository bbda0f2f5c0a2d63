import type { TooLong } from '../model/index.ts'
import { fieldNumber, headersOfHop, lastMatch } from '../trace/index.ts'
import type { Cause, DropPlace } from './cause.ts'
import { commandAt, six } from './commands.ts'
import type { Facts } from './facts.ts'

/** Bytes of IP and ICMP header in front of what `ping -s` counts. */
const PING_HEADERS = { 4: 20 + 8, 6: 40 + 8 } as const

/** A packet longer than the way on takes, with the sum. */
export function tooBig({ drop, lost, facts }: DropPlace): Cause {
  const route = lastMatch(lost.hops, (hop) => hop.kind === 'route')
  // A tunnel looks for its own way first; what does not fit is the packet it was given.
  const isTunnel = drop.cause === 'tunnel_too_big'
  const out = (route?.kind === 'route' && !isTunnel ? route.out : undefined) ?? drop.dev
  const destination = lost.flow?.destination ?? ''
  const family = six(destination) === '' ? 4 : 6
  const length = lengthOf(lost.hops)
  const mtu = toldMtu(lost, drop.packet)
  const advice = `The sender must send smaller packets (the MTU of ${drop.netns} ${out} decides), or clear DF; pods behind a tunnel need its overhead taken off their MTU`
  const isPing = lost.flow?.protocol === 'icmp' || lost.flow?.protocol === 'icmpv6'
  const sum = length === undefined || mtu === undefined ? '' : sumOf(length, mtu, isPing ? PING_HEADERS[family] : 0)
  return {
    code: 'mtu_exceeded',
    dev: out,
    ...(sum === '' ? {} : { because: sum }),
    right: advice,
    checks: [`ip link show ${out}`],
    placed:
      mtu === undefined
        ? []
        : [
            commandAt(
              facts,
              lost.from,
              `ping ${six(destination)}-M do -c 1 -s ${mtu - PING_HEADERS[family]} ${destination}`,
            ),
          ],
  }
}

/** What the sender's own host refused: its card, or what it has learned of the way, takes no packet as long as that. */
export function refusedAsTooLong({ destination, length, headers, mtu }: TooLong, at: string, facts: Facts): Cause {
  const lines = [
    `ip ${six(destination)}route get ${destination}`,
    `ping ${six(destination)}-M do -c 1 -s ${mtu - headers} ${destination}`,
  ]
  return {
    code: 'mtu_exceeded',
    because: sumOf(length, mtu, headers),
    right: 'Send smaller packets, or clear DF',
    checks: lines.map((line) => commandAt(facts, at, line)),
  }
}

/** `1472 + 28 = 1500 > 1450; largest that passes: --size 1422`. */
function sumOf(length: number, mtu: number, headers: number): string {
  if (headers === 0) return `${length} > ${mtu} bytes`
  return `${length - headers} + ${headers} = ${length} > ${mtu}; largest that passes: --size ${mtu - headers}`
}

/** Length of the innermost IP packet, in bytes, where a device saw it first. */
function lengthOf(hops: DropPlace['lost']['hops']): number | undefined {
  for (const hop of hops) {
    if (hop.kind !== 'tx' && hop.kind !== 'rx') continue
    const headers = headersOfHop(hop)
    const ip = lastMatch(headers, (layer) => layer.protocol === 'ipv4' || layer.protocol === 'ipv6')
    if (ip === undefined) continue
    return ip.protocol === 'ipv4' ? fieldNumber(ip, 'totalLength') : 40 + fieldNumber(ip, 'payloadLength')
  }
  return undefined
}

/** What the one who dropped it told the sender. */
function toldMtu({ trace }: DropPlace['lost'], packet: number): number | undefined {
  const told = trace.hops.find((hop) => hop.kind === 'icmp-error' && hop.packet === packet && hop.info > 0)
  return told?.kind === 'icmp-error' ? told.info : undefined
}
