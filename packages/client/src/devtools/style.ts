/** Everything that the devtools look like. Nothing of the page reaches in, nothing gets out. */
export const STYLE = `
:host { all: initial !important; display: block !important; }
.devtools {
  --back: #ffffff; --back-2: #f4f6f5; --line: #dbe2df; --ink: #14231f; --soft: #5b6d67;
  --accent: #0f7a5f; --accent-ink: #ffffff; --warn: #9a5b00; --bad: #b3261e; --good: #1b7f4d;
  --string: #0b6e4f; --number: #6a3fb5; --mark: #fff1c2; --shadow: 0 8px 32px #0c1f1a38;
  font: 12px/1.45 ui-sans-serif, system-ui, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif;
  color: var(--ink); color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  .devtools {
    --back: #0f1a18; --back-2: #162421; --line: #2a3c37; --ink: #e3ede9;
    --soft: #94a9a2; --accent: #57c9a4; --accent-ink: #06201a; --warn: #f0b860; --bad: #ff8a80;
    --good: #63d59b; --string: #7fd8b0; --number: #bfa4ff; --mark: #4a3d12; --shadow: 0 8px 32px #000a;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
button, input { font: inherit; color: inherit; }
button { cursor: pointer; background: none; border: 0; padding: 0; border-radius: 6px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.mono, .tree, .patches, .payload { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 11.5px; }

.launcher {
  position: fixed; z-index: 2147483000; right: 12px; bottom: 12px; display: flex; align-items: center; gap: 7px;
  padding: 7px 12px; border-radius: 999px; background: var(--back); border: 1px solid var(--line);
  box-shadow: var(--shadow); font-weight: 600;
}
.launcher:hover { border-color: var(--accent); }
.dot { width: 8px; height: 8px; border-radius: 50%; background: var(--soft); flex: none; }
.dot.live { background: var(--good); }
.dot.connecting, .dot.reconnecting { background: var(--warn); animation: beat 1.1s ease-in-out infinite; }
.dot.offline { background: transparent; border: 2px solid var(--warn); }
.dot.denied, .dot.closed { background: var(--bad); border-radius: 2px; }
@keyframes beat { 50% { opacity: .35; } }
@media (prefers-reduced-motion: reduce) { .dot { animation: none !important; } }
.badge { background: var(--warn); color: var(--back); border-radius: 999px; padding: 0 6px; font-size: 11px; font-weight: 600; }

.panel {
  position: fixed; z-index: 2147483000; display: flex; flex-direction: column; background: var(--back);
  box-shadow: var(--shadow); overflow: hidden; min-width: 0;
}
.panel.bottom { left: 0; right: 0; bottom: 0; height: var(--size); max-height: 92vh; border-top: 1px solid var(--line); }
.panel.right { top: 0; bottom: 0; right: 0; width: var(--size); max-width: 100vw; border-left: 1px solid var(--line); }
.panel.left { top: 0; bottom: 0; left: 0; width: var(--size); max-width: 100vw; border-right: 1px solid var(--line); }
.grip { position: absolute; z-index: 2; touch-action: none; }
.bottom .grip { top: 0; left: 0; right: 0; height: 7px; cursor: ns-resize; }
.right .grip { top: 0; bottom: 0; left: 0; width: 7px; cursor: ew-resize; }
.left .grip { top: 0; bottom: 0; right: 0; width: 7px; cursor: ew-resize; }
.grip:hover, .grip:focus-visible { background: color-mix(in srgb, var(--accent) 45%, transparent); outline: 0; }

.bar { display: flex; align-items: center; gap: 8px; padding: 7px 10px; border-bottom: 1px solid var(--line); background: var(--back-2); flex: none; }
.brand { font-weight: 700; letter-spacing: .01em; }
.space { flex: 1; }
.tool { padding: 3px 8px; border: 1px solid transparent; color: var(--soft); white-space: nowrap; }
.tool:hover { color: var(--ink); border-color: var(--line); }
.switch { display: flex; align-items: center; gap: 6px; padding: 3px 8px; color: var(--soft); white-space: nowrap; }
.switch .track { width: 26px; height: 14px; border-radius: 999px; background: var(--line); position: relative; transition: background .15s; }
.switch .track::after { content: ""; position: absolute; top: 2px; left: 2px; width: 10px; height: 10px; border-radius: 50%; background: var(--back); transition: transform .15s; }
.switch[aria-checked="true"] { color: var(--warn); font-weight: 600; }
.switch[aria-checked="true"] .track { background: var(--warn); }
.switch[aria-checked="true"] .track::after { transform: translateX(12px); }

.body { display: flex; flex: 1; min-height: 0; }
.instances { width: 208px; flex: none; overflow: auto; border-right: 1px solid var(--line); padding: 6px; }
.instance { display: flex; align-items: center; gap: 7px; width: 100%; text-align: left; padding: 5px 8px; }
.instance:hover { background: var(--back-2); }
.instance[aria-selected="true"] { background: color-mix(in srgb, var(--accent) 14%, transparent); }
.instance .label { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.instance .key { color: var(--soft); }
.instance .version { color: var(--soft); font-variant-numeric: tabular-nums; }
.right .body, .left .body { flex-direction: column; }
.right .instances, .left .instances { width: auto; max-height: 30%; border-right: 0; border-bottom: 1px solid var(--line); }

.main { flex: 1; min-width: 0; min-height: 0; display: flex; flex-direction: column; }
.facts { display: flex; flex-wrap: wrap; align-items: center; gap: 3px 14px; padding: 6px 12px; border-bottom: 1px solid var(--line); color: var(--soft); flex: none; }
.facts b { color: var(--ink); font-weight: 600; }
.facts .trouble { color: var(--bad); overflow-wrap: anywhere; }
.plot { width: 120px; height: 22px; fill: var(--accent); flex: none; border-bottom: 1px solid var(--line); }
.tabs { display: flex; gap: 2px; padding: 0 8px; border-bottom: 1px solid var(--line); flex: none; overflow-x: auto; }
.tab { padding: 6px 10px; border-radius: 0; color: var(--soft); border-bottom: 2px solid transparent; white-space: nowrap; }
.tab[aria-selected="true"] { color: var(--ink); border-bottom-color: var(--accent); font-weight: 600; }
.tab:focus-visible { outline-offset: -3px; }
.page { flex: 1; min-height: 0; overflow: auto; }
.tree { padding: 4px 0 10px; }
.empty { color: var(--soft); padding: 14px; max-width: 60ch; }

.time { display: flex; align-items: center; gap: 10px; padding: 5px 12px; color: var(--soft); border-bottom: 1px solid var(--line); flex-wrap: wrap; position: sticky; top: 0; background: var(--back); z-index: 1; }
.time input { flex: 1; min-width: 120px; accent-color: var(--accent); margin: 0; }
.time .tool { border-color: var(--line); }

.row { display: flex; gap: 6px; padding: 1px 12px 1px calc(12px + var(--level) * 14px); cursor: default; white-space: nowrap; }
.row:hover { background: var(--back-2); }
.row { scroll-margin-top: 34px; }
.row:focus-visible { outline-offset: -2px; }
.row.changed .value, .row.changed .name { background: var(--mark); border-radius: 3px; box-shadow: 0 0 0 2px var(--mark); }
.twist { width: 10px; color: var(--soft); flex: none; }
.name { color: var(--accent); }
.name::after { content: ":"; color: var(--soft); }
.value { overflow: hidden; text-overflow: ellipsis; }
.value.string { color: var(--string); }
.value.number, .value.bigint, .value.boolean { color: var(--number); }
.value.null, .value.undefined, .value.object, .value.array { color: var(--soft); }
.more { color: var(--accent); text-decoration: underline; }

.entry { border-bottom: 1px solid color-mix(in srgb, var(--line) 60%, transparent); }
.head { display: flex; align-items: baseline; gap: 9px; width: 100%; padding: 4px 12px; text-align: left; border-radius: 0; }
.head:hover { background: var(--back-2); }
.head:focus-visible { outline-offset: -2px; }
.kind { width: 62px; flex: none; color: var(--soft); }
.commit .kind { color: var(--accent); } .event .kind { color: var(--number); }
.error .kind, .refused .kind { color: var(--bad); }
.what { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.amount, .when { color: var(--soft); white-space: nowrap; font-variant-numeric: tabular-nums; }
.detail { padding: 2px 12px 8px 83px; }
.detail .tool { border-color: var(--line); margin-bottom: 4px; }
.patches { margin: 0; padding: 0; list-style: none; }
.patches li { padding: 1px 0; overflow-wrap: anywhere; }
.operation { color: var(--warn); }
.payload { overflow-wrap: anywhere; white-space: pre-wrap; margin: 0; }
.waiting { padding: 4px 12px; display: flex; gap: 9px; }

@media (max-width: 640px) {
  .panel.bottom, .panel.right, .panel.left { left: 0; right: 0; top: auto; bottom: 0; width: auto; height: min(var(--size), 80vh); border: 0; border-top: 1px solid var(--line); }
  .panel .grip { top: 0; left: 0; right: 0; bottom: auto; width: auto; height: 9px; cursor: ns-resize; }
  .panel .body { flex-direction: column; }
  .panel .instances { width: auto; max-height: none; display: flex; overflow-x: auto; border-right: 0; border-bottom: 1px solid var(--line); flex: none; padding: 4px; }
  .panel .instance { width: auto; flex: none; max-width: 70vw; }
  .dock { display: none; }
  .detail { padding-left: 12px; }
  .kind { width: 54px; }
  .brand { display: none; }
}
`;
