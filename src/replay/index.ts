/**
 * The judge: a network captured on a real kernel, its probes run again in the simulation, and what came of them in the files
 * of the capture, to be compared. May import: wire, model, linux, commands, dataplane, programs.
 *
 * @packageDocumentation
 */

export { type ProbeResult, type Replay, type ReplayOptions, replayScenario } from './replay.ts'
export {
  parseScenario,
  type Scenario,
  type ScenarioCommand,
  type ScenarioFiles,
  type ScenarioProbe,
} from './scenario.ts'
export type { DropRow } from './tables.ts'
