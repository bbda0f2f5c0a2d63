// Scripts of Node in a process of their own: what they print is shown when they fail, or somebody asks for it.
import { spawn } from 'node:child_process'
import { root } from '../setup.mjs'

/** Runs a script with this very Node; gives what it printed, and rejects with it when the script fails. */
export function program(path, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(printed)
      else reject(new Error(`exit ${code}: ${path} ${args.join(' ')}\n${printed}`))
    })
  })
}
