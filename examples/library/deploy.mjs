// @ts-check
// The library in a deploy script: node deploy.mjs HOME APP ADD-ON…
// Enables the add-ons, gives the app what it does not have yet and releases it. Run again, it does nothing twice.
import process from 'node:process';
import { AddonsError, openPlatform } from 'paas-addons';

const [home = '', app = '', ...addons] = process.argv.slice(2);
const platform = openPlatform({ home, environment: process.env });

// Ctrl-C and a deadline end the running script with all that it started. What was begun is settled by the next call.
// `on`, not `once`: while a listener of yours is there, no other one ends the process.
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort());
const options = {
  signal: AbortSignal.any([interrupted.signal, AbortSignal.timeout(5 * 60_000)]),
  timeout: 60, // seconds, for each script
  onProgress: /** @param {import('paas-addons').Progress} event */ ({ message }) => console.error(`-----> ${message}`),
};

try {
  for (const addon of addons) {
    await platform.enable(addon, options);
    const { outcome, id } = await platform.add(app, addon, options);
    console.log(`${addon}: ${id}${outcome === 'unchanged' ? ' (it was there)' : ''}`);
  }
  const { changed } = await platform.release(app, options);
  console.log(changed.length > 0 ? `Start ${app} anew: ${changed.join(', ')} changed.` : `${app} is up to date.`);
} catch (error) {
  if (!(error instanceof AddonsError)) throw error;
  console.error([error.message, advice(error), error.details.stderr].filter(Boolean).join('\n'));
  process.exitCode = error.code === 'busy' ? 75 : 1;
}

/**
 * `code` is stable: programs decide by it. `message` and `hint` are for people and never hold a secret.
 *
 * @param {AddonsError} error
 */
function advice({ code, hint }) {
  switch (code) {
    case 'busy':
      return 'Somebody else is deploying: try again later.';
    case 'aborted':
      return 'Run it again: it goes on where it stopped.';
    default:
      return hint;
  }
}
