// Putting an offer in order: by dragging a row's handle, by the arrow keys on it, or by the arrows beside it. Nothing is
// sent before 'Save the order' (or another deed of the same form, which takes the order along). Without this file the
// arrows beside a row, and a place for the ticked rows, do the same a page at a time.
//   data-arranging          the form; its field `order` carries the ids of all rows once they were moved
//   data-arrange            the body of rows (`data-id`); ="changed": they stand in an order that is not saved
//   data-unsaved            what is shown while the order is not saved
//   data-tick-count         how many boxes of the form are ticked
(() => {
  'use strict';
  const form = document.querySelector('[data-arranging]');
  const $ = (selector, from = form) => from?.querySelector(selector);
  const $$ = (selector, from = form) => [...(from?.querySelectorAll(selector) ?? [])];
  const body = () => $('[data-arrange]');
  const rows = () => $$('tr[data-id]', body());
  let before = null;
  let known = '';
  let leaving = false;

  const ids = (some) => some.map((row) => row.dataset.id).join(' ');
  const say = (text) => {
    const said = $('[data-arrange-said]');
    if (said) said.textContent = text;
  };
  const number = () => {
    const all = rows();
    all.forEach((row, at) => {
      $('[data-place]', row).textContent = String(at + 1);
      $('[data-step=up]', row).disabled = at === 0;
      $('[data-step=down]', row).disabled = at === all.length - 1;
    });
    const order = ids(all);
    known = order;
    const changed = body().dataset.arrange === 'changed' || order !== ids(before);
    form.elements.order.disabled = !changed;
    form.elements.order.value = changed ? order : '';
    $('[data-unsaved]').hidden = !changed;
  };
  const name = (row) => $('.lead b', row)?.textContent ?? '';
  const put = (row, at) => {
    const others = rows().filter((it) => it !== row);
    const place = Math.min(Math.max(at, 0), others.length);
    const next = others[place];
    if (next) next.before(row);
    else others.at(-1)?.after(row);
    number();
    return place;
  };
  const moveBy = (row, by, focus) => {
    const place = put(row, rows().indexOf(row) + by);
    say(`${name(row)}: place ${place + 1} of ${rows().length}`);
    focus?.focus();
    row.scrollIntoView({ block: 'nearest' });
  };

  // --- keys and arrows ----------------------------------------------------------------------------------------------
  const STEPS = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -1e6, End: 1e6 };
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target.matches?.('#place')) {
      event.preventDefault();
      form.requestSubmit($('[name=do][value=put]'));
      return;
    }
    const handle = event.target.closest?.('[data-handle]');
    if (!handle || !(event.key in STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moveBy(handle.closest('tr'), STEPS[event.key], handle);
  });
  document.addEventListener('click', (event) => {
    const step = event.target.closest?.('[data-arrange] [data-step]');
    if (step && form.contains(step)) {
      event.preventDefault();
      const row = step.closest('tr');
      moveBy(row, step.dataset.step === 'up' ? -1 : 1);
      (step.disabled ? $('[data-handle]', row) : step).focus();
    } else if (event.target.closest?.('[data-put-back]')) {
      // How it was is not known here: only some rows are shown, or they came in an order that is not saved.
      if (!body() || body().dataset.arrange === 'changed') {
        leaving = true;
        window.location.assign(form.getAttribute('action').replace(/\/offer$/, ''));
        return;
      }
      for (const row of before) body().append(row);
      for (const row of $$('tr:not([data-id])', body())) body().append(row);
      number();
      say('The order is as it was.');
      $('[data-handle]', body())?.focus();
    }
  });

  // --- dragging -----------------------------------------------------------------------------------------------------
  const EDGE = 56;
  const drag = (handle, event) => {
    const row = handle.closest('tr');
    const from = rows().indexOf(row);
    let pointer = event.clientY;
    let ticking = 0;
    const follow = () => {
      const all = rows().filter((it) => it !== row);
      const at = all.findIndex((it) => { const box = it.getBoundingClientRect(); return pointer < box.top + box.height / 2; });
      const place = at < 0 ? all.length : at;
      if (rows().indexOf(row) !== place) put(row, place);
    };
    const scroll = () => {
      const by = pointer < EDGE ? pointer - EDGE : Math.max(0, pointer - (window.innerHeight - EDGE));
      if (by) {
        window.scrollBy(0, by / 4);
        follow();
      }
      ticking = requestAnimationFrame(scroll);
    };
    const move = (moved) => {
      pointer = moved.clientY;
      follow();
    };
    const end = (ended) => {
      cancelAnimationFrame(ticking);
      for (const [name, heard] of [['pointermove', move], ['pointerup', end], ['pointercancel', end]]) document.removeEventListener(name, heard);
      document.removeEventListener('keydown', escape, true);
      row.classList.remove('dragged');
      if (ended.type === 'pointercancel' || ended.type === 'keydown') put(row, from);
      else if (rows().indexOf(row) !== from) say(`${name(row)}: place ${rows().indexOf(row) + 1} of ${rows().length}`);
    };
    const escape = (pressed) => {
      if (pressed.key !== 'Escape') return;
      pressed.stopPropagation();
      end(pressed);
    };
    row.classList.add('dragged');
    // The page hears the pointer, not the handle: what moves about in the page loses its hold on the pointer.
    for (const [name, heard] of [['pointermove', move], ['pointerup', end], ['pointercancel', end]]) document.addEventListener(name, heard);
    document.addEventListener('keydown', escape, true);
    ticking = requestAnimationFrame(scroll);
  };
  document.addEventListener('pointerdown', (event) => {
    const handle = event.button === 0 && event.target.closest?.('[data-handle]');
    if (!handle) return;
    event.preventDefault();
    handle.focus();
    drag(handle, event);
  });

  // --- ticks --------------------------------------------------------------------------------------------------------
  const boxes = (within) => $$('input[type=checkbox]', within);
  const count = () => {
    for (const at of $$('[data-tick-count]', document)) {
      const ticked = boxes(at.closest('form')).filter((box) => box.checked).length;
      at.textContent = ticked > 0 ? ` (${ticked})` : '';
    }
  };
  let last = null;
  document.addEventListener('click', (event) => {
    const box = event.target.matches?.('form[data-ticked] input[type=checkbox]') ? event.target : null;
    if (box && event.shiftKey && last && last.form === box.form) {
      const all = boxes(box.form);
      const [one, other] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const between of all.slice(one, other + 1)) between.checked = box.checked;
    }
    if (box) last = box;
    setTimeout(count);
  });
  document.addEventListener('change', count);

  // --- beginning, also after a search put other rows in place --------------------------------------------------------
  const begin = () => {
    count();
    // What was moved about here and not saved is no new beginning; any other order came from the server.
    if (!body() || (before && ids(rows()) === known)) return;
    before = rows();
    for (const handle of $$('[data-handle]')) handle.hidden = false;
    number();
  };
  const isUnsaved = () => form && !form.elements.order.disabled;
  document.addEventListener('htmx:after:swap', begin);
  form?.addEventListener('submit', () => { leaving = true; });
  window.addEventListener('pageshow', () => { leaving = false; });
  window.addEventListener('beforeunload', (event) => { if (isUnsaved() && !leaving) event.preventDefault(); });
  begin();
})();
