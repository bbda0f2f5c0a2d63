// A module that esbuild wrote, without blanks, as a script in CommonJS that takes what it imports once, by name: a read of a property
// at each call, as esbuild would write it, costs what a first run cannot spare. Nothing that is exported is assigned later.

const IMPORT = /(?<=^|[;}\n])import(?:\{([^{}]*)\}|\*as ([\w$]+) | ([\w$]+)(?: |,\{([^{}]*)\}))from"([^"]+)";?/g
const BARE = /(?<=^|[;}\n])import"([^"]+)";?/g
const EXPORT = /export\{([^{}]*)\};?\s*(\/\*[^*]*\*\/\s*)?$/

const from = (path) => `require(${JSON.stringify(path.replace(/^(\.\/.*)\.js$/, '$1.cjs'))})`
const pairs = (names) =>
  names
    .split(',')
    .filter((name) => name !== '')
    .map((name) => /^(\S+) as (\S+)$/.exec(name)?.slice(1) ?? [name, name])

/**
 * The script. What it exports is there at its end; `early`, where all of that is functions, before its own first line: others call it
 * while it is run.
 */
export function asScript(module, early = false) {
  let exported = ''
  const body = module
    .replace(IMPORT, (_, names, all, byDefault, more, path) => {
      if (all !== undefined) return `var ${all}=${from(path)};`
      const wanted = pairs(names ?? more ?? '').map(([name, own]) => (name === own ? name : `${name}:${own}`))
      const whole = byDefault === undefined ? '' : `var ${byDefault}=${from(path)};`
      return wanted.length === 0 ? whole : `${whole}var{${wanted.join(',')}}=${from(path)};`
    })
    .replace(BARE, (_, path) => `${from(path)};`)
    .replace(EXPORT, (_, names, end = '') => {
      exported = `module.exports={${pairs(names).map(([own, name]) => (own === name ? own : `${name}:${own}`))}};`
      return end
    })
  return `(function(require,module,exports){"use strict";${early ? `${exported}${body}` : `${body}${exported}`}})\n`
}
