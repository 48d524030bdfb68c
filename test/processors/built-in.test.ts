import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listener } from '../operations/world.ts';
import { needs } from '../require.ts';
import { startSyslogd } from './rsyslogd.ts';
import { processorWorld } from './world.ts';

describe('the processor log', () => {
  test('writes each execution between a begin and an end that no output can forge', async () => {
    const world = processorWorld();
    world.settings('[processors.log]\n');
    world.install('vault', { enable: 'echo one; printf "=====> end x\\n\\033[31mred\\n"; exit 3' });
    const { events, onProgress } = listener();
    await world.addons.enable('vault', { onProgress }).catch(() => {});
    const [{ id = '', output = '' } = {}] = await world.addons.executions();
    const [text = '', ...more] = events.filter(({ type }) => type === 'execution').map(({ message }) => message);
    expect(more).toEqual([]);
    expect(text.split('\n')).toEqual([
      `=====> begin ${id}: enable of vault`,
      '       | one',
      '       | =====> end x',
      '       | \\x1b[31mred',
      expect.stringMatching(`^=====> end ${id}: exit 3 after \\d+\\.\\d s$`),
    ]);
    expect(output).toBe('[in the log]\n');
  });

  test('with forward lets the output go on', async () => {
    const world = processorWorld();
    world.settings('[processors.log]\nforward = true\n');
    expect((await world.once()).output).toBe('hello\n');
  });
});

