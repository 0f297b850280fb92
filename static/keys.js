// What the keys of app.js need beside: the list of keys (?), going to a place (g and a letter), and the row and the form
// that the keyboard was at before a page was loaded again.
//   data-go="o"             a link of the rail that g and this letter lead to
//   data-when="selector"    a line of the list of keys that is shown where the page has such a thing
//   data-mod                a key that is named ⌘ on a Mac
//   [aria-invalid=true]     a field that was refused gets the keyboard: the first one
//   #o-…, #row-…            in the address: the row that was acted on; where it is gone, the one in its place is selected
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const FIELDS = 'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]';
  const PATIENCE = 1500;
  const isOff = () => document.body.dataset.keys === 'off';

  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const key of $$('[data-mod]')) key.textContent = key.textContent.replace('Ctrl', '⌘');
  }

  // --- the list of keys ---------------------------------------------------------------------------------------------
  const showKeys = () => {
    const dialog = $('#keys');
    if (!dialog) return;
    const lines = $$('[data-when]', dialog);
    for (const line of lines) line.hidden = !$$(line.dataset.when).some((it) => !it.closest('dialog'));
    $('[data-keys-here]', dialog).hidden = lines.every((line) => line.hidden);
    dialog.showModal();
  };
  document.addEventListener('desk-keys', showKeys);

  // --- g and a letter -----------------------------------------------------------------------------------------------
  let going = 0;
  document.addEventListener('keydown', (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isOff()) return;
    if (event.key === 'Shift' || event.target.closest?.(FIELDS) || $('dialog[open]')) return;
    const place = performance.now() < going ? $(`.rail [data-go="${CSS.escape(event.key)}"]`) : null;
    going = 0;
    if (place) place.click();
    else if (event.key === 'g') going = performance.now() + PATIENCE;
    else if (event.key === '?') showKeys();
    else return;
    event.preventDefault();
  }, true);

  // --- where the keyboard was ---------------------------------------------------------------------------------------
  const PLACE = 'row-at';
  const here = () => window.location.pathname + window.location.search;
  const remember = (event) => {
    const row = event.target.closest?.('[data-row]');
    if (!row) return;
    try {
      sessionStorage.setItem(PLACE, JSON.stringify({ here: here(), index: $$('[data-row]').indexOf(row) }));
    } catch { /* then the first row is as good */ }
  };
  document.addEventListener('submit', remember);
  document.addEventListener('click', remember);
  const inPlace = () => {
    try {
      const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null');
      const rows = $$('[data-row]');
      return kept?.here === here() ? rows[Math.min(kept.index, rows.length - 1)] : null;
    } catch {
      return null;
    }
  };
  const arrive = () => {
    const hash = window.location.hash.slice(1);
    if (/^(o|row)-/.test(hash)) {
      const row = document.getElementById(hash) ?? inPlace();
      row?.dispatchEvent(new CustomEvent('desk-select', { bubbles: true }));
      return;
    }
    const form = $('details.menu[open] .menu-sheet');
    const wrong = $('[aria-invalid=true]', form ?? $('main') ?? document);
    (wrong ?? (form && $('input:not([type=hidden]), select, textarea, button', form)))?.focus();
  };
  arrive();
})();
