// A browser without a window: pages are fetched, forms are filled with what stands in them and sent. Enough for the
// desk's and the make-believe ATS's own pages, which all work without a script.

import assert from 'node:assert/strict';

const unescaped = (text) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot));/gi, (_, decimal, hex, name) =>
    name ? { amp: '&', lt: '<', gt: '>', quot: '"' }[name.toLowerCase()] : String.fromCodePoint(decimal ? Number(decimal) : parseInt(hex, 16)),
  );
const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}(?:="([^"]*)")?(?=[\\s>/])`).exec(tag);
  return found ? unescaped(found[1] ?? '') : null;
};

/** The fields of a form as a browser would send them, without its buttons. */
function fields(page, action) {
  const form = [...page.matchAll(/<form\b[^>]*>([\s\S]*?)<\/form>/g)].find(([all]) => attribute(/^<form\b[^>]*>/.exec(all)[0], 'action') === action);
  assert.ok(form, `there is no form to ${action} in:\n${page.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').slice(0, 2_000)}`);
  const head = /^<form\b[^>]*>/.exec(form[0])[0];
  const id = attribute(head, 'id');
  const outside = id ? [...page.matchAll(/<input\b[^>]*>/g)].map(([tag]) => tag).filter((tag) => attribute(tag, 'form') === id) : [];
  const found = [];
  for (const [tag, single, double, text] of form[1].matchAll(/<(input)\b[^>]*>|<(textarea|select)\b[^>]*>([\s\S]*?)<\/\2>/g)) {
    const name = single ?? double;
    const open = /^<[^>]*>/.exec(tag)[0];
    const type = attribute(open, 'type');
    if (['file', 'submit'].includes(type) || (['checkbox', 'radio'].includes(type) && attribute(open, 'checked') === null)) continue;
    const value =
      name === 'input' ? (attribute(open, 'value') ?? '')
      : name === 'textarea' ? unescaped((text ?? '').replace(/^\n/, ''))
      : (attribute((text.match(/<option\b[^>]*\sselected[^>]*>/) ?? text.match(/<option\b[^>]*>/) ?? [''])[0], 'value') ?? '');
    found.push([attribute(open, 'name'), value]);
  }
  for (const tag of outside) found.push([attribute(tag, 'name'), attribute(tag, 'value') ?? '']);
  return { found, multipart: attribute(head, 'enctype') === 'multipart/form-data' };
}

/** One person at the pages of `origin`. */
export class Visitor {
  #cookies = new Map();

  constructor(origin) {
    this.origin = origin;
  }

  async #fetch(path, options = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { origin: this.origin, ...(cookie && { cookie }) };
    const answer = await fetch(new URL(path, this.origin), { ...options, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
    return answer;
  }

  /** A page's HTML. */
  async page(path) {
    const answer = await this.#fetch(path);
    const text = await answer.text();
    assert.equal(answer.status, 200, `${path} answered ${answer.status}: ${text.slice(0, 500)}`);
    return text;
  }

  /**
   * Fills the form to `action` that stands on `path` and sends it; a list stands for several fields of a name, null for
   * none. Gives where it led, if anywhere.
   */
  async fill(path, action, values = {}) {
    const { found, multipart } = fields(await this.page(path), action);
    const body = multipart ? new FormData() : new URLSearchParams();
    for (const [name, value] of found) if (!(name in values)) body.append(name, value);
    for (const [name, value] of Object.entries(values)) for (const one of [value].flat()) if (one !== null) body.append(name, one);
    const answer = await this.#fetch(action, { method: 'POST', body });
    const text = await answer.text();
    assert.ok(answer.status < 400, `${action} answered ${answer.status}: ${text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').slice(0, 2_000)}`);
    return answer.headers.get('location');
  }
}
