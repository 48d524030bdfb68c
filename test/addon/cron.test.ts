import { describe, expect, it } from 'vitest';
import { parseDescriptor } from '../../lib/addon/descriptor.ts';
import { readSchedule } from '../../lib/addon/schedule.ts';

const cronOf = (toml: string) => parseDescriptor(toml, 'addon.toml').cron;

function refusal(toml: string): string {
  try {
    cronOf(toml);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  throw new Error('it was accepted');
}

describe('[[cron]]', () => {
  it('has defaults, and the program gives the name', () => {
    expect(cronOf('[[cron]]\nschedule = "@daily"\ncommand = ["bin/backup", "--all"]\n')).toEqual([
      { name: 'backup', schedule: '@daily', command: ['bin/backup', '--all'], timeout: 3600, lock: true },
    ]);
  });

  it('can say all of it', () => {
    const toml = `[[cron]]\nname = "often"\nschedule = "*/5\t* * * *"\ncommand = ["sh", "-c", "date +%s\\necho"]
timeout = 10\nnice = 5\nionice = "idle"\nlock = false\n\n[[cron]]\nschedule = "@reboot"\ncommand = ["warm"]\n`;
    expect(cronOf(toml)).toMatchObject([
      { name: 'often', schedule: '*/5 * * * *', timeout: 10, nice: 5, ionice: 'idle', lock: false },
      { name: 'warm', schedule: '@reboot' },
    ]);
  });

  it.each([
    ['scedule = "@daily"', 'addon.toml, line 5, has an unknown key in [[cron]]: scedule. Did you mean "schedule"?'],
    ['schedule = "* * * *"', 'addon.toml, line 5, has a wrong value for schedule in [[cron]]: expected five fields'],
    ['command = "bin/backup"', 'addon.toml, line 5, has a wrong value for command in [[cron]]: expected an array'],
    ['command = []', 'addon.toml, line 5, has a wrong value for command'],
    ['schedule = "@daily"', 'addon.toml, line 4, has a [[cron]] without command.'],
    ['schedule = "@daily"\ncommand = ["x"]\ntimeout = 0.5', 'addon.toml, line 7, has a wrong value for timeout'],
    ['schedule = "@daily"\ncommand = ["x"]\nionice = "lazy"', 'expected "idle", "best-effort", "realtime".'],
    ['schedule = "@daily"\ncommand = ["first"]', 'addon.toml, line 4, has a second [[cron]] of the name first.'],
    ['schedule = "@daily"\ncommand = ["../.x"]', 'addon.toml, line 4, has a [[cron]] that cannot be named'],
    ['schedule = "@daily"\ncommand = ["x"]\nname = "a b"', 'addon.toml, line 7, has a wrong value for name'],
  ])('tells where a mistake is: %s', (lines, message) => {
    expect(refusal(`[[cron]]\nschedule = "@hourly"\ncommand = ["first"]\n[[cron]]\n${lines}\n`)).toContain(message);
  });

  it('is tables', () => {
    expect(refusal('[cron]\nschedule = "@daily"\n')).toContain('expected tables, each below a line "[[cron]]"');
  });
});

describe('a schedule', () => {
  it.each(['* * * * *', '0 0 1 1 0', '59 23 31 12 7', '*/15 0-6/2 1,15 jan Mon', '5,10-20/5 * * * 1-5', '@midnight'])(
    '%s is one',
    (text) => {
      expect(readSchedule(text)).toBe(text);
    },
  );

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '5/10 * * * *',
    '20-10 * * * *',
    '1,,2 * * * *',
    '* * * jan-mar *',
    '* * * * mon,tue',
    '@never',
    '@DAILY',
    ' * * * * *',
    '* * * * *\n* * * * * evil',
    '* * * * * %',
    '*\n* * * *',
    '-1 * * * *',
  ])('%j is none', (text) => {
    expect(readSchedule(text)).toBeUndefined();
  });
});
