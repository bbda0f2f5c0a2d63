/** Goes from step to step and selects fields with their bytes. Written for browsers as it stands: nothing is compiled. */
const SCRIPT = `(function(id,page){
var root=document.getElementById(id+"-view");if(!root||root.classList.contains("js"))return;
var all=function(s,r){return Array.prototype.slice.call((r||root).querySelectorAll(s))};
var steps=all("article"),links=all("nav a"),prev=root.querySelector(".prev"),next=root.querySelector(".next"),at=root.querySelector(".at"),too=root.querySelector(".aside-too"),now=-1,total=all("article:not(.aside)").length;
root.classList.add("js");
function shown(){return steps.map(function(s,i){return i}).filter(function(i){return too&&too.checked||!steps[i].classList.contains("aside")})}
function go(i,focus){
if(i<0||i>=steps.length)return;
if(steps[i].classList.contains("aside")&&too&&!too.checked){too.checked=true;root.classList.add("all")}
now=i;steps.forEach(function(s,k){s.classList.toggle("on",k===i)});
links.forEach(function(a,k){if(k===i)a.setAttribute("aria-current","step");else a.removeAttribute("aria-current")});
var list=shown(),k=list.indexOf(i);prev.disabled=k<=0;next.disabled=k>=list.length-1;
at.textContent="Step "+steps[i].dataset.label+" of "+total+": "+steps[i].querySelector("h2").textContent.replace(/^[\\d.]+ /,"");
var nav=links[i].parentNode.parentNode,li=links[i].parentNode;
if(nav.scrollWidth>nav.clientWidth)nav.scrollLeft=li.offsetLeft-nav.offsetLeft-40;else if(page&&li.scrollIntoView)li.scrollIntoView({block:"nearest"});
if(page&&location.hash!=="#"+steps[i].id)history.replaceState(null,"","#"+steps[i].id);
if(focus)steps[i].focus({preventScroll:true})}
function move(by){var list=shown(),k=list.indexOf(now),i=list[k+by];if(i!==undefined)go(i,false)}
function hash(){var m=steps.map(function(s){return "#"+s.id}).indexOf(location.hash);return m}
prev.addEventListener("click",function(){move(-1)});next.addEventListener("click",function(){move(1)});
if(too)too.addEventListener("change",function(){root.classList.toggle("all",too.checked);var list=shown();go(list.indexOf(now)<0?list[0]:now)});
links.forEach(function(a,k){a.addEventListener("click",function(e){e.preventDefault();go(k,true)})});
(page?document:root).addEventListener("keydown",function(e){
if(e.altKey||e.ctrlKey||e.metaKey||/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)&&e.target.type!=="checkbox")return;
if(e.key==="ArrowRight"){move(1);e.preventDefault()}else if(e.key==="ArrowLeft"){move(-1);e.preventDefault()}});
if(page)window.addEventListener("hashchange",function(){var i=hash();if(i>=0)go(i,true)});
function span(e){return[+e.dataset.a,+e.dataset.n]}
function mark(art,name,opt){
all("."+name,art).forEach(function(e){e.classList.remove(name);if(name==="sel"&&e.hasAttribute("aria-selected"))e.setAttribute("aria-selected","false")});
if(!opt)return;var s=span(opt);opt.classList.add(name);
if(name==="sel")opt.setAttribute("aria-selected","true");
all(".x i",art).forEach(function(i){var r=span(i);if(r[0]<s[0]+s[1]&&r[0]+r[1]>s[0])i.classList.add(name)})}
function pick(art,opt,focus){mark(art,"sel",opt);
all("[role=option]",art).forEach(function(o){o.tabIndex=o===opt?0:-1});
var box=opt.parentNode.parentNode,top=opt.offsetTop-box.offsetTop;
if(focus)opt.focus({preventScroll:false});else if(top<box.scrollTop+30||top>box.scrollTop+box.clientHeight-30)box.scrollTop=top-60}
function at_(art,byte,last){var c=all("[role=option]",art).filter(function(o){var s=span(o);return s[0]<=byte&&byte<s[0]+s[1]});
var least=Math.min.apply(0,c.map(function(o){return span(o)[1]}));c=c.filter(function(o){return span(o)[1]===least&&(!o.classList.contains("h")||c.length===1)});
return c[(c.indexOf(last)+1)%c.length]}
steps.forEach(function(art){
var opts=all("[role=option]",art),hex=art.querySelector(".hex"),runs=all(".x i",art);
opts.forEach(function(o,k){
o.addEventListener("click",function(){pick(art,o,true)});
o.addEventListener("mouseenter",function(){mark(art,"hov",o)});o.addEventListener("mouseleave",function(){mark(art,"hov")});
o.addEventListener("focus",function(){pick(art,o)});
o.addEventListener("keydown",function(e){var to=e.key==="ArrowDown"?k+1:e.key==="ArrowUp"?k-1:e.key==="Home"?0:e.key==="End"?opts.length-1:-1;
if(opts[to]){opts[to].focus();e.preventDefault()}})});
runs.forEach(function(r){var over=function(){return at_(art,+r.dataset.a)};
r.addEventListener("click",function(){var o=at_(art,+r.dataset.a,art.querySelector("[role=option].sel"));if(o)pick(art,o)});
r.addEventListener("mouseenter",function(){mark(art,"hov",over())});r.addEventListener("mouseleave",function(){mark(art,"hov")})});
if(hex)hex.addEventListener("keydown",function(e){var d=e.key==="ArrowDown"?1:e.key==="ArrowUp"?-1:0;if(!d)return;e.preventDefault();
var k=runs.map(function(r){return r.classList.contains("sel")}).indexOf(true),r=runs[k<0?0:Math.min(Math.max(k+d,0),runs.length-1)],o=r&&at_(art,+r.dataset.a);if(o)pick(art,o)})});
var first=hash();go(first>=0?first:shown()[0]||0,false);
})`

/** The script of one view. @param page - whether it owns the page: its address and its keys */
export function stepsScript(id: string, page: boolean): string {
  return `${SCRIPT}(${JSON.stringify(id)},${String(page)})`
}
