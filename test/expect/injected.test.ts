// A failure of the catalogue in a file of expectations, and in a timeline: what stands behind it meets it.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { judgeExpectations } from '../../src/expect/index.ts'
import { readExpectations, readTimeline } from '../../src/input/index.ts'
import { Lab, runTimeline } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import { ROOT } from '../support/source-files.ts'

const opened = (): Lab =>
  Lab.load({ name: 'ipip.yaml', text: readFileSync(`${ROOT}examples/demo/ipip.yaml`, 'utf8') }, { delays: 'instant' })
const lab = opened()
const FROM = 'default/busybox-deployment-8c7dc8548-x6ljh'
const TO = 'default/busybox-deployment-8c7dc8548-btnkv'
const PING = `from: ${FROM}, to: ${TO}`

const plan = (list: string) =>
  readExpectations({
    name: 'e.yaml',
    text: `apiVersion: packetwalk/v1\nkind: Expectations\nmetadata: {name: one}\nspec:\n  expectations:\n${list}\n`,
  })
const judged = (list: string) => judgeExpectations(lab, plan(list))

function faultsOf(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    if (error instanceof InputError) return error.issues
    throw error
  }
}

describe('an injection among expectations', () => {
  it('breaks what stands behind it, until the next', () => {
    const { expectations } = judged(`  - {${PING}}
  - {inject: F01}
  - {${PING}, expect: broken}
  - {inject: F47, at: ${FROM}}
  - {from: ${TO}, to: ${FROM}, expect: broken}
  - {inject: none}
  - {${PING}, name: mended}`)
    expect(expectations.map(({ name, status }) => `${name}: ${status}`)).toEqual([
      `${FROM} to ${TO}: allow: holds`,
      `${FROM} to ${TO}: broken, with F01: holds`,
      `${TO} to ${FROM}: broken, with F47: holds`,
      'mended: holds',
    ])
    expect(lab.ping(FROM, TO).ok).toBe(true)
  })

  it.each([
    ['  - {inject: F99}', 'inject', /F\d\d/],
    ['  - {inject: F03}', 'inject', /vxlanMode/],
    ['  - {inject: F23}', 'inject', /one address/],
    ['  - {inject: F01, at: node9}', 'at', /a node/],
  ])('%s is a fault of %s, with its line', (entry, field, expected) => {
    expect(faultsOf(() => judged(`${entry}\n  - {${PING}}`))).toMatchObject([
      { file: 'e.yaml', line: 6, path: ['spec', 'expectations', 0, field], expected: expect.stringMatching(expected) },
    ])
  })

  it('needs an expectation behind it', () => {
    expect(faultsOf(() => plan(`  - {${PING}}\n  - {inject: F01}`))).toMatchObject([{ file: 'e.yaml', line: 7 }])
  })
})

const timeline = (events: string) =>
  readTimeline({
    name: 't.yaml',
    text: `apiVersion: packetwalk/v1
kind: Timeline
metadata: {name: one}
spec:
  until: 2s
  probes: [{name: p, every: 500ms, timeout: 400ms, ping: {${PING}}}]
  events:
${events}
`,
  })

describe('an injection in a timeline', () => {
  it('breaks what is asked from then on', () => {
    const report = runTimeline(opened(), timeline('  - {at: 1100ms, inject: F01}'))
    expect(report.events.map(({ title, refused }) => [title, refused])).toEqual([['F01 is brought about', undefined]])
    const [probe] = report.probes
    expect(probe!.lost).toBeGreaterThan(0)
    expect(probe!.asked).toBeGreaterThan(probe!.lost)
  })

  it('is refused where nobody knows it, with its line', () => {
    expect(faultsOf(() => runTimeline(opened(), timeline('  - {at: 1s, inject: F99}')))).toMatchObject([
      { file: 't.yaml', line: 8, path: ['inject'] },
    ])
  })

  it('says where it stands when the cluster cannot have it', () => {
    const { events } = runTimeline(opened(), timeline('  - {at: 1s, inject: {failure: F03}}'))
    expect(events[0]?.refused).toMatch(/^t\.yaml:8: .*vxlanMode/)
  })
})
