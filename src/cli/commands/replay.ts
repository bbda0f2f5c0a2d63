import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { describeIssue, InputError } from '../../model/index.ts'
import { replayScenario } from '../../replay/index.ts'
import { EXIT } from '../exit.ts'
import { readFolder } from '../files.ts'
import { writeOutput } from '../output-file.ts'
import { Progress } from '../terminal.ts'

/** Options of `packetwalk replay`. */
export interface ReplayCommandOptions {
  /** `--out`. */
  readonly out: string
  /** `--probe`. */
  readonly probe?: number
  /** `--json`. */
  readonly json?: boolean
}

/** Simulates the probes of captures and writes them in the captures' own form. */
export function replayCommand(folders: readonly string[], options: ReplayCommandOptions): number {
  const progress = new Progress()
  const scenarios = folders.flatMap(scenariosIn)
  const summary: { scenario: string; probes: number; notModelled: readonly { probe: string; what: string }[] }[] = []
  let incomplete = false
  for (const [i, folder] of scenarios.entries()) {
    const name = basename(resolve(folder))
    progress.step(`${i + 1}/${scenarios.length} ${name}`)
    const replay = replayScenario(readFolder(folder), options.probe === undefined ? {} : { probe: options.probe })
    for (const [path, bytes] of replay.files) {
      const target = join(options.out, name, path)
      mkdirSync(dirname(target), { recursive: true })
      writeOutput(target, bytes)
    }
    progress.done()
    for (const issue of replay.issues) process.stderr.write(`packetwalk: ${name}: ${describeIssue(issue)}\n`)
    for (const { probe, what } of replay.notModelled)
      process.stderr.write(`packetwalk: ${name}/${probe}: not modelled: ${what}\n`)
    incomplete ||= replay.notModelled.length > 0
    summary.push({ scenario: name, probes: replay.results.length, notModelled: replay.notModelled })
    if (options.json !== true) process.stdout.write(`${name.padEnd(42)} ${replay.results.length} probes\n`)
  }
  if (options.json === true) process.stdout.write(`${JSON.stringify(summary)}\n`)
  return incomplete ? EXIT.failed : EXIT.ok
}

/** A scenario folder, or a folder of them. */
function scenariosIn(folder: string): string[] {
  if (existsSync(join(folder, 'scenario.json'))) return [folder]
  const inside = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  const found = inside.filter((path) => existsSync(join(path, 'scenario.json'))).sort()
  if (found.length > 0) return found
  throw new InputError([
    {
      kind: 'missing_reference',
      file: folder,
      path: [],
      expected: 'a folder with scenario.json, or a folder of such folders',
      received: existsSync(folder) ? 'a folder without' : 'nothing there',
    },
  ])
}
