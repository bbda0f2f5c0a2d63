// What a sysctl is where nobody set it, against a new network namespace of a real kernel (6.18): as root,
// `unshare -n sysctl -a`, of the interfaces `default` (neighbours: `lo`).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { confKey, neighKey, SYSCTL_DEFAULTS, sysctlOf } from '../../src/model/sysctl.ts'
import { ROOT } from '../support/source-files.ts'

const REAL = readFileSync(join(ROOT, 'test/fixtures/linux/sysctls-of-a-new-namespace.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): [string, string] => line.split(' = ') as [string, string])

/** Where packetwalk means something else, and why. */
const OTHERWISE: Readonly<Record<string, [ours: string, why: string]>> = {
  'net.ipv4.icmp_ratelimit': ['0', 'no error is held back unless somebody asks for it'],
  'net.ipv6.icmp.ratelimit': ['0', 'the same'],
  'net.ipv4.tcp_rmem': ['4096\t131072\t6291456', 'the kernel reckons it from the memory of the machine; as of 6.1'],
  'net.ipv4.conf.default.accept_source_route': ['0', '`all`, which is and-ed to it, is 0'],
  'net.ipv6.conf.default.mtu': ['1500', 'every interface has that of its link'],
  'net.bridge.bridge-nf-call-iptables': ['0', 'without the module br_netfilter'],
  'net.bridge.bridge-nf-call-ip6tables': ['0', 'the same'],
  'net.bridge.bridge-nf-call-arptables': ['0', 'the same'],
}
/** Constants of the kernel that a namespace cannot read. */
const NOT_SHOWN: Readonly<Record<string, string>> = {
  'net.ipv4.route.error_cost': '0',
  'net.ipv4.route.error_burst': '1250',
  'net.ipv4.route.redirect_number': '9',
  'net.ipv4.route.redirect_load': '5',
  'net.ipv4.route.redirect_silence': '5120',
  'net.ipv6.ip_default_ttl': '64',
}

const nothing = { sysctls: {} }

describe('a sysctl nobody set', () => {
  it.each(REAL)('%s', (key, real) => expect(sysctlOf(nothing, key)).toBe(OTHERWISE[key]?.[0] ?? real))
  it.each(Object.entries(NOT_SHOWN))('%s', (key, value) => expect(sysctlOf(nothing, key)).toBe(value))

  it('is in one of these lists, every one', () => {
    const bare = REAL.map(([key]) => key.replace(/^(net\.ipv[46]\.(?:conf|neigh))\.(?:default|lo)\./, '$1.'))
    expect([...bare, ...Object.keys(NOT_SHOWN)].sort()).toEqual(Object.keys(SYSCTL_DEFAULTS).sort())
  })

  it('has no value when packetwalk never reads it', () => expect(sysctlOf(nothing, 'kernel.hostname')).toBeUndefined())
})

describe('a sysctl of an interface', () => {
  const of = (sysctls: Readonly<Record<string, string>>, dev: string) =>
    sysctlOf({ sysctls }, confKey('ipv4', dev, 'rp_filter'))
  const [all, dflt, own] = ['all', 'default', 'eth0'].map((dev) => confKey('ipv4', dev, 'rp_filter')) as [
    string,
    string,
    string,
  ]
  it.each([
    ['its own value', { [own]: '2', [dflt]: '1' }, 'eth0', '2'],
    ['else the default', { [dflt]: '1', [all]: '2' }, 'eth0', '1'],
    ['never that of all', { [all]: '2' }, 'eth0', '0'],
    ['all is not default', { [dflt]: '1' }, 'all', '0'],
    ['default is itself', { [dflt]: '1' }, 'default', '1'],
  ])('%s', (_what, sysctls, dev, value) => expect(of(sysctls, dev)).toBe(value))

  it.each([
    [confKey('ipv4', 'vxlan.calico', 'rp_filter'), 'net.ipv4.conf.vxlan/calico.rp_filter'],
    [confKey('ipv6', 'eth0.5.6', 'mtu'), 'net.ipv6.conf.eth0/5/6.mtu'],
    [neighKey('ipv4', 'vxlan.calico', 'locktime'), 'net.ipv4.neigh.vxlan/calico.locktime'],
    [neighKey('ipv6', 'eth0', 'locktime'), 'net.ipv6.neigh.eth0.locktime'],
  ])('is written as sysctl(8) does: %s', (key, written) => {
    expect(key).toBe(written)
    expect(sysctlOf(nothing, key)).toBeDefined()
  })
})
