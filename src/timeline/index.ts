/**
 * What happens to a cluster over time: events, the programs that act on them, each late in its own way, and a log of what they
 * change. May import: wire, model, linux, commands, dataplane, control.
 *
 * @packageDocumentation
 */

export type { Agent, AgentAction, ClusterAgent, ClusterEvent, MachineAction, NodeAgent } from './event.ts'
export type { Actor, ChangedThing, LogEntry } from './log-entry.ts'
