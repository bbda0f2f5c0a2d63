// A process that runs tests for `npm run mutants`, again and again with one vitest: what did not change is transformed once.
// It is told over IPC what to run, and is killed when a mutant loops.
import { fileURLToPath } from 'node:url'
import { createVitest } from 'vitest/node'
import { numbering, probes } from './probe.mjs'

const SETUP = fileURLToPath(new URL('seen.mjs', import.meta.url))
const root = process.cwd()

const progress = {
  onTestModuleEnd: (module) => process.send({ kind: 'module', file: module.relativeModuleId }),
}
/** Tests run in the order they are asked for. */
class AsAsked {
  shard(specifications) {
    return specifications
  }
  sort(specifications) {
    return specifications
  }
}

/** Vitest with the project's configuration; with probes when it shall record. */
async function open(record) {
  const { firsts, count } = numbering(record?.files ?? [])
  return await createVitest(
    'test',
    {
      root,
      watch: false,
      reporters: [progress],
      pool: 'threads',
      maxWorkers: 1,
      // A worker of its own for each file tells what loading a module evaluates; without, modules load once a run.
      isolate: record !== undefined,
      sequence: { sequencer: AsAsked },
      bail: record === undefined ? 1 : 0,
      // The machine may be busy: only what stands in a test itself counts.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      ...(record === undefined
        ? {}
        : { setupFiles: [SETUP], provide: { mutants: { count, folder: record.folder, root } } }),
    },
    record === undefined ? {} : { plugins: [probes(root, firsts)] },
  )
}

const messageOf = (error) => String(error?.message ?? error).split('\n')[0]

/** What failed: tests by name and number, files that did not load, errors outside of tests. */
function failures({ testModules, unhandledErrors }) {
  const found = unhandledErrors.map((error) => ({ file: '', name: 'unhandled error', message: messageOf(error) }))
  for (const module of testModules) {
    const file = module.relativeModuleId
    for (const error of module.errors()) found.push({ file, name: 'loading', message: messageOf(error) })
    for (const test of module.children.allTests('failed')) {
      const message = messageOf(test.result().errors?.[0])
      found.push({ file, id: test.id, name: test.fullName, message })
    }
    for (const suite of module.children.allSuites())
      for (const error of suite.errors()) found.push({ file, name: suite.fullName, message: messageOf(error) })
  }
  return found
}

let vitest
let project

const answers = {
  async open({ record }) {
    vitest = await open(record)
    project = vitest.getRootProject()
    const specifications = await vitest.globTestSpecifications()
    return specifications.map(({ moduleId }) => moduleId.slice(root.length + 1))
  },
  async run({ changed, tests, bail }) {
    for (const file of changed) vitest.invalidateFile(`${root}/${file}`)
    vitest.config.bail = bail ? 1 : 0
    project.config.bail = bail ? 1 : 0
    vitest.state.filesMap.clear()
    vitest.state.errorsSet.clear()
    const specifications = tests.map(({ file, ids }) =>
      project.createSpecification(`${root}/${file}`, ids === undefined ? undefined : { testIds: ids }),
    )
    return failures(await vitest.runTestSpecifications(specifications))
  },
}

// Nobody is left to ask.
process.on('disconnect', () => process.exit())
process.on('message', (message) => {
  answers[message.kind](message).then(
    (value) => process.send({ kind: 'answer', value }),
    (error) => process.send({ kind: 'failed', message: String(error?.stack ?? error) }),
  )
})
