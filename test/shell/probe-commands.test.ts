// arping and tracepath between two namespaces joined by a veth pair, as those of iputils 20221126 printed it there on a real kernel.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { cable, iface, namespace, networkOf } from '../../src/model/index.ts'
import { Shell } from '../../src/shell/index.ts'

const LO = iface({ name: 'lo', kind: 'loopback', addresses: ['127.0.0.1/8'], mtu: 65_536 })

function shell(...more: readonly string[]): Shell {
  const network = networkOf(
    [
      namespace('a', {
        role: 'node',
        interfaces: [LO, iface({ name: 'va', mac: '02:00:00:00:00:0a', addresses: ['10.0.0.1/24'] })],
        sysctls: {},
      }),
      namespace('b', {
        interfaces: [LO, iface({ name: 'vb', mac: '02:00:00:00:00:0b', addresses: ['10.0.0.2/24'] })],
      }),
    ],
    [cable(['a', 'va'], ['b', 'vb'])],
  )
  const session = new Shell(Lab.fromNetwork(network), 'a')
  for (const line of more) session.execute(line)
  return session
}

/** Output with times taken out, which are a machine's own. */
function typed(line: string, ...before: readonly string[]): { readonly out: string; readonly code: number } {
  const { stdout, stderr, exitCode } = shell(...before).execute(line)
  return { out: `${stdout}${stderr}`.replace(/ +\d+\.\d{3}ms/g, ' TIME'), code: exitCode }
}

describe('arping', () => {
  const answer = 'Unicast reply from 10.0.0.2 [02:00:00:00:00:0B] TIME\n'
  it.each([
    [
      'arping -c 2 -I va 10.0.0.2',
      `ARPING 10.0.0.2 from 10.0.0.1 va\n${answer}${answer}Sent 2 probes (1 broadcast(s))\nReceived 2 response(s)\n`,
      0,
    ],
    [
      'arping -c 1 -w 1 -I va 10.0.0.9',
      'ARPING 10.0.0.9 from 10.0.0.1 va\nSent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n',
      1,
    ],
    [
      'arping -c 1 10.0.0.2',
      `ARPING 10.0.0.2 from 10.0.0.1 va\n${answer}Sent 1 probes (1 broadcast(s))\nReceived 1 response(s)\n`,
      0,
    ],
    [
      'arping -D -c 1 -I va 10.0.0.2',
      `ARPING 10.0.0.2 from 0.0.0.0 va\n${answer}Sent 1 probes (1 broadcast(s))\nReceived 1 response(s)\n`,
      1,
    ],
    ['arping -c 1 -I nope 10.0.0.2', 'arping: Device nope not available.\n', 2],
    ['arping -I lo -c1 10.0.0.2', 'Interface "lo" is not ARPable\n', 2],
  ])('%s', (line, out, code) => {
    expect(typed(line)).toEqual({ out, code })
  })

  it.each([
    ['-b', 3, 'Sent 3 probes (3 broadcast(s))'],
    ['', 3, 'Sent 3 probes (1 broadcast(s))'],
    ['-f', 3, 'Sent 1 probes (1 broadcast(s))'],
  ])('asks with %j', (option, count, line) => {
    expect(typed(`arping ${option} -c ${count} 10.0.0.2`).out).toContain(line)
  })

  it('says nothing with -q, and leaves the neighbour table as it was', () => {
    const session = shell()
    expect(session.execute('arping -q -c 1 10.0.0.2')).toMatchObject({ stdout: '', exitCode: 0 })
    expect(session.execute('ip neigh').stdout).toBe('')
  })
})

describe('tracepath', () => {
  it.each([
    [
      '10.0.0.2',
      ' 1?: [LOCALHOST]                      pmtu 1500\n 1:  10.0.0.2 TIME reached\n     Resume: pmtu 1500 hops 1 back 1 \n',
    ],
    ['10.0.0.9', ' 1?: [LOCALHOST]                      pmtu 1500\n 1:  10.0.0.1 TIME !H\n     Resume: pmtu 1500 \n'],
    ['10.0.9.2', ' 1:  send failed\n     Resume: pmtu 65535 \n'],
    ['-m 0 10.0.0.2', '     Too many hops: pmtu 65535\n     Resume: pmtu 65535 \n'],
    ['-l 1000 10.0.0.2', ' 1:  10.0.0.2 TIME reached\n     Resume: pmtu 1000 hops 1 back 1 \n'],
  ])('%s', (words, out) => {
    expect(typed(`tracepath -n ${words}`)).toEqual({ out, code: 0 })
  })

  it('gives a hop that is silent three tries', () => {
    const { out } = typed('tracepath -n -m 2 10.9.0.9', 'ip route add 10.9.0.0/16 via 10.0.0.2')
    expect(out).toBe(
      ' 1?: [LOCALHOST]                      pmtu 1500\n 1:  no reply\n 2:  no reply\n     Too many hops: pmtu 1500\n     Resume: pmtu 1500 \n',
    )
  })

  it.each([['-l 20', 'tracepath: pktlen must be within: 28 < value <= 2147483647\n', 1]])(
    '%s is refused',
    (words, out, code) => {
      expect(typed(`tracepath ${words} 10.0.0.2`)).toEqual({ out, code })
    },
  )
})
