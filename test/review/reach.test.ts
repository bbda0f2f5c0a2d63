// What packets meet otherwise after an edit of a shop: who reaches whom, which way, under which address, and how large.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { type Review, reachEvents, reviewOf } from '../../src/review/index.ts'
import { mirrored } from './review-lines.ts'

const SHOP = readFileSync(new URL('../support/policy-shop.yaml', import.meta.url), 'utf8')
const shop = Lab.load(SHOP)

function edited(was: string, now: string): Lab {
  expect(SHOP).toContain(was)
  return Lab.load(SHOP.replace(was, now))
}

function linesOf({ reach, ways }: Review): string[] {
  return [
    ...reach.flatMap(({ from, to, flows }) =>
      flows.map(({ headers, was, now }) => `${from} to ${to}: ${headers}: ${was.verdict} → ${now.verdict}`),
    ),
    ...ways.map(({ field, was, now }) => `${field}: ${was} → ${now}`),
  ]
}

describe('after an edit', () => {
  it.each([
    [
      'port of a policy',
      'ports: [{port: pg}]',
      'ports: [{port: 5433}]',
      [
        'shop/web-0 to shop/db-0: tcp 5432: allowed → denied',
        'shop/web-0 to shop/db-0: tcp 5433: denied → allowed',
        'shop/web-0 to svc/shop/db: tcp 5432: allowed → denied',
      ],
      ['added', 'removed'],
    ],
    [
      'rule of a policy that is for everybody now',
      'ingress:\n  - from: [{podSelector: {matchLabels: {app: web}}}]\n    ports',
      'ingress:\n  - ports',
      [
        'default/client to shop/db-0: tcp 5432: denied → allowed',
        'default/client to svc/shop/db: tcp 5432: denied → allowed',
        'node/node01 to shop/db-0: tcp 5432: denied → allowed',
        'node/node01 to svc/shop/db: tcp 5432: denied → allowed',
        'shop/db-0 to svc/shop/db: tcp 5432: denied → allowed',
      ],
      ['added'],
    ],
    ['order of the only policy of a tier', 'order: 10\n', 'order: 20\n', [], []],
    [
      'encapsulation of the pool',
      'ipipMode: Always',
      'vxlanMode: Always',
      ['mtu: 1480 → 1450', 'path: ipip by node02, node01 → vxlan by node02, node01'],
      [],
    ],
  ])('of the %s', (_, was, now, lines, events) => {
    const other = edited(was, now)
    const review = reviewOf(shop, other)
    expect(linesOf(review)).toEqual(lines)
    expect([...reachEvents(review)].sort()).toEqual(events)
    for (const one of [...review.reach, ...review.ways]) expect(one.causes).toEqual([review.objects[0]!.object])
    expect(mirrored(reviewOf(other, shop))).toEqual(review)
  })

  it('of natOutgoing: nobody gets out any more, and that is broken, not forbidden', () => {
    const review = reviewOf(shop, edited('natOutgoing: true', 'natOutgoing: false'))
    const out = review.reach.filter(({ to }) => to.includes('0.0.0.0/0'))
    expect(out.map(({ from }) => from)).toEqual([['default/client'], ['shop/db-0'], ['shop/web-0']])
    for (const { flows } of out)
      expect(flows).toMatchObject([
        { was: { verdict: 'allowed' }, now: { verdict: 'broken', confidence: { kind: 'assumed' } } },
      ])
  })
})

describe('the only node of another subnet', () => {
  const cluster = (mode: string): Lab =>
    Lab.load(
      [
        ...Array.from({ length: 9 }, (_, i) => {
          const address = i === 8 ? '10.0.2.9' : `10.0.1.${i + 1}`
          return [
            `{apiVersion: v1, kind: Node, metadata: {name: n${i}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}, status: {addresses: [{type: InternalIP, address: ${address}}]}}`,
            `{apiVersion: v1, kind: Pod, metadata: {name: p${i}, namespace: default}, spec: {nodeName: n${i}, containers: [{name: c, image: i}]}}`,
          ]
        }).flat(),
        `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: p}, spec: {cidr: 192.168.0.0/16, ${mode}: CrossSubnet}}`,
      ].join('\n---\n'),
    )

  it('is asked, though it is the last of nine', () => {
    const { ways } = reviewOf(cluster('ipipMode'), cluster('vxlanMode'))
    const paths = ways.filter(({ field }) => field === 'path')
    expect(paths.map(({ was, now }) => `${was} → ${now}`)).toContain('ipip by n0, n8 → vxlan by n0, n8')
    expect(paths.flatMap(({ pairs }) => pairs).every((pair) => pair.includes('p8'))).toBe(true)
  })
})
