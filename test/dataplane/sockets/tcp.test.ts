import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NetNs, TcpListener, TcpSock } from '../../../src/dataplane/index.ts'
import { ip } from '../ipv4/hosts.ts'
import { counting, type Pair, pair } from './pair.ts'

const B = ip('10.0.0.2')

interface Server {
  readonly listener: TcpListener
  readonly accepted: TcpSock[]
  data(): number[]
}

/** A server that reads whatever comes, and closes when the client has. */
function serve(ns: NetNs, port: number, closes = true): Server {
  const listener = new TcpListener(ns, 'inet')
  expect(listener.listen(0, port)).toBeNull()
  const accepted: TcpSock[] = []
  const all: number[] = []
  listener.onAccept = (c) => {
    accepted.push(c)
    c.onReadable = () => {
      ns.sim.clock.after(1000, () => {
        all.push(...c.read())
        if (c.finReceived && closes) c.close()
      })
    }
  }
  return { listener, accepted, data: () => all }
}

/** A server that accepts and reads only when the test does. */
function lateReader(p: Pair): Pick<Server, 'accepted'> {
  const listener = new TcpListener(p.b, 'inet')
  expect(listener.listen(0, 80)).toBeNull()
  const accepted: TcpSock[] = []
  listener.onAccept = (c) => accepted.push(c)
  return { accepted }
}

function client(p: Pair, dport: number, daddr = B): TcpSock {
  const sock = new TcpSock(p.a, 'inet')
  sock.bind(0, 40000)
  expect(sock.connect(daddr, dport)).toBeNull()
  return sock
}

