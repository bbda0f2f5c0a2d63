// `packetwalk policy`: a flow, an endpoint and a policy, in every form, with its exit status.
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())
const FILE = fileURLToPath(new URL('../support/policy-shop.yaml', import.meta.url))
const policy = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['policy', '-q', '-f', FILE, ...args])

describe('exit status', () => {
  it.each([
    [
      'allowed',
      ['--from', 'shop/web-0', '--to', 'shop/db-0:5432'],
      0,
      /allowed\n(.*\n)* 2 shop\/db-0 on node02, ingress: allows\n/,
    ],
    ['denied', ['-S', 'client', '-D', 'shop/db-0:pg'], 1, /tcp 5432, .*: denied\n/],
    ['a Service', ['-S', 'client', '-D', 'svc/shop/db:pg'], 1, /^default\/client → svc\/shop\/db, 1 endpoint\n/],
    ['UDP', ['-S', 'client', '-D', 'shop/db-0:53', '--udp'], 1, /udp 53, /],
    ['SCTP', ['-S', 'client', '-D', 'shop/db-0:53', '--sctp'], 1, /sctp 53, /],
    ['a protocol', ['-S', 'client', '-D', 'shop/web-0', '--protocol', '47'], 0, /gre, /],
    ['undecided', ['-S', 'client', '-D', 'svc/shop/db:1'], 3, /undecided: the Service has no port 1\/tcp\n/],
    ['an endpoint', ['shop/db-0'], 0, /^shop\/db-0 \(cali\w+\)\n {2}ingress\n {4}tier platform\n/],
    ['one way in', ['--to', 'shop/db-0:5432'], 0, /^(?![\s\S]*\n {2}egress)[\s\S]*\n {2}ingress\n/],
    ['one way out', ['--from', 'shop/db-0'], 0, /^(?![\s\S]*\n {2}ingress)[\s\S]*\n {2}egress\n/],
    ['what a policy selects', ['--selects', 'shop/db-from-shop'], 0, /selector .*role == "db".*\n {2}shop\/db-0\n$/],
    ['a policy that selects nothing', ['--selects', 'shop/idle'], 1, /\n {2}selects nothing\n$/],
  ])('%s: %j is %i', (_what, args, status, stdout) => {
    const run = policy(...args)
    expect([run.status, run.stderr]).toEqual([status, ''])
    expect(run.stdout).toMatch(stdout)
  })

  it.each([
    ['nothing asked', [], /expected --from A --to B\[:PORT\], an endpoint, or --selects POLICY, received none of them/],
    ['two questions', ['shop/db-0', '--selects', 'x'], /received an endpoint and --selects/],
    ['two protocols', ['-S', 'client', '-D', 'shop/db-0:1', '--udp', '--sctp'], /expected one protocol/],
    ['no such pod', ['-S', 'clinet', '-D', 'shop/db-0:1'], /did you mean "default\/client"\?/],
    ['no such policy', ['--selects', 'nope'], /the name of a policy/],
    ['no such port', ['-S', 'client', '-D', 'shop/db-0:http'], /received "http"/],
  ])('%s is a usage error', (_what, args, stderr) => {
    const run = policy(...args)
    expect([run.status, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(stderr)
  })

  it('a policy that selects nothing is warned about', () => {
    const run = cli.run(['policy', '-f', FILE, '--selects', 'shop/idle'])
    expect(run.stderr).toMatch(
      /warning: NetworkPolicy shop\/idle \(Calico\) selects nothing: no endpoint matches .*nobody/,
    )
  })
})

describe('trace of the same cluster', () => {
  const trace = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['trace', '-q', '-f', FILE, ...args])

  it('agrees, and goes to the endpoint that --backend names', () => {
    const run = trace('-S', 'shop/web-0', '-D', 'svc/shop/db:pg', '--backend', 'shop/db-0')
    expect([run.status, run.stdout]).toEqual([0, expect.stringContaining('endpoint shop/db-0')])
    expect(trace('-S', 'client', '-D', 'svc/shop/db:pg').status).toBe(1)
  })
})

describe('forms', () => {
  const flow = ['-S', 'client', '-D', 'shop/db-0:5432']

  it('JSON and YAML hold the same', () => {
    const json = JSON.parse(policy(...flow, '-o', 'json').stdout)
    expect(json).toMatchObject({ kind: 'flow', verdict: 'denied', flows: [{ ends: [{}, { endpoint: 'shop/db-0' }] }] })
    expect(parse(policy(...flow, '-o', 'yaml').stdout)).toEqual(json)
  })

  it.each([
    [flow, /^## default\/client → shop\/db-0: denied\n\n### tcp 5432.*\n\n\| endpoint \|/],
    [['shop/db-0'], /^## shop\/db-0\n\n#### ingress\n\n\| tier \| policy \| order \| rule \| what \| where \|\n/],
    [['--selects', 'gnp/no-telnet'], /\n\* shop\/web-0\n\* host endpoint node02\/node02-card\n$/],
  ])('Markdown of %j', (args, stdout) => {
    expect(policy(...args, '-o', 'md').stdout).toMatch(stdout)
  })
})
