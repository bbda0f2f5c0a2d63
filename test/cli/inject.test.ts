// `packetwalk inject`: the list, a failure in every form, what reproduces it, and what is refused.
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())
const FILE = demo('ipip.yaml')
const PODS = ['kube-system/coredns-66bff467f8-52tkd', 'kube-system/coredns-66bff467f8-g5gjb'] as const
const inject = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['inject', '-q', '-f', FILE, ...args])

describe('--list', () => {
  it('says of every failure what it is', () => {
    const { status, stdout, stderr } = cli.run(['inject', '--list'])
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout.match(/^F\d\d /gm)).toHaveLength(91)
    expect(stdout).toMatch(/^F05 .*\n {5}not modelled: cards do no offloading/m)
    expect(stdout).toMatch(/^\d+ of 91 can be brought about\.$/m)
  })

  it('is data with -o json and yaml, and of one failure where one is named', () => {
    const { stdout } = cli.run(['inject', 'f44', '--list', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject([{ code: 'F44', family: 'bgp', stage: 'host.fib' }])
    expect(parse(cli.run(['inject', 'F44', '--list', '-o', 'yaml']).stdout)).toEqual(JSON.parse(stdout))
  })
})

describe('a failure', () => {
  it('is told: what was done, what shows it, where it is lost, what confirms it and what undoes it', () => {
    const { status, stdout, stderr } = inject('F44', '--at', 'node01')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^F44 The blackhole of the block takes it {2}at node01$/m)
    expect(stdout).toMatch(/^ {6}node01\$ ip route del 192\.168\.196\.1\d\d$/m)
    expect(stdout).toMatch(/^ {2}ping kube-system\/\S+ → \S+: timeout \(before: works\), /m)
    expect(stdout).toMatch(/✗/)
    expect(stdout).toMatch(/^ {2}node01\$ ip route get 192\.168\.196\.1\d\d\n {4}RTNETLINK answers: Invalid argument/m)
    expect(stdout).toMatch(/^Undone by\n {2}node01\$ ip route add 192/m)
  })

  it('is data with -o json', () => {
    const { status, stdout } = inject('F01', '-o', 'json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      failure: { code: 'F01' },
      at: 'switch-lan',
      flows: [
        { before: 'works', after: 'timeout', fits: true },
        { before: 'works', after: 'works', fits: true },
      ],
      checks: [{ host: 'node01', fits: true }],
    })
  })

  it('is reproduced by what -o yaml writes beside the input', () => {
    cli.write('broken.yaml', inject('F01', '-o', 'yaml').stdout)
    const ends = ['-f', FILE, '--from', PODS[0], '--to', PODS[1]]
    const trace = cli.run(['trace', '-q', ...ends, '-f', join(cli.folder, 'broken.yaml')])
    expect([trace.status, cli.run(['trace', '-q', ...ends]).status]).toEqual([1, 0])
    expect(trace.stdout).toContain('the fabric passes no protocol 4')
  })

  it('has as comments what is no matter of objects', () => {
    expect(inject('F49', '-o', 'yaml').stdout).toMatch(/^# controlplane\$ sysctl -w net\.ipv4\.ip_forward=0$/m)
    const [service] = parseAllDocuments(inject('F77', '-o', 'yaml').stdout)
    expect(service?.toJS()).toMatchObject({ kind: 'Service' })
  })

  it.each(['F36', 'F49', 'F41'])('%s happens in the Timeline that -o timeline writes', (code) => {
    cli.write('timeline.yaml', inject(code, '-o', 'timeline').stdout)
    const run = cli.run(['run', '-q', '-f', FILE, '--timeline', 'timeline.yaml', '-o', 'json'])
    const { probes } = JSON.parse(run.stdout) as { readonly probes: readonly { readonly lost: number }[] }
    expect(probes[0]?.lost).toBeGreaterThan(0)
  })

  it('shows another flow where one is asked for, whose status is that of the answer', () => {
    const flow = ['--from', 'node/controlplane', '--to', 'node/node01']
    expect(inject('F01', ...flow).status).toBe(0)
    expect(inject('F01', '--from', PODS[0], '--to', `${PODS[1]}:80`).status).toBe(1)
  })
})

describe('what is refused', () => {
  it.each([
    ['no failure', [], /a failure, F01 to F91, or --list/],
    ['one that there is not', ['F92'], /a failure of the catalogue/],
    ['one that is not modelled', ['F05'], /cards do no offloading/],
    ['what the cluster lacks', ['F18'], /F18 needs wireguardEnabled: true/],
    ['a place that there is not', ['F44', '--at', 'node02'], /did you mean "node01"/],
    ['half a flow', ['F44', '--from', PODS[0]], /--from and --to, or neither/],
    ['a list as a Timeline', ['--list', '-o', 'timeline'], /-o text, json or yaml beside --list/],
  ])('%s', (_what, args, message) => {
    const { status, stdout, stderr } = inject(...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })
})