describe('TCP', () => {
  it('shakes hands, sends, and closes from both sides', () => {
    const p = pair()
    const { data } = serve(p.b, 80)
    const sock = client(p, 80)
    p.run(0.01)
    expect(sock.state).toBe('ESTABLISHED')
    sock.send(counting(3000))
    p.run(0.01)
    sock.shutdown()
    p.run(0.01)
    expect(data()).toEqual([...counting(3000)])
    expect(p.segments).toEqual([
      'a> S 0',
      'b> SA 0',
      'a> A 0',
      'a> A 1448',
      'a> A 1448',
      'a> PA 104',
      'b> A 0',
      'b> A 0',
      'b> A 0',
      'a> FA 0',
      'b> FA 0',
      'a> A 0',
    ])
    expect(sock.state).toBe('TIME_WAIT')
    expect([...p.b.sockets.tcp.keys()]).toEqual([])
    p.run(61)
    expect([...p.a.sockets.tcp.keys()]).toEqual([])
    expect(p.drops).toEqual([])
  })

  it('is refused by a closed port', () => {
    const p = pair()
    const sock = client(p, 81)
    let failed = ''
    sock.onFail = () => {
      failed = String(sock.err)
    }
    p.run(0.01)
    expect(failed).toBe('ECONNREFUSED')
    expect(p.segments).toEqual(['a> S 0', 'b> RA 0'])
    expect(p.drops).toEqual(['no_socket_tcp'])
  })

  it('repeats its SYN after 1, 3, 7 … seconds and gives up', () => {
    const p = pair({ loses: () => true })
    const sock = client(p, 80)
    const times: number[] = []
    let count = p.segments.length
    let failed = ''
    sock.onFail = () => {
      failed = String(sock.err)
    }
    for (let t = 0; t < 140; t++) {
      p.run(1)
      if (p.segments.length > count) times.push(t + 1)
      count = p.segments.length
    }
    expect(times).toEqual([1, 3, 7, 15, 31, 63])
    expect(failed).toBe('ETIMEDOUT')
  })

  it('hears of an unreachable host while it connects', () => {
    const p = pair({ farMtu: 1500 })
    const sock = client(p, 80, ip('172.16.0.1'))
    let failed = ''
    sock.onFail = () => {
      failed = String(sock.err)
    }
    p.run(0.01)
    expect(failed).toBe('ENETUNREACH')
  })

  it('ends with a reset when data is left unread', () => {
    const p = pair()
    const { accepted } = serve(p.b, 80)
    const sock = client(p, 80)
    p.run(0.01)
    accepted[0]?.send(counting(10))
    p.run(0.01)
    sock.close()
    p.run(0.01)
    expect(p.segments.at(-1)).toBe('a> RA 0')
    expect([...p.b.sockets.tcp.keys()]).toEqual([])
  })

  it('delays the ACK of data that will be answered', () => {
    const p = pair()
    const { accepted } = serve(p.b, 80)
    const sock = client(p, 80)
    p.run(0.01)
    sock.send(counting(10))
    p.run(0.01)
    accepted[0]?.send(counting(10)) // request and answer: from now on the server waits with its ACKs
    p.run(0.01)
    const before = p.segments.length
    sock.send(counting(10))
    p.run(0.02)
    expect(p.segments.slice(before)).toEqual(['a> PA 10'])
    p.run(0.2)
    expect(p.segments.slice(before)).toEqual(['a> PA 10', 'b> A 0'])
  })

  it('makes smaller segments for a narrower path', () => {
    const p = pair({ farMtu: 1400 })
    const { data } = serve(p.b, 80)
    const sock = client(p, 80, ip('10.0.1.2'))
    p.run(0.01)
    sock.send(counting(4000))
    p.run(1)
    expect(data()).toEqual([...counting(4000)])
    expect(p.segments.filter((s) => s === 'a> A 1348').length).toBeGreaterThanOrEqual(2)
  })

  it.each([
    { name: 'a SYN', loses: (n: number) => n === 0 },
    { name: 'a SYN-ACK', loses: (n: number) => n === 1 },
    { name: 'the first data segment', loses: (n: number) => n === 3 },
    { name: 'the last data segment', loses: (n: number) => n === 8 },
    { name: 'all data but the last segment', loses: (n: number) => n >= 3 && n <= 7 },
    { name: 'every third frame', loses: (n: number) => n % 3 === 2 },
  ])('recovers when it loses $name', ({ loses }) => {
    const p = pair({ loses })
    const { data } = serve(p.b, 80)
    const sock = client(p, 80)
    sock.onConnect = () => sock.send(counting(8000))
    p.run(60)
    expect(data()).toEqual([...counting(8000)])
  })

  it('delivers every byte once and in order, whatever is lost', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 3, max: 25 }), { maxLength: 14 }), // after 15 timeouts a connection is given up
        fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 1000 }),
        (lost, sizes, seed) => {
          const p = pair({ seed, loses: (n) => lost.includes(n) })
          const { data } = serve(p.b, 80)
          const sock = client(p, 80)
          sock.onConnect = () => {
            for (const size of sizes) sock.send(counting(size))
            sock.shutdown()
          }
          p.run(2000)
          expect(data()).toEqual(sizes.flatMap((size) => [...counting(size)]))
          expect(p.b.sockets.tcp.size).toBe(0)
        },
      ),
      {
        numRuns: 60,
        // found by chance: data behind a hole fills the window, and the last piece is larger than what is left of it
        examples: [[[6], [17_403, 17_877, 14_919, 19_682], 1]],
      },
    )
  })

  it('says when a program that reads late has made room', () => {
    const p = pair()
    const { accepted } = lateReader(p)
    const sock = client(p, 80)
    p.run(0.01)
    sock.send(counting(100_000))
    p.run(1)
    expect([sock.rtx.length, sock.unsent.length > 0]).toEqual([0, true])
    const before = p.segments.length
    const first = accepted[0]?.read()
    expect(p.segments.slice(before)).toEqual(['b> A 0'])
    p.run(0.05)
    expect([...(first ?? []), ...(accepted[0]?.read() ?? [])]).toEqual([...counting(100_000)])
  })

  it('probes a closed window, each time after twice the wait, in case the word of its opening was lost', () => {
    let isLossy = false
    const p = pair({ loses: () => isLossy })
    const { accepted } = lateReader(p)
    const sock = client(p, 80)
    p.run(0.01)
    sock.send(counting(100_000))
    p.run(0.5) // what the window still takes is sent as the first probe
    expect(sock.sndWnd).toBe(0)
    const probes: number[] = []
    for (let tenth = 0; tenth < 150; tenth++) {
      const count = p.segments.length
      p.run(0.1)
      if (p.segments.length > count) {
        expect(p.segments[count]).toBe('a> A 0') // most are answered, but answers to old segments are rare
        probes.push(tenth)
      }
    }
    expect(probes.slice(1).map((tenth, i) => tenth - (probes[i] as number))).toEqual([8, 17, 34, 68])
    isLossy = true
    accepted[0]?.read()
    isLossy = false
    expect(sock.sndWnd).toBe(0)
    p.run(20)
    expect(sock.sndUna).toBe(sock.writeSeq)
  })

  it('gives a peer up whose window stays closed and that says nothing', () => {
    let isLossy = false
    const p = pair({ loses: () => isLossy })
    lateReader(p)
    const sock = client(p, 80)
    p.run(0.01)
    sock.send(counting(100_000))
    p.run(0.1)
    isLossy = true
    let failed = ''
    sock.onFail = () => {
      failed = String(sock.err)
    }
    p.run(2000)
    expect(failed).toBe('ETIMEDOUT')
  })

  it('resets a handshake whose listener is gone', () => {
    const p = pair({ loses: (n) => n === 2 })
    const { listener } = serve(p.b, 80)
    const sock = client(p, 80)
    p.run(0.01)
    listener.close()
    sock.send(counting(1))
    p.run(0.01)
    expect(p.segments.at(-1)).toBe('b> R 0')
    expect([p.a.sockets.tcp.size, p.b.sockets.tcp.size]).toEqual([0, 0])
  })

  it('goes on where it was after stepping back', () => {
    const p = pair({ loses: (n) => n === 4 })
    const { data } = serve(p.b, 80)
    const sock = client(p, 80)
    p.run(0.01)
    sock.send(counting(1))
    p.run(0.05) // the answer to it is lost: a timer is armed
    const saved = p.sim.snapshot()
    p.run(100)
    const before = p.segments.length
    p.sim.restore(saved)
    expect(sock.sndUna).not.toBe(sock.sndNxt)
    p.run(100)
    expect(sock.sndUna).toBe(sock.sndNxt)
    expect(p.segments.slice(before)).toEqual(['a> PA 1', 'b> A 0'])
    expect(data()).toEqual([0])
  })

  it('leaves no timer behind', () => {
    const p = pair()
    serve(p.b, 80)
    const sock = client(p, 80)
    sock.onConnect = () => {
      sock.send(counting(5000))
      sock.shutdown()
    }
    p.run(0.1)
    p.a.neigh.flush()
    p.b.neigh.flush()
    p.run(100)
    expect(p.sim.clock.pending).toBe(0)
  })
})
