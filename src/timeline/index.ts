/**
 * What happens to a cluster over time: events, the programs that act on them, each late in its own way, and a log of what they
 * change. May import: wire, model, linux, commands, dataplane, control.
 *
 * @packageDocumentation
 */

export type { BirdSince } from './bird-since.ts'
export type { Agent, AgentAction, ClusterEvent, MachineAction, NodeAgent } from './event.ts'
export type { ProgramState } from './follower-state.ts'
export type { LogEntry } from './log-entry.ts'
export { Running } from './running.ts'
export type { SavedRunning, Witness } from './running-options.ts'
export type { ClusterMaker } from './storing.ts'
export type { ToldEvent } from './told-events.ts'
export type { TriedWay } from './tried-ways.ts'
