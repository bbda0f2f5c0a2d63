import { afterAll, describe, expect, it } from 'vitest'
import { openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const pod = (name: string, podIP: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: {},
  status: { podIP },
})

const CASE = {
  id: 'one',
  objects: [pod('a', '10.1.0.1'), pod('b', '10.1.0.2')],
  probes: [{ from: 'shop/a', to: 'shop/b', protocol: 'TCP', port: 80 }],
}

const POLICY_OF_NOTHING = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'shop' },
  spec: 7,
}

const lines = (...cases: unknown[]): string => cases.map((one) => `${JSON.stringify(one)}\n`).join('')

describe('packetwalk conformance policy', () => {
  it('answers every line in order', () => {
    const outside = { ...CASE.probes[0], from: '203.0.113.9' }
    const run = cli.run(['conformance', 'policy'], lines(CASE, { ...CASE, probes: [outside, CASE.probes[0]] }))
    expect(run).toMatchObject({ status: 0, stdout: '["allow"]\n["allow","allow"]\n', stderr: '' })
  })

  it.each([
    ['no JSON', 'nonsense', 'expected a case as JSON'],
    ['a pod that is not there', { ...CASE, probes: [{ ...CASE.probes[0], to: 'shop/c' }] }, 'there is no pod shop/c'],
    ['a node that is not there', { ...CASE, probes: [{ ...CASE.probes[0], to: 'host:n' }] }, 'there is no node n'],
    ['no protocol', { ...CASE, probes: [{ ...CASE.probes[0], protocol: 'XYZ' }] }, 'XYZ is no protocol'],
    ['two families', { ...CASE, probes: [{ ...CASE.probes[0], to: 'fd00::1' }] }, 'no addresses of one family'],
    ['a faulty object', { ...CASE, objects: [...CASE.objects, POLICY_OF_NOTHING] }, 'expected'],
  ])('says why there is no answer (%s), goes on, and has status 1', (_, bad, why) => {
    const run = cli.run(['conformance', 'policy'], lines(bad, CASE))
    const [first = '', second] = run.stdout.split('\n')
    expect((JSON.parse(first) as { error: string }).error).toContain(why)
    expect(second).toBe('["allow"]')
    expect(run.status).toBe(1)
  })
})
