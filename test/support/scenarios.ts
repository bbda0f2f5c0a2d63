// Every capture scenario, parsed once a test file.
import { parseScenario, type Scenario } from '../../src/replay/index.ts'
import { listScenarios, readScenario, scenarioText } from './captures.ts'

/** A scenario with the texts it was parsed from. */
export interface LoadedScenario {
  readonly name: string
  readonly scenario: Scenario
  readonly state: Record<string, Record<string, unknown>>
  readonly setup: string
}

/** All scenarios, parsed one by one as they are asked for. */
export function* allScenarios(): Generator<LoadedScenario> {
  for (const name of listScenarios()) {
    const files = readScenario(name)
    yield {
      name,
      scenario: parseScenario(files),
      state: JSON.parse(scenarioText(files, 'state.json')) as LoadedScenario['state'],
      setup: scenarioText(files, 'setup.txt'),
    }
  }
}
