// What the pages do beyond links and forms. Everything here is a convenience: without it each page still works.
// It is driven by data attributes, so that no screen needs a script of its own:
//   data-key="a"            this link or button is pressed by that key (also inside a selected row: `data-row`)
//   data-row                a row that j and k move to; Enter opens its first link (`data-open` picks another)
//   data-search             the field that / goes to
//   <time data-rel>         shown relative ('2 min'); data-rel="ago" in a sentence ('2 min ago'); kept up to date
//   data-countdown="52"     seconds left, counted down; data-then="reload" loads the page anew at zero
//   data-autosave           a form that is sent by htmx a moment after the last change (`hx-trigger="autosave"`)
//   data-ticks              ticks every box of its [data-ticked], or none
//   data-submit             a control whose change sends its form (filters)
//   data-copy="#id"         copies that element's text or value (without #: the attribute's own text)
//   data-dialog="#id"       opens that <dialog>
//   data-add="#id"          adds a copy of the <template id> before the button; data-remove takes away its [data-item],
//                           data-move="up" (or "down") moves it past its neighbour
//   data-ask="…"            asks once before a form that cannot be undone is sent
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (at) => at.closest?.('input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]');

  // --- keys ---------------------------------------------------------------------------------------------------------
  const rows = () => $$('[data-row]').filter((row) => row.offsetParent !== null);
  const selected = () => $('[data-row][aria-selected="true"]') ?? document.activeElement?.closest?.('[data-row]');
  const select = (row) => {
    if (!row) return;
    selected()?.removeAttribute('aria-selected');
    row.setAttribute('aria-selected', 'true');
    row.scrollIntoView({ block: 'nearest' });
    ($('[data-open]', row) ?? $('a[href]', row))?.focus({ preventScroll: true });
  };
  const move = (by) => {
    const all = rows();
    const at = all.indexOf(selected());
    select(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
  };
  const press = (key) => {
    const name = `[data-key="${CSS.escape(key)}"]`;
    const row = selected();
    // In the selected row (or what the bar of held orders has of it), else on the page, else in the bar: there the
    // oldest. With a row selected, the key is never meant for another order.
    const free = $$(name).filter((it) => it.offsetParent !== null && !it.closest('[data-row]'));
    const inBar = (it) => it.closest('#held');
    const ofRow = row && ($(name, row) ?? $(name, document.getElementById(row.id.replace('o-', 'held-')) ?? row));
    const target = ofRow ?? free.find((it) => !inBar(it)) ?? (row ? undefined : free.find(inBar));
    if (!target) return false;
    if (target.matches('summary')) {
      target.parentElement.open = true;
      $('input:not([type=hidden]), select, textarea, button', target.nextElementSibling ?? target)?.focus();
    } else if (target.matches('input, textarea, select')) {
      target.focus();
    } else {
      target.click();
    }
    return true;
  };
  const escape = (at) => {
    const open = at.closest?.('details.menu[open]') ?? $('details.menu[open], details.rail-narrow[open]');
    if (open) {
      open.open = false;
      $('summary', open)?.focus();
    } else if (typing(at)) {
      at.blur();
    } else {
      selected()?.removeAttribute('aria-selected');
    }
  };
  document.addEventListener('desk-select', (event) => select(event.target.closest('[data-row]')));
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === 'Escape') return $('dialog[open]') ? undefined : escape(event.target);
    if (typing(event.target) || $('dialog[open]')) return;
    if (document.body.dataset.keys === 'off' && event.key.length === 1) return;
    let taken = true;
    if (event.key === '/') $('[data-search]') ? ($('[data-search]').focus(), $('[data-search]').select?.()) : (taken = false);
    else if (event.key === 'j') move(1);
    else if (event.key === 'k') move(-1);
    else if (event.key === 'Enter' && selected() && !event.target.closest('a, button, summary')) ($('[data-open]', selected()) ?? $('a[href]', selected()))?.click();
    else if (event.key.length === 1) taken = press(event.key);
    else taken = false;
    if (taken) event.preventDefault();
  });

  // --- clicks -------------------------------------------------------------------------------------------------------
  const said = (button, text) => {
    const label = $('[data-said]', button) ?? button;
    const before = label.textContent;
    label.textContent = text;
    setTimeout(() => { label.textContent = before; }, 1500);
  };
  const copy = async (button) => {
    const from = button.dataset.copy;
    const source = from.startsWith('#') ? $(from) : null;
    try {
      await navigator.clipboard.writeText((source ? (source.value ?? source.textContent) : from).trim());
      said(button, 'Copied');
    } catch {
      said(button, 'Select it and copy');
    }
  };
  document.addEventListener('click', (event) => {
    const at = event.target.closest?.('[data-copy], [data-dialog], [data-add], [data-remove], [data-move]');
    for (const menu of $$('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
    if (!at) return;
    if (at.dataset.copy !== undefined) copy(at);
    else if (at.dataset.dialog) $(at.dataset.dialog)?.showModal();
    else if (at.dataset.add) {
      const added = $(at.dataset.add).content.firstElementChild.cloneNode(true);
      (at.closest('[data-adds]') ?? at).before(added);
      $('input:not([type=hidden]), select, textarea', added)?.focus();
    } else {
      const item = at.closest('[data-item]');
      const form = item.closest('form');
      const up = item.previousElementSibling?.closest('[data-item]');
      const down = item.nextElementSibling?.closest('[data-item]');
      if (at.dataset.move === 'up') up?.before(item);
      else if (at.dataset.move === 'down') down?.after(item);
      else item.remove();
      if (at.isConnected) at.focus();
      form?.dispatchEvent(new Event('input', { bubbles: true }));
    }
    event.preventDefault();
  });
  document.addEventListener('submit', (event) => {
    const words = event.submitter?.dataset.ask ?? event.target.dataset.ask;
    if (words && !window.confirm(words)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  // --- ticks --------------------------------------------------------------------------------------------------------
  document.addEventListener('click', (event) => {
    const all = event.target.closest?.('[data-ticks]');
    if (!all) return;
    const boxes = $$('input[type=checkbox]', all.closest('[data-ticked]'));
    const on = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = on;
  });

  // --- forms that save or send themselves ---------------------------------------------------------------------------
  const waiting = new WeakMap();
  document.addEventListener('input', (event) => {
    const form = event.target.closest?.('form[data-autosave]');
    if (!form) return;
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => form.dispatchEvent(new Event('autosave')), 800));
  });
  document.addEventListener('change', (event) => {
    if (event.target.closest?.('[data-submit]')) event.target.form?.requestSubmit();
  });

  // --- times --------------------------------------------------------------------------------------------------------
  const span = (seconds) => {
    if (seconds < 5) return 'now';
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
    if (seconds < 30 * 86400) return `${Math.floor(seconds / 86400)} d`;
    return null;
  };
  const relative = (time) => {
    const past = Math.round((Date.now() - Date.parse(time.dateTime)) / 1000);
    const text = span(Math.abs(past));
    if (text === null || Number.isNaN(past)) return;
    const ago = time.dataset.rel === 'ago';
    const shown = text === 'now' ? (ago ? 'just now' : 'now') : past < 0 ? `in ${text}` : ago ? `${text} ago` : text;
    if (time.textContent !== shown) time.textContent = shown;
  };
  const ends = new WeakMap();
  const count = (at) => {
    if (!ends.has(at)) ends.set(at, { of: at.dataset.countdown, at: Date.now() + Number(at.dataset.countdown) * 1000 });
    const end = ends.get(at);
    if (end.of !== at.dataset.countdown) return ends.delete(at);
    const left = Math.max(0, Math.ceil((end.at - Date.now()) / 1000));
    if (at.textContent !== String(left)) at.textContent = String(left);
    if (left > 0 || end.done) return;
    end.done = true;
    if (at.dataset.then === 'reload') setTimeout(() => window.location.reload(), 700);
    else document.body.dispatchEvent(new CustomEvent('live-again'));
  };
  let beat = 0;
  setInterval(() => {
    if (document.hidden) return;
    $$('[data-countdown]').forEach(count);
    if (beat++ % 5 === 0) $$('time[data-rel]').forEach(relative);
  }, 1000);
})();
