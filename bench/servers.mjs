// The server add-ons beside their servers' own clients: what of the time is the server's, and what is ours.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPlatform } from '../dist/index.js';
import { startEngine } from './engine.mjs';
import { command, inTurn } from './measure.mjs';
import { makeApp, makeHome } from './world.mjs';

const ROUNDS = 10;
const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`;

const SUBJECTS = [
  { addon: 'redis', settings: { isolation: 'acl' }, image: 'redis' },
  { addon: 'redis', settings: { isolation: 'instance' }, image: 'redis' },
  { addon: 'postgresql', settings: {}, image: 'postgres' },
  { addon: 'mariadb', settings: {}, image: 'mariadb' },
];

/** How the server's own client is called, and the least that it must be told for the same end. */
const CLIENTS = {
  redis: {
    words: ({ host, port }) => ['redis-cli', '--no-auth-warning', '--user', 'admin', '-h', host, '-p', port],
    secret: 'REDISCLI_AUTH',
    provision: (name) => `ACL SETUSER ${name} reset on >0123456789abcdef ~${name}:* +@all -@admin\nACL SAVE\n`,
    drop: (names) => names.map((name) => `ACL DELUSER ${name}\n`).join(''),
    ask: 'PING\n',
  },
  postgresql: {
    words: ({ host, port }) => ['psql', '-X', '-q', '-h', host, '-p', port, '-U', 'postgres', 'postgres'],
    secret: 'PGPASSWORD',
    provision: (name) =>
      `CREATE ROLE ${name} LOGIN PASSWORD '0123456789abcdef';\nCREATE DATABASE ${name} OWNER ${name};\n`,
    drop: (names) => names.map((name) => `DROP DATABASE ${name};\nDROP ROLE ${name};\n`).join(''),
    ask: 'SELECT 1;\n',
  },
  mariadb: {
    words: ({ host, port, data }) => [
      ...['mariadb', '--no-defaults', '-u', 'root'],
      ...(data === undefined ? ['--protocol=tcp', '-h', host, '-P', port] : [`--socket=${data}/server.sock`]),
    ],
    secret: 'MYSQL_PWD',
    provision: (name) =>
      `CREATE DATABASE ${name};\nCREATE USER ${name} IDENTIFIED BY '0123456789abcdef';\nGRANT ALL ON ${name}.* TO ${name};\n`,
    drop: (names) => names.map((name) => `DROP DATABASE ${name};\nDROP USER ${name};\n`).join(''),
    ask: 'SELECT 1;\n',
  },
};

export async function servers() {
  const engine = await startEngine();
  const rows = [];
  try {
    for (const mode of ['host', 'docker']) {
      for (const subject of SUBJECTS) rows.push(...(await measured(engine, mode, subject)));
    }
  } finally {
    await engine.stop();
  }
  return rows;
}

async function measured(engine, mode, { addon, settings, image }) {
  const tag = mode === 'docker' ? await engine.image(image) : undefined;
  const { home, remove } = makeHome();
  chmodSync(home, 0o711); // a server's own user passes through
  mkdirSync(join(home, 'etc/add-ons.d'));
  const config = { ...settings, server: mode, ...(tag && { image: tag }) };
  const lines = Object.entries(config).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  writeFileSync(join(home, 'etc/add-ons.d', `${addon}.toml`), ['[config]\n', ...lines].join(''));
  const platform = openPlatform({ home, environment: { DOCKER_HOST: engine.host } });
  const title = [addon, mode, ...Object.values(settings)].join(', ');
  const data = join(home, 'apps/.add-ons', addon);
  let count = 0;
  const next = (kind) => `${kind}${++count}`;
  try {
    await platform.enable(addon);
    makeApp(home, 'shop', []);
    await platform.add('shop', addon);
    await platform.release('shop');
    const client = clientOf({ addon, mode, data, engine, settings });
    const [apps, clients] = [[], []];
    const took = await inTurn(
      ROUNDS,
      {
        provision: () => platform.add(apps.at(-1), addon),
        // A server of its own is no statement: there is nothing to set beside it.
        ...(settings.isolation !== 'instance' && {
          statements: () => client(CLIENTS[addon].provision(clients.at(-1))),
        }),
        url: () => platform.url('shop', addon),
        release: () => platform.release('shop'),
        ask: () => client(CLIENTS[addon].ask),
      },
      (name) => {
        if (name === 'statements') clients.push(next('client'));
        if (name !== 'provision') return;
        apps.push(next('app'));
        makeApp(home, apps.at(-1), []);
      },
    );
    await client(CLIENTS[addon].drop(clients));
    for (const app of apps) await platform.remove(app, addon);
    await platform.remove('shop', addon);
    return [
      {
        what: `${title}: provision`,
        figures:
          took.statements === undefined
            ? ms(took.provision)
            : `${ms(took.provision)}; the client's own statements ${ms(took.statements)}: ${(took.provision / took.statements).toFixed(1)} ×`,
        ...took,
      },
      {
        what: `${title}: url, and release of an app with it`,
        figures: `${ms(took.url)}, ${ms(took.release)}; the client's simplest question ${ms(took.ask)}: ${(took.ask / took.release).toFixed(1)} × as long as the release`,
      },
    ];
  } finally {
    await platform.disable(addon, { force: true }).catch((error) => console.error(error.message, error.hint));
    remove();
  }
}

/** Runs the client as administrator, where the server is: in the container, or on this host. */
function clientOf({ addon, mode, data, engine, settings }) {
  const { words, secret } = CLIENTS[addon];
  const instance = settings.isolation === 'instance' ? onlyInstance(data) : 'server';
  const admin = readFileSync(join(data, 'admin'), 'utf8').trim();
  const token = readFileSync(join(data, 'token'), 'utf8').trim();
  const [, , , host, port] = readFileSync(join(data, 'servers', instance, 'running'), 'utf8')
    .trim()
    .split(' ');
  const env = { ...process.env, [secret]: admin, DOCKER_HOST: engine.host };
  const inside = ['docker', 'exec', '-i', '-e', secret, `x-${addon}-${instance}-${token}`];
  const whole =
    mode === 'docker'
      ? [...inside, ...words({ host: '127.0.0.1', port })]
      : words({ host, port, data: join(data, 'servers', instance, 'data') });
  const [program, ...rest] = whole;
  return (input) => command(program, rest, { env, input });
}

function onlyInstance(data) {
  const lines = readFileSync(join(data, '../../shop/ADDONS'), 'utf8');
  return lines.split(';')[1];
}
