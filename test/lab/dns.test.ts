// A datagram to port 53 is a question, and the server that is assumed answers it.
import { describe, expect, it } from 'vitest'
import type { Run } from '../../src/index.ts'
import { describeNote } from '../../src/model/index.ts'
import { SHOP, shop } from '../render/shop.ts'

const [WEB, DB] = ['shop/web-0', 'shop/db-0']
const API = `${SHOP}---
apiVersion: v1
kind: Service
metadata: {name: kubernetes, namespace: default}
spec: {clusterIP: 10.43.0.1, ports: [{port: 443}]}
`

/** What a pod sent and got, as tcpdump prints it. */
const seen = (run: Run): string[] =>
  run.trace.hops.flatMap((hop) =>
    hop.kind === 'tx' || hop.kind === 'rx' ? (hop.netns === WEB && hop.line.startsWith('IP') ? [hop.line] : []) : [],
  )
const words = (run: Run): string[] => seen(run).map((line) => line.replace(/^.*\.\d+: (\d+)/, 'ID'))
const assumed = (run: Run): string[] => run.notes.map(describeNote).filter((line) => line.includes('listens'))

describe('UDP to port 53', () => {
  it.each([
    { name: 'kubeadm uses', yaml: SHOP, address: '10.96.0.1' },
    { name: 'the Service has', yaml: API, address: '10.43.0.1' },
  ])('asks for the API server; the answer is the address $name, and said to be assumed', ({ yaml, address }) => {
    const run = shop(yaml).udp(WEB, DB, 53)
    expect(words(run)).toEqual(['ID+ A? kubernetes.default.svc.cluster.local. (54)', `ID* 1/0/0 A ${address} (70)`])
    expect(assumed(run)).toEqual([
      `a program listens on ${DB}, UDP 53, and answers kubernetes.default.svc.cluster.local with ${address}; --no-server for none`,
    ])
  })

  it('is answered by a server outside that it knows no such name', () => {
    const run = shop().udp(WEB, '8.8.8.8', 53)
    expect(words(run)).toEqual(['ID+ A? kubernetes.default.svc.cluster.local. (54)', 'ID NXDomain 0/0/0 (54)'])
    expect(assumed(run)[0]).toContain('with "no such name"')
  })

  it('has an id that follows from the seed, and one of its own each time', () => {
    const ids = (): string[] => {
      const lab = shop()
      return [lab.udp(WEB, DB, 53), lab.udp(WEB, DB, 53)].map((run) => /: (\d+)\+/.exec(seen(run)[0] ?? '')?.[1] ?? '')
    }
    expect(ids()).toEqual(ids())
    expect(new Set(ids()).size).toBe(2)
  })

  it.each([
    { name: 'a size was said', port: 53, options: { size: 20 }, length: 20 },
    { name: 'the port is another', port: 5353, options: {}, length: 32 },
  ])('is no question where $name', ({ port, options, length }) => {
    expect(words(shop().udp(WEB, DB, port, options))[0]).toMatch(new RegExp(`: UDP, length ${length}$`))
  })
})

describe('a server outside', () => {
  it.each([53, 5300])('answers from the address that was asked: UDP %i', (port) => {
    const run = shop().udp(WEB, '8.8.8.8', port)
    expect([run.ok, run.outcome]).toEqual([true, `reply from 8.8.8.8:${port}`])
  })
})
