// `npm run typecheck`: the core (no Node, no DOM), the command (Node), tests, examples, bench and tools, and the playground (DOM).
import { run } from './setup.mjs'

const projects = ['tsconfig.json', 'tsconfig.cli.json', 'tsconfig.test.json', 'tsconfig.site.json']
const failed = projects.filter(
  (project) =>
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project, '--noEmit', '--incremental']) !== 0,
)
for (const project of failed) process.stderr.write(`type errors: ${project}\n`)
process.exit(failed.length === 0 ? 0 : 1)
