// The command that diagnoses: its forms, and its status.
import { afterAll, describe, expect, it } from 'vitest'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const FROM = 'default/busybox-deployment-8c7dc8548-x6ljh'
const TO = 'default/busybox-deployment-8c7dc8548-btnkv'
const diagnose = (...args: string[]): ReturnType<typeof cli.run> =>
  cli.run(['diagnose', '-q', '-f', demo('ipip.yaml'), ...args])

describe('packetwalk diagnose', () => {
  it('finds nothing wrong with a flow that passes: status 0', () => {
    expect(diagnose('--from', FROM, '--to', TO)).toMatchObject({ status: 0, stderr: '' })
  })

  it('names what no object shows, and the facts to fetch: status 3', () => {
    const { status, stdout } = diagnose('--from', FROM, '--to', TO, '--symptom', 'timeout', '-o', 'json')
    const { verdict, candidates, facts } = JSON.parse(stdout) as Record<string, unknown[]>
    expect({ status, verdict }).toEqual({ status: 3, verdict: 'undecided' })
    expect(candidates).toContainEqual(
      expect.objectContaining({ failure: 'F01', likelihood: 'possible', stage: 'underlay' }),
    )
    expect(facts).toHaveLength(3)
    expect(facts).toContainEqual(expect.objectContaining({ command: expect.stringContaining('ip route get ') }))
  })

  it('names a cause that the objects show: status 1', () => {
    const { status, stdout } = diagnose('--from', FROM, '--to', 'node/controlplane')
    expect({ status, stdout }).toMatchObject({ status: 1, stdout: expect.stringContaining('WL_TO_HOST_DROP') })
    expect(diagnose('--from', FROM, '--to', 'node/controlplane', '-o', 'md').stdout).toContain(
      '| likelihood | failure |',
    )
  })

  it('refuses half a flow, and symptoms nobody knows', () => {
    expect(diagnose('--from', FROM)).toMatchObject({ status: 2, stderr: expect.stringContaining('--to') })
    expect(diagnose('--symptom', 'slow')).toMatchObject({ status: 2 })
  })
})
