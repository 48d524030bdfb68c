import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DokkuWorld, makeDokku } from './world.ts';

let world: DokkuWorld;
let app: string;
beforeAll(() => {
  world = makeDokku();
  world.done(['addons:enable', 'vault', 'bare']);
});
beforeEach(() => {
  app = world.app();
  world.triggered();
});
afterAll(() => world.remove());

const restarts = () => world.triggered().filter((line) => line.startsWith('app-restart'));

describe('addons:add', () => {
  it('sets the URLs at once, and restarts the app once for all of them', () => {
    expect(world.deploy(app).status).toBe(0);
    world.triggered();
    const { stdout, stderr } = world.done(['addons:add', app, 'vault', 'bare']);
    expect(restarts()).toEqual([`app-restart ${app}`]);
    expect(Object.keys(world.config(app)).sort()).toEqual(['DOKKU_BARE_URL', 'DOKKU_VAULT_URL']);
    expect(stdout).toContain(`       Added vault to ${app}.\n       Added bare to ${app}.\n`);
    expect(stdout).toContain(`       Set DOKKU_BARE_URL and DOKKU_VAULT_URL of ${app}.\n`);
    expect(stdout).toContain(`restarted ${app}`);
    expect(stderr).toContain(`-----> Adding vault to ${app}\n`);
  });

  it('of what is there already restarts nothing', () => {
    world.done(['addons:add', app, 'bare']);
    world.triggered();
    world.done(['addons:add', app, 'bare']);
    expect(restarts()).toEqual([]);
  });

  it('takes another name for the variable, and --no-restart', () => {
    world.done(['addons:add', app, 'vault', '--env', 'DATABASE_URL', '--no-restart']);
    const { DATABASE_URL, DOKKU_VAULT_URL } = world.config(app);
    expect([restarts(), DATABASE_URL]).toEqual([[], DOKKU_VAULT_URL]);
  });

  it('leaves an app alone that is stopped on purpose', () => {
    world.setConfig(app, 'DOKKU_APP_RESTORE', '0');
    world.done(['addons:add', app, 'bare']);
    expect(restarts()).toEqual([]);
    expect(world.config(app)).toHaveProperty('DOKKU_BARE_URL');
  });

  it('says what to do when the app could not be restarted', () => {
    world.deploy(app);
    const { stderr } = world.done(['addons:add', app, 'bare'], { RESTART_FAILS: '1' });
    expect(stderr).toContain(
      `${app} was not restarted; it has its new config at its next start: dokku ps:restart ${app}`,
    );
  });

  it('names the next step as it is typed here', () => {
    const { status, stderr } = world.dokku(['addons:add', app, 'db']);
    expect([status, stderr]).toEqual([4, expect.stringContaining('Enable it first: dokku addons:enable db')]);
  });

  it('plans in a dry run, and changes nothing', () => {
    const { stdout } = world.done(['addons:add', app, 'bare', '--dry-run']);
    expect(stdout).toContain(`       Would add bare to ${app}:`);
    expect([world.lines(app), world.config(app), restarts()]).toEqual([[], {}, []]);
  });

  it('prints one document with --json', () => {
    const { stdout } = world.done(['addons:add', app, 'bare', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ command: 'add', result: [{ app, addon: 'bare', outcome: 'done' }] });
  });
});

