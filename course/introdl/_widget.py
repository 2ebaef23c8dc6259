"""A slider under pictures, in the page's own script: it needs no kernel, no network and no library."""

import html
import json

# The script makes the controls and holds the other frames. So where scripts are off (a notebook that is not
# trusted, GitHub), one picture with its alt text remains, and no dead control. It finds its place by itself:
# any number of widgets, also twice the same, can stand on a page, and running the cell again starts afresh.
# Without lmSuppressShortcuts on the slider itself, JupyterLab's shortcuts would take its arrow keys.
PAGE = """<div style="max-width:{width}px">{image}
<script>(function(box,frames,names,label,fps,at){{
var image=box.querySelector("img"),alt=image.alt,timer=0,playing=false,seen=false;
function make(tag,more,into){{
var made=into.appendChild(Object.assign(document.createElement(tag),more));
made.dataset.lmSuppressShortcuts="true";return made;}}
var bar=make("div",{{}},box),play=fps?make("button",{{type:"button"}},bar):null;
var name=make("label",{{textContent:label+" "}},bar),value=make("span",{{ariaHidden:"true"}},bar);
var range=make("input",{{type:"range",min:0,max:frames.length-1,step:1}},name);
bar.style.cssText="display:flex;flex-wrap:wrap;gap:.3em .8em;align-items:center;padding:.3em 0";
name.style.cssText="display:flex;flex:1;gap:.6em;align-items:center;margin:0";
range.style.cssText="flex:1;min-width:6em;height:1.6em";
value.style.cssText="min-width:3em;font-variant-numeric:tabular-nums";
function show(place){{
at=place;range.value=at;image.src=frames[at];value.textContent=names[at];
range.setAttribute("aria-valuetext",names[at]);image.alt=alt+" Shown: "+label+" "+names[at]+".";}}
function run(){{
clearTimeout(timer);
if(playing&&seen)timer=setTimeout(function(){{show((at+1)%frames.length);run();}},1000/fps+(at==frames.length-1?1500:0));}}
function set(on){{
playing=on;play.textContent=on?"\\u275a\\u275a":"\\u25b6\\ufe0e";
play.setAttribute("aria-pressed",on);run();}}
range.oninput=function(){{if(play)set(false);show(+range.value);}};
show(at);
if(play){{
play.setAttribute("aria-label","Play the animation");play.style.cssText="min-width:3.2em;min-height:2em";
play.onclick=function(){{if(!playing&&at==frames.length-1)show(0);set(!playing);}};
var still=matchMedia("(prefers-reduced-motion: reduce)").matches;
if(!still)show(0);
set(!still);
new IntersectionObserver(function(e){{seen=e[e.length-1].isIntersecting;run();}}).observe(box);
}}}})(document.currentScript.parentNode,{frames},{names},{label},{fps},{start});</script></div>"""


def picture(source: str, width: int, alt: str) -> str:
    """Return an image of `width` CSS pixels that shrinks with a narrow page."""
    style = "max-width:100%;height:auto;border-radius:6px"
    return f'<img alt="{html.escape(alt)}" src="{source}" width="{width}" class="dark-light" style="{style}">'


def widget(frames: list[str], names: list[str], width: int, alt: str, label: str, start: int, fps: float) -> str:
    """Return a slider over frames (data URIs), each with its name; a button plays them where fps is above 0.

    start: the place of the frame that is seen at first, and all there is where scripts or motion are off.
    """
    first = picture(frames[start], width, alt)
    in_script = {"frames": frames, "names": names, "label": label, "fps": fps, "start": start}
    return PAGE.format(image=first, width=width, **{key: _json(value) for key, value in in_script.items()})


def _json(value) -> str:
    return json.dumps(value).replace("<", "\\u003c")  # no text can end the script
