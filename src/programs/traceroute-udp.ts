import { type Errno, UdpSock } from '../dataplane/index.ts'
import {
  answerOf,
  familyOf,
  type ProbeAnswer,
  type ProbeContext,
  type Prober,
  probeMessage,
  tune,
  unlessReported,
} from './traceroute-probe.ts'

/** One UDP socket a probe, to a port that nobody listens on; the port rises with every probe. */
export class UdpProber implements Prober {
  private readonly c: ProbeContext
  private readonly open = new Set<UdpSock>()

  constructor(c: ProbeContext) {
    this.c = c
  }

  /** @inheritDoc */
  send(index: number, ttl: number, answered: (answer: ProbeAnswer) => void): Errno | null {
    const { c } = this
    const sock = new UdpSock(c.ns, familyOf(c))
    tune(sock, c, ttl)
    sock.reuse = true
    this.open.add(sock)
    const failed = sock.bind(c.saddr, c.sport) ?? sock.connect(c.daddr, c.port + index)
    if (failed !== null) return failed
    const done = (answer: ProbeAnswer): void => {
      this.open.delete(sock)
      sock.close()
      answered(answer)
    }
    sock.onReceive = (d) => done({ from: d.saddr, final: true, note: '' })
    sock.onError = () => {
      const e = sock.errorQueue.shift()
      if (e !== undefined) done(answerOf(e))
    }
    return unlessReported(sock.send(probeMessage(c.dataLength)))
  }

  /** @inheritDoc */
  close(): void {
    for (const s of this.open) s.close()
  }
}
