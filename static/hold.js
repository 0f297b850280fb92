// Orders whose webhook waits for a person: the bar over every page (templates/desk/_held.html).
//   #held[data-held-url]      the bar; fetched again on the events live-held and live-again of document.body
//   [data-held]               an order that waits; data-held-says: what it is, without a candidate's name
//   [data-held-over]          how a hold ended: goes away by itself; [data-held-close]: a button that takes it away
//   [data-held-switch]        switches the sound (sound) or the browser's notifications (notify), kept in this browser
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const keep = (storage) => ({
    get: (name) => { try { return storage().getItem(name); } catch { return null; } },
    set: (name, value) => { try { storage().setItem(name, value); } catch { /* it is forgotten with the page */ } },
  });
  const browser = keep(() => window.localStorage);
  const tab = keep(() => window.sessionStorage);
  const isOn = (what) => browser.get(`held-${what}`) === 'on';

  // --- the switches -------------------------------------------------------------------------------------------------
  const canNotify = 'Notification' in window;
  const blocked = () => !canNotify || Notification.permission === 'denied';
  const label = (button) => {
    const sound = button.dataset.heldSwitch === 'sound';
    const off = !sound && blocked();
    const on = !off && isOn(button.dataset.heldSwitch) && (sound || Notification.permission === 'granted');
    const text = sound ? 'Sound' : 'Notifications';
    const shown = off ? 'This browser blocks notifications' : `${text}: ${on ? 'on' : 'off'}`;
    if (button.textContent !== shown) button.textContent = shown;
    button.setAttribute('aria-pressed', String(on));
    button.disabled = off;
  };
  const showSwitches = () => {
    for (const at of $$('[data-held-switches]')) at.hidden = false;
    $$('[data-held-switch]').forEach(label);
  };
  const flip = async (what) => {
    if (what === 'notify' && canNotify && Notification.permission === 'default') {
      browser.set('held-notify', (await Notification.requestPermission()) === 'granted' ? 'on' : 'off');
    } else {
      browser.set(`held-${what}`, isOn(what) ? 'off' : 'on');
      if (what === 'sound' && isOn('sound')) ring();
    }
    showSwitches();
  };

  // --- sound and notification ---------------------------------------------------------------------------------------
  let audio = null;
  async function ring() {
    try {
      audio ??= new AudioContext();
      // A browser that wants to be touched first stays silent.
      await Promise.race([audio.resume(), new Promise((done) => { setTimeout(done, 300); })]);
      if (audio.state !== 'running') return;
      [880, 1175].forEach((pitch, at) => {
        const tone = audio.createOscillator();
        const volume = audio.createGain();
        const from = audio.currentTime + at * 0.14;
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.0001, from);
        volume.gain.exponentialRampToValueAtTime(0.12, from + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.13);
        tone.connect(volume).connect(audio.destination);
        tone.start(from);
        tone.stop(from + 0.14);
      });
    } catch { /* there is no sound here */ }
  }
  const notices = new Map();
  const notify = (id, says) => {
    if (blocked() || !isOn('notify') || Notification.permission !== 'granted' || document.hasFocus()) return;
    try {
      const notice = new Notification('An order waits for your decision', { body: says, tag: `held-${id}` });
      notice.addEventListener('click', () => { window.focus(); notice.close(); });
      notices.set(id, notice);
    } catch { /* some browsers show none outside a worker */ }
  };

  // --- what is new in the bar ---------------------------------------------------------------------------------------
  const seen = new Set((tab.get('held-seen') ?? '').split(' '));
  // Of several windows, the first one that knows of an order makes the sound.
  const isFirst = (id) => {
    const rung = (browser.get('held-rung') ?? '').split(' ');
    if (rung.includes(id)) return false;
    browser.set('held-rung', [...rung, id].slice(-40).join(' '));
    return true;
  };
  const going = new WeakSet();
  const look = () => {
    showSwitches();
    for (const order of $$('[data-held]')) {
      const id = order.dataset.held;
      if (seen.has(id)) continue;
      seen.add(id);
      tab.set('held-seen', [...seen].slice(-40).join(' '));
      const seconds = $('[data-countdown]', order)?.textContent ?? '';
      $('#held-said').textContent = `${order.dataset.heldSays} waits for your decision: ${seconds} seconds. Press a to accept it, x to reject it.`;
      if (isFirst(id)) {
        if (isOn('sound')) ring();
        notify(id, order.dataset.heldSays);
      }
    }
    for (const [id, notice] of notices) {
      if ($(`[data-held="${CSS.escape(id)}"]`)) continue;
      notice.close();
      notices.delete(id);
    }
    for (const order of $$('#held [data-held-over]')) {
      if (going.has(order)) continue;
      going.add(order);
      setTimeout(() => order.remove(), 6000);
    }
    const field = $('#held [data-focus]');
    if (field) {
      field.removeAttribute('data-focus');
      field.focus();
    }
  };

  // --- the bar, fetched again ---------------------------------------------------------------------------------------
  let running = false;
  let again = false;
  const fetchBar = async () => {
    again = running;
    if (running) return;
    running = true;
    try {
      const headers = { 'Assessdesk-Live': '1', 'HX-Request': 'true', 'HX-Request-Type': 'partial' };
      const answer = await fetch($('#held').dataset.heldUrl, { headers, redirect: 'manual' });
      if (answer.ok) await htmx.swap({ text: await answer.text(), target: $('#held'), swap: 'outerMorph', sourceElement: $('#held') });
      // The time is up here and the last word is not written there yet.
      if ($$('[data-held] [data-countdown]').some((at) => Number(at.dataset.countdown) <= 0)) setTimeout(fetchBar, 500);
    } catch { /* the next hint fetches it */ }
    running = false;
    look();
    if (again) fetchBar();
  };
  if ($('#held')) {
    for (const name of ['live-held', 'live-again']) document.body.addEventListener(name, fetchBar);
  }
  document.addEventListener('htmx:after:swap', look);

  // --- hands --------------------------------------------------------------------------------------------------------
  document.addEventListener('click', (event) => {
    const at = event.target.closest?.('[data-held-switch], [data-held-close], #held [data-key="x"]');
    if (!at) return;
    if (at.dataset.heldSwitch) flip(at.dataset.heldSwitch);
    else if (at.dataset.heldClose !== undefined) at.closest('section').remove();
    else {
      // What was typed is not fetched away by a second press.
      const field = $('textarea', at.closest('section'));
      if (!field) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      field.focus();
    }
  }, true);
  document.addEventListener('keydown', (event) => {
    if (!event.target.matches?.('[data-enter-sends]') || event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (!event.repeat) event.target.form.requestSubmit();
    }
  });
  look();
})();
