// Choosing a reason of the library: the text stands beside its button, so that it is in the field at once. Without this
// file the button asks for the page with that text in the field.
//   data-choices="#id"      the group of buttons; each has `data-text` and, the first nine, `data-digit`
//   data-chosen="#id"       on the field: the hidden one that holds the chosen reason; it is emptied with the field
//   data-sends              Ctrl+Enter (or ⌘+Enter) in this field sends its form, by the button `data-send`
(() => {
  'use strict';
  const chosenIn = (field) => document.querySelector(field.dataset.chosen);
  const mark = (group, pressed) => {
    for (const button of group.querySelectorAll('[data-text]')) button.setAttribute('aria-pressed', String(button === pressed));
  };
  const choose = (button) => {
    const group = button.closest('[data-choices]');
    const field = document.querySelector(group.dataset.choices);
    field.value = button.dataset.text;
    chosenIn(field).value = button.value;
    mark(group, button);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-choices] [data-text]');
    if (!button) return;
    event.preventDefault();
    choose(button);
  });
  document.addEventListener('input', (event) => {
    const field = event.target;
    if (!field.dataset?.chosen || field.value.trim() !== '') return;
    chosenIn(field).value = '';
    const group = document.querySelector(`[data-choices="#${field.id}"]`);
    if (group) mark(group, null);
  });
  const isPlain = (event) => !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.matches?.('[data-sends]')) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.querySelector('[data-send]'));
      return;
    }
    if (!isPlain(event) || !/^[1-9]$/.test(event.key) || document.body.dataset.keys === 'off') return;
    if (event.target.matches?.('input:not([type=checkbox], [type=radio]), textarea, select')) return;
    const open = [...document.querySelectorAll(`[data-choices] [data-digit="${event.key}"]`)].find((it) => it.offsetParent !== null);
    if (!open) return;
    event.preventDefault();
    choose(open);
  });
})();
