import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const FROM = 'default/busybox-deployment-8c7dc8548-x6ljh'
const TO = 'default/busybox-deployment-8c7dc8548-btnkv'

beforeAll(() => {
  const lab = Lab.load(readFileSync(demo('ipip.yaml'), 'utf8'))
  const write = (folder: string, files: Record<string, Uint8Array>): void => {
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(join(cli.folder, folder, path, '..'), { recursive: true })
      cli.write(`${folder}/${path}`, bytes)
    }
  }
  write('same', simulatedDumps(lab, ['controlplane']))
  const without = (text: string, path: string): string =>
    path === 'controlplane/route.json'
      ? JSON.stringify((JSON.parse(text) as { dst: string }[]).filter(({ dst }) => dst !== '192.168.196.128/26'))
      : text
  write('changed', simulatedDumps(lab, ['controlplane'], without))
})

const diff = (...args: string[]): ReturnType<typeof cli.run> =>
  cli.run(['diff', '-q', '-f', demo('ipip.yaml'), ...args])

describe('packetwalk diff', () => {
  it('prints nothing where Calico wrote what was dumped', () => {
    expect(diff('--dump', 'same')).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  it('prints each difference with where both sides come from, and has status 1', () => {
    const run = diff('--dump', 'changed')
    expect(run.status).toBe(1)
    expect(run.stdout).toMatch(
      /^controlplane: route missing: 192\.168\.196\.128\/26 via 172\.17\.0\.40 dev tunl0 proto bird onlink *\n {4}expected by bird, IPPool\/\S+ spec\.ipipMode \S+ \(.*ipip\.yaml:\d+\)\n$/,
    )
  })

  it('as JSON, and of one node', () => {
    const [one] = JSON.parse(diff('--dump', 'changed', '-j', '--node', 'controlplane').stdout) as unknown[]
    expect(one).toMatchObject({
      netns: 'controlplane',
      table: 'route',
      kind: 'missing',
      expected: { origin: { component: 'bird' } },
    })
    expect(diff('--dump', 'changed', '--node', 'node01')).toMatchObject({ status: 0, stdout: '' })
  })

  it.each([
    [['-f', demo('ipip.yaml')], 'only -f'],
    [['--dump', 'same'], 'only --dump'],
    [[], 'neither'],
  ])('needs objects and dumps: %j', (args, received) => {
    const run = cli.run(['diff', ...args])
    expect(run.status).toBe(2)
    expect(run.stderr).toContain('expected -f FILE with Kubernetes and Calico objects and --dump DIR')
    expect(run.stderr).toContain(`received ${received}\n`)
  })
})

describe('packetwalk drift', () => {
  const drift = (...args: string[]): ReturnType<typeof cli.run> =>
    cli.run(['drift', '-q', '-f', demo('ipip.yaml'), ...args])

  it('prints nothing where Calico wrote what was dumped', () => {
    expect(drift('--dump', 'same')).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  it('prints each finding with cause, meaning, commands and differences, and has status 1', () => {
    const run = drift('--dump', 'changed')
    expect(run.status).toBe(1)
    expect(run.stdout).toMatch(
      /^controlplane: no BGP session: node01 \(bgp_session_down\)\n {2}means: {2}.+\n {2}likely: .+\n {2}check: {2}calicoctl node status {3}\(on controlplane\)\n/,
    )
    expect(run.stdout).toMatch(
      /\n {2}- controlplane: route missing: 192\.168\.196\.128\/26 .*\n {6}expected by bird, .*\n$/,
    )
  })

  it('as JSON, and of one node', () => {
    const { dumps, findings } = JSON.parse(drift('--dump', 'changed', '-o', 'json').stdout) as Record<string, unknown>
    expect(dumps).toEqual(['controlplane'])
    expect(findings).toMatchObject([
      { node: 'controlplane', cause: 'bgp_session_down', subject: 'node01', differences: [{ kind: 'missing' }] },
    ])
    expect(drift('--dump', 'changed', '--node', 'node01')).toMatchObject({ status: 0, stdout: '' })
  })

  it('--calico-version is the release, whatever the objects say', () => {
    const run = drift('--dump', 'same', '--calico-version', 'v3.33')
    expect(run.status).toBe(1)
    expect(run.stdout).toMatch(/^controlplane: another release of Calico: .* \(other_release\)\n/)
    expect(run.stdout).toContain('v3.33 was expected, as the objects or --calico-version say')
    const wrong = drift('--dump', 'same', '--calico-version', 'newest')
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('expected a release of Calico')])
  })

  it('a dump is of the machine that is named, whatever its folder and its hostname say', () => {
    cli.write('changed/controlplane/hostname', 'elsewhere\n')
    const run = cli.run(['drift', '-f', demo('ipip.yaml'), '--dump', 'controlplane=changed', '-o', 'json'])
    expect(JSON.parse(run.stdout)).toMatchObject({ dumps: ['controlplane'], findings: [{ cause: 'bgp_session_down' }] })
    expect(run.stderr).not.toContain('elsewhere')
    const wrong = cli.run(['drift', '-f', demo('ipip.yaml'), '--dump', 'controlplane=nowhere'])
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('nowhere: no such file')])
  })

  it('needs objects and dumps', () => {
    expect(cli.run(['drift', '--dump', 'same'])).toMatchObject({ status: 2 })
  })
})

describe('packetwalk trace -f --dump', () => {
  it('follows pods by name through the machine as it was dumped', () => {
    const args = ['trace', '-f', demo('ipip.yaml'), '--from', FROM, '--to', TO]
    const same = cli.run([...args, '--dump', 'same'])
    expect(same.status).toBe(0)
    expect(same.stdout).toMatch(/^ {2}Answered in |answered in /m)
    expect(same.stdout).toContain('node01: it was not dumped: what Calico would write there is assumed')
    const changed = cli.run([...args, '--dump', 'changed'])
    expect(changed.status).toBe(1)
    expect(changed.stdout).toContain('controlplane has no route to 192.168.196.')
    expect(changed.stderr).toContain('1 difference between the dumps and what Calico would write')
  })
})
