import { describe, expect, test } from 'vitest'
import type { FelixTableName } from '../../../src/control/felix/rules/shared-chains.ts'
import { context, hashesOf, linesOf, policy, rulesetOf, tierOf, workload } from './node-policies.ts'

const OLD = 'v3.27.0'
const NEW = 'v3.32.0'

describe('hashes of static chains are those of real clusters (facts/felix-iptables.md §7)', () => {
  const ipip = (version: string) => rulesetOf({}, context(version, { enabled: ['tunl0'], addressed: ['tunl0'] }))
  const vxlan = (version: string) => rulesetOf({}, context(version, { enabled: ['vxlan.calico'] }))

  test.each<[string, string, FelixTableName, string]>([
    [NEW, 'FORWARD', 'filter', 'wUHhoiAYhphO9Mso S93hcgKJrXEqnTfs mp77cMpurHhyjLrM'],
    [NEW, 'INPUT', 'filter', 'Cz_u1IQiXIMmKD4c'],
    [NEW, 'OUTPUT', 'filter', 'tVnHkvAo15HuiPy0'],
    [NEW, 'PREROUTING', 'raw', '6gwbT8clXdHdC1b1'],
    [NEW, 'POSTROUTING', 'mangle', 'O3lYWMrLQYEMJtB5'],
    [
      OLD,
      'cali-FORWARD',
      'filter',
      'vjrMJCRpqwy5oRoX A_sPAO0mcxbT9mOV 8ZoYfO5HKXWbB3pk jdEuaPBe14V2hutn 12bc6HljsMKsmfr- NOSxoaGx8OIstr1z',
    ],
    [
      NEW,
      'cali-FORWARD',
      'filter',
      'W_vvds1Nw3n9QE2f ZfgmjuiLaA8Pg0kp tAzwBLPaV-j53OOZ 4Z0Pf0byo05NFe-P hQ7Oc16wmUtLuneJ rnKNH2WxGcRQcIlD',
    ],
    [
      OLD,
      'cali-INPUT',
      'filter',
      'PajejrV4aFdkZojI _wjq-Yrma8Ly1Svo 8TZGxLWh_Eiz66wc 6McIeIDvPdL6PE1T YGPbrUms7NId8xVa 2gmY7Bg2i0i84Wk_ q-Vz2ZT9iGE331LL',
    ],
    [
      NEW,
      'cali-INPUT',
      'filter',
      'PajejrV4aFdkZojI _wjq-Yrma8Ly1Svo 8TZGxLWh_Eiz66wc 6McIeIDvPdL6PE1T FHoqwXIibih3FkAm qZ1_fX7-OsFCh64q 64so3UXgS7MtBy-m',
    ],
    [
      OLD,
      'cali-OUTPUT',
      'filter',
      'Mq1_rAdXXH3YkrzW 69FkRTJDvD5Vu6Vl AnEsmO6bDZbQntWW 9e9Uf3GU5tX--Lxy 0f3LDz_VKuHFaA2K OgU2f8BVEAZ_fwkq',
    ],
    [NEW, 'cali-wl-to-host', 'filter', 'Ee9Sbo10IpVujdIY nSZbcOoG1xPONxb8'],
    [
      OLD,
      'cali-PREROUTING',
      'raw',
      'XFX5xbM8B9qR10JG EWMPb0zVROM-woQp PWuxTAIaFCtsg5Qa fSSbGND7dgyemWU7 ImU0-4Rl2WoOI9Ou lV4V2MPoMBf0hl9T',
    ],
    [
      NEW,
      'cali-PREROUTING',
      'raw',
      'DQ6LK2guiBRMyrLK o0awFTLnSamXVVNW aJ7XamFJS43rOYyJ hOMHbY_OXb_BF9pw N7S4OAqlgBJWcynn 8A061i5zP9KV-opa',
    ],
    [OLD, 'cali-OUTPUT', 'raw', 'njdnLwYeGqBJyMxW rz86uTUcEZAfFsh7 pN0F5zD0b8yf9W1Z'],
    [NEW, 'cali-PREROUTING', 'mangle', '6BJqBjBC7crtA-7- KX7AGNd6rMcDUai6 wNH7KsA3ILKJBsY9 Cg96MgVuoPm7UMRo'],
    [NEW, 'cali-PREROUTING', 'nat', 'r6XmIziWUJsdOK6Z'],
    [NEW, 'cali-OUTPUT', 'nat', 'GBTAv2p5CwevEyJm'],
    [NEW, 'cali-POSTROUTING', 'nat', 'Z-c7XtVd2Bq7s_hA nYKhEzDlr11Jccal SXWvdsbh4Mw7wOln'],
    [NEW, 'POSTROUTING', 'nat', '0i8pjzKKPyA34aQD'],
    ['v3.28.0', 'POSTROUTING', 'nat', 'O3lYWMrLQYEMJtB5'],
  ])('IPIP, %s: %s of %s', (version, chain, table, want) => {
    expect(hashesOf(ipip(version), table, chain).join(' ')).toBe(want)
  })

  test('VXLAN', () => {
    expect(hashesOf(vxlan(NEW), 'filter', 'cali-INPUT').join(' ')).toBe(
      'J76FwxInZIsk7uKY EDCNTTxYfggApx8C H03xYXARh4e8pwd4 MN6K3isIWBigb1Va aKDQAoV0P_FFAIwV vIx3xkWzuvLW9fr4 5W9XghKma9wuz47x',
    )
  })
})