describe('flags', () => {
  it.each<[string, (app: string) => string[]]>([
    ['before the command', (app) => ['--app', app, 'addons:url', 'vault']],
    ['behind it', (app) => ['addons:url', '--app', app, 'vault']],
    ['at the end', (app) => ['addons:url', 'vault', '--app', app]],
  ])('--app %s', (_, words) => {
    world.done(['addons:add', app, 'vault', '--no-restart']);
    expect(world.done(words(app)).stdout).toMatch(/^vault:\/\//);
  });

  it.each<[string, (app: string) => string[]]>([
    ['before the command', (app) => ['--quiet', 'addons:add', app, 'bare']],
    ['behind it', (app) => ['addons:add', app, 'bare', '--quiet']],
  ])('--quiet %s', (_, words) => {
    const { stdout, stderr } = world.done(words(app));
    expect([stdout, stderr.replace(/^.*has not been deployed\n/, '')]).toEqual(['', '']);
  });

  it.each<[string, (app: string) => string[]]>([
    ['before the command', (app) => ['--force', 'addons:remove', app, 'bare']],
    ['behind it', (app) => ['addons:remove', app, 'bare', '--force']],
    ['with --app', (app) => ['--app', app, '--force', 'addons:remove', 'bare']],
  ])('--force %s', (_, words) => {
    world.done(['addons:add', app, 'bare', '--no-restart']);
    world.done(words(app));
    expect([world.lines(app), world.config(app)]).toEqual([[], {}]);
  });

  it('--trace shows what bash does, and no secret without a terminal', () => {
    world.done(['addons:add', app, 'vault', '--no-restart']);
    const { stderr } = world.done(['--trace', 'addons', app]);
    expect(stderr).toContain('+ addons_command list');
    expect(stderr).toContain('--trace needs a terminal');
    expect(stderr).not.toContain('hunter2');
  });

  it.each(['--platform', '--home'])('%s is none: the plugin serves its own Dokku', (flag) => {
    const { status, stderr } = world.dokku(['addons', flag, 'x']);
    expect([status, stderr]).toEqual([2, expect.stringContaining(`has no option ${flag}`)]);
  });
});

describe('an app', () => {
  it.each(['addons', 'addons:add', 'addons:url', 'addons:remove', 'addons:release', 'addons:report', 'addons:dump'])(
    'that does not exist: %s says so as Dokku does',
    (command) => {
      const { status, stderr, stdout } = world.dokku([
        command,
        'nobody',
        ...(/^addons$|report/.test(command) ? [] : ['vault']),
      ]);
      expect([status, stderr, stdout]).toEqual([20, ' !     App nobody does not exist\n', '']);
    },
  );

  it('of somebody else does not exist either', () => {
    const theirs = world.app();
    world.done(['addons:add', app, 'vault', '--no-restart']);
    world.done(['addons:add', theirs, 'vault', '--no-restart']);
    world.allow('ann', [app]);
    const ann = { SSH_NAME: 'ann' };
    expect(world.dokku(['addons:url', theirs, 'vault'], ann)).toMatchObject({ status: 20, stdout: '' });
    expect(world.done(['addons'], ann).stdout).toMatch(new RegExp(`^APP .*\\n${app} .*\\n$`));
    expect(world.done(['addons:report'], ann).stdout).not.toContain(theirs);
    expect(world.done(['addons:url', app, 'vault'], ann).stdout).toMatch(/^vault:/);
  });

  it('without add-ons has none, and is not released', () => {
    const { stdout, stderr } = world.done(['addons', app]);
    expect([stdout, stderr]).toEqual(['', `       ${app} has no add-ons.\n`]);
  });
});

it('addons:remove asks, and destroys when it is told to', () => {
  world.done(['addons:add', app, 'vault', '--no-restart']);
  const id = world.lines(app)[0]?.split(';')[1];
  const refused = world.dokku(['addons:remove', app, 'vault']);
  expect([refused.status, refused.stderr]).toEqual([
    4,
    expect.stringContaining(`If you mean it, run: dokku addons:remove --force ${app} vault`),
  ]);
  expect(world.resources()).toContain(id);
  world.done(['addons:remove', app, 'vault', '--confirm', app]);
  expect([world.resources().includes(id ?? ''), world.config(app), restarts()]).toEqual([
    false,
    {},
    [`app-restart ${app}`],
  ]);
});

it('addons:disable --force takes an add-on from every app, and restarts each once', () => {
  world.install('safe');
  world.done(['addons:enable', 'safe']);
  const apps = [app, world.app()];
  for (const one of apps) world.done(['addons:add', one, 'safe', 'bare', '--no-restart']);
  const refused = world.dokku(['addons:disable', 'safe']);
  expect([refused.status, world.resources('safe').length]).toEqual([4, 2]);
  world.triggered();
  world.done(['addons:disable', 'safe', '--force']);
  expect(restarts().sort()).toEqual(apps.map((one) => `app-restart ${one}`).sort());
  for (const one of apps) expect(Object.keys(world.config(one))).toEqual(['DOKKU_BARE_URL']);
});

it('addons:dump and addons:restore carry data over a remove and a new add', () => {
  world.done(['addons:add', app, 'vault', '--no-restart']);
  const id = world.lines(app)[0]?.split(';')[1] ?? '';
  writeFileSync(world.data('vault', 'ledger', id), 'gold\n');
  const file = join(world.root, `${app}.dump`);
  world.done(['addons:dump', app, 'vault', '-o', file]);
  world.done(['addons:remove', app, 'vault', '--force', '--no-restart']);
  world.done(['addons:add', app, 'vault', '--no-restart']);
  world.done(['addons:restore', app, 'vault', file, '--force']);
  expect(world.done(['addons:dump', app, 'vault']).stdout).toBe('gold\n');
});

it('addons:rotate hands the new password out at once', () => {
  world.done(['addons:add', app, 'vault', '--no-restart']);
  const { DOKKU_VAULT_URL: before } = world.config(app);
  world.triggered();
  const { stdout } = world.done(['addons:rotate', app, 'vault']);
  expect(stdout).toContain(`       Rotated the secret of vault for ${app}.\n`);
  expect(world.config(app).DOKKU_VAULT_URL).not.toBe(before);
  expect(restarts()).toEqual([`app-restart ${app}`]);
});

describe('addons:release', () => {
  it('restarts only the apps whose config vars changed', () => {
    const other = world.app();
    world.done(['addons:add', app, 'bare', '--no-restart']);
    world.done(['addons:add', other, 'bare', '--no-restart']);
    world.setConfig(app, 'DOKKU_BARE_URL', 'bare://stale');
    world.triggered();
    world.done(['addons:release', app, other]);
    expect(restarts()).toEqual([`app-restart ${app}`]);
    expect(world.config(app).DOKKU_BARE_URL).not.toBe('bare://stale');
  });

  it('changes nothing when a script fails', () => {
    world.done(['addons:add', app, 'bare', '--no-restart']);
    world.setConfig(app, 'DOKKU_BARE_URL', 'bare://stale');
    world.script('bare', 'url', 'echo broken >&2; exit 1');
    const { status, stderr } = world.dokku(['addons:release', app]);
    world.script('bare', 'url', 'echo "bare://$1"');
    expect([status, stderr]).toEqual([1, expect.stringContaining('broken')]);
    expect(world.config(app).DOKKU_BARE_URL).toBe('bare://stale');
  });
});

describe('addons:report', () => {
  it('tells what an app has, as Dokku tells it', () => {
    world.done(['addons:add', app, 'vault', '--env', 'DATABASE_URL', '--no-restart']);
    expect(world.done(['addons:report', app]).stdout).toBe(
      [
        `=====> ${app} addons information`,
        '       Addons list:                   vault',
        '       Addons vars:                   DOKKU_VAULT_URL DATABASE_URL',
        '       Addons state:                  ok',
        '',
      ].join('\n'),
    );
    expect(world.done(['addons:report', app, '--addons-vars']).stdout).toBe('DOKKU_VAULT_URL DATABASE_URL\n');
    expect(JSON.parse(world.done(['addons:report', app, '--format', 'json']).stdout)).toEqual({
      'addons-list': 'vault',
      'addons-vars': 'DOKKU_VAULT_URL DATABASE_URL',
      'addons-state': 'ok',
    });
    // Among the reports of all plugins.
    expect(world.done(['report', app]).stdout).toContain(`=====> ${app} addons information\n`);
  });

  it('knows two formats', () => {
    expect(world.dokku(['addons:report', app, '--format', 'xml']).status).toBe(2);
  });
});

it('addons:check tells of apps that Dokku does not have', () => {
  world.done(['addons:add', app, 'bare', '--no-restart']);
  world.forget(app);
  const { stderr } = world.done(['addons:check']);
  expect(stderr).toContain(`${app} has add-ons, but Dokku has no such app`);
  world.done(['apps:create', app]);
  world.done(['addons:remove', app, 'bare', '--force', '--no-restart']);
});

describe('help', () => {
  const LINE = / {4}addons(:[a-z]+)?( [^,]+)?, [A-Z][^,]+/;

  it('names the plugin, and with --all every command', () => {
    expect(world.done(['help']).stdout).toBe('    addons   Manage add-ons\n');
    const { stdout } = world.done(['help', '--all']);
    expect(stdout).toContain('    addons:add <app> <addon...>           Give an app a resource of an add-on\n');
  });

  it('has one comma a line, where Dokku makes its columns', () => {
    const lines = world.file('help.txt').trimEnd().split('\n');
    expect(lines.filter((line) => !new RegExp(`^${LINE.source}$`).test(line))).toEqual([]);
    const named = lines.map((line) => /^ {4}addons:?([a-z]*)/.exec(line)?.[1] || 'default');
    expect(named.sort()).toEqual(world.files('subcommands'));
  });

  it('is there for addons and for each of its commands', () => {
    const { stdout } = world.done(['addons:help']);
    expect(stdout).toMatch(/^Usage: dokku addons\[:COMMAND\]/);
    expect(stdout).toContain('Additional commands:\n    addons [app]');
    const add = world.done(['addons:add', '--help']).stdout;
    expect(add).toContain('Usage: dokku addons:add <app> <addon...> [options]');
    expect(add).toContain('--no-restart');
    expect(add).not.toMatch(/--home|--platform|(?<!dokku )\baddons add/);
  });
});

it('leaves what it does not know to others', () => {
  expect(world.dokku(['addons:nonsense'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('not a dokku command'),
  });
  expect(world.dokku(['nonsense:add'])).toMatchObject({ status: 1 });
});

it('says how to go on when its Node is gone', () => {
  const recorded = world.file('.node');
  writeFileSync(join(world.plugin, '.node'), '/nowhere/node\n');
  const { status, stderr } = world.dokku(['addons']);
  writeFileSync(join(world.plugin, '.node'), recorded);
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^ ! {5}The Node .* is gone\. As root: dokku plugin:trigger install\n$/),
  ]);
});

