// A capture that the command itself writes is explained by it; and what is not there is told.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const ENDS = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv'] as const
const source = ['-f', demo('ipip.yaml')]
const explain = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['explain-capture', ...args])

beforeAll(() => {
  const made = cli.run(['trace', ...source, '--from', ENDS[0], '--to', ENDS[1], '-w', 'ping.pcapng'])
  expect(made.status).toBe(0)
  const whole = readFileSync(join(cli.folder, 'ping.pcapng'))
  cli.write('cut.pcapng', whole.subarray(0, whole.length - 7))
  cli.write('text.pcap', 'no capture\n')
})

describe('packetwalk explain-capture', () => {
  it.each([
    ['its own capture', ['ping.pcapng', ...source], 0],
    ['a file that is no capture', ['text.pcap', ...source], 2],
    ['a file that there is not', ['nowhere.pcap', ...source], 2],
    ['no cluster', ['ping.pcapng'], 2],
    ['no file', [...source], 2],
    ['a place that there is not', ['ping.pcapng', ...source, '--at', 'nobody/eth0'], 2],
  ])('%s: status', (_what, args, status) => {
    const run = explain(...args)
    expect(run.stderr).not.toContain('TypeError')
    expect(run.status).toBe(status)
  })

  it('names the pods, the tunnel and the place', () => {
    const { stdout } = explain('ping.pcapng', ...source)
    for (const word of ['btnkv', 'x6ljh', 'ipip', 'controlplane', 'node01']) expect(stdout).toContain(word)
  })

  it('as JSON: each packet with what explains it', () => {
    const report = JSON.parse(explain('ping.pcapng', ...source, '-o', 'json').stdout)
    const packets = report.sources.flatMap(({ packets: all }: { packets: { explained: string }[] }) => all)
    expect(packets.length).toBeGreaterThan(4)
    expect(packets.filter(({ explained }: { explained: string }) => explained === 'unknown')).toEqual([])
  })

  it('a capture that ends in the middle of a packet: what is there is explained, and the rest said', () => {
    const run = explain('cut.pcapng', ...source)
    expect(run.stdout + run.stderr).toMatch(/cut\.pcapng/)
    expect(run.stderr).not.toContain('TypeError')
  })
})
