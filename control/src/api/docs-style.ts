/** The reference page's style: system fonts, both colour schemes, nothing loaded. */
export const DOCS_STYLE = `
:root {
  --paper: #fbfbf9; --ink: #1c1f23; --faint: #5b6470; --line: #dfe1de; --panel: #f1f2ee;
  --accent: #0b5cad; --get: #1d6b42; --post: #0b5cad; --patch: #8a5a00; --delete: #a8281e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --ink: #e6e8ea; --faint: #9aa4af; --line: #2c3237; --panel: #1d2125;
    --accent: #7ab5f5; --get: #6fcf97; --post: #7ab5f5; --patch: #e2b04a; --delete: #f08a80;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; display: grid; grid-template-columns: 20rem minmax(0, 1fr);
  background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
}
nav {
  position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1.25rem;
  border-right: 1px solid var(--line); font-size: .875rem;
}
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { margin: .3rem 0; }
nav a { color: inherit; text-decoration: none; }
nav a:hover { text-decoration: underline; }
.brand { margin: 0 0 1.25rem; font-size: 1.125rem; font-weight: 650; }
.group { margin: 1.25rem 0 .4rem; color: var(--faint); font-weight: 600; }
main { padding: 2rem clamp(1rem, 4vw, 3.5rem) 6rem; max-width: 60rem; }
h1 { margin: 0 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 0 0 .5rem; font-size: 1.3rem; }
h3 { margin: 0 0 .5rem; font-size: 1.05rem; }
section { padding: 1.75rem 0; border-top: 1px solid var(--line); }
a { color: var(--accent); }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
code, pre { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { margin: 1rem 0 0; padding: .8rem 1rem; overflow-x: auto; background: var(--panel); border-radius: 6px; }
.line { margin: 0 0 .75rem; overflow-wrap: anywhere; }
.method {
  display: inline-block; min-width: 3.6rem; padding: .1rem .4rem; border: 1px solid currentColor; border-radius: 4px;
  font: 650 .7rem/1.4 ui-monospace, Menlo, Consolas, monospace; text-align: center; text-transform: uppercase;
}
.get { color: var(--get); } .post { color: var(--post); }
.patch { color: var(--patch); } .delete { color: var(--delete); }
nav .method { min-width: 0; width: 3.1rem; margin-right: .5rem; padding: 0; border: 0; font-size: .65rem; text-align: left; flex: none; }
nav li a { display: flex; align-items: baseline; }
var { color: var(--accent); font-style: normal; }
.wide { overflow-x: auto; }
section:target > h2, section:target > h3, tr:target > td { color: var(--accent); }
table { width: 100%; min-width: 30rem; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--faint); font-weight: 600; }
.optional { color: var(--faint); font-size: .8rem; }
@media (max-width: 52rem) {
  body { display: block; }
  nav { position: static; height: auto; max-height: 45vh; border-right: 0; border-bottom: 1px solid var(--line); }
}
`;
