// The parts of the built command: what a first trace has no use for waits in a part of its own.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { asScript } from '../../tools/as-script.mjs'
import { ensureBuilt } from '../../tools/setup.mjs'
import { ROOT } from '../support/source-files.ts'

/** Names of the parts that a run of the command read, in order; those that several parts share are not told apart. */
function partsOf(...args: string[]): string[] {
  const cache = mkdtempSync(join(tmpdir(), 'packetwalk-parts-'))
  try {
    const env = { ...process.env, NODE_OPTIONS: '', PACKETWALK_CACHE: cache }
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist/packetwalk.mjs'), ...args], { env })
    expect(`${status} ${stderr}`).toBe('0 ')
    const names = readdirSync(cache).map((name) => name.replace(/-[0-9a-f]{8}\.cache$/, ''))
    return [...new Set(names.map((name) => (/-[A-Z0-9]{8}$/.test(name) ? 'shared' : name)))].sort()
  } finally {
    rmSync(cache, { recursive: true })
  }
}

const DEMO = join(ROOT, 'examples/demo/ipip.yaml')

describe('parts of the command', () => {
  beforeAll(() => ensureBuilt(), 300_000)

  it('reads for a trace neither the other commands nor what traces seldom need', () => {
    expect(partsOf('trace', '-q', '-f', DEMO)).toEqual(['packetwalk', 'packetwalk-trace', 'shared'])
  })

  it('reads what is seldom needed when it is called', () => {
    expect(partsOf('trace', '-q', '-f', DEMO, '-o', 'svg')).toContain('packetwalk-late')
  })

  it('reads nothing but the options to say its version', () => {
    expect(partsOf('--version')).toEqual(['packetwalk'])
  })
})

describe('a module as a script', () => {
  it('takes what is imported by name, and gives what is exported', () => {
    expect(asScript('import{a,b as c}from"./x.js";import*as fs from"node:fs";var d=a+c;export{d,c as e};\n')).toBe(
      '(function(require,module,exports){"use strict";var{a,b:c}=require("./x.cjs");var fs=require("node:fs");var d=a+c;module.exports={d,e:c};})\n',
    )
  })

  it('gives functions early where others call them while it is run', () => {
    expect(asScript('import"./x.js";function f(){}f();export{f};\n', true)).toBe(
      '(function(require,module,exports){"use strict";module.exports={f};require("./x.cjs");function f(){}f();})\n',
    )
  })

  it('leaves words in texts alone', () => {
    const text = 'var said="import { Lab } from \'packetwalk\'";'
    expect(asScript(text)).toContain(text)
  })
})
