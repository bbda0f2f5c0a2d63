import { replayScenario } from 'packetwalk/replay'
import { listScenarios, readScenario } from '../test/support/captures.ts'
import { microseconds, type Row } from './measure.ts'
import { plainPing } from './yardstick.ts'

/** All probes of all kernel captures, without the comparison; the packed captures are read before. */
export function* replay(): Iterable<Row> {
  const scenarios = listScenarios().map((name) => readScenario(name))
  const start = performance.now()
  let probes = 0
  for (const files of scenarios) probes += replayScenario(files).results.length
  const value = (performance.now() - start) / 1000
  const ratio = (value * 1e6) / probes / microseconds(plainPing, 50, 100)
  yield {
    name: `replay of ${scenarios.length} captures`,
    value,
    unit: 's',
    ratio,
    note: `${probes} probes; ratio a probe`,
  }
}
