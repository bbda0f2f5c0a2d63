import type { NodeAgent } from '../timeline/index.ts'
import type { Desk } from './desk.ts'

/** Whether a program runs on a node; of a network that no objects made it is taken to. */
export function runsOn(desk: Desk, agent: NodeAgent, node: string): boolean {
  if (desk.objects === null) return true
  const state = desk.agentState(agent, node)
  return state !== 'stopped' && state !== 'killed'
}

/** Whether calico-node runs on a node: Calico has come there, and Felix runs. */
export function runsCalicoNode(desk: Desk, node: string): boolean {
  return desk.hasCni(node) && runsOn(desk, 'felix', node)
}