it('lets other plugins call what is in functions', () => {
  world.done(['addons:add', app, 'vault', '--no-restart']);
  const call = (program: string) => world.bash(`source ${world.plugin}/functions; ${program}`);
  expect(call(`addons_list ${app}`).stdout).toBe('vault\n');
  expect(call(`addons_has ${app} vault`).status).toBe(0);
  expect(call(`addons_has ${app} vaul`).status).toBe(1);
  expect(call(`addons_url ${app} vault`).stdout).toBe(`${world.config(app).DOKKU_VAULT_URL}\n`);
  world.setConfig(app, 'DOKKU_VAULT_URL', 'stale');
  expect(call(`addons_release ${app}`).status).toBe(0);
  expect(world.config(app).DOKKU_VAULT_URL).not.toBe('stale');
  expect(restarts()).toEqual([]);
});

describe('the other commands', () => {
  it('addons -a, addons:info and addons:status tell what there is', () => {
    world.done(['addons:add', app, 'bare', '--no-restart']);
    expect(world.done(['addons', '-a']).stdout).toMatch(/^db .* shipped /m);
    expect(world.done(['addons:info', 'vault']).stdout).toContain(`Data in:       ${world.data('vault')}\n`);
    expect(world.done(['addons:status', app, '--health']).stdout).toContain('bare');
  });

  it('addons:remove --keep-for, addons:trash and addons:undo bring a resource back, and its URL with it', () => {
    world.done(['addons:add', app, 'vault', '--no-restart']);
    const [lines, config] = [world.lines(app), world.config(app)];
    const { stdout } = world.done(['addons:remove', app, 'vault', '--keep-for', '1h', '--no-restart']);
    expect([stdout, world.config(app)]).toEqual([
      expect.stringContaining(`"dokku addons:undo ${app} vault" brings it back`),
      {},
    ]);
    expect(world.done(['addons:trash']).stdout).toContain(app);
    world.done(['addons:undo', app, 'vault', '--no-restart']);
    expect([world.lines(app), world.config(app)]).toEqual([lines, config]);
  });

  it('addons:adopt gives an app what exists already', () => {
    world.done(['addons:add', app, 'vault', '--no-restart']);
    const id = world.lines(app)[0]?.split(';')[1] ?? '';
    world.done(['addons:remove', app, 'vault', '--forget', '--force', '--no-restart']);
    world.done(['addons:adopt', app, 'vault', id, '--no-restart'], {}, 'open-sesame\n');
    expect([world.lines(app), world.config(app).DOKKU_VAULT_URL]).toEqual([
      [`vault;${id};open-sesame`],
      `vault://me:open-sesame@safe.example/${id}`,
    ]);
  });

  it('addons:install and addons:uninstall make a second one of a kind', () => {
    world.done(['addons:install', 'db', '--as', 'archive']);
    world.done(['addons:enable', 'archive']);
    world.done(['addons:add', app, 'archive', '--no-restart']);
    expect(world.config(app)).toHaveProperty('DOKKU_ARCHIVE_URL');
    expect(world.dokku(['addons:uninstall', 'archive']).status).toBe(4);
    world.done(['addons:disable', 'archive', '--force']);
    world.done(['addons:uninstall', 'archive']);
    expect(world.config(app)).toEqual({});
  });

  it('addons:log tells who did what; addons:unlock and addons:resolve what is held and open', () => {
    world.done(['addons:add', app, 'bare', '--no-restart']);
    expect(world.done(['addons:log', app]).stdout).toMatch(/add .*bare/);
    expect(world.done(['addons:unlock']).status).toBe(0);
    const { status, stderr } = world.dokku(['addons:resolve', 'mwpjbfg26e1d']);
    expect([status, stderr]).toEqual([3, expect.stringContaining('dokku addons:check')]);
  });
});
