// What the assumed internet answers for, and what it does not.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const LAB = Lab.load(`
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 10.2.0.11}]}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: pool}
spec: {cidr: 44.0.0.0/16, natOutgoing: true}
`)

describe('the assumed internet', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.15.0.1', '100.63.0.1', '11.0.0.1'])('answers for %s', (address) => {
    expect(LAB.ping('node/n1', address)).toMatchObject({ ok: true, certainty: 'assumed' })
  })

  it.each([
    ['private', '10.99.0.1'],
    ['private', '172.16.5.5'],
    ['private', '192.168.7.7'],
    ['shared', '100.64.0.1'],
    ['link-local', '169.254.20.10'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.7'],
    ['documentation', '203.0.113.77'],
    ['benchmarks', '198.18.0.1'],
    ['reserved', '240.0.0.1'],
  ])('has no %s address: %s is undecided, with what it is and a command', (words, address) => {
    const run = LAB.ping('node/n1', address)
    expect(run).toMatchObject({ ok: false, certainty: 'undecided' })
    const [note] = run.notes
    expect(note).toMatchObject({ code: 'outside', check: `traceroute -n ${address}   (in n1)` })
    expect(note?.what).toContain(words)
  })

  it('has no address of a pool: nobody has it, and that is an answer', () => {
    const run = LAB.ping('node/n1', '44.0.9.9')
    expect(run).toMatchObject({ ok: false, certainty: 'assumed', trace: { disposition: { netns: 'router' } } })
  })
})
