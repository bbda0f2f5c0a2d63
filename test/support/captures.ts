// The kernel captures in test/fixtures/captures (its README.md says what each file holds), read without unpacking
// them to disk. Made by tools/pack-captures.mjs.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { unpackTar } from '../../tools/tar.mjs'

const FOLDER = fileURLToPath(new URL('../fixtures/captures/', import.meta.url))
const SUFFIX = '.tar.br'

/** Names of all scenarios, sorted. */
export function listScenarios(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .sort()
}

/** The files of one scenario by path inside its folder: `scenario.json`, `state.json`, `probes/01-….pcapng`, … */
export function readScenario(name: string): Map<string, Uint8Array> {
  return unpackTar(brotliDecompressSync(readFileSync(`${FOLDER}${name}${SUFFIX}`)))
}

/** A text file of a scenario; throws when there is none of that name. */
export function scenarioText(files: ReadonlyMap<string, Uint8Array>, path: string): string {
  const bytes = files.get(path)
  if (bytes === undefined) throw new Error(`no ${path} in this scenario`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
