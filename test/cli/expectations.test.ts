import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const A = 'default/busybox-deployment-8c7dc8548-x6ljh'
const B = 'default/busybox-deployment-8c7dc8548-btnkv'

const file = (...list: string[]): string =>
  [
    '# what the demo does',
    'apiVersion: packetwalk/v1',
    'kind: Expectations',
    'metadata: {name: demo}',
    'spec:',
    '  expectations:',
    ...list.map((one) => `    - ${one}`),
    '',
  ].join('\n')

const GOOD = `{name: across, from: ${A}, to: ${B}, expect: allow, path: ipip, via: node01}`
const BAD = `{name: "100% <direct>", from: ${A}, to: ${B}, path: direct}`
cli.write('good.yaml', file(GOOD))
cli.write('bad.yaml', file(GOOD, BAD))

const test = (name: string, ...args: string[]): ReturnType<typeof cli.run> =>
  cli.run(['test', '-q', '-f', demo('ipip.yaml'), '-e', name, ...args])

describe('packetwalk test', () => {
  it('prints which expectations hold, and has status 0 when all do', () => {
    expect(test('good.yaml')).toEqual(
      expect.objectContaining({ status: 0, stdout: 'ok        across  good.yaml:7\n1 held, 0 failed\n', stderr: '' }),
    )
  })

  it('prints what is otherwise, of whom, why and what that rests on, and has status 1', () => {
    const { status, stdout } = test('bad.yaml')
    expect(status).toBe(1)
    expect(stdout.split('\n').slice(1, 4)).toEqual([
      'FAIL      100% <direct>  bad.yaml:8',
      '          expected path direct, found path ipip',
      `            ${A} to ${B}`,
    ])
    expect(stdout).toMatch(/^ {10}derived from objects\n1 held, 1 failed\n$/m)
  })

  it('as JUnit XML, into a file', () => {
    expect(test('bad.yaml', '-o', 'junit', '-w', 'report.xml')).toMatchObject({ status: 1, stdout: '' })
    const xml = readFileSync(join(cli.folder, 'report.xml'), 'utf8')
    expect(xml).toContain('<testsuite name="demo" file="bad.yaml" tests="2" failures="1" errors="0">')
    expect(xml).toContain('<testcase classname="demo" name="100% &lt;direct&gt;" file="bad.yaml" line="8">')
    expect(xml).toContain('<failure type="expectation" message="expected path direct, found path ipip">')
    expect(xml).toContain('<system-out>derived from objects</system-out>')
  })

  it('as TAP', () => {
    const { stdout } = test('bad.yaml', '-o', 'tap')
    expect(stdout).toMatch(/^TAP version 14\n1\.\.2\nok 1 - across\n/)
    expect(stdout).toMatch(
      /\nnot ok 2 - 100% <direct>\n {2}---\n {2}at: bad\.yaml:8\n {2}confidence: derived from objects\n/,
    )
  })

  it('as annotations of GitHub, at the line', () => {
    const { stdout } = test('bad.yaml', '-o', 'github')
    expect(stdout).toMatch(
      /^::error file=bad\.yaml,line=8,title=100%25 <direct>::expected path direct, found path ipip%0A/,
    )
    expect(stdout).toMatch(/\n::notice title=packetwalk::1 held, 1 failed, 0 undecided\n$/)
  })

  it('as JSON', () => {
    expect(JSON.parse(test('bad.yaml', '-o', 'json').stdout)).toMatchObject({
      schema: 'packetwalk.expectations/1',
      held: 1,
      failed: 1,
      expectations: [{ status: 'holds' }, { status: 'fails', misses: [{ field: 'path', found: 'path ipip' }] }],
    })
  })

  it('--update writes what is into the file, which holds from then on', () => {
    cli.write('update.yaml', file(GOOD, BAD))
    expect(test('update.yaml', '--update')).toMatchObject({
      status: 0,
      stdout: '1 of 2 expectations changed in update.yaml\n',
    })
    const fresh = BAD.replace('path: direct}', 'path: ipip, expect: allow}')
    expect(readFileSync(join(cli.folder, 'update.yaml'), 'utf8')).toBe(file(GOOD, fresh))
    expect(test('update.yaml').status).toBe(0)
  })

  it('has status 3 when some are undecided and none fails', () => {
    const ebpf = { apiVersion: 'projectcalico.org/v3', kind: 'FelixConfiguration', metadata: { name: 'default' } }
    cli.write('ebpf.json', JSON.stringify({ ...ebpf, spec: { bpfEnabled: true } }))
    const run = test('good.yaml', '-f', 'ebpf.json', '-o', 'github')
    expect(run.status).toBe(3)
    expect(run.stdout).toMatch(/^::warning file=good\.yaml,line=7,title=across::expected allow, found undecided%0A/)
  })

  it.each([
    ['{from: nobody/here, to: node01}', /^packetwalk: e\.yaml:7:\d+: .*spec\.expectations\.0\.from.*/],
    ['{from: node01, to: node01, expect: alow}', /e\.yaml:7:\d+: .*did you mean allow\?/],
  ])('has status 2 for %s, with the place', (one, words) => {
    cli.write('e.yaml', file(one))
    const run = test('e.yaml')
    expect([run.status, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(words)
  })

  it('a file of expectations among objects is sent to where it belongs', () => {
    expect(cli.run(['trace', '-f', 'good.yaml', '-S', A, '-D', B]).stderr).toContain(
      'Expectations are given to packetwalk test by -e',
    )
  })
})
