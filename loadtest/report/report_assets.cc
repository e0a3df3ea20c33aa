// The style and the script of report.html.
#include "loadtest/report/report_html.h"

namespace drover::report {

const char* const kReportStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #fff; --ink: #1a2230; --quiet: #667085; --rule: #e3e6eb;
  --good: #13795b; --good-soft: #e5f4ee; --bad: #b42318; --bad-soft: #fdecea; --warn: #8a5a00;
  --c0: #2563a8; --c1: #d9570c; --c2: #12876f; --c3: #8b4fb8; --c4: #b8860b; --c5: #2aa3c7; --c6: #c2447c; --c7: #7a8699;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10141b; --card: #181e28; --ink: #e6eaf1; --quiet: #93a0b4; --rule: #2a3342;
    --good: #4cc79c; --good-soft: #12302a; --bad: #ff8a7a; --bad-soft: #3a1b1a; --warn: #e2b155;
    --c0: #6aa9ee; --c1: #f5924f; --c2: #43c4a5; --c3: #be8ee2; --c4: #ddb24a; --c5: #6fd0ec; --c6: #ee85b3; --c7: #8b98ac;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1320px; margin: 0 auto; padding: 28px 20px 60px; }
header { margin-bottom: 18px; }
header p { margin: 0; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -.01em; }
h2 { font-size: 20px; margin: 0 0 8px; }
h3 { font-size: 14px; font-weight: 600; margin: 0 0 2px; }
.brand { text-transform: uppercase; letter-spacing: .12em; font-size: 11px; font-weight: 600; color: var(--quiet); }
.quiet, .note { color: var(--quiet); font-size: 13px; margin: 0; }
.verdict, .tile, figure, .table, .environment { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
.verdict { display: flex; gap: 28px; padding: 20px 24px; border-left: 6px solid; }
.verdict.passed { border-left-color: var(--good); }
.verdict.failed { border-left-color: var(--bad); }
.verdict h2 { font-size: 30px; line-height: 1.1; margin: 0; min-width: 120px; }
.passed h2 { color: var(--good); }
.failed h2 { color: var(--bad); }
.verdict > div { flex: 1; }
.verdict p { margin: 0 0 4px; }
.verdict ul { margin: 0 0 6px; padding-left: 18px; }
.warnings { color: var(--warn); }
.reasons { color: var(--bad); }
.verdict .thresholds { list-style: none; padding: 0; margin: 10px 0 0; display: flex; flex-wrap: wrap; gap: 8px; }
.thresholds li { display: flex; gap: 10px; align-items: baseline; padding: 3px 10px; border-radius: 6px; font-size: 13px; }
.held { background: var(--good-soft); }
.missed { background: var(--bad-soft); }
.held b { color: var(--good); }
.missed b { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(175px, 1fr)); gap: 14px; margin: 14px 0; }
.tile { padding: 14px 16px; }
.tile b { display: block; font-size: 25px; line-height: 1.2; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.tile span { display: block; font-weight: 600; font-size: 13px; }
.tile em { display: block; font-style: normal; color: var(--quiet); font-size: 12px; }
.charts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; }
figure { margin: 0; padding: 14px 16px 12px; position: relative; }
figure.wide { grid-column: 1 / -1; }
figure.none p { color: var(--quiet); }
svg { display: block; width: 100%; height: auto; margin-top: 6px; overflow: visible; }
svg text { font-size: 11.5px; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--rule); }
.mark { stroke: var(--quiet); stroke-dasharray: 2 3; }
.hair { stroke: var(--ink); opacity: 0; }
.at .hair { opacity: .45; }
.line { fill: none; stroke-width: 1.7; stroke-linejoin: round; }
.dashed { stroke-dasharray: 5 4; }
.area { stroke: none; opacity: .16; }
.stack { stroke: none; opacity: .55; }
path.c0 { stroke: var(--c0); } path.c1 { stroke: var(--c1); } path.c2 { stroke: var(--c2); } path.c3 { stroke: var(--c3); }
path.c4 { stroke: var(--c4); } path.c5 { stroke: var(--c5); } path.c6 { stroke: var(--c6); } path.c7 { stroke: var(--c7); }
path.area, path.stack { stroke: none; }
path.area.c0, path.stack.c0, i.c0 { fill: var(--c0); background: var(--c0); } path.area.c1, path.stack.c1, i.c1 { fill: var(--c1); background: var(--c1); }
path.area.c2, path.stack.c2, i.c2 { fill: var(--c2); background: var(--c2); } path.area.c3, path.stack.c3, i.c3 { fill: var(--c3); background: var(--c3); }
path.area.c4, path.stack.c4, i.c4 { fill: var(--c4); background: var(--c4); } path.area.c5, path.stack.c5, i.c5 { fill: var(--c5); background: var(--c5); }
path.area.c6, path.stack.c6, i.c6 { fill: var(--c6); background: var(--c6); } path.area.c7, path.stack.c7, i.c7 { fill: var(--c7); background: var(--c7); }
figcaption { display: flex; flex-wrap: wrap; gap: 3px 16px; font-size: 12.5px; margin-top: 6px; }
.key i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
.key b { font-weight: 500; color: var(--quiet); font-variant-numeric: tabular-nums; }
.tip { position: absolute; pointer-events: none; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 6px 10px;
  font-size: 12px; box-shadow: 0 4px 14px rgb(0 0 0 / .18); display: none; z-index: 2; white-space: nowrap; font-variant-numeric: tabular-nums; }
