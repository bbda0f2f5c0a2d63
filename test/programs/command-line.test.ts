import { describe, expect, it } from 'vitest'
import { parseProgram } from '../../src/programs/command-line.ts'
import { listScenarios, readScenario, scenarioText } from '../support/captures.ts'

describe('command lines of probes', () => {
  it.each([
    {
      kind: 'icmp-echo',
      command: 'ping -6 -n -c 2 -W 0.7 -s 8 -e 16385 -i 0.2 -t 3 -Q 184 -M do -I 10.0.0.1 fe80::1%eth0',
      parsed: {
        kind: 'ping',
        options: {
          destination: 'fe80::1',
          scope: 'eth0',
          count: 2,
          linger: 0.7,
          size: 8,
          ident: 16385,
          interval: 0.2,
          ttl: 3,
          tos: 184,
          pmtudisc: 'do',
          source: '10.0.0.1',
        },
      },
    },
    {
      kind: 'traceroute-tcp',
      command: 'traceroute -n -q 1 -N 1 -m 5 -T -p 80 -w 1 --sport=9 10.0.0.1',
      parsed: {
        kind: 'traceroute',
        options: {
          destination: '10.0.0.1',
          probes: 1,
          simultaneous: 1,
          maxHops: 5,
          method: 'tcp',
          port: 80,
          wait: 1,
          sport: 9,
        },
      },
    },
    {
      kind: 'udp',
      command: 'udp-send *:40001 -> [fd00::1]:7 size=3 count=2 tos=0x28 pmtudisc=dont (echo server in b, reply size 9)',
      parsed: {
        kind: 'udp',
        destination: 'fd00::1',
        dport: 7,
        sport: 40001,
        size: 3,
        count: 2,
        tos: 40,
        pmtudisc: 'dont',
        servers: [{ netns: 'b', port: 7 }],
        replySize: 9,
        terse: false,
      },
    },
    {
      kind: 'tcp',
      command: 'tcp-connect *:40001 -> 10.0.0.1:80 request=64 reply=100 (server in b on port 8080)',
      parsed: {
        kind: 'tcp',
        destination: '10.0.0.1',
        dport: 80,
        sport: 40001,
        request: 64,
        reply: 100,
        servers: [{ netns: 'b', port: 8080 }],
      },
    },
  ])('$kind: $command', ({ kind, command, parsed }) => {
    expect(parseProgram(kind, command)).toEqual(parsed)
  })

  it.each([
    { kind: 'icmp-echo', command: 'ping -f 10.0.0.1', says: 'ping -f' },
    { kind: 'icmp-echo', command: 'ping example.org', says: 'ping without an address: ping example.org' },
    { kind: 'traceroute-udp', command: 'traceroute -z 10.0.0.1', says: 'traceroute -z' },
    { kind: 'quic', command: 'q', says: 'probes of kind quic' },
  ])('names what it does not know: $command', ({ kind, command, says }) => {
    expect(parseProgram(kind, command)).toBe(says)
  })

  it('knows every command of the captures', () => {
    for (const name of listScenarios()) {
      const { probes } = JSON.parse(scenarioText(readScenario(name), 'scenario.json')) as {
        probes: { kind: string; command: string }[]
      }
      for (const { kind, command } of probes) expect(typeof parseProgram(kind, command), command).toBe('object')
    }
  })
})
