/**
 * The dialect of the Linux tools, both ways: dumps of real nodes (`ip -j`, `bridge -j`, `sysctl`, `iptables-save`,
 * `ipset save`, `conntrack -L`, `wg show`) to the model, the model to what these tools print, and the commands that
 * change it. No parser throws at bad input: what is wrong is an issue with file, line and path.
 *
 * May import: wire, model.
 *
 * @packageDocumentation
 */

export { type DumpFiles, type NamespaceDump, parseNamespaceDump } from './parse/namespace.ts'
export {
  parseScenario,
  type Scenario,
  type ScenarioCommand,
  type ScenarioFiles,
  type ScenarioProbe,
} from './scenario.ts'
