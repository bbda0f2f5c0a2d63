// The life of a run's packets is told when somebody asks, and it is what would have been told at once.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Recorder } from '../../src/dataplane/index.ts'
import { type Lab, type Run, renderText } from '../../src/index.ts'
import { Shell } from '../../src/shell/index.ts'
import { traceToJson } from '../../src/trace/index.ts'
import { shop } from '../render/shop.ts'

const [WEB, DB] = ['shop/web-0', 'shop/db-0']

const all = ({ stdout, stderr, ok, certainty, notes, diagnosis, outcome, trace }: Run): unknown => [
  [stdout, stderr, ok, certainty, outcome],
  [notes, diagnosis],
  traceToJson(trace),
]

const pingOf = (lab: Lab): Run => lab.sh(WEB, `ping -c 2 ${lab.endpoint(DB).address}`)

const withoutRoutes = (lab: Lab): unknown =>
  lab.edit((draft) => {
    for (const ns of Object.values(draft.namespaces)) if (ns.role === 'node') ns.routes = []
  })

const unrecorded = (lab: Lab): void => {
  lab.simulation.recorder = null
}

const withoutLinks = (lab: Lab): unknown =>
  lab.edit((draft) => {
    for (const ns of Object.values(draft.namespaces)) {
      if (ns.role === 'node') for (const dev of Object.values(ns.interfaces)) dev.up = false
    }
  })

describe('a run read later says what it would have said at once', () => {
  const atOnce = shop()
  const soon = all(pingOf(atOnce))

  it.each<[string, (lab: Lab) => unknown]>([
    ['another run', (lab) => lab.ping(DB, WEB)],
    ['a hundred runs', (lab) => Array.from({ length: 100 }, () => pingOf(lab))],
    ['an edit', withoutRoutes],
    ['another run, then an edit', (lab) => [lab.ping(DB, WEB), withoutRoutes(lab), lab.ping(DB, WEB)]],
    ['links that go down', (lab) => [lab.ping(DB, WEB), withoutLinks(lab), pingOf(lab)]],
    ['nobody records any more, and an edit', (lab) => [unrecorded(lab), withoutRoutes(lab)]],
    ['time', (lab) => lab.wait(3600)],
  ])('after %s', (_name, happens) => {
    const lab = shop()
    const run = pingOf(lab)
    happens(lab)
    expect(all(run)).toEqual(soon)
  })

  it('after a step back, and every time it is asked', () => {
    const lab = shop()
    const moment = lab.snapshot()
    const run = pingOf(lab)
    lab.restore(moment)
    const other = lab.ping(DB, WEB)
    expect([all(run), all(run)]).toEqual([soon, soon])
    expect(run.trace).toBe(run.trace)
    expect(other.trace.packets[0]?.line).not.toBe(run.trace.packets[0]?.line)
  })

  it('a failure, too', () => {
    const [lab, other] = [shop(), shop()]
    for (const one of [lab, other]) withoutRoutes(one)
    const run = pingOf(lab)
    lab.ping(DB, WEB)
    expect(run.ok).toBe(false)
    expect(all(run)).toEqual(all(pingOf(other)))
    expect(run.diagnosis).toHaveLength(1)
  })
})

describe('what nobody asks for is not told', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('in a shell: only why reads the records', () => {
    const lab = shop()
    const read = vi.spyOn(Recorder.prototype, 'eventAt')
    const shell = new Shell(lab, 'w1')
    const address = lab.endpoint(DB).address
    shell.execute('tcpdump -i any -nn &')
    const kept = shell.execute(`ping -c 3 ${address} | grep bytes.from | head -2`)
    shell.execute(`kubectl exec -n shop web-0 -- traceroute -n ${address}`)
    shell.execute('fg')
    expect(kept).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/seq=1 .*\n.*seq=2 /) })
    expect(read).not.toHaveBeenCalled()
    expect(shell.execute('why').stdout).toMatch(/traceroute|probe|request/)
    expect(read).toHaveBeenCalled()
    expect(kept.ok).toBe(true)
    expect(renderText(kept.trace)).toContain(address)
  })

  it('by the library: ping', () => {
    const read = vi.spyOn(Recorder.prototype, 'eventAt')
    expect(shop().ping(WEB, DB).exitCode).toBe(0)
    expect(read).not.toHaveBeenCalled()
  })
})

/** Megabytes of the heap that somebody refers to. */
function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

describe('what nobody keeps is gone', () => {
  it('also while a program runs to its end without a pause', () => {
    const lab = shop()
    const pings = (count: number): void => {
      for (let i = 0; i < count; i++) lab.ping(WEB, DB)
    }
    // What V8 keeps of the code itself has settled by then.
    pings(1000)
    const before = heap()
    pings(1000)
    expect(heap() - before).toBeLessThan(4)
  })
})

describe('filters behind a run', () => {
  it.each([
    ['one that finds something', 'grep seq', true, 0],
    ['one that finds nothing', 'grep nothing-like-it', false, 1],
    ['a counter behind it, whose status is that of the pipe', 'grep nothing-like-it | wc -l', false, 0],
    ['as many as a line holds', Array.from({ length: 18_000 }, () => 'sort').join(' | '), true, 0],
  ])('%s', (_name, filters, ok, status) => {
    const lab = shop()
    expect(lab.sh(WEB, `ping -c 1 ${lab.endpoint(DB).address} | ${filters}`)).toMatchObject({ ok, exitCode: status })
  })
})
