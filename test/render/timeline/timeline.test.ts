import { describe, expect, it } from 'vitest'
import {
  renderTimelineHtml,
  renderTimelineJson,
  renderTimelineSvg,
  renderTimelineText,
} from '../../../src/render/index.ts'
import { SAMPLE } from './sample-report.ts'

describe('what happened over time, as text', () => {
  const text = renderTimelineText(SAMPLE)

  it('says first what was lost', () => {
    expect(text.split('\n')[0]).toBe('ipip-to-vxlan: 8 lost in 1 min (delays of seed 1)')
  })

  it('has every event with what came of it', () => {
    expect(text).toContain('    10.000 s  1. patch IPPool')
    expect(text).toContain('6 changes, the last after 900 ms')
    expect(text).toContain('   refused: there is no such pod')
  })

  it('says of a gap how long it was, where it was lost, and what began and ended it', () => {
    expect(text).toContain('  10.100 s to 10.900 s: 800 ms, 8 lost\n    lost    timeout; dropped at node02 on eth0')
    expect(text).toMatch(/began {3}10\.050 s: bird on node02 deleted route 10\.0\.1\.0\/26/)
    expect(text).toMatch(/ended {3}10\.850 s: bird on node02 added route/)
    expect(text).toContain('(cluster.yaml:12)')
  })

  it('has the log when asked for', () => {
    expect(text).not.toContain('\nlog\n')
    expect(renderTimelineText(SAMPLE, { log: true })).toContain(
      '\nlog\n    10.050 s    1  bird on node02 deleted route',
    )
  })

  it.each([60, 100, 160])('fits into %i columns, but for words that cannot be folded', (width) => {
    const long = renderTimelineText(SAMPLE, { width })
      .split('\n')
      .filter((line) => line.length > width && line.trimStart().includes(' '))
      .filter((line) => !/, every /.test(line))
    expect(long).toEqual([])
  })
})

describe('what happened over time, as JSON', () => {
  it('is the report, with its form and version, without traces', () => {
    const read = JSON.parse(renderTimelineJson(SAMPLE))
    expect(read).toMatchObject({ schema: 'packetwalk.timeline/1', name: SAMPLE.name, end: SAMPLE.end })
    expect(read.probes[0].gaps[0]).toEqual(SAMPLE.probes[0]?.gaps[0])
  })
})

describe('what happened over time, as a picture', () => {
  const svg = renderTimelineSvg(SAMPLE)
  const places = (look: string): number[] =>
    [...svg.matchAll(new RegExp(`class="${look}" x="([\\d.]+)"`, 'g'))].map(([, x]) => Number(x))

  it('has a lane for every probe, program that was down, and machine that changed', () => {
    const names = [...svg.matchAll(/class="tl-name"[^>]*><title>([^<]*)</g)].map(([, name]) => name?.trim())
    expect(names).toEqual(['web to db', 'connection', 'felix node02', 'node02 changes', 'node01 changes'])
  })

  it('draws gaps and times down where they are, in order of time', () => {
    const [gap, down] = [places('tl-gap')[0] as number, places('tl-down')[0] as number]
    expect(gap).toBeGreaterThan(230)
    expect(down).toBeGreaterThan(gap)
    expect(down).toBeLessThan(976)
  })

  it('has machines before pods, and one lane for those that are too many', () => {
    const change = (netns: string): (typeof SAMPLE.log)[number] => ({ ...SAMPLE.log.at(-1)!, netns })
    const changing = (names: readonly string[]): string[] => {
      const picture = renderTimelineSvg({ ...SAMPLE, probes: [], spans: [], log: names.map(change) })
      const all = [...picture.matchAll(/class="tl-name"[^>]*><title>([^<]*) changes</g)]
      return all.map(([, name = '']) => name)
    }
    expect(changing(['default/a', 'node01', 'default/b'])).toEqual(['node01', 'default/a', 'default/b'])
    const pods = Array.from({ length: 40 }, (_, i) => `default/p${i}`)
    const lanes = changing([...pods, 'node01'])
    expect([lanes.length, lanes[0], lanes.at(-1)]).toEqual([16, 'node01', '26 more'])
  })

  it('marks what changed at one moment once, and says no more of it than can be read', () => {
    const picture = renderTimelineSvg({ ...SAMPLE, log: Array.from({ length: 5_000 }, () => SAMPLE.log.at(-1)!) })
    expect(picture.match(/class="tl-change"/g)).toHaveLength(1)
    expect(picture).toContain('… and 4988 more')
  })

  it('says the same to those who hear it', () => {
    expect(svg).toContain('aria-label="ipip-to-vxlan: 4 events in 1 min. web to db: 600 asked, 8 lost in 1 gap.')
  })

  it('shows nothing of names as markup', () => {
    const evil = { ...SAMPLE, name: '<script>"&' }
    for (const text of [renderTimelineSvg(evil), renderTimelineHtml(evil)]) {
      expect(text).not.toContain('<script>')
      expect(text).toContain('&lt;script&gt;&quot;&amp;')
    }
  })

  it('is a picture of nothing when nothing happened', () => {
    const empty = { ...SAMPLE, events: [], probes: [], spans: [], log: [], end: 0 }
    expect(renderTimelineSvg(empty)).not.toMatch(/NaN|Infinity/)
  })
})
