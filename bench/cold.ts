import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Row } from './measure.ts'

const ROUNDS = 20

/** Wall time of the fastest of many fresh processes, taken in turn so that both see the same machine. */
function fastest(commands: readonly (readonly string[])[]): number[] {
  const best = commands.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < ROUNDS; round++) {
    commands.forEach((args, i) => {
      const start = performance.now()
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      if (status !== 0) throw new Error(stderr)
      best[i] = Math.min(best[i] as number, performance.now() - start)
    })
  }
  return best
}

/** The first trace in a fresh process of the command, and its start alone, less what bare node takes. */
export function* cold(): Iterable<Row> {
  const cli = process.env['PACKETWALK_COMMAND'] ?? fileURLToPath(new URL('../dist/packetwalk.mjs', import.meta.url))
  const demo = fileURLToPath(new URL('../examples/demo/ipip.yaml', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'packetwalk-bench-'))
  try {
    const empty = join(folder, 'empty.mjs')
    writeFileSync(empty, '')
    const [bare = 0, traced = 0, version = 0] = fastest([[empty], [cli, 'trace', '-q', '-f', demo], [cli, '--version']])
    const note = `bare node takes ${bare.toFixed(0)} ms`
    yield {
      name: 'first trace of the command, beyond bare node',
      value: traced - bare,
      unit: 'ms',
      ratio: (traced - bare) / bare,
      note,
    }
    yield {
      name: 'packetwalk --version, beyond bare node',
      value: version - bare,
      unit: 'ms',
      ratio: (version - bare) / bare,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
