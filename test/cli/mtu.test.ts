import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const node = (name: string, address: string): string =>
  `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\nstatus: {addresses: [{type: InternalIP, address: ${address}}]}\n---\n`
const pod = (name: string, at: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: default}\nspec: {nodeName: ${at}, containers: [{name: c, image: i}]}\n---\n`

beforeAll(() => {
  cli.write(
    'ipip.yaml',
    `${node('n1', '10.0.0.1')}${node('n2', '10.0.0.2')}${pod('a', 'n1')}${pod('b', 'n2')}` +
      `apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: p}\nspec: {cidr: 192.168.0.0/16, ipipMode: Always}\n`,
  )
  cli.write('broken.yaml', 'kind: Node\nmetadata: {name: [}\n')
})

const mtu = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['mtu', ...args])
const ends = ['--from', 'default/a', '--to', 'default/b']

describe('packetwalk mtu', () => {
  it.each([
    ['all classes of pairs of the demo', ['-f', demo('ipip.yaml')], 0],
    ['two pods', ['-f', 'ipip.yaml', ...ends], 0],
    ['somebody who is not there', ['-f', 'ipip.yaml', '--from', 'default/x', '--to', 'default/b'], 2],
    ['all that one end asks', ['-f', 'ipip.yaml', '--from', 'default/a'], 0],
    ['no input', [], 2],
    ['input that is wrong', ['-f', 'broken.yaml'], 2],
    ['a form that there is not', ['-f', 'ipip.yaml', '-o', 'svg'], 2],
    ['a limit of nothing', ['-f', 'ipip.yaml', '--limit', '0'], 2],
  ])('%s: status', (_what, args, status) => {
    const run = mtu(...args)
    expect(run.stderr).not.toContain('TypeError')
    expect(run.status).toBe(status)
  })

  it('says what passes: 1480 bytes through IPIP over cards of 1500, by each way of sending', () => {
    const { stdout } = mtu('-f', 'ipip.yaml', ...ends)
    expect(stdout).toContain('1480')
    // 1480 without 20 of IPv4 and 8 of ICMP or UDP.
    expect(stdout).toContain('1452')
  })

  it('as JSON: the same as the library gives', () => {
    const report = JSON.parse(mtu('-f', 'ipip.yaml', ...ends, '-o', 'json').stdout)
    expect(report).toMatchObject({ schema: 'packetwalk.payload/1', verdict: 'fits' })
  })

  it('as Markdown: a table', () => {
    expect(mtu('-f', 'ipip.yaml', ...ends, '-o', 'md').stdout).toMatch(/^\|.*\|$/m)
  })
})
