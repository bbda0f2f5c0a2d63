import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../../src/lab/index.ts'

const DEMO = readFileSync(new URL('../../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
const [A, B] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']
const PING = { ping: { from: A, to: B } }

describe('a watch', () => {
  it('asks while time passes, and says which were lost', () => {
    const lab = Lab.load(DEMO)
    const watch = lab.every(100, PING)
    lab.wait(1)
    lab.sh('node01', 'ip link set ens3 down')
    lab.wait(1)
    lab.sh('node01', 'ip link set ens3 up')
    lab.wait(1.05)
    const { asked, lost, gaps } = watch.report
    expect({ asked, lost }).toEqual({ asked: 31, lost: 10 })
    expect(gaps).toMatchObject([{ from: 1.1e9, to: 2.1e9 }])
  })

  it('goes on while programs run, and they answer as ever', () => {
    const lab = Lab.load(DEMO)
    const watch = lab.every(100, { tcp: { from: A, to: B, port: 8080 } })
    expect(lab.tcp(A, B, 9090).ok).toBe(true)
    expect(lab.ping(A, B, { count: 3 }).ok).toBe(true)
    expect(watch.report.asked).toBeGreaterThan(15)
    expect(watch.report.lost).toBe(0)
  })

  it('steps back with the lab', () => {
    const lab = Lab.load(DEMO)
    const watch = lab.every(100, PING)
    lab.wait(0.95)
    const moment = lab.snapshot()
    lab.sh('node01', 'ip link set ens3 down')
    lab.wait(3)
    expect(watch.report.lost).toBeGreaterThan(5)
    lab.restore(moment)
    expect(watch.report).toMatchObject({ asked: 10, lost: 0 })
    lab.wait(1)
    expect(watch.report).toMatchObject({ asked: 20, lost: 0 })
  })

  it('ends', () => {
    const lab = Lab.load(DEMO)
    const watch = lab.every(100, PING)
    lab.wait(0.5)
    watch.stop()
    const { asked } = watch.report
    lab.wait(5)
    expect(watch.report).toMatchObject({ asked, lost: 0 })
  })

  it.each([
    [0, PING],
    [100, {}],
    [100, { ping: { from: A, to: B }, udp: { from: A, to: B, port: 53 } }],
    [100, 'ping'],
  ])('refuses every %s ms %j', (ms, probe) => {
    expect(() => Lab.load(DEMO).every(ms, probe as never)).toThrow(/expected/)
  })
})

describe('a timeline of a lab', () => {
  it('draws itself', () => {
    const report = Lab.load(DEMO).timeline(
      `apiVersion: packetwalk/v1\nkind: Timeline\nmetadata: {name: t}\nspec: {until: 1s, probes: [{ping: {from: ${A}, to: ${B}}}]}`,
    )
    expect(report.probes[0]).toMatchObject({ asked: 10, lost: 0 })
    const shown = (report as unknown as Record<symbol, () => Record<string, string>>)[Symbol.for('Jupyter.display')]?.()
    expect(shown?.['image/svg+xml']).toContain('<svg')
  })
})