.tip div { display: flex; justify-content: space-between; gap: 14px; }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 410px), 1fr)); gap: 14px; margin-top: 14px; align-items: start; grid-auto-flow: dense; }
.table.tall { grid-row: span 3; }
.table { padding: 14px 16px; overflow-x: auto; }
.table.full, .table:has(th:nth-child(5)) { grid-column: 1 / -1; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 4px 0 4px 18px; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { font-weight: 600; color: var(--quiet); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
tr:last-child td { border-bottom: 0; }
.environment { padding: 16px 20px; margin-top: 14px; }
.facts { width: auto; margin-bottom: 12px; }
.facts td:last-child { text-align: left; white-space: normal; }
pre { background: var(--page); border-radius: 8px; padding: 10px 12px; margin: 4px 0 12px; overflow-x: auto; font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 860px) { .charts { grid-template-columns: 1fr; } .verdict { flex-direction: column; gap: 8px; } }
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --quiet: #555; --rule: #ccc; }
  body { font-size: 11px; }
  main { padding: 0; max-width: none; }
  figure, .table, .tile, .verdict { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

// The cross-hair: which values stand under the pointer. The picture does not need it.
const char* const kReportScript = R"js(
'use strict';
const digits = (v) => Number(v.toPrecision(3)).toLocaleString('en-US', {maximumFractionDigits: 6});
const bytes = (v) => { let u = 0; while (v >= 1024 && u < 4) { v /= 1024; ++u; } return digits(v) + ' ' + ['B', 'KiB', 'MiB', 'GiB', 'TiB'][u]; };
const shown = {
  'ms': (v) => v >= 1000 ? digits(v / 1000) + ' s' : digits(v) + ' ms',
  '/s': (v) => digits(v) + '/s', 'count': digits, 'cores': (v) => digits(v) + ' cores', 'bytes': bytes,
};
const two = (v) => String(v).padStart(2, '0');
const clock = (s) => (s >= 3600 ? Math.floor(s / 3600) + ':' + two(Math.floor(s % 3600 / 60)) : Math.floor(s / 60)) + ':' + two(Math.floor(s % 60));
const share = (n) => (100 * (1 - Math.pow(10, -n))).toFixed(Math.max(1, Math.ceil(n) - 1)) + ' %';
for (const figure of document.querySelectorAll('figure[data-axis]')) {
  const {begin, end, axis, x, left, right, width} = figure.dataset;
  const lines = figure.querySelector('script').textContent.split('|').map((line) => line.split(','));
  const keys = [...figure.querySelectorAll('.key')].map((key) => key.firstChild.nextSibling.textContent.trim());
  const svg = figure.querySelector('svg'), hair = svg.querySelector('.hair');
  const tip = figure.appendChild(document.createElement('div'));
  tip.className = 'tip';
  const columns = lines[0].length;
  const hide = () => { tip.style.display = 'none'; svg.classList.remove('at'); };
  svg.addEventListener('pointerleave', hide);
  svg.addEventListener('pointermove', (event) => {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width * width - left) / (right - left);
    if (at < 0 || at > 1) { hide(); return; }
    const column = Math.min(columns - 1, Math.floor(at * columns));
    const place = +left + (column + .5) / columns * (right - left);
    hair.setAttribute('x1', place);
    hair.setAttribute('x2', place);
    const where = +begin + (column + .5) / columns * (end - begin);
    const head = document.createElement('b');
    head.textContent = x === 'nines' ? share(where) : clock(where);
    tip.replaceChildren(head);
    lines.forEach((line, i) => {
      const row = document.createElement('div');
      const name = document.createElement('span'), value = document.createElement('span');
      name.textContent = keys[i];
      value.textContent = line[column] === '' ? 'no value' : shown[axis](+line[column]);
      row.append(name, value);
      tip.append(row);
    });
    svg.classList.add('at');
    tip.style.display = 'block';
    const outer = figure.getBoundingClientRect();
    const to = event.clientX - outer.left + 14;
    tip.style.left = Math.min(to, outer.width - tip.offsetWidth - 8) + 'px';
    tip.style.top = event.clientY - outer.top + 14 + 'px';
  });
}
)js";

}  // namespace drover::report
