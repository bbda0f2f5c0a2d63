// Replays of all captures, frame by frame with their times, every event, tables and counters afterwards: also where the
// kernel's own runs differ from each other, and its captures judge nothing.
import { describe } from 'vitest'
import { Recorder } from '../../src/dataplane/index.ts'
import { replayScenario } from '../../src/replay/replay.ts'
import { toHex } from '../../src/wire/index.ts'
import { listScenarios, readScenario } from '../support/captures.ts'
import { goldens } from '../support/golden.ts'
import { recordText } from './texts.ts'

describe('a replay is as it was', () => {
  goldens('captures', listScenarios(), (name) => {
    const recorder = new Recorder()
    const { results } = replayScenario(readScenario(name), { recorder })
    return `${results.map(resultText).join('')}${recordText(recorder)}`
  })
})

function resultText({ frames, ...result }: ReturnType<typeof replayScenario>['results'][number]): string {
  const lines = frames.packets.map((packet) => {
    const { bytes, timestamp, interface: index, direction = '-' } = packet
    return `${timestamp} ${index} ${direction} ${toHex(bytes)}\n`
  })
  return `${JSON.stringify(result, null, 1)}\n${lines.join('')}`
}
