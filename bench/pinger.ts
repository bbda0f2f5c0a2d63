import { readFileSync } from 'node:fs'
import { Lab } from 'packetwalk'
import type { WorkloadEndpoint } from 'packetwalk/control'
import { RawSock } from 'packetwalk/dataplane'
import { checksum, type Ipv4, ipv4ToNumber, writeU16 } from 'packetwalk/wire'
import type { Mode } from './cluster.ts'

const ICMP = 1
const ECHO_REQUEST = 8

/** One that pings another again and again. */
export interface Pinger {
  /** The lab. */
  readonly lab: Lab
  /** One ping, there and back; throws when no reply came. */
  ping(): void
}

/** The lab of a demo, and two pods of it that are on two nodes. */
export function demoPods(mode: Mode, record: boolean): { lab: Lab; from: WorkloadEndpoint; to: WorkloadEndpoint } {
  const text = readFileSync(new URL(`../examples/demo/${mode}.yaml`, import.meta.url), 'utf8')
  const lab = Lab.load(text, { record })
  const [from, to] = (lab.cluster?.workloadEndpoints ?? []).filter((pod) => pod.namespace === 'default')
  if (from === undefined || to === undefined) throw new Error('two pods are needed')
  return { lab, from, to }
}

/** Pings between the pods of a demo, which are on two nodes. */
export function demoPinger(mode: Mode, record: boolean): Pinger {
  const { lab, from, to } = demoPods(mode, record)
  return pinger(lab, from.netns, to.addresses[0] as Ipv4)
}

/** Pings an address from a namespace; neighbours are known after the first. */
export function pinger(lab: Lab, from: string, to: Ipv4): Pinger {
  const { simulation, recorder } = lab
  const socket = new RawSock(simulation.netns(from), 'inet', ICMP)
  const destination = ipv4ToNumber(to)
  const payload = new Uint8Array(64)
  payload[0] = ECHO_REQUEST
  writeU16(payload, 4, 1)
  let sequence = 0
  let replies = 0
  socket.onReceive = () => {
    replies++
  }
  const ping = (): void => {
    recorder?.clear()
    sequence = (sequence + 1) & 0xffff
    writeU16(payload, 6, sequence)
    writeU16(payload, 2, 0)
    writeU16(payload, 2, checksum(payload, 0, payload.length))
    const before = replies
    socket.sendTo(payload, destination)
    simulation.run(simulation.clock.now)
    if (replies !== before + 1) throw new Error(`no reply from ${to}`)
  }
  ping()
  return { lab, ping }
}

/** How many hop events one ping is: what a recorder would write. */
export function eventsOf({ lab, ping }: Pinger): number {
  const { recorder } = lab
  if (recorder === null) throw new Error('a recorder is needed')
  ping()
  return recorder.length
}
