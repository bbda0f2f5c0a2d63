// A program whose own host refuses a system call sends no packet: the trace says it in the program's words.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { cable, iface, namespace, networkOf } from '../../src/model/index.ts'
import { hopsOf } from '../../src/trace/index.ts'

/** Two machines on one wire; neither has a route to anything else. */
function lab(): Lab {
  const host = (name: string, last: number) =>
    namespace(name, { interfaces: [iface({ name: 'eth0', addresses: [`10.0.0.${last}/24`] })] })
  return Lab.fromNetwork(networkOf([host('a', 1), host('b', 2)], [cable(['a', 'eth0'], ['b', 'eth0'])]))
}

const FAR = '10.9.9.9'

describe('what the host refuses is in the trace', () => {
  it.each([
    ['ping', (l: Lab) => l.ping('a', FAR), 'local error: connect: Network is unreachable'],
    ['traceroute', (l: Lab) => l.traceroute('a', FAR), 'error: connect: Network is unreachable'],
    ['UDP', (l: Lab) => l.udp('a', FAR, 53), 'send error: ENETUNREACH'],
    ['TCP', (l: Lab) => l.tcp('a', FAR, 80), 'connect error: ENETUNREACH'],
  ] as const)('%s', (_name, run, outcome) => {
    const done = run(lab())
    expect(done.outcome).toBe(outcome)
    expect(hopsOf(done.trace, 'program', 'a').map((hop) => hop.reason)).toEqual([expect.stringContaining(outcome)])
  })

  it('and nothing when packets tell the story', () => {
    expect(hopsOf(lab().ping('a', '10.0.0.2').trace, 'program')).toEqual([])
    expect(hopsOf(lab().ping('a', '10.0.0.99').trace, 'program')).toEqual([])
  })
})
