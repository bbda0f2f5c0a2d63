// Expectations of a shop on two nodes: what holds, what does not and of whom, what nobody can tell, and what a file says afterwards.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ExpectationReport, judgeExpectations } from '../../src/expect/index.ts'
import { readExpectations, updatedExpectations } from '../../src/input/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'

const SHOP = readFileSync(new URL('../support/policy-shop.yaml', import.meta.url), 'utf8')
const lab = Lab.load(SHOP)

const file = (list: string): string =>
  `apiVersion: packetwalk/v1\nkind: Expectations\nmetadata: {name: shop}\nspec:\n  expectations:\n  ${list.replaceAll('\n', '\n  ')}`

function judged(list: string, on = lab): ExpectationReport {
  return judgeExpectations(on, readExpectations({ name: 'e.yaml', text: file(list) }))
}

/** `holds`, or what is otherwise. */
function said(list: string, on = lab): string[] {
  const [one] = judged(list, on).expectations
  const misses = one!.misses.map(({ expected, found }) => `expected ${expected}, found ${found}`)
  return [one!.status, ...misses]
}

describe('what becomes of a flow', () => {
  it.each([
    ['allow', '- {from: shop/web-0, to: shop/db-0, port: pg}', 'holds'],
    [
      'allow, by the policy that allows',
      '- {from: shop/web-0, to: shop/db-0, port: 5432, expect: allow, by: shop/db-from-shop}',
      'holds',
    ],
    ['deny at the end of a tier', '- {from: default/client, to: shop/db-0, port: 5432, expect: deny}', 'holds'],
    [
      'deny, by the only policy there',
      '- {from: default/client, to: shop/db-0, port: 5432, by: db-from-shop}',
      'holds',
    ],
    [
      'deny, by kind and name',
      '- {from: default/client, to: shop/db-0, port: 5432, by: NetworkPolicy shop/db-from-shop}',
      'holds',
    ],
    [
      'deny by a rule',
      '- {from: default/client, to: shop/web-0, port: 23, by: GlobalNetworkPolicy no-telnet}',
      'holds',
    ],
    ['a Service by its name', '- {from: shop/web-0, to: db.shop, port: pg}', 'holds'],
    ['a datagram', '- {from: default/client, to: shop/web-0, port: 53/udp}', 'holds'],
    ['a ping', '- {from: default/client, to: shop/web-0}', 'holds'],
  ])('%s', (_, list, status) => {
    expect(said(list)).toEqual([status])
  })

  it.each([
    [
      '- {from: default/client, to: shop/db-0, port: 5432}',
      'expected allow, found deny by NetworkPolicy shop/db-from-shop, Tier default',
    ],
    ['- {from: shop/web-0, to: shop/db-0, port: 5432, expect: deny}', 'expected deny, found allow'],
    [
      '- {from: default/client, to: shop/web-0, port: 23, by: shop/db-from-shop}',
      'expected deny by shop/db-from-shop, found GlobalNetworkPolicy no-telnet',
    ],
  ])('%s: %s', (list, miss) => {
    expect(said(list)).toEqual(['fails', miss])
  })

  it('is broken where no policy is in the way', () => {
    const cut = Lab.load(SHOP)
    cut.sh('node01', 'ip route del 10.65.140.64/26')
    const routes = cut
      .sh('node01', 'ip route')
      .stdout.split('\n')
      .filter((line) => line.includes('tunl0'))
    for (const line of routes) cut.sh('node01', `ip route del ${line.split(' ')[0]}`)
    expect(said('- {from: shop/web-0, to: shop/db-0, port: 5432, expect: broken}', cut)).toEqual(['holds'])
    expect(said('- {from: shop/web-0, to: shop/db-0, port: 5432, expect: deny}', cut)).toEqual([
      'fails',
      'expected deny, found broken',
    ])
  })

  it('is undecided where what is not modelled could turn it: a status of its own, unless it is expected', () => {
    const ebpf =
      'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {bpfEnabled: true}'
    const open = Lab.load(`${SHOP}\n---\n${ebpf}`)
    const list = '- {from: shop/web-0, to: shop/db-0, port: 5432}'
    expect(said(list, open)).toEqual(['undecided', 'expected allow, found undecided'])
    expect(said(list.replace('}', ', expect: undecided}'), open)).toEqual(['holds'])
    expect(judged(list, open)).toMatchObject({
      undecided: 1,
      failed: 0,
      held: 0,
      expectations: [{ confidence: { kind: 'undecided' } }],
    })
  })

  it('is undecided where it hangs on the endpoint that a Service chooses', () => {
    const second = SHOP.replace(
      /.*name: client,.*/,
      '{apiVersion: v1, kind: Pod, metadata: {name: db-1, namespace: shop, labels: {role: db, spare: "yes"}}, spec: {nodeName: node01, containers: [{name: db, ports: [{name: pg, containerPort: 5432}]}]}}',
    )
    const spare =
      'apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: spare, namespace: shop}\nspec: {order: 1, selector: has(spare), ingress: [{action: Deny}]}'
    const [one] = judged(
      '- {from: shop/web-0, to: svc/shop/db, port: 5432}',
      Lab.load(`${second}\n---\n${spare}`),
    ).expectations
    expect(one).toMatchObject({
      status: 'undecided',
      misses: [{ found: 'undecided', why: expect.stringContaining('policy denies shop/db-1') }],
    })
  })
})

