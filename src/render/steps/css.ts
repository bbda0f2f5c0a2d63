import { LAYER_KINDS, type Palette, paletteVariables, type Theme, type ThemeName, themedCss } from '../palette.ts'

const RULES = `.pw-steps{font:15px/1.45 system-ui,sans-serif;color:var(--pw-ink);background:var(--pw-paper);padding:12px;box-sizing:border-box;max-width:1240px;margin:0 auto}
.pw-steps *{box-sizing:border-box}.pw-steps h1{font-size:18px;margin:0 0 4px;overflow-wrap:anywhere}.pw-steps h2{font-size:17px;margin:0 0 2px;overflow-wrap:anywhere}.pw-steps h5{margin:10px 0 2px;font-size:13px}
.pw-steps code,.pw-steps pre,.pw-steps .x{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere;margin:0}.pw-steps p{margin:2px 0 6px}
.pw-steps .ok{color:var(--pw-good)}.pw-steps .bad{color:var(--pw-bad)}.pw-steps .open{color:var(--pw-open)}.pw-steps small,.pw-steps .who,.pw-steps .from{color:var(--pw-quiet);font-size:12px}
.pw-steps .bar{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:6px 10px;align-items:center;background:var(--pw-paper);padding:6px 0;border-bottom:1px solid var(--pw-rule)}
.pw-steps button{font:inherit;padding:6px 12px;min-height:36px;color:var(--pw-ink);background:var(--pw-card);border:1px solid var(--pw-rule);border-radius:6px;cursor:pointer}.pw-steps button:disabled{color:var(--pw-quiet);cursor:default}
.pw-steps label{font-size:13px}.pw-steps :focus-visible{outline:2px solid var(--pw-request);outline-offset:1px}.pw-steps article:focus-visible{outline:none}
.pw-steps nav ol{list-style:none;display:flex;gap:4px;overflow-x:auto;margin:8px 0;padding:2px 2px 6px}.pw-steps nav a{display:block;min-width:104px;padding:4px 8px;color:inherit;text-decoration:none;background:var(--pw-lane);border:1px solid var(--pw-rule);border-top:4px solid var(--pw-other);border-radius:6px;font-size:12px;overflow-wrap:anywhere}
.pw-steps nav .p-request a{border-top-color:var(--pw-request)}.pw-steps nav .p-reply a{border-top-color:var(--pw-reply);border-top-style:double}.pw-steps nav .p-error a{border-top-color:var(--pw-error)}.pw-steps nav .bad a{background:var(--pw-alarm)}
.pw-steps nav a[aria-current]{background:var(--pw-mark);color:var(--pw-mark-ink)}.pw-steps nav a[aria-current] small{color:inherit}.pw-steps nav small{display:block}
.pw-steps article{scroll-margin-top:110px;border-top:1px solid var(--pw-rule);padding:10px 0;outline:none}.pw-steps.js article{display:none;border:0}.pw-steps.js article.on{display:block}.pw-steps.js:not(.all) li.aside{display:none}
.pw-steps .n{display:inline-block;min-width:1.6em;padding:0 .3em;text-align:center;color:var(--pw-paper);background:var(--pw-other);border-radius:6px}.pw-steps .p-request .n{background:var(--pw-request)}.pw-steps .p-reply .n{background:var(--pw-reply)}.pw-steps .p-error .n{background:var(--pw-error)}.pw-steps .bad .n{background:var(--pw-bad)}
.pw-steps .boxes{display:flex;margin:6px 0;overflow-x:auto}.pw-steps .box{display:flex;align-items:center;flex:0 1 auto;border:1.5px solid;border-radius:5px;padding:3px 4px;gap:5px;font-size:12px;white-space:nowrap}
.pw-steps .frame{display:grid;gap:10px;grid-template-columns:minmax(0,1fr)}
.pw-steps .fields{max-height:26em;overflow-y:auto;border:1px solid var(--pw-rule);border-radius:6px}.pw-steps .f{display:grid;grid-template-columns:9.4em minmax(0,1fr) auto;gap:0 8px;padding:1px 8px;cursor:pointer;font-size:13px}
.pw-steps .f span,.pw-steps .f b{font-weight:400;overflow-wrap:anywhere}.pw-steps .f.h{position:sticky;top:0}.pw-steps .f.h span{font-weight:700}.pw-steps .f em{font-style:normal;font-size:12px;padding:0 4px;border-radius:3px;background:var(--pw-mark);color:var(--pw-mark-ink)}.pw-steps .f em.bad{background:var(--pw-alarm);color:var(--pw-bad)}
.pw-steps .f.c{background:var(--pw-mark);color:var(--pw-mark-ink)}.pw-steps .f.c em{text-decoration:underline}.pw-steps .f.c small{color:inherit}
.pw-steps .d1{border-left:6px solid var(--pw-rule)}.pw-steps .d2{border-left:12px solid var(--pw-rule)}.pw-steps .d3,.pw-steps .d4{border-left:18px solid var(--pw-rule)}
.pw-steps .hex{display:grid;grid-template-columns:max-content max-content;gap:0 12px;align-content:start;padding:8px;border:1px solid var(--pw-rule);border-radius:6px;overflow-x:auto}.pw-steps .hex p{grid-column:1/-1;margin:6px 0 0}.pw-steps .o{color:var(--pw-quiet)}.pw-steps .o16{display:none}
.pw-steps .x{width:23.5ch;overflow-wrap:normal}.pw-steps .x i{font-style:normal;cursor:pointer}.pw-steps .x i.c{font-weight:700;text-decoration:underline}
.pw-steps .hov{outline:1px dashed var(--pw-ink);outline-offset:-1px}.pw-steps .f.sel,.pw-steps .x i.sel{background:var(--pw-ink);color:var(--pw-paper)}.pw-steps .f.sel small{color:inherit}
.pw-steps .decided{margin-top:10px}.pw-steps details{border:1px solid var(--pw-rule);border-radius:6px;padding:4px 10px;margin:6px 0}.pw-steps summary{cursor:pointer;font-weight:600;overflow-wrap:anywhere}
.pw-steps table{border-collapse:collapse;width:100%;font-size:13px}.pw-steps td{padding:2px 8px 2px 0;vertical-align:top;text-align:left;border-top:1px solid var(--pw-rule)}.pw-steps caption{text-align:left;color:var(--pw-quiet);font-size:12px}.pw-steps .won td{font-weight:600}.pw-steps .won td div{font-weight:400}.pw-steps tr:not(.won) code{color:var(--pw-quiet)}
.pw-steps ul{margin:4px 0;padding-left:20px}.pw-steps .fact{margin:4px 0;padding-left:8px;border-left:3px solid var(--pw-rule)}.pw-steps .yaml{padding:2px 8px;background:var(--pw-lane);border-radius:4px;white-space:pre-wrap}.pw-steps .yaml span{color:var(--pw-quiet)}
.pw-steps .sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.pw-steps-page{margin:0;background:var(--pw-paper)}
@media(min-width:560px){.pw-steps .x{width:47.5ch}.pw-steps .o16{display:block}.pw-steps .o8{display:none}}
@media(min-width:900px){.pw-steps .cols{display:grid;grid-template-columns:220px minmax(0,1fr);gap:16px}.pw-steps nav{position:sticky;top:52px;align-self:start;max-height:calc(100vh - 60px);overflow-y:auto}.pw-steps nav ol{flex-direction:column;overflow:visible}.pw-steps nav a{border-top-width:1px;border-left:5px solid var(--pw-other)}.pw-steps nav .p-request a{border-top-color:var(--pw-rule);border-left-color:var(--pw-request)}.pw-steps nav .p-reply a{border-top:1px solid var(--pw-rule);border-left:5px double var(--pw-reply)}.pw-steps nav .p-error a{border-top-color:var(--pw-rule);border-left-color:var(--pw-error)}.pw-steps .frame{grid-template-columns:minmax(0,1fr) auto}}
@media print{.pw-steps.js article{display:block;break-inside:avoid}.pw-steps .bar,.pw-steps nav{display:none}.pw-steps .fields{max-height:none}}
`

/** Headers by their sort: a box, a head of fields, bytes. */
const LAYERS = LAYER_KINDS.map(
  (kind) =>
    `.pw-steps .k-${kind}.box,.pw-steps .k-${kind} .h,.pw-steps i.k-${kind}{background:var(--pw-${kind}-fill);color:var(--pw-${kind}-ink);border-color:var(--pw-${kind}-edge)}.pw-steps .k-${kind} .h small{color:inherit}`,
).join('\n')

/** Class of a view of a theme. */
export function stepsClass(theme: Theme): string {
  return `pw-${theme}`
}

/** Styles of the steps. Colours are those of the theme's class: another view of the same document may have others. */
export function stepsCss(theme: Theme): string {
  const own = `.${stepsClass(theme)}`
  const scheme = (name: ThemeName): string => `color-scheme:${name === 'dark' ? 'dark' : 'light'}`
  const variables = (palette: Palette, name: ThemeName): string =>
    `.pw-steps${own},.pw-steps-page${own}{${paletteVariables(palette)};${scheme(name)}}`
  return `${themedCss(theme, variables)}${LAYERS}\n${RULES}`
}
