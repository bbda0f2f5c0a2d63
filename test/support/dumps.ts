// Dumps of nodes as people gather them, made from the captures' state.

import { readScenario, scenarioText } from './captures.ts'
import { type DumpFormat, writers } from './dump-text.ts'

/** A scenario's namespaces, and who is wired to whom. */
export interface CapturedState {
  /** Name and role of each. */
  readonly namespaces: readonly { readonly name: string; readonly role: string }[]
  /** Pairs of `[namespace, interface]`. */
  readonly links: readonly (readonly [readonly [string, string], readonly [string, string]])[]
  /** Files by namespace. */
  readonly state: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The state of a scenario before its first probe. */
export function capturedState(name: string): CapturedState {
  const files = readScenario(name)
  const { namespaces, links } = JSON.parse(scenarioText(files, 'scenario.json')) as CapturedState
  return { namespaces, links, state: JSON.parse(scenarioText(files, 'state.json')) as CapturedState['state'] }
}

/** A folder a namespace with a file a tool, of those namespaces that are wanted. */
export function dumpOf(
  { namespaces, state }: CapturedState,
  isWanted: (role: string, name: string) => boolean,
  format: DumpFormat = 'json',
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const { name, role } of namespaces) {
    if (!isWanted(role, name)) continue
    files.set(`${name}/neigh.json`, Buffer.from('[]')) // left out of the captures where there is no neighbour
    for (const [file, text] of writers[format](name, state[name] ?? {})) files.set(`${name}/${file}`, Buffer.from(text))
  }
  return files
}
