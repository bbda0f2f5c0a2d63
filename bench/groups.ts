/** A group of figures: the module beside this one that measures them, and its function that yields their rows. */
export interface Group {
  readonly module: string
  readonly rows: string
  /** Takes minutes and gigabytes: runs when it is named. */
  readonly long?: true
  /** Runs the built command. */
  readonly command?: true
}

/** All groups by name. Modules are told by name, so that an earlier revision is asked only for what it can run. */
export const GROUPS: Readonly<Record<string, Group>> = {
  ping: { module: 'packets.ts', rows: 'pings' },
  hops: { module: 'packets.ts', rows: 'hops' },
  chains: { module: 'chains.ts', rows: 'chains' },
  text: { module: 'text.ts', rows: 'text' },
  lasting: { module: 'lasting.ts', rows: 'lasting' },
  tcp: { module: 'transfer.ts', rows: 'transfers' },
  lpm: { module: 'lpm.ts', rows: 'lpm' },
  edit: { module: 'clusters.ts', rows: 'edit' },
  edits: { module: 'edits.ts', rows: 'edits' },
  'service-edits': { module: 'service-edits.ts', rows: 'serviceEdits', long: true },
  cold: { module: 'cold.ts', rows: 'cold', command: true },
  control: { module: 'control.ts', rows: 'control' },
  build: { module: 'clusters.ts', rows: 'build' },
  'build-large': { module: 'clusters.ts', rows: 'buildLarge', long: true },
  read: { module: 'read.ts', rows: 'read' },
  files: { module: 'read.ts', rows: 'files', command: true },
  'read-long': { module: 'read.ts', rows: 'readLong', long: true },
  'files-long': { module: 'read.ts', rows: 'filesLong', long: true, command: true },
  policies: { module: 'policies.ts', rows: 'policies' },
  'policy-edit': { module: 'policies.ts', rows: 'policyEdit', long: true },
  'policy-build': { module: 'clusters.ts', rows: 'buildWithRules', long: true },
  timeline: { module: 'timeline.ts', rows: 'timeline', long: true },
  'timeline-long': { module: 'timeline.ts', rows: 'timelineLong', long: true },
  lint: { module: 'lint.ts', rows: 'lints', long: true },
  reach: { module: 'reach.ts', rows: 'reach' },
  'reach-long': { module: 'reach.ts', rows: 'reachLong', long: true },
  replay: { module: 'replay.ts', rows: 'replay' },
}

/**
 * The names of the groups that are asked for: those named, or all but the long ones. A name that is none ends the program with
 * code 2.
 */
export function chosenGroups(names: readonly string[]): string[] {
  if (names.length === 0) return Object.keys(GROUPS).filter((name) => GROUPS[name]?.long !== true)
  const unknown = names.find((name) => !Object.hasOwn(GROUPS, name))
  if (unknown !== undefined) {
    console.error(`bench: no "${unknown}"; there are ${Object.keys(GROUPS).join(', ')}`)
    process.exit(2)
  }
  return [...names]
}
