import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crontabLine } from '../../lib/services/crontab-line.ts';
import { block, blocksIn, withBlock } from '../../lib/services/crontab-text.ts';

const VAULT = { addon: 'vault', platform: '/var/lib/x' };
const put = (crontab: string, lines: string[], owner = VAULT) =>
  withBlock(crontab, 'the crontab', owner, block(owner, lines));
const drop = (crontab: string, owner = VAULT) => withBlock(crontab, 'the crontab', owner, undefined);

const FOREIGN = 'MAILTO=ann\n# comment\n\n5 4 * * * true # BEGIN ADD-ON\n';

describe('a block', () => {
  it('goes to the end, is replaced in its place, and goes without a trace', () => {
    const first = put(FOREIGN, ['@daily one']);
    expect(first).toBe(`${FOREIGN}# BEGIN ADD-ON vault of /var/lib/x\n@daily one\n# END ADD-ON vault of /var/lib/x\n`);
    const more = `${first}@hourly mine\n`;
    expect(put(more, ['@daily two'])).toBe(more.replace('one', 'two'));
    expect(drop(more)).toBe(`${FOREIGN}@hourly mine\n`);
    expect(put(first, ['@daily one'])).toBe(first);
  });

  it('is that of one platform', () => {
    const other = { addon: 'vault', platform: '/srv/é/lib' };
    const both = put(put('', ['@daily one']), ['@daily two'], other);
    expect(blocksIn(both, 'the crontab').map(({ platform }) => platform)).toEqual([VAULT.platform, other.platform]);
    expect(drop(both, other)).toBe(put('', ['@daily one']));
  });

  it('is there once', () => {
    const twice = `${put('', ['@daily one'])}@hourly mine\n${put('', ['@daily old'])}`;
    expect(put(twice, ['@daily new'])).toBe(`${put('', ['@daily new'])}@hourly mine\n`);
  });

  it('gets a line of its own', () => {
    expect(put('@daily mine', ['@daily one'])).toContain('@daily mine\n# BEGIN');
  });

  it.each([
    ['# BEGIN ADD-ON vault of /var/lib/x\n@daily one\n', 'the crontab, line 1, begins the jobs of vault'],
    ['\n# END ADD-ON db of /var/lib/x\n', 'the crontab, line 2, ends the jobs of db, and nothing begins them.'],
    ['# BEGIN ADD-ON a of /x\n# BEGIN ADD-ON b of /x\n# END ADD-ON b of /x\n', 'line 1, begins the jobs of a'],
    ['# BEGIN ADD-ON a of /x\n# END ADD-ON a of /y\n', 'line 1, begins the jobs of a'],
  ])('with a marker missing is refused: %j', (crontab, message) => {
    expect(() => put(crontab, ['@daily one'])).toThrow(message);
    expect(() => drop(crontab)).toThrow(message);
  });
});

it('no foreign byte is lost', () => {
  const line = fc.oneof(
    fc.constantFrom('@daily x', '', '# BEGIN', '# END ADD-ON', ' # BEGIN ADD-ON vault of /var/lib/x'),
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll('\n', '')),
  );
  const crontab = fc
    .array(line.filter((text) => !/^# (BEGIN|END) ADD-ON /.test(text)))
    .map((lines) => lines.map((one) => `${one}\n`).join(''));
  fc.assert(
    fc.property(crontab, crontab, (before, after) => {
      const full = put(before, ['@daily one']) + after;
      expect(drop(full)).toBe(before + after);
      expect(put(full, ['@hourly two'])).toBe(put(before, ['@hourly two']) + after);
    }),
  );
});

describe('a line', () => {
  it.each(['/plain/path', '/with space', "/it's", '/100%', '/a;b$c`d"e', '/b\\s'])('carries %j', (path) => {
    const job = { name: 'backup', schedule: '@daily', command: ['x'], timeout: 1, lock: true };
    const text = crontabLine(job, 'vault', { program: ['/bin/echo', path], variables: { X_ROOT: path } });
    expect(text.replace(/\\%/g, '')).not.toContain('%');
    // As cron reads it, and then the shell.
    const command = text.slice('@daily '.length).replaceAll('\\%', '%').replace('/usr/bin/env', "printf '%s\\n'");
    expect(spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' }).stdout.split('\n')).toEqual([
      `X_ROOT=${path}`,
      '/bin/echo',
      path,
      'cronwrap',
      'vault',
      'backup',
      '',
    ]);
  });

  it('refuses a line break', () => {
    const job = { name: 'backup', schedule: '@daily', command: ['x'], timeout: 1, lock: true };
    expect(() => crontabLine(job, 'vault', { program: ['/a\nb'], variables: {} })).toThrow('cannot hold the path');
  });
});
