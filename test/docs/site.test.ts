// The tools of the site: links that lead nowhere are found, and pages know no path.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRelative } from '../../tools/site/anywhere.mjs'
import { faultsOf } from '../../tools/site/check-links.mjs'
import { slug } from '../../tools/site/slug.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'site-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

const LINKS: readonly (readonly [what: string, body: string, fault: string | undefined])[] = [
  ['a page', '<a href="b.html">', undefined],
  ['a folder with a page', '<a href="./c/">', undefined],
  ['a place', '<a class="x" href="b.html#there">', undefined],
  ['a place of the same page', '<a id="here"></a><a href="#here">', undefined],
  ['another site', '<a href="https://example.org/">', undefined],
  ['a picture inside', '<img src="data:image/png;base64,AA==">', undefined],
  ['a page that there is not', '<a href="d.html">', 'a.html: no such page: d.html'],
  ['a place that there is not', '<a href="b.html#nowhere">', 'a.html: no such place: b.html#nowhere'],
  ['a path from the top', '<a href="/b.html">', 'a.html: no such page: /b.html'],
  ['out of the folder', '<a href="../etc/passwd">', 'a.html: no such page: ../etc/passwd'],
  ['a picture that there is not', '<img src="x.svg">', 'a.html: no such page: x.svg'],
  [
    'a script of another host',
    '<script src="https://cdn.example.org/x.js">',
    'a.html: asks another host: https://cdn.example.org/x.js',
  ],
  [
    'a style of another host',
    '<link rel="stylesheet" href="//cdn.example.org/x.css">',
    'a.html: asks another host: //cdn.example.org/x.css',
  ],
]

describe('links', () => {
  it.each(LINKS)('%s', (_, body, fault) => {
    write({ 'a.html': body, 'b.html': '<h2 id="there">', 'c/index.html': '' })
    expect(faultsOf(folder).faults).toEqual(fault === undefined ? [] : [fault])
  })

  it('a font of another host in a style', () => {
    write({ 'x.css': '@font-face { src: url("https://fonts.example.org/a.woff2") }' })
    expect(faultsOf(folder).faults).toEqual(['x.css: asks another host: https://fonts.example.org/a.woff2'])
  })

  it('a part that was not built this time', () => {
    write({ 'a.html': '<a href="play/?scene=ipip"><a href="gone.html">' })
    expect(faultsOf(folder, ['play']).faults).toEqual(['a.html: no such page: gone.html'])
  })
})

describe('paths', () => {
  it('of a page are relative to where it lies', () => {
    write({ 'api/a.html': '<head></head><a href="/__place__/b.html"><body></body>' })
    makeRelative(folder)
    expect(readFileSync(join(folder, 'api/a.html'), 'utf8')).toContain('<a href="../b.html">')
  })

  it.each([
    ['a string', 'f("/__place__/x.js")', 'f(["","x.js"].join(__place))'],
    ['one that begins elsewhere', 'f(\'{"a":"/__place__/x"}\')', 'f(["{\\"a\\":\\"","x\\"}"].join(__place))'],
    ['none', 'f("/x.js")', 'f("/x.js")'],
  ])('of a script: %s', (_, code, want) => {
    write({ 'x.js': code })
    makeRelative(folder)
    expect(readFileSync(join(folder, 'x.js'), 'utf8')).toBe(want)
  })

  it('that cannot be turned are an error', () => {
    write({ 'x.css': 'a { background: url(/__place__/x.png) }' })
    expect(() => makeRelative(folder)).toThrow('x.css')
  })
})

it.each([
  ['7. Component by component', '7-component-by-component'],
  ['What `ip rule` says', 'what-ip-rule-says'],
  ['VERB_NAMES', 'verb_names'],
])('the place of "%s" is GitHub’s', (heading, place) => {
  expect(slug(heading.replaceAll('`', ''))).toBe(place)
})
