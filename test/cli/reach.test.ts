// `packetwalk reach` and `packetwalk merge` as people type them.
import { afterAll, describe, expect, it } from 'vitest'
import type { Reach } from '../../src/reach/index.ts'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const reach = (...args: string[]) => cli.run(['reach', '-q', '-f', demo('ipip.yaml'), ...args])

/** A cluster that takes seconds to ask: every pair of pods is judged by host endpoints, too. */
function large(): string {
  const node = (i: number): object => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `n${i}`, annotations: { 'projectcalico.org/IPv4Address': `172.16.0.${i + 10}/24` } },
  })
  const pod = (i: number): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${i}`, namespace: 'default', labels: { app: `a${i}` } },
    spec: { nodeName: `n${i % 4}` },
    status: { phase: 'Running' },
  })
  const calico = (kind: string, name: string, spec: object): object => ({
    apiVersion: 'projectcalico.org/v3',
    kind,
    metadata: { name, labels: { host: 'yes' } },
    spec,
  })
  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
  const items = [
    calico('IPPool', 'pool', { cidr: '10.64.0.0/16', ipipMode: 'Always' }),
    ...range(4).map(node),
    ...range(60).map(pod),
    ...range(4).map((i) => calico('HostEndpoint', `h${i}`, { node: `n${i}`, interfaceName: '*' })),
    ...range(60).map((i) =>
      calico('GlobalNetworkPolicy', `g${i}`, {
        selector: `app == 'a${i}'`,
        types: ['Ingress'],
        ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [1000 + i] } }],
      }),
    ),
    calico('GlobalNetworkPolicy', 'forwarded', {
      selector: 'has(host)',
      applyOnForward: true,
      ingress: [{ action: 'Allow' }],
    }),
  ]
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

describe('packetwalk reach', () => {
  it('tells in text who reaches whom, and what it is made of', () => {
    const { status, stdout } = reach()
    expect(status).toBe(1)
    expect(stdout).toContain('from kube-system/coredns-66bff467f8-52tkd +4 (5 pods)\n')
    expect(stdout).toContain('everything: partly (node pair): on one node: what a pod sends to its own node is dropped')
    expect(stdout).toMatch(/# 8 ends in 3 classes, 56 pairs: policy calculated over whole classes of headers/)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it.each([[[]], [['--jobs', '2']]])('agrees with packets %j', (args) => {
    const { stderr } = reach('--check', '40', ...args)
    expect(stderr).toContain('40 flows asked by packets, 0 of them otherwise than told')
  })

  it.each(['1', '2'])('gives what there is, marked, when it is stopped by Ctrl-C, with %s threads', async (jobs) => {
    cli.write('large.json', large())
    const { status, stdout } = await cli.interrupted(['reach', '-f', 'large.json', '--jobs', jobs, '-o', 'json'])
    const { partial, cells } = JSON.parse(stdout) as Reach
    expect(status).toBe(130)
    expect(partial).toMatch(/stopped after \d+ of \d+ pairs of classes/)
    expect(cells.length).toBeLessThan(62 * 62)
  })

  it.each([
    ['md', /^\| from \| to \| what \| verdict \| how \|\n/],
    ['csv', /^from,from_members,to,to_members,family,protocol,low,high,verdict,/],
    ['json', /^\{"schema":"packetwalk.reach\/1"/],
    ['html', /^<!doctype html>/],
    ['svg', /^<svg xmlns=/],
    ['dot', /^digraph reach \{/],
    ['svg --theme print', /^<svg xmlns=[^>]* class="pw-reach-print"/],
  ])('writes %s', (form, start) => {
    expect(reach('-o', ...form.split(' ')).stdout).toMatch(start)
  })

  it.each([
    [['--focus', 'node/node01', '--to', 'outside'], ['node/node01 to outside 0.0.0.0/0']],
    [['--from', 'outside', '--to', 'nodes'], ['outside 0.0.0.0/0 to node/controlplane +1']],
    [
      ['--from', 'default/*', '--to', 'outside', '--port', 'udp/53'],
      ['default/busybox-deployment-8c7dc8548-x6ljh +1 to outside 0.0.0.0/0'],
    ],
  ])('is narrowed by %j', (args, pairs) => {
    const { cells, ends } = JSON.parse(reach(...args, '-o', 'json').stdout) as Reach
    expect(cells.map(({ from, to }) => `${ends[from]!.label} to ${ends[to]!.label}`)).toEqual(pairs)
  })

  it.each([
    [['--from', 'default/nobody'], 'received "default/nobody"'],
    [['--port', '70000'], 'a port such as 80'],
    [['--shard', '3/2'], 'the number of a part'],
    [['-o', 'csv', '--theme', 'dark'], 'expected --theme with -o svg or -o html, received -o csv'],
  ])('refuses %j', (args, words) => {
    expect(reach(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(words) })
  })

  it('is the same in one piece, in shards that are merged, and by workers', () => {
    const whole = JSON.parse(reach('-o', 'json').stdout) as Reach
    for (const shard of ['1/2', '2/2'])
      expect(reach('--shard', shard, '-w', `reach-${shard[0]}.json`).status).not.toBe(2)
    const text = (one: Reach): string[] =>
      one.cells.flatMap(({ from, to, pattern }) =>
        one.patterns[pattern]!.map(({ headers, outcome }) => {
          const { verdict, why } = one.outcomes[outcome]!
          return `${one.ends[from]!.label} ${one.ends[to]!.label} ${JSON.stringify(headers)} ${verdict} ${why}`
        }),
      )
    const merged = cli.run(['merge', 'reach-2.json', 'reach-1.json', '-o', 'json'])
    expect(text(JSON.parse(merged.stdout) as Reach)).toEqual(text(whole))
    expect(text(JSON.parse(reach('--jobs', '2', '-o', 'json').stdout) as Reach)).toEqual(text(whole))
    const half = cli.run(['merge', 'reach-2.json', '-o', 'json'])
    expect(JSON.parse(half.stdout)).toMatchObject({ partial: 'shards 1 of 2 are missing' })
  })
})