describe('the way of a flow', () => {
  it.each([
    ['path: ipip', []],
    ['path: direct', ['expected path direct, found path ipip']],
    ['path: same-node', ['expected path same-node, found path ipip']],
    ['via: node02', []],
    ['via: [node/node01, tunl0, ipip, 172.17.0.41]', []],
    ['via: [vxlan, node02]', ['expected via vxlan, found via node01, node02, ipip']],
    ['snat: none', []],
    ['snat: node', ['expected snat node, found snat none']],
    ['mtu: ">= 1400"', []],
    ['mtu: "== 1480"', []],
    ['mtu: 1500', ['expected mtu >= 1500, found mtu 1480']],
  ])('from web-0 to db-0 %s: %j', (field, misses) => {
    expect(said(`- {from: shop/web-0, to: shop/db-0, port: 5432, ${field}}`).slice(1)).toEqual(misses)
  })

  it.each([
    ['- {from: default/client, to: shop/web-0, path: same-node, via: node01, mtu: "== 1480"}'],
    ['- {from: default/client, to: 8.8.8.8, snat: node, path: direct}'],
    ['- {from: default/client, to: 8.8.8.8, snat: 172.17.0.40}'],
    ['- {from: default/client, to: shop/web-0, port: 53/udp, mtu: "== 1480"}'],
  ])('%s', (list) => {
    expect(said(list)).toEqual(['holds'])
  })
})

describe('selectors', () => {
  it('stand for every pair, and what is otherwise is said once with the pairs of which it is so', () => {
    const [one] = judged("- {from: {}, to: {pods: role == 'db'}, port: 5432}").expectations
    expect([one!.pairs, one!.walked, one!.status]).toEqual([2, 2, 'fails'])
    expect(one!.misses).toMatchObject([
      { found: expect.stringMatching(/^deny by/), pairs: ['default/client to shop/db-0'] },
    ])
  })

  it.each([
    ["{pods: app == 'web'}", 1],
    ['{namespace: shop}', 1],
    ["{pods: app == 'web', namespace: default}", 0],
    ["{namespaces: kubernetes.io/metadata.name == 'shop'}", 1],
    ["{pods: projectcalico.org/namespace == 'shop'}", 1],
    ['{nodes: all()}', 2],
  ])('%s selects so many besides db-0: %i', (from, pairs) => {
    const [one] = judged(`- {from: ${from}, to: shop/db-0, expect: undecided}`).expectations
    expect(one!.pairs).toBe(pairs)
  })

  it('that select nobody fail: a test of nothing proves nothing', () => {
    expect(said("- {from: {pods: app == 'wbe'}, to: shop/db-0}")).toEqual(['fails', 'expected somebody, found nobody'])
  })

  it('of more pairs than are asked for: some of each kind, as far as there is room, and how many is said', () => {
    const plan = readExpectations({ name: 'e.yaml', text: file('- {from: {}, to: {}, expect: allow}') })
    const [one] = judgeExpectations(lab, plan, { pairs: 2 }).expectations
    expect([one!.pairs, one!.walked, one!.remarks[0]]).toEqual([
      6,
      2,
      '2 of 6 pairs were asked, some of 2 of the 6 kinds that differ',
    ])
  })

  it('of more pairs than are asked for: the one that policy treats otherwise is among them', () => {
    const odd = 17
    const crowd = Lab.load(
      [
        ...Array.from(
          { length: 30 },
          (_, i) =>
            `{apiVersion: v1, kind: Pod, metadata: {name: p${i}, namespace: shop, labels: {crowd: "yes", odd: "${i === odd}"}}, spec: {nodeName: node01, containers: [{name: c, image: i}]}}`,
        ),
        "{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: odd, namespace: shop}, spec: {selector: odd == 'true', types: [Egress]}}",
        SHOP,
      ].join('\n---\n'),
    )
    const list = "- {from: {pods: crowd == 'yes'}, to: shop/web-0, port: 80, expect: allow}"
    const [one] = judgeExpectations(crowd, readExpectations({ name: 'e.yaml', text: file(list) }), {
      pairs: 3,
    }).expectations
    expect([one!.pairs, one!.walked]).toEqual([30, 3])
    expect(one!.misses.map(({ pairs }) => pairs)).toEqual([[`shop/p${odd} to shop/web-0`]])
    expect(one!.remarks[0]).toBe('3 of 30 pairs were asked, some of each of the 2 kinds that differ')
  })
})

describe('endpoints of a Service', () => {
  it.each([
    ['count: 1', ['holds']],
    ['count: 1, port: pg', ['holds']],
    ['count: ">= 2"', ['fails', 'expected count >= 2, found count 1']],
  ])('%s', (count, expected) => {
    expect(said(`- {to: svc/shop/db, ${count}}`)).toEqual(expected)
  })
})

