import { expect, test } from 'vitest';
import { type } from '../fixtures/type.ts';

test('cron lists the jobs and how they last ended', async () => {
  const { status, stdout } = await type(['cron']);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^ADD-ON {2}JOB +SCHEDULE +STATE +LAST RUN\ndb +expire +30 4 \* \* \* +disabled +never\ndb +backup +30 4 \* \* \* +enabled +.* ago, exit status 3\n$/,
  );
  expect(JSON.parse((await type(['cron', 'db', '--json'])).stdout).result.jobs).toHaveLength(2);
});

test('cron says where there are none', async () => {
  expect(await type(['cron', 'redis'])).toMatchObject({ status: 0, stdout: '' });
  expect((await type(['cron', 'redis'])).stderr).toContain('redis has no cron jobs.');
});

test.each([
  ['backup', 0, ''],
  ['busy', 0, ''],
  ['bad', 3, 'The job bad of db ended with exit status 3: see /srv/demo/lib/logs/db/cron-bad.log'],
])("cronwrap %s has the job's exit status, and says only what cron should mail", async (job, status, message) => {
  const ended = await type(['cronwrap', 'db', job]);
  expect(ended).toMatchObject({ status, stdout: '', calls: [`run db ${job}`] });
  expect(ended.stderr).toContain(message);
  if (message === '') expect(ended.stderr).toBe('');
});

test('cronwrap is not shown', async () => {
  expect((await type(['help'])).stdout).not.toContain('cronwrap');
});
