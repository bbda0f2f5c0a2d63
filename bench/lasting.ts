import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { RawSock, Recorder, SECOND, Simulation } from 'packetwalk/dataplane'
import { buildIcmp, echoWord, ipv4ToNumber } from 'packetwalk/wire'
import type { Row } from './measure.ts'
import { demoPods } from './pinger.ts'

const PINGS = 100_000
const EVERY = 0.1 * SECOND
const MEGA = 1e6
const ICMP = 1

/** The collector of V8, which only shows itself behind a flag. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** A simulation of its own, and what pings in it. */
function fresh(record: boolean): { simulation: Simulation; ping: (ident: number) => void } {
  const { lab, from, to } = demoPods('ipip', false)
  const destination = ipv4ToNumber(to.addresses[0] as string)
  const recorder = record ? new Recorder() : null
  const simulation = new Simulation(lab.network, { recorder })
  let socket: RawSock | undefined
  let replies = 0
  const ping = (ident: number): void => {
    if (socket === undefined) {
      socket = new RawSock(simulation.netns(from.netns), 'inet', ICMP)
      socket.onReceive = () => {
        replies++
      }
    }
    recorder?.clear()
    const before = replies
    socket.sendTo(echo(ident), destination)
    simulation.run(simulation.clock.now + EVERY)
    if (replies !== before + 1) throw new Error('no reply')
  }
  return { simulation, ping }
}

function echo(ident: number): Uint8Array {
  const bytes = new Uint8Array(64)
  buildIcmp(bytes, 0, bytes.length, { type: 8, code: 0, restOfHeader: echoWord(ident & 0xffff, 1) })
  return bytes
}

/** The first ping in a new simulation: two nodes are compiled, everybody asks for addresses. */
function* first(): Iterable<Row> {
  for (const record of [true, false]) {
    let best = Number.POSITIVE_INFINITY
    for (let i = 0; i < 60; i++) {
      const { ping } = fresh(record)
      const start = performance.now()
      ping(1)
      best = Math.min(best, performance.now() - start)
    }
    yield {
      name: `first ping in a new simulation, ipip, ${record ? 'recorded' : 'no recorder'}`,
      value: best,
      unit: 'ms',
    }
  }
}

/** Many pings, each a connection of its own, a tenth of a second apart: what is kept of them. */
function* many(): Iterable<Row> {
  const collect = collector()
  const { simulation, ping } = fresh(false)
  const heap = (): number => {
    collect()
    return process.memoryUsage().heapUsed / MEGA
  }
  for (let i = 0; i < PINGS / 10; i++) ping(i)
  const before = heap()
  for (let i = PINGS / 10; i < PINGS; i++) ping(i)
  const value = heap() - before
  const kept = Math.max(...simulation.compiledNamespaces().map((ns) => ns.nf?.conntrack().length ?? 0))
  const note = `heap ${before.toFixed(1)} MB after the first ${PINGS / 10}; ${kept} connections tracked at the end`
  yield { name: `${PINGS} pings, a connection each: heap grows by`, value, unit: 'MB', note }
}

/** What a simulation costs at first, and in the long run. */
export function* lasting(): Iterable<Row> {
  yield* first()
  yield* many()
}
