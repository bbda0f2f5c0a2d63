// The process that runs tests, as the tool sees it: asked, watched, killed and started again.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const HOST = fileURLToPath(new URL('host.mjs', import.meta.url))

/** Why a run ended without an answer. */
const LOOPS = 'loops'
const DIES = 'dies'

/**
 * Starts a process for tests. `record`, when given, are the files to probe and the folder for what each test reaches.
 * It starts again by itself after a mutant has killed it.
 */
export async function openRunner(record) {
  let host
  let tests

  /** Asks; after `patience(done)` milliseconds without a test file that ends, the process is killed. */
  const ask = (message, patience) =>
    new Promise((resolve, reject) => {
      const done = []
      let timer
      const wait = () => {
        clearTimeout(timer)
        timer = setTimeout(() => finish(() => resolve({ end: LOOPS, done })), patience(done))
      }
      const finish = (settle) => {
        clearTimeout(timer)
        host.removeAllListeners('message')
        host.removeAllListeners('exit')
        settle()
      }
      host.on('message', (answer) => {
        if (answer.kind === 'module') {
          done.push(answer.file)
          wait()
        } else if (answer.kind === 'answer') finish(() => resolve({ value: answer.value, done }))
        else finish(() => reject(new Error(answer.message)))
      })
      host.on('exit', () => finish(() => resolve({ end: DIES, done })))
      wait()
      host.send(message)
    })

  const start = async () => {
    host = fork(HOST, { execArgv: ['--max-old-space-size=4096'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const opened = await ask({ kind: 'open', record }, () => 300_000)
    if (opened.end !== undefined) throw new Error(`vitest ${opened.end} when it starts`)
    tests = opened.value
  }
  await start()
  return {
    /** All test files of the project. */
    tests,
    /**
     * Runs tests (`file`, and `ids` when not all of the file) in this order. Gives what failed, or the way it ended.
     * `patience` is how long one file may take.
     */
    async run(asked, { changed = [], bail = true, patience }) {
      const answer = await ask({ kind: 'run', tests: asked, changed, bail }, patience)
      if (answer.end === undefined) return { failed: answer.value, done: answer.done }
      host.kill('SIGKILL')
      await start()
      return { failed: [{ file: '', name: answer.end, message: '' }], end: answer.end, done: answer.done }
    },
    close: () => host.kill('SIGKILL'),
  }
}
