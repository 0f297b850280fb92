// What the tests of access do by hand beside the browser: the practice Kombo's controls, and a mail server that refuses.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';

/** Asks the sandbox's control interface. */
export async function sandbox(app, path, body, method = body ? 'POST' : 'GET') {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(app.sandboxUrl + path, { method, ...(body && { headers, body: JSON.stringify(body) }) });
  assert.equal(answer.status, 200, `${method} ${path}: ${await answer.clone().text()}`);
  return answer.json();
}

/** A recruiter of this customer orders; gives Kombo's id of the order. `wait: false` does not wait for the answer. */
export async function place(app, customer, key, candidate = {}, more = {}) {
  const integration = (await sandbox(app, '/control/integrations')).find((one) => one.organization_name === customer);
  assert.ok(integration, `${customer} has connected no ATS`);
  const person = { email: 'nova.neumann@candidate.example', first_name: 'Nova', last_name: 'Neumann', ...candidate };
  return (await sandbox(app, '/control/orders', { integration: integration.id, package: key, candidate: person, ...more })).order.id;
}

/** All that the page says. */
export const wordsOf = (page) => page.locator('body').innerText();

/** A mail server that answers each recipient's address with what `code(address)` gives; 250 takes it. */
export async function mailServer(t, code) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)).on('error', () => {}));
    let data = false;
    let rest = '';
    socket.write('220 practice\r\n');
    socket.setEncoding('utf8').on('data', (text) => {
      rest += text;
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data) {
          if (line !== '.') continue;
          data = false;
          socket.write('250 taken\r\n');
        } else if (/^rcpt to:/i.test(line)) {
          const answer = code(/<(.*)>/.exec(line)[1]);
          socket.write(`${answer} ${answer === 250 ? 'fine' : 'no such mailbox'}\r\n`);
        } else if (/^data/i.test(line)) {
          data = true;
          socket.write('354 go on\r\n');
        } else if (/^quit/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 fine\r\n');
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `smtp://127.0.0.1:${server.address().port}?tls=opportunistic`;
}
