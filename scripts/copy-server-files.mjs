// The server add-ons are self-contained, so each has the files of `server/` itself. They are edited in addons/redis and copied
// from there; a test tells when they differ.
import { cpSync, rmSync } from 'node:fs';

const here = (path) => new URL(`../addons/${path}`, import.meta.url);

for (const addon of ['postgresql', 'mariadb']) {
  rmSync(here(`${addon}/server`), { recursive: true, force: true });
  cpSync(here('redis/server'), here(`${addon}/server`), { recursive: true });
}
