import { SECOND, TcpListener, TcpSock } from 'packetwalk/dataplane'
import { ipv4ToNumber } from 'packetwalk/wire'
import type { Mode } from './cluster.ts'
import type { Row } from './measure.ts'
import { demoPods } from './pinger.ts'

const MODES: readonly Mode[] = ['ipip', 'vxlan', 'noencap']
const BYTES = 10_000_000
const PORT = 5001
const ROUNDS = 7

/** Sends ten million bytes over one connection between pods of two nodes. @returns the seconds it took by the clock on the wall */
function transfer(mode: Mode): number {
  const { lab, from, to } = demoPods(mode, false)
  const { simulation } = lab
  let received = 0
  const listener = new TcpListener(simulation.netns(to.netns), 'inet')
  listener.listen(0, PORT)
  listener.onAccept = (peer) => {
    peer.onReadable = () => {
      received += peer.read().length
    }
  }
  const data = new Uint8Array(BYTES)
  const start = performance.now()
  const socket = new TcpSock(simulation.netns(from.netns), 'inet')
  socket.onConnect = () => socket.send(data)
  socket.connect(ipv4ToNumber(to.addresses[0] as string), PORT)
  simulation.runUntilIdle(simulation.clock.now + 3600 * SECOND)
  if (received !== BYTES) throw new Error(`${received} of ${BYTES} bytes came`)
  return (performance.now() - start) / 1000
}

/** TCP between two pods across nodes, nobody recording: bytes delivered a second. */
export function* transfers(): Iterable<Row> {
  for (const mode of MODES) {
    const seconds = Math.min(...Array.from({ length: ROUNDS }, () => transfer(mode)))
    const value = BYTES / 1e6 / seconds
    yield { name: `TCP, ${BYTES / 1e6} MB, ${mode}, no recorder`, value, unit: 'MB/s' }
  }
}
