// Ctrl+K (or ⌘+K): one field for orders, customers, packages, pages, and what can be done on the present page. The server
// finds; this file opens the dialog, moves through what was found, and adds the actions. Without it the same link leads to
// the page /find. What was looked at last is kept in this browser alone, as addresses without any name.
//   data-finder             a link that opens the dialog
(() => {
  'use strict';
  const dialog = document.querySelector('#finder');
  if (!dialog) return;
  const field = dialog.querySelector('#finder-field');
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const hits = () => dialog.querySelector('#hits');
  const options = () => $$('[role=option]', dialog);

  // --- what was looked at last --------------------------------------------------------------------------------------
  const RECENT = 'finder-recent';
  const recent = () => {
    try {
      return JSON.parse(localStorage.getItem(RECENT) ?? '[]').filter((it) => typeof it === 'string');
    } catch {
      return [];
    }
  };
  const [thing] = /^\/(orders|customers|packages)\/[0-9a-f-]{36}/.exec(window.location.pathname) ?? [];
  if (thing) {
    try {
      localStorage.setItem(RECENT, JSON.stringify([thing, ...recent().filter((it) => it !== thing)].slice(0, 8)));
    } catch { /* nothing is kept then */ }
  }

  // --- what can be done here ----------------------------------------------------------------------------------------
  const words = (text) => text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const label = (target) => {
    const copy = target.cloneNode(true);
    for (const key of $$('kbd, svg', copy)) key.remove();
    return copy.textContent.replace(/[…›‹]/g, '').trim() || (target.getAttribute('aria-label') ?? '');
  };
  const targets = () => {
    const row = document.querySelector('[data-row][aria-selected="true"]');
    const loose = $$('[data-key]').filter((it) => it.offsetParent !== null && !it.closest('[data-row], dialog') && !it.disabled);
    return [...(row ? $$('[data-key]', row) : []), ...loose];
  };
  let acts = new Map();
  const make = (tag, attributes, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };
  const addActions = () => {
    hits()?.querySelector('#hits-here')?.remove();
    acts = new Map();
    const asked = words(field.value);
    const all = [...targets().map((target) => [label(target), target.dataset.key, target]), ['Keys of this page', '?', null]];
    const fitting = all.filter(([text]) => asked.every((word) => text.toLowerCase().includes(word)));
    if (!hits() || fitting.length === 0) return;
    const group = make('div', { role: 'group', id: 'hits-here', 'aria-labelledby': 'hits-here-title' },
      make('h3', { id: 'hits-here-title', role: 'presentation' }, 'On this page'));
    fitting.forEach(([text, key, target], at) => {
      const option = make('div', { role: 'option', id: `hit-here-${at}`, class: 'hit', 'aria-selected': 'false' },
        make('span', { class: 'who' }, make('b', {}, text)), make('kbd', { 'aria-hidden': 'true' }, key));
      acts.set(option, target);
      group.append(option);
    });
    // With nothing asked, what was looked at last is the likelier; with words, an action that fits is meant.
    if (asked.length) hits().prepend(group);
    else hits().append(group);
  };

  // --- moving and choosing ------------------------------------------------------------------------------------------
  const activate = (option) => {
    for (const other of options()) other.setAttribute('aria-selected', String(other === option));
    if (option) {
      field.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else {
      field.removeAttribute('aria-activedescendant');
    }
  };
  const active = () => options().find((option) => option.getAttribute('aria-selected') === 'true');
  const choose = (option) => {
    if (!option) return;
    if (!acts.has(option)) return option.click();
    const target = acts.get(option);
    dialog.close();
    if (!target) document.dispatchEvent(new CustomEvent('desk-keys'));
    else if (target.matches('summary')) {
      target.parentElement.open = true;
      target.nextElementSibling?.querySelector('input:not([type=hidden]), select, textarea, button')?.focus();
    } else target.click();
  };
  let choosesNext = false;
  const refresh = () => {
    addActions();
    activate(options()[0]);
    if (choosesNext) {
      choosesNext = false;
      choose(active());
    }
  };
  // htmx looks at the page a moment after it has loaded, and a quick hand is earlier: the question then waits for it.
  let heard = false;
  const ask = () => { if (heard) field.dispatchEvent(new Event('finder-opened')); };
  document.addEventListener('htmx:after:process', () => {
    heard = true;
    if (dialog.open) ask();
  }, { once: true });
  const open = () => {
    if (dialog.open) return;
    field.value = '';
    dialog.querySelector('[name=recent]').value = recent().join(',');
    dialog.showModal();
    field.focus();
    refresh();
    ask();
  };
  dialog.addEventListener('htmx:after:swap', refresh);
  document.addEventListener('htmx:after:swap', (event) => { if (event.target !== dialog && dialog.open && !active()) refresh(); });
  let typed = false;
  field.addEventListener('input', () => { typed = true; });
  dialog.addEventListener('htmx:after:request', () => { typed = false; });
  field.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.indexOf(active());
    if (event.key === 'ArrowDown') activate(all[(at + 1) % all.length]);
    else if (event.key === 'ArrowUp') activate(all[(at - 1 + all.length) % all.length]);
    else if (event.key === 'Enter' && !event.repeat) {
      // What was typed a moment ago is still being looked for: the first of what comes is meant, not of what stands there.
      if (typed) choosesNext = true;
      else choose(active());
    } else return;
    event.preventDefault();
  });
  dialog.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]');
    if (option && acts.has(option)) choose(option);
    else if (event.target === dialog) dialog.close();
  });
  document.addEventListener('click', (event) => {
    if (!event.target.closest?.('[data-finder]') || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.repeat) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else if (!document.querySelector('dialog[open]')) open();
  });
})();
