import { readFileSync } from 'node:fs'
import { Lab } from 'packetwalk'
import { RawSock } from 'packetwalk/dataplane'
import { checksum, type Ipv4, ipv4ToNumber, writeU16 } from 'packetwalk/wire'

const ICMP = 1
const ECHO_REQUEST = 8

/** A demo cluster by mode, with one pod that pings another on the other node again and again. */
export interface Pinger {
  /** The lab. */
  readonly lab: Lab
  /** One ping, there and back; throws when no reply came. */
  ping(): void
}

/** Pings between the two pods of a demo; neighbours are known after the first. */
export function pinger(mode: 'ipip' | 'vxlan' | 'noencap', record: boolean): Pinger {
  const text = readFileSync(new URL(`../examples/demo/${mode}.yaml`, import.meta.url), 'utf8')
  return pingerOf(Lab.load(text, { record }))
}

/** Pings between the first two pods of the namespace default. */
export function pingerOf(lab: Lab): Pinger {
  const pods = (lab.cluster?.workloadEndpoints ?? []).filter((pod) => pod.namespace === 'default')
  const [from, to] = pods
  if (from === undefined || to === undefined) throw new Error('two pods are needed')
  const { simulation, recorder } = lab
  const socket = new RawSock(simulation.netns(from.netns), 'inet', ICMP)
  const destination = ipv4ToNumber(to.addresses[0] as Ipv4)
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
    if (replies !== before + 1) throw new Error('no reply')
  }
  ping()
  return { lab, ping }
}