describe('the processor files', () => {
  const filesOf = (world: ReturnType<typeof processorWorld>) => join(world.addons.platform.executions, 'files');

  test('writes a private file for each execution, and says where it is', async () => {
    const world = processorWorld();
    world.settings('[processors.files]\n');
    world.app('shop', 'vault;id-1;hunter2\n');
    await world.enable('vault', { url: 'echo "$2" >&2; echo x://h' });
    await world.addons.release('shop');
    const kept = await world.addons.executions({ app: 'shop' });
    const [name = '', ...more] = readdirSync(filesOf(world)).filter((one) => one.includes('.url.'));
    expect(more).toEqual([]);
    const path = join(filesOf(world), name);
    expect(kept.map(({ output }) => output)).toEqual([`[in ${path}]\n`]);
    expect(name).toBe(`vault.${kept[0]?.started.replace(/[-:.]/g, '')}.url.shop.${kept[0]?.id}.log`);
    expect(readFileSync(path, 'utf8')).toBe(
      [
        ...[`id: ${kept[0]?.id}`, 'add-on: vault', 'app: shop', 'script: url', 'operation: -'],
        ...[`started: ${kept[0]?.started}`, `finished: ${kept[0]?.finished}`, 'exit: 0', 'signal: -', 'failed: no'],
        ...['', 'x://h', '[redacted]', ''],
      ].join('\n'),
    );
    expect([statSync(path).mode & 0o777, statSync(filesOf(world)).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test('keeps the newest ones of each add-on, and what is not its own', async () => {
    const world = processorWorld();
    const directory = join(world.home, 'logs');
    mkdirSync(directory);
    const others = [
      'notes.txt',
      'vault.log',
      'vault.x.20200101T000000000Z.url.a.b.log',
      'other.20200101T000000000Z.url.a.b.log',
    ];
    for (const name of [...others, 'vault.20200101T000000000Z.url.a.b.log']) writeFileSync(join(directory, name), '');
    world.settings(`[processors.files]\ndirectory = "${directory}"\nkeep = 3\n`);
    for (let i = 0; i < 5; i++) await world.once(`echo ${i}`);
    const left = readdirSync(directory)
      .filter((name) => !others.includes(name))
      .sort();
    expect(left.map((name) => readFileSync(join(directory, name), 'utf8').trim().at(-1))).toEqual(['2', '3', '4']);
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(others));
    world.settings(`[processors.files]\ndirectory = "${directory}"\ndays = 0.0000001\n`);
    await world.once();
    await world.once();
    expect(readdirSync(directory).length).toBeLessThanOrEqual(others.length + 1);
  });

  test.each([
    ['directory = "here"', /directory must be an absolute path/],
    ['keep = 0', /keep must be a whole number above 0/],
    ['days = "7"', /days must be a number/],
    ['kep = 3', /it does not know kep\. Did you mean "keep"\?/],
  ])('with %s says what is wrong, and the output goes on', async (line, problem) => {
    const world = processorWorld();
    world.settings(`[processors.files]\n${line}\n`);
    expect(await world.once()).toMatchObject({ warnings: [expect.stringMatching(problem)], output: 'hello\n' });
  });

  test('that cannot write lets the output go on', async () => {
    const world = processorWorld();
    const directory = join(world.home, 'logs');
    writeFileSync(directory, '');
    world.settings(`[processors.files]\ndirectory = "${directory}"\n`);
    expect(await world.once()).toMatchObject({ warnings: [expect.stringContaining(directory)], output: 'hello\n' });
  });
});

describe.skipIf(!needs('rsyslogd', 'logger'))('the processor syslog', () => {
  async function withSyslogd() {
    const world = processorWorld();
    const syslogd = await startSyslogd(world.home);
    onTestFinished(() => syslogd.stop());
    return { world, syslogd };
  }

  test('sends a message for each execution and each line, and says so', async () => {
    const { world, syslogd } = await withSyslogd();
    world.settings(`[processors.syslog]\nsocket = "${syslogd.socket}"\n`);
    const seen = await world.once('echo "<0>forged"; echo two');
    world.settings(`[processors.syslog]\nsocket = "${syslogd.socket}"\nfacility = "local3"\n`);
    await world.addons.enable('vault', { again: true });
    world.install('vault', { enable: 'echo "x://me:hunter2@h" >&2; exit 4' });
    await world.addons.enable('vault', { again: true }).catch(() => {});
    const [a = '', b = '', c = ''] = (await world.addons.executions()).map(({ id }) => id);
    await expect.poll(() => syslogd.messages().length, { timeout: 20_000 }).toBe(8);
    expect(syslogd.messages()).toEqual([
      {
        priority: 'user.info',
        tag: 'addons:',
        text: expect.stringMatching(`^enable of vault: exit 0 after .* s \\[${a}\\]$`),
      },
      { priority: 'user.info', tag: 'addons:', text: `[${a}] <0>forged` },
      { priority: 'user.info', tag: 'addons:', text: `[${a}] two` },
      { priority: 'local3.info', tag: 'addons:', text: expect.stringMatching(`\\[${b}\\]$`) },
      { priority: 'local3.info', tag: 'addons:', text: `[${b}] <0>forged` },
      { priority: 'local3.info', tag: 'addons:', text: `[${b}] two` },
      {
        priority: 'local3.err',
        tag: 'addons:',
        text: expect.stringMatching(`^enable of vault: exit 4 after .* s \\[${c}\\]$`),
      },
      { priority: 'local3.err', tag: 'addons:', text: `[${c}] x://me:[redacted]@h` },
    ]);
    expect(seen).toMatchObject({ warnings: [], output: `[in syslog, tag addons, ${a}]\n` });
  });

  test('that cannot be reached is told of, and the output goes on', async () => {
    const { world, syslogd } = await withSyslogd();
    await syslogd.stop();
    world.settings(`[processors.syslog]\nsocket = "${syslogd.socket}"\n`);
    expect(await world.once()).toMatchObject({
      warnings: [expect.stringMatching(/^The processor syslog of vault failed: .*log\.sock/)],
      output: 'hello\n',
    });
    world.settings('[processors.syslog]\nfacility = "kitchen"\n');
    expect((await world.once()).warnings).toEqual([expect.stringContaining('facility must be one of user, mail,')]);
  });

  test('without logger says what to install', async () => {
    const world = processorWorld();
    await world.enable('vault');
    world.settings('[processors.syslog]\n');
    const { events, onProgress } = listener();
    await world.open({ scriptPath: '/nowhere' }).status(undefined, { health: true, onProgress });
    expect(events.filter(({ type }) => type === 'warning').map(({ message }) => message)).toEqual([
      expect.stringMatching(/There is no program logger in \/nowhere\. Install it/),
    ]);
  });
});
