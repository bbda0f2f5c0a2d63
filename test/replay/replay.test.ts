import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/model/index.ts'
import { replayScenario } from '../../src/replay/replay.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'
import { readScenario, scenarioText } from '../support/captures.ts'

const SCENARIO = '01-same-node'

describe('replay', () => {
  it('writes two files a probe, the same for the same seed', () => {
    const files = readScenario(SCENARIO)
    const once = replayScenario(files)
    const again = replayScenario(files)
    expect([...once.files.keys()].sort()).toEqual(
      once.scenario.probes.flatMap(({ file }) => [`${file}.json`, `${file}.pcapng`]).sort(),
    )
    for (const [path, bytes] of once.files) expect(again.files.get(path), path).toEqual(bytes)
    const other = replayScenario(files, { seed: 7 })
    expect(
      [...other.files].some(([path, bytes]) => Buffer.compare(bytes, once.files.get(path) as Uint8Array) !== 0),
    ).toBe(true)
  })

  it('gives one probe when asked for one, after running those before it', () => {
    const one = replayScenario(readScenario(SCENARIO), { probe: 3 })
    const all = replayScenario(readScenario(SCENARIO))
    expect(one.results.map((r) => r.n)).toEqual([3])
    expect(one.files.get('probes/03-ping-reverse-cold.pcapng')).toEqual(
      all.files.get('probes/03-ping-reverse-cold.pcapng'),
    )
  })

  it('names what it cannot simulate and goes on', () => {
    const files = new Map<string, Uint8Array>(readScenario(SCENARIO))
    const path = 'probes/02-ping-warm.json'
    const probe = JSON.parse(scenarioText(files, path)) as Record<string, unknown>
    files.set(path, encodeUtf8(JSON.stringify({ ...probe, command: 'ping -f 192.168.49.66' })))
    const replay = replayScenario(files)
    expect(replay.notModelled).toEqual([{ probe: '01-same-node/ping-warm', what: 'ping -f' }])
    expect(replay.results.length).toBe(replay.scenario.probes.length - 1)
  })

  it('copes without times and expectations', () => {
    const files = new Map<string, Uint8Array>(readScenario(SCENARIO))
    for (const path of [...files.keys()].filter((p) => p.startsWith('probes/') && p.endsWith('.json'))) {
      const { n, name, kind, from, to, command, detail, flushed } = JSON.parse(scenarioText(files, path)) as Record<
        string,
        unknown
      >
      files.set(path, encodeUtf8(JSON.stringify({ n, name, kind, from, to, command, detail, flushed })))
    }
    const bare = replayScenario(files)
    const full = replayScenario(readScenario(SCENARIO))
    expect(bare.results.map((r) => r.outcome)).toEqual(full.results.map((r) => r.outcome))
  })

  it('refuses a folder that is no scenario', () => {
    expect(() => replayScenario(new Map())).toThrow(InputError)
  })
})
