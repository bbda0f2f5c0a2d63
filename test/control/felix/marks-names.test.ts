import { describe, expect, test } from 'vitest'
import { enoughBits, MARK_MASK, marksOf } from '../../../src/control/felix/rules/marks.ts'
import { limitedName, policyChainName, profileChainName } from '../../../src/control/felix/rules/names.ts'
import { base64Url } from '../../../src/wire/base64.ts'
import { encodeUtf8 } from '../../../src/wire/index.ts'
import { clusterOf, object } from '../policy/objects.ts'

const hex = (marks: object): Record<string, string> =>
  Object.fromEntries(Object.entries(marks).map(([bit, value]) => [bit, `0x${(value as number).toString(16)}`]))

describe('bits of the mark (facts/felix-iptables.md §2)', () => {
  test.each([
    [
      'up to v3.29',
      false,
      false,
      {
        accept: '0x10000',
        pass: '0x20000',
        scratch0: '0x40000',
        scratch1: '0x80000',
        endpoint: '0xfff00000',
        all: '0xf0000',
      },
    ],
    [
      'up to v3.29 with WireGuard',
      true,
      false,
      {
        accept: '0x10000',
        pass: '0x20000',
        scratch0: '0x40000',
        scratch1: '0x80000',
        wireguard: '0x100000',
        endpoint: '0xffe00000',
        all: '0xf0000',
      },
    ],
    [
      'from v3.30',
      false,
      true,
      {
        accept: '0x10000',
        pass: '0x20000',
        drop: '0x40000',
        scratch0: '0x80000',
        scratch1: '0x100000',
        endpoint: '0xffe00000',
        all: '0x1b0000',
      },
    ],
    [
      'from v3.30 with WireGuard',
      true,
      true,
      {
        accept: '0x10000',
        pass: '0x20000',
        drop: '0x40000',
        scratch0: '0x80000',
        scratch1: '0x100000',
        wireguard: '0x200000',
        endpoint: '0xffc00000',
        all: '0x1b0000',
      },
    ],
  ])('%s', (_, wireguard, drop, want) => {
    expect(hex(marksOf(MARK_MASK, wireguard, drop))).toEqual(want)
  })

  test('come from the lowest of a mask on, with gaps', () => {
    expect(hex(marksOf(0x8000_f0f1, false, true))).toEqual({
      accept: '0x1',
      pass: '0x10',
      drop: '0x20',
      scratch0: '0x40',
      scratch1: '0x80',
      endpoint: '0x8000f000',
      all: '0xd1',
    })
  })

  test('a mask with too few counts as the usual one: Felix does not start with it', () => {
    expect([0xf, 0x1f, 0x3f].map((mask) => enoughBits(mask, false, false))).toEqual([true, true, true])
    expect([0xf, 0x1f, 0x3f].map((mask) => enoughBits(mask, false, true))).toEqual([false, true, true])
    expect([0xf, 0x1f, 0x3f].map((mask) => enoughBits(mask, true, true))).toEqual([false, false, true])
    expect(enoughBits(0x7, false, false)).toBe(false)
    expect(marksOf(0xf, false, true)).toEqual(marksOf(MARK_MASK, false, true))
  })

  test.each<[string, object[], string[]]>([
    ['enough', [['default', { iptablesMarkMask: 0x1f }]], []],
    ['too few', [['default', { iptablesMarkMask: 0xf }]], ['n1', 'n2']],
    ['too few for WireGuard', [['default', { iptablesMarkMask: 0x1f, wireguardEnabled: true }]], ['n1', 'n2']],
    ['too few on one node', [['node.n1', { iptablesMarkMask: 0xf }]], ['n1']],
  ])('%s: what goes through the nodes is open', (_, given, netns) => {
    const objects = given.map((one) => object('FelixConfiguration', ...(one as [string, object])))
    const { notes, warnings } = clusterOf(objects, 'v3.31.0').findings
    const scopes = notes.filter(({ code }) => code === 'felix_field').map(({ scope }) => scope)
    expect(scopes).toEqual(netns.length === 0 ? [] : [{ kind: 'through', netns }])
    expect(warnings).toHaveLength(netns.length === 0 ? 0 : 1)
  })
})

describe('names of chains (facts/felix-iptables.md §6, §7)', () => {
  test.each([
    [policyChainName('knp/default/default-deny', 'ingress'), 'cali-pi-_hkektpvVyhILpLRsra1'],
    [policyChainName('np/production/allow-web', 'ingress'), 'cali-pi-_SCUZKLWFjps0CEpGyyW'],
    [policyChainName('default/knp.default.deny-all', 'ingress'), 'cali-pi-_-Wl5cZBkMaJW52alC41'],
    [policyChainName('default/default/knp.default.deny-all', 'ingress'), 'cali-pi-_a8Tnfi9CcN2Hw2ASudn'],
    [policyChainName('knp/default/deny-all', 'ingress'), 'cali-pi-knp/default/deny-all'],
    [policyChainName('gnp/x', 'egress'), 'cali-po-gnp/x'],
    [profileChainName('ksa.kube-system.coredns', 'egress'), 'cali-pro-_u2Tn2rSoAPffvE7JO6'],
    [profileChainName('ksa.default.default', 'ingress'), 'cali-pri-ksa.default.default'],
    [profileChainName('projectcalico-default-allow', 'ingress'), 'cali-pri-_TI1Jm4dJqQzYb0Rx3u'],
    [limitedName('cali-thfw-', 'any-interface-at-all'), 'cali-thfw-_Nqh4HyA73udmyanQI'],
    [limitedName('cali-tw-', ''), 'cali-tw-_'],
    // Exactly as long as it may be; beginning with `_` it could be taken for a digest.
    [limitedName('cali-tw-', '1234567890123456789x'), 'cali-tw-1234567890123456789x'],
  ])('%s', (name, want) => {
    expect(name).toBe(want)
    expect(name.length).toBeLessThanOrEqual(28)
  })

  test('a name that fits, but begins as shortened ones do, is shortened', () => {
    expect(limitedName('cali-tw-', '_1234567890123456789')).toBe('cali-tw-_PqCZuNIivMPur7hJ69Y')
  })

  test.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['>>>???', 'Pj4-Pz8_'],
  ])('base64 of "%s", for URLs and without padding', (text, want) => {
    expect(base64Url(encodeUtf8(text))).toBe(want)
  })
})
