// `ip route show SELECTOR`: held against iproute2 6.1 with the same routes in a network namespace.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { iface, namespace, networkOf, route } from '../../src/model/index.ts'
import { Shell } from '../../src/shell/index.ts'

const OWN = '10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 \n'
const DEFAULT = 'default via 10.0.0.2 dev eth0 \n'
const BIRD = '10.9.0.0/16 via 10.0.0.2 dev eth0 proto bird \n'
const BLACKHOLE = 'blackhole 10.8.0.0/24 proto bird \n'
const UPLINK = '172.16.0.0/12 dev eth1 scope link \n'

const shell = new Shell(
  Lab.fromNetwork(
    networkOf([
      namespace('node', {
        role: 'node',
        interfaces: [
          iface({ name: 'eth0', mac: '02:00:00:00:00:01', kind: 'dummy', addresses: ['10.0.0.1/24'] }),
          iface({ name: 'eth1', mac: '02:00:00:00:00:02', kind: 'dummy' }),
        ],
        routes: [
          route('0.0.0.0/0', { via: '10.0.0.2', dev: 'eth0', protocol: 'boot' }),
          route('10.8.0.0/24', { type: 'blackhole', protocol: 'bird' }),
          route('10.9.0.0/16', { via: '10.0.0.2', dev: 'eth0', protocol: 'bird' }),
          route('172.16.0.0/12', { dev: 'eth1', scope: 'link', protocol: 'boot' }),
        ],
      }),
    ]),
  ),
  'node',
)

describe('ip route show', () => {
  it.each([
    ['', DEFAULT + OWN + BLACKHOLE + BIRD + UPLINK],
    ['default', DEFAULT],
    ['0/0', DEFAULT],
    ['10.9.0.0/16', BIRD],
    ['exact 10.9.0.0/16', BIRD],
    ['10.9.0.0', ''],
    ['10.9.1.1/16', BIRD],
    ['root 10/8', OWN + BLACKHOLE + BIRD],
    ['root 10.9.0.0/16', BIRD],
    ['root default', DEFAULT + OWN + BLACKHOLE + BIRD + UPLINK],
    ['match 10.9.1.1', DEFAULT + BIRD],
    ['to match 10.9.1.1', DEFAULT + BIRD],
    ['match default', DEFAULT],
    ['10.9.0.0/16 10.8.0.0/24', BLACKHOLE],
    ['dev eth1', '172.16.0.0/12 scope link \n'],
    ['oif eth1', '172.16.0.0/12 scope link \n'],
    ['via 10.0.0.2', 'default dev eth0 \n10.9.0.0/16 dev eth0 proto bird \n'],
    ['proto bird', 'blackhole 10.8.0.0/24 \n10.9.0.0/16 via 10.0.0.2 dev eth0 \n'],
    ['proto 12', 'blackhole 10.8.0.0/24 \n10.9.0.0/16 via 10.0.0.2 dev eth0 \n'],
    ['scope link', '10.0.0.0/24 dev eth0 proto kernel src 10.0.0.1 \n172.16.0.0/12 dev eth1 \n'],
    ['src 10.0.0.1', '10.0.0.0/24 dev eth0 proto kernel scope link \n'],
    ['type blackhole', BLACKHOLE],
    ['table main proto bird match 10.9.1.1', '10.9.0.0/16 via 10.0.0.2 dev eth0 \n'],
    ['table 254 10.9.0.0/16', BIRD],
  ])('%s', (selector, stdout) => {
    expect(shell.execute(`ip route show ${selector}`)).toMatchObject({ stdout, exitCode: 0 })
  })

  it.each([
    ['bogus', 'Error: any valid prefix is expected rather than "bogus".\n', 1],
    ['10.0.0.1/33', 'Error: any valid prefix is expected rather than "10.0.0.1/33".\n', 1],
    ['via nope', 'Error: any valid prefix is expected rather than "nope".\n', 1],
    ['scope nope', 'Error: argument "nope" is wrong: invalid "scope"\n', 255],
    ['dev', 'Command line is not complete. Try option "help"\n', 255],
    ['from 10.0.0.0/8', 'packetwalk: ip route show from is not modelled\n', 1],
  ])('%s is refused', (selector, stderr, exitCode) => {
    expect(shell.execute(`ip route show ${selector}`)).toMatchObject({ stdout: '', stderr, exitCode })
  })

  it('leaves the same words out of JSON', () => {
    expect(JSON.parse(shell.execute('ip -j route show dev eth1').stdout)).toEqual([
      { type: 'unicast', dst: '172.16.0.0/12', protocol: 'boot', scope: 'link', flags: [] },
    ])
  })
})