describe('the worked listing (facts/felix-iptables.md §11)', () => {
  const denies = policy('deny-all')
  const node = rulesetOf(
    { workloads: [workload('calic440f455693', { tiers: [tierOf({ ingress: [denies] })] })] },
    context(NEW),
  )

  test.each<[string, [string, string][]]>([
    [
      'cali-from-wl-dispatch',
      [
        ['wGlSKxAGQf-ZazQW', '-i calic440f455693 … -g cali-fw-calic440f455693'],
        ['KyU-gbcc2QARTsMn', '… -m comment --comment "Unknown interface" -j DROP'],
      ],
    ],
    [
      'cali-to-wl-dispatch',
      [
        ['24bDTDbCdqZq7Jfd', '-o calic440f455693 … -g cali-tw-calic440f455693'],
        ['IfSsbdQRuK3Zmrbs', '… -m comment --comment "Unknown interface" -j DROP'],
      ],
    ],
    [
      'cali-tw-calic440f455693',
      [
        ['cFcBc4wD5haCmKsR', '… -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
        ['6pp3LClKVtC4-ysx', '… -m conntrack --ctstate INVALID -j DROP'],
        ['Iy9c5H3BYQX00GAo', '… -j MARK --set-xmark 0x0/0x30000'],
        ['Gou9H86oX6rR1mJK', '… -m comment --comment "Start of tier default" -j MARK --set-xmark 0x0/0x20000'],
        ['nUBfeiNP5_5XH4Xg', '… -m mark --mark 0x0/0x20000 -j cali-pi-knp/default/deny-all'],
        [
          'Alxc4clV9fd39e3p',
          '… -m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 -j RETURN',
        ],
        [
          'Wk8LaMtMAMxsfs8Z',
          '… -m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j DROP',
        ],
        ['UnX6Q-4LLRK4RTfN', '… -j cali-pri-kns.default'],
        [
          'VTXEKxWzBxqOX4eG',
          '… -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 -j RETURN',
        ],
        ['RYrigCzcjiUhfHjz', '… -j cali-pri-ksa.default.default'],
        [
          'LokGp-gAsgGhu1m_',
          '… -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 -j RETURN',
        ],
        ['DigPq3so0W8-uiBE', '… -m comment --comment "Drop if no profiles matched" -j DROP'],
      ],
    ],
    [
      'cali-fw-calic440f455693',
      [
        ['1v9IOxCtgZK_oZH6', '… -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
        ['KvC05roWzlJclgxq', '… -m conntrack --ctstate INVALID -j DROP'],
        ['EXlZOHMWfwT5rXWl', '… -j MARK --set-xmark 0x0/0x30000'],
        [
          'X8koYy_zB42dqbJW',
          '-p udp … -m comment --comment "Drop VXLAN encapped packets originating in workloads" -m multiport --dports 4789 -j DROP',
        ],
        [
          'E6jEaAsL-1dInk78',
          '-p ipencap … -m comment --comment "Drop IPinIP encapped packets originating in workloads" -j DROP',
        ],
        ['gTypcn5Bdpcz9Hu2', '… -j cali-pro-kns.default'],
        [
          'FlVmajbrG5RrMSEK',
          '… -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 -j RETURN',
        ],
        ['udK0YkamfusqtJqW', '… -j cali-pro-ksa.default.default'],
        [
          'K1O2IgNNvVjVA6Tj',
          '… -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 -j RETURN',
        ],
        ['NUCi87rFeSt7RvT1', '… -m comment --comment "Drop if no profiles matched" -j DROP'],
      ],
    ],
    [
      'cali-pri-kns.default',
      [
        [
          'WMSw8BmYOknRHfsz',
          '… -m comment --comment "Profile kns.default ingress" -j MARK --set-xmark 0x10000/0x10000',
        ],
      ],
    ],
    [
      'cali-pro-kns.default',
      [['Vr81boRqq4V77Sg8', '… -m comment --comment "Profile kns.default egress" -j MARK --set-xmark 0x10000/0x10000']],
    ],
  ])('%s', (chain, want) => {
    const wanted = want.map(([hash, text]) => `-A ${chain} ${text.replace('…', `-m comment --comment "cali:${hash}"`)}`)
    expect(linesOf(node, 'filter', chain)).toEqual(wanted)
  })

  test('a policy without rules is one rule that only says whose chain it is', () => {
    expect(linesOf(node, 'filter', 'cali-pi-knp/default/deny-all')).toEqual([
      expect.stringMatching(
        /^-A cali-pi-knp\/default\/deny-all -m comment --comment "cali:[\w-]{16}" -m comment --comment "KubernetesNetworkPolicy default\/deny-all ingress"$/,
      ),
    ])
  })
})
