// TCP between two hosts that lose segments as a seed says: every segment, and the state of both sockets after each.
import { describe } from 'vitest'
import { Recorder, SECOND, TcpListener, TcpSock } from '../../src/dataplane/index.ts'
import { counting, pair } from '../dataplane/sockets/pair.ts'
import { Random } from '../robustness/random.ts'
import { goldens } from '../support/golden.ts'
import { recordText, stateText } from './texts.ts'

const SYSCTLS: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  {},
  { 'net.ipv4.tcp_sack': '0' },
  { 'net.ipv4.tcp_timestamps': '0' },
  { 'net.ipv4.tcp_window_scaling': '0' },
  { 'net.ipv4.tcp_rmem': '4096 6000 8192' },
  { 'net.ipv4.tcp_retries2': '4', 'net.ipv4.tcp_syn_retries': '3', 'net.ipv4.tcp_synack_retries': '2' },
  { 'net.ipv4.tcp_mtu_probing': '2' },
  { 'net.ipv4.tcp_fin_timeout': '5', 'net.ipv4.tcp_keepalive_time': '7' },
  { 'net.ipv4.tcp_recovery': '0' },
]

/** What a socket knows: the numbers, truths and words among its members, whatever these are called. */
const knownBy = (sock: TcpSock | undefined): unknown[] =>
  Object.values(sock ?? {}).filter((value) => ['number', 'boolean', 'string'].includes(typeof value))

describe('a transfer is as it was', () => {
  goldens(
    'transfers',
    Array.from({ length: 60 }, (_, seed) => `seed ${seed}`),
    (key) => {
      const seed = Number(key.split(' ')[1])
      const random = new Random(seed + 1)
      const often = random.pick([0, 4, 8, 20, 60])
      const burst = random.pick([0, 0, 6])
      const [first, last] = [random.below(30), random.below(200)]
      const p = pair({
        seed,
        sysctls: random.pick(SYSCTLS),
        loses: (n) =>
          (often > 0 && random.oneIn(often)) || (burst > 0 && n >= first && n < first + burst) || n === last,
        ...(random.oneIn(3) ? { farMtu: random.pick([576, 1280, 1400]) } : {}),
      })
      const recorder = new Recorder()
      p.sim.recorder = recorder
      const accepted: TcpSock[] = []
      const listener = new TcpListener(p.b, 'inet')
      listener.listen(0, 80)
      const [asks, answers] = [random.pick([1, 1000, 5000, 60_000]), random.pick([0, 1, 3000, 60_000])]
      const slow = random.oneIn(4)
      listener.onAccept = (peer) => {
        accepted.push(peer)
        let got = 0
        let done = false
        peer.onReadable = () => {
          if (slow && got > 3000 && got < 9000 && random.oneIn(3)) return
          got += peer.read().length
          if (got >= asks && !done) {
            done = true
            if (answers > 0) peer.send(counting(answers))
          }
          if (peer.finReceived) peer.close()
        }
      }
      const client = new TcpSock(p.a, 'inet')
      let back = 0
      client.onConnect = () => client.send(counting(asks))
      client.onReadable = () => {
        back += client.read().length
      }
      const to = p.sim.network.namespaces['r'] === undefined ? 0x0a000002 : 0x0a000102
      client.connect(to, 80)
      const states: string[] = []
      for (const pause of [0.1, 0.2, 0.5, 1, 3, 10, 40]) {
        p.run(pause)
        states.push(JSON.stringify([knownBy(client), knownBy(accepted[0])]))
        if (pause === 3 && random.oneIn(2)) client.close()
        if (pause === 1 && random.oneIn(5)) client.send(counting(100))
      }
      client.close()
      p.sim.run(p.sim.clock.now + 200 * SECOND)
      return `${p.segments.join('\n')}\n${states.join('\n')}\n${back}\n${recordText(recorder)}${stateText(p.sim)}`
    },
  )
})
