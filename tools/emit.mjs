// Makes the library's ES modules as tsc does, with one difference: named numbers are written out (tools/numbers.mjs).
// usage: node tools/emit.mjs OUTDIR
import { join } from 'node:path'
import ts from 'typescript'
import { numbersWrittenOut } from './numbers.mjs'
import { root } from './setup.mjs'

const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => report([fault]) }

function report(faults) {
  const words = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' }
  process.stderr.write(ts.formatDiagnostics(faults, words))
  if (faults.length > 0) process.exit(1)
}

const outDir = join(root, process.argv[2])
const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(
  join(root, 'tsconfig.json'),
  { outDir },
  host,
)
const program = ts.createProgram(fileNames, options)
report([...errors, ...ts.getPreEmitDiagnostics(program)])
const { diagnostics } = program.emit(undefined, undefined, undefined, false, {
  before: [numbersWrittenOut(program.getTypeChecker())],
})
report(diagnostics)
