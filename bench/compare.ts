import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chosenGroups, GROUPS, type Group } from './groups.ts'
import type { Row } from './measure.ts'
import { COMPARED_HEAD, comparedLine, comparedRows, type Round } from './ratios.ts'
import { buildCommand, bundleGroup, checkOut, commitOf, firstLine, ROOT } from './revision.ts'

/** The two sides of a comparison, each in a folder. */
interface Sides<T> {
  readonly before: T
  readonly now: T
}

/**
 * Runs groups of an earlier revision and of this one in turn, each time in a fresh process, and prints both and their ratios.
 * The code that measures is today's on both sides. A group the earlier revision cannot run is named and left out.
 *
 * @param ref - a commit, branch or tag
 * @param names - groups; none for all but the long ones
 * @returns the code to exit with: 0, 1 when something of this revision fails or gives a wrong result, 2 when there is no such
 *   revision. Being slow is no failure.
 */
export async function compare(ref: string, names: readonly string[], rounds: number): Promise<number> {
  const chosen = chosenGroups(names)
  const commit = commitOf(ref)
  if (commit === undefined) {
    console.error(`bench: no revision "${ref}" here`)
    return 2
  }
  const folder = mkdtempSync(join(tmpdir(), 'packetwalk-compare-'))
  try {
    const sides = { before: join(folder, 'before'), now: ROOT }
    checkOut(commit, sides.before)
    console.log(
      `${ref} (${commit.slice(0, 7)}) and now, ${rounds} rounds in turn; ratio is now / before, the median of the rounds\n`,
    )
    console.log(COMPARED_HEAD)
    const leftOut: string[] = []
    for (const name of chosen) {
      const why = await compareGroup(name, sides, join(folder, name), rounds)
      if (why !== undefined) leftOut.push(`${name}: ${why}`)
    }
    if (leftOut.length > 0)
      console.log(`\nleft out, ${ref} cannot run them:\n${leftOut.map((one) => `  ${one}\n`).join('')}`)
    return 0
  } catch (error) {
    console.error(`bench: ${String(error)}`)
    return 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Compares one group and prints its lines; or says why the earlier revision cannot run it. */
async function compareGroup(
  name: string,
  revisions: Sides<string>,
  folder: string,
  rounds: number,
): Promise<string | undefined> {
  const group = GROUPS[name] as Group
  const bundles = { before: join(folder, 'before.mjs'), now: join(folder, 'now.mjs') }
  const broken = await bundleGroup(revisions.now, group, bundles.now)
  if (broken !== undefined) throw new Error(`${name}: ${broken}`)
  const missing = await bundleGroup(revisions.before, group, bundles.before)
  if (missing !== undefined) return missing
  const env = { before: {}, now: {} }
  if (group.command) {
    const command = buildCommand(revisions.before)
    if ('why' in command) return command.why
    env.before = { PACKETWALK_COMMAND: command.path }
  }
  const done: Round[] = []
  for (let round = 0; round < rounds; round++) {
    const rows: { before?: Row[]; now?: Row[] } = {}
    // Who goes first takes turns too.
    for (const side of round % 2 === 0 ? (['before', 'now'] as const) : (['now', 'before'] as const)) {
      const ran = runOnce(bundles[side], env[side])
      if (typeof ran !== 'string') rows[side] = ran
      else if (side === 'before') return ran
      else throw new Error(`${name}: ${ran}`)
    }
    done.push({ before: rows.before ?? [], now: rows.now ?? [] })
  }
  const { rows, oneSided } = comparedRows(done)
  for (const row of rows) console.log(comparedLine(row))
  for (const one of oneSided) console.log(`${one}: one side only`)
  return undefined
}

/** The rows one process measured, or why it failed. */
function runOnce(bundle: string, env: NodeJS.ProcessEnv): Row[] | string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
  })
  return status === 0 ? (JSON.parse(stdout) as Row[]) : reasonOf(stderr)
}

/** The line of an uncaught error that names it. */
function reasonOf(stderr: string): string {
  return stderr.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? firstLine(stderr)
}
