// Makes what VitePress built independent of where it lies: under any path of a server, or in a folder. VitePress takes one
// fixed base; the site is built with a placeholder, which becomes a relative path in pages and a variable in scripts.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** The placeholder. */
export const PLACE = '/__place__/'

// Links of the frame and the icon stay when only the page inside changes: they must not be relative to the page that came first.
const ABSOLUTE = `for(const e of document.querySelectorAll("a[href],link[rel=icon]")){const h=e.getAttribute("href");if(!/^(#|[a-z]+:)/.test(h))e.setAttribute("href",new URL(h,location.href).href.slice(location.origin.length))}`

/** A string of a script as an expression that has the real place in it. */
const expression = ({ text }) => `${JSON.stringify(text.split(PLACE))}.join(__place)`

/** Where a script has strings with the placeholder, and what they become. */
function edits(code) {
  const source = ts.createSourceFile('a.js', code, ts.ScriptTarget.ES2022, false, ts.ScriptKind.JS)
  const found = []
  const visit = (node) => {
    if (ts.isStringLiteralLike(node) && node.text.includes(PLACE)) found.push(node)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found.map((node) => [node.getStart(source), node.getEnd(), expression(node)])
}

function inScript(code) {
  if (!code.includes(PLACE)) return code
  return edits(code).reduceRight((text, [from, to, by]) => text.slice(0, from) + by + text.slice(to), code)
}

/** A page that lies `depth` folders below the top. */
function inPage(text, depth) {
  const up = depth === 0 ? './' : '../'.repeat(depth)
  const place = `<script>__place=new URL(${JSON.stringify(up)},location.href).pathname</script>`
  return text
    .replace(/(<script(?:\s[^>]*)?>)([\s\S]*?)(?=<\/script>)/g, (_, tag, code) => tag + inScript(code))
    .replaceAll(`"${PLACE}`, `"${up}`)
    .replace('<head>', () => `<head>\n    ${place}`)
    .replace('</body>', () => `<script>if(location.protocol!=="file:"){${ABSOLUTE}}</script>\n  </body>`)
}

/** Changes every page and script of a folder; throws where a placeholder is left. */
export function makeRelative(folder) {
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    if (!/\.(html|m?js|css|json)$/.test(name)) continue
    const path = join(folder, name)
    const before = readFileSync(path, 'utf8')
    if (!before.includes(PLACE)) continue
    const after = name.endsWith('.html') ? inPage(before, name.split('/').length - 1) : inScript(before)
    if (after.includes(PLACE)) throw new Error(`${name}: a path that depends on the base is left`)
    writeFileSync(path, after)
  }
}
