// Answers every request with the greeting. `addons swap` runs the next version beside this one, so nothing here is shared:
// the socket lies in ADDON_SOCKETS, which each version has of its own.
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';

const { ADDON_CONFIG_GREETING: greeting, ADDON_SOCKETS: sockets, ADDON_INSTANCE: instance } = process.env;
const path = `${sockets}/server-${instance}.sock`;

rmSync(path, { force: true }); // of one that was killed
const server = createServer((_, response) => response.end(`${greeting}\n`));
server.listen(path, () => console.log(`ready, pid ${process.pid}`));

// Whoever is connected is served to the end; nobody comes any more, since the link leads to the next version by now.
process.once('SIGTERM', () => {
  console.log('draining');
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