describe('what an answer rests on', () => {
  it.each([
    ['- {from: default/client, to: shop/web-0}', { kind: 'objects', of: [] }],
    ['- {from: shop/web-0, to: shop/db-0, port: 5432}', { kind: 'assumed', of: [expect.stringContaining('listens')] }],
    [
      '- {from: default/client, to: 8.8.8.8}',
      { kind: 'assumed', of: [expect.stringContaining('router'), expect.stringContaining('internet')] },
    ],
  ])('%s', (list, confidence) => {
    expect(judged(list).expectations[0]!.confidence).toEqual(confidence)
  })
})

describe('names that are not there', () => {
  it.each([
    ['- {from: shop/web-1, to: shop/db-0}', 'from', /web-0/],
    ['- {from: shop/web-0, to: shop/dc-0}', 'to', /db-0/],
    ['- {from: shop/web-0, to: shop/db-0, port: pq}', 'port', /pg/],
    ['- {from: shop/web-0, to: shop/db-0, via: node03}', 'via', /node0[12]/],
    ['- {to: svc/shop/dbs, count: 1}', 'to', /db/],
    ['- {from: 8.8.8.8, to: shop/db-0}', 'from', /a pod, a node/],
  ])('%s is a fault of %s, with its line', (list, field, expected) => {
    const faults = (): unknown[] => {
      try {
        return judged(list).expectations.slice(1)
      } catch (error) {
        if (error instanceof InputError) return [...error.issues]
        throw error
      }
    }
    expect(faults()).toMatchObject([
      { file: 'e.yaml', line: 6, path: ['spec', 'expectations', 0, field], expected: expect.stringMatching(expected) },
    ])
  })
})

describe('the lab', () => {
  it('is as before', () => {
    const own = Lab.load(SHOP)
    const before = own.simulation.clock.now
    judged('- {from: {}, to: {}, mtu: 1400, port: 80}', own)
    expect(own.simulation.clock.now).toBe(before)
    expect(own.ping('default/client', 'shop/web-0').stdout).toBe(
      Lab.load(SHOP).ping('default/client', 'shop/web-0').stdout,
    )
  })
})

describe('--update', () => {
  const updated = (list: string): string => {
    const text = file(list)
    const { expectations } = judgeExpectations(lab, readExpectations({ name: 'e.yaml', text }))
    return updatedExpectations(
      'e.yaml',
      text,
      expectations.flatMap(({ updates }) => updates),
    )
      .slice(file('').length)
      .replaceAll('\n  ', '\n')
  }

  it.each([
    [
      '- {from: shop/web-0, to: shop/db-0, port: 5432}',
      '- {from: shop/web-0, to: shop/db-0, port: 5432, expect: allow}',
    ],
    [
      '- from: default/client   # who\n  to: shop/db-0\n  port: 5432   # why\n# end\n',
      '- from: default/client   # who\n  to: shop/db-0\n  port: 5432   # why\n  expect: deny\n# end\n',
    ],
    [
      '- expect: deny # for now\n  from: shop/web-0\n  to: shop/db-0\n  by: shop/x # nobody\n  port: 5432\n',
      '- expect: allow # for now\n  from: shop/web-0\n  to: shop/db-0\n  by: NetworkPolicy shop/db-from-shop # nobody\n  port: 5432\n',
    ],
    [
      '- {from: shop/web-0, to: shop/db-0, port: 5432, expect: allow, path: vxlan, snat: node, mtu: 1500}',
      '- {from: shop/web-0, to: shop/db-0, port: 5432, expect: allow, path: ipip, snat: none, mtu: ">= 1480"}',
    ],
    [
      '- from: shop/web-0\n  path: ipip\n  to: shop/db-0\n  port: 80\n  expect: allow\n  via:\n  - node02\n# end\n',
      '- from: shop/web-0\n  to: shop/db-0\n  port: 80\n  expect: deny\n# end\n',
    ],
    ['- {to: svc/shop/db, count: ">= 2"} # few', '- {to: svc/shop/db, count: 1} # few'],
    [
      '- {from: shop/web-0, to: shop/db-0, port: 5432, expect: allow, path: ipip}',
      '- {from: shop/web-0, to: shop/db-0, port: 5432, expect: allow, path: ipip}',
    ],
  ])('%j becomes %j', (before, after) => {
    expect(updated(before)).toBe(after)
  })

  it('makes a file that holds, and that it leaves as it is', () => {
    const list =
      '- {from: default/client, to: shop/db-0, port: 5432}\n- {from: shop/web-0, to: 8.8.8.8, snat: tunnel, path: ipip, via: node02}\n'
    const once = updated(list)
    expect(judged(once).expectations.map(({ status }) => status)).toEqual(['holds', 'holds'])
    expect(updated(once)).toBe(once)
  })

  it('leaves pairs that differ, and says so', () => {
    const list = "- {from: {}, to: {pods: role == 'db'}, port: 5432}"
    expect(updated(list)).toBe(list)
    expect(judged(list).expectations[0]!.remarks).toEqual([expect.stringContaining('its pairs differ')])
  })
})
