import { describe, expect, it } from 'vitest'
import { packTar, unpackTar } from '../../tools/tar.mjs'
import { listScenarios, readScenario, scenarioText } from './captures.ts'

describe('captures', () => {
  const scenarios = listScenarios()

  it('are the 105 scenarios of the laboratory', () => {
    expect(scenarios.length).toBe(105)
    expect(scenarios).toContain('seed-demo-vxlan')
  })

  it('hold two files for every probe that scenario.json lists', () => {
    let probes = 0
    for (const name of scenarios) {
      const files = readScenario(name)
      const scenario = JSON.parse(scenarioText(files, 'scenario.json')) as {
        readonly probes: readonly { readonly file: string }[]
      }
      const expected = scenario.probes.flatMap(({ file }) => [`${file}.json`, `${file}.pcapng`])
      expect([...files.keys()].sort()).toEqual(['scenario.json', 'setup.txt', 'state.json', ...expected].sort())
      probes += scenario.probes.length
    }
    expect(probes).toBe(1804)
  })
})

describe('tar', () => {
  it('gives back names and bytes, whatever the length', () => {
    const files = [0, 1, 511, 512, 513].map((n): [string, Uint8Array] => [
      `d/${n}.bin`,
      new Uint8Array(n).fill(n & 0xff),
    ])
    const back = [...unpackTar(packTar(files))].map(([name, bytes]): [string, Uint8Array] => [
      name,
      Uint8Array.from(bytes),
    ])
    expect(back).toEqual(files)
  })
})
