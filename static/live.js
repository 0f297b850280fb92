// Live pages. Each browser holds one event stream (/live): the tab that has the lock listens and passes on what it hears.
// Every tab tells it as events on document.body, which any script may listen to:
//   live-order, live-inbox, live-delivery, live-integration, live-customer, live-reconciler, live-staff, live-looking,
//   each with detail.ids (null: any of that kind); and live-again: anything may have changed.
// Blocks that show such things fetch themselves again and are morphed in place:
//   data-live="order inbox"   the kinds that the block shows (it needs an id); data-live-ids="…": only these things
//   data-live-url="/orders…"  the block with exactly the rows that are on the screen
//   data-live-page            the page is fetched whole instead
//   data-live-what="orders"   what its 'new' button (data-news) counts, for screen readers
//   data-live-still           a part that changes only when the person asks for it
//   data-looking="/orders/…"  shows who else looks at this order; data-writes: its result is typed here
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const light = $('#live-lost');
  if (!light) return;
  const KINDS = ['order', 'inbox', 'delivery', 'integration', 'customer', 'reconciler', 'staff', 'looking'];
  const QUIET = { 'Assessdesk-Live': '1' };
  const PART = { ...QUIET, 'HX-Request': 'true', 'HX-Request-Type': 'partial' };
  const WAITS = [1, 2, 4, 8, 15, 30];

  // --- the light: nothing while all is well -------------------------------------------------------------------------
  let dim = 0;
  const shine = (state) => {
    clearTimeout(dim);
    if (state === 'up') {
      light.replaceChildren();
      return;
    }
    const say = () => {
      if (state === 'signed-out') {
        const link = document.createElement('a');
        link.href = `/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`;
        link.textContent = 'Sign in again';
        light.replaceChildren('You are signed out. ', link);
      } else if (state === 'replaced') light.textContent = 'Not live here: other windows of yours are';
      else light.textContent = 'Not live: trying again';
    };
    // A restart or a change of network is over before anybody needs to hear of it.
    if (state === 'lost') dim = setTimeout(say, 2000);
    else say();
  };

  // --- passing on ---------------------------------------------------------------------------------------------------
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel('assessdesk-live') : null;
  const dispatch = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { detail }));
  const hear = (message) => {
    if (message.state) shine(message.state);
    if (message.again) dispatch('live-again');
    for (const [kind, ids] of Object.entries(message.changes ?? {})) dispatch(`live-${kind}`, { ids });
  };
  const pass = (message) => {
    channel?.postMessage(message);
    hear(message);
  };
  if (channel) channel.onmessage = (event) => hear(event.data);

  // --- the stream ---------------------------------------------------------------------------------------------------
  let source = null;
  let tries = 0;
  let retry = 0;
  let watch = 0;
  const shut = () => {
    clearTimeout(retry);
    clearTimeout(watch);
    source?.close();
    source = null;
  };
  const isSignedOut = async () => {
    try {
      return (await fetch('/rail', { headers: QUIET, redirect: 'manual' })).type === 'opaqueredirect';
    } catch {
      return false;
    }
  };
  const lose = async (state = 'lost') => {
    if (!source) return;
    const refused = source.readyState === EventSource.CLOSED;
    shut();
    if (state === 'lost') {
      const wait = WAITS[Math.min(tries++, WAITS.length - 1)] * 1000;
      retry = setTimeout(listen, wait * (0.7 + 0.6 * Math.random()));
      if (refused && (await isSignedOut())) {
        clearTimeout(retry);
        state = 'signed-out';
      }
    }
    pass({ state });
  };
  // A line that dies without a word: three heartbeats missed.
  const alive = () => {
    clearTimeout(watch);
    watch = setTimeout(lose, 60_000);
  };
  function listen() {
    shut();
    const own = new EventSource('/live');
    source = own;
    const on = (name, then) => own.addEventListener(name, (event) => {
      if (own !== source) return;
      alive();
      then(event.data);
    });
    on('open', () => {
      tries = 0;
      // What happened before the line stood was not heard.
      pass({ state: 'up', again: true });
    });
    on('live', (data) => pass({ changes: JSON.parse(data) }));
    on('again', () => pass({ again: true }));
    on('beat', () => {});
    on('over', (data) => {
      const { why } = JSON.parse(data);
      lose(why === 'signed-out' || why === 'replaced' ? why : 'lost');
    });
    own.addEventListener('error', () => { if (own === source) lose(); });
  }

  // --- one stream for all tabs --------------------------------------------------------------------------------------
  const shared = channel && navigator.locks;
  // Whoever wants to be told of held orders is told in the background, too.
  const wanted = () => {
    try {
      return !document.hidden || localStorage.getItem('held-notify') === 'on';
    } catch {
      return !document.hidden;
    }
  };
  let queued = null;
  let leave = null;
  const join = () => {
    if (!shared) {
      if (!source) listen();
      return;
    }
    if (queued) return;
    const own = new AbortController();
    queued = own;
    navigator.locks.request('assessdesk-live', { signal: own.signal }, () => new Promise((done) => {
      leave = done;
      tries = 0;
      listen();
    })).catch(() => {});
  };
  const part = () => {
    queued?.abort();
    queued = null;
    shut();
    leave?.();
    leave = null;
  };
  const sync = () => (wanted() ? join() : part());

  // --- blocks that fetch themselves again ---------------------------------------------------------------------------
  const states = new Map();
  const stateOf = (id) => {
    if (!states.has(id)) states.set(id, { dirty: false, running: false, next: 0, timer: 0, told: false });
    return states.get(id);
  };
  const mark = (id, run, apart = 1000) => {
    const state = stateOf(id);
    state.dirty = true;
    const go = async () => {
      state.timer = 0;
      if (!state.dirty || state.running || document.hidden) return;
      state.dirty = false;
      state.running = true;
      const began = Date.now();
      try {
        await run(state);
      } catch {
        state.dirty = true;
      }
      state.running = false;
      // A server that takes long is asked less often.
      state.next = Date.now() + Math.max(apart, 3 * (Date.now() - began));
      if (state.dirty) plan();
    };
    const plan = () => {
      if (!state.timer && !state.running) state.timer = setTimeout(go, Math.max(0, state.next - Date.now()));
    };
    state.plan = plan;
    plan();
  };
  const part_of = async (url) => {
    const answer = await fetch(url, { headers: PART, redirect: 'manual' });
    if (answer.status >= 500) throw new Error('later');
    return answer.ok ? answer.text() : null;
  };
  const touched = (field) => {
    if (field.type === 'hidden' || field.type === 'submit' || field.type === 'button') return false;
    if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
    if (field.type === 'file') return field.files.length > 0;
    if (field.tagName === 'SELECT') return [...field.options].some((it) => it.selected !== it.defaultSelected) && field.selectedIndex > 0;
    return field.value !== field.defaultValue;
  };
  // What the person has open or half-filled in the block: it must still be there afterwards.
  const inHand = (block) => {
    const open = $$('details.menu[open], dialog[open]', block);
    const typed = $$('input, textarea, select', block).filter(touched).map((field) => field.closest('details[id], dialog[id], form[id]') ?? field.form ?? field);
    return { typed: [...new Set(typed)], all: [...new Set([...open, ...typed])] };
  };
  const put = async (block, text, select) => {
    const { typed, all } = inHand(block);
    if (all.some((it) => !it.id || !text.includes(` id="${it.id}"`))) {
      note(block);
      return;
    }
    const still = [...$$('[data-live-still]', block), ...typed];
    const own = still.filter((it) => !it.hasAttribute('hx-morph-skip'));
    for (const it of own) it.setAttribute('hx-morph-skip', '');
    const focus = document.activeElement;
    const row = focus?.closest?.('[data-row]')?.id;
    await htmx.swap({ text, target: block, swap: 'outerMorph', select, sourceElement: block });
    for (const it of own) it.removeAttribute('hx-morph-skip');
    if (focus && !focus.isConnected) ($(`#${CSS.escape(focus.id || '-')}`) ?? (row && $(`#${CSS.escape(row)} [data-open], #${CSS.escape(row)} a`)))?.focus({ preventScroll: true });
    note(block, false);
  };
  // A page that is fetched whole: its head and its body are morphed.
  const wholePage = async () => {
    const answer = await fetch(window.location.pathname + window.location.search, { headers: QUIET, redirect: 'manual' });
    if (answer.status >= 500) throw new Error('later');
    if (!answer.ok) return;
    const text = await answer.text();
    for (const part of ['header.top', '#main']) await put($(part), text, part);
  };
  const refresh = (block) => mark(block.id, async (state) => {
    const now = document.getElementById(block.id);
    if (now?.dataset.livePage !== undefined) return wholePage();
    const url = now?.dataset.liveUrl;
    if (!url) return;
    const text = await part_of(url);
    const then = document.getElementById(block.id);
    if (text === null || !then) return;
    // The person went on meanwhile (another filter, another page): that was not asked for any more.
    if (then.dataset.liveUrl !== url) { state.dirty = true; return; }
    await put(then, text);
    tell(then.id, state);
  });

  // --- what is said -------------------------------------------------------------------------------------------------
  const said = $('#live-said');
  const tell = (id, state) => {
    const block = document.getElementById(id);
    const news = block && $('[data-news]', block);
    if (news && !state.told) said.textContent = `${news.firstChild.textContent} ${block.dataset.liveWhat ?? ''}: a button above the list shows them.`;
    if (!news) said.textContent = '';
    state.told = Boolean(news);
  };
  // The page changed, but showing it would take something out of the person's hand.
  const note = (block, show = true) => {
    const at = $('#live-note');
    if (!show || !at) return at?.replaceChildren();
    if (at.firstChild) return;
    const link = document.createElement('a');
    link.href = window.location.href;
    link.textContent = 'Show how it stands now';
    at.replaceChildren('This has changed meanwhile. What you typed is kept as long as you stay. ', link);
  };
  document.addEventListener('htmx:after:swap', () => {
    for (const block of $$('[data-live]')) {
      const state = stateOf(block.id);
      if (!$('[data-news]', block)) state.told = false;
    }
  });
  // The button goes away when it is pressed; the hand goes on at the first row.
  document.addEventListener('click', (event) => {
    const news = event.target.closest?.('[data-news]');
    if (!news) return;
    const block = news.closest('[data-live]').id;
    const follow = () => {
      if (document.body.contains(news)) return;
      document.removeEventListener('htmx:after:swap', follow);
      const row = $(`#${CSS.escape(block)} [data-row]`);
      (row && ($('[data-open]', row) ?? $('a[href]', row)))?.focus();
    };
    document.addEventListener('htmx:after:swap', follow);
  });

  // --- the rail -----------------------------------------------------------------------------------------------------
  const rail = () => mark('rail', async () => {
    const at = $('.rail nav a[aria-current]')?.getAttribute('href') ?? '';
    const text = await part_of(`/rail?at=${encodeURIComponent(at)}`);
    if (text === null) return;
    for (const target of $$('.rail-wide, .rail-sheet')) await htmx.swap({ text, target, swap: 'innerMorph', sourceElement: target });
  }, 3000);

  for (const kind of KINDS) {
    document.body.addEventListener(`live-${kind}`, ({ detail: { ids } }) => {
      for (const block of $$('[data-live]')) {
        const only = block.dataset.liveIds?.split(' ');
        if (block.dataset.live.split(' ').includes(kind) && (!only || !ids || ids.some((id) => only.includes(id)))) refresh(block);
      }
      if (kind !== 'looking' && kind !== 'staff') rail();
    });
  }
  document.body.addEventListener('live-again', () => {
    $$('[data-live]').forEach(refresh);
    rail();
    look();
  });

  // --- who else looks at this order ---------------------------------------------------------------------------------
  const look = () => {
    const at = $('[data-looking]');
    if (!at || document.hidden) return;
    mark('looking', async () => {
      const body = new URLSearchParams({ writes: at.dataset.writes ?? '' });
      const answer = await fetch(`${at.dataset.looking}/here`, { method: 'POST', headers: PART, body, redirect: 'manual' });
      if (!answer.ok) return;
      const text = await answer.text();
      if (at.dataset.shown === text) return;
      at.dataset.shown = text;
      await htmx.swap({ text, target: at, swap: 'innerHTML', sourceElement: at });
    });
  };
  const lookAway = () => {
    const at = $('[data-looking]');
    if (at) navigator.sendBeacon(`${at.dataset.looking}/gone`);
  };
  document.body.addEventListener('live-looking', ({ detail: { ids } }) => {
    const at = $('[data-looking]');
    if (at && (!ids || ids.some((id) => at.dataset.looking.endsWith(id)))) look();
  });
  setInterval(look, 10_000);

  // --- comings and goings -------------------------------------------------------------------------------------------
  document.addEventListener('visibilitychange', () => {
    sync();
    if (document.hidden) {
      lookAway();
      return;
    }
    look();
    for (const state of states.values()) if (state.dirty) state.plan();
    // Another tab may hold the line; what this one missed while its events slept is fetched all the same.
    dispatch('live-again');
  });
  window.addEventListener('storage', (event) => { if (event.key === 'held-notify') sync(); });
  window.addEventListener('online', () => { if (leave || (!shared && wanted())) { tries = 0; listen(); } });
  window.addEventListener('offline', () => lose());
  window.addEventListener('pagehide', () => { lookAway(); part(); });
  window.addEventListener('pageshow', (event) => { if (event.persisted) sync(); });
  sync();
  look();
  // Where another tab holds the line, what changed between this page's making and now was not heard here.
  setTimeout(() => { if (!source && !document.hidden) dispatch('live-again'); }, 400);
})();
