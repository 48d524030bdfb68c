import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AddonsError } from '../../lib/errors.ts';
import { hasScript, locateScript } from '../../lib/scripts/locate.ts';
import { makePlace, type Place } from './fixtures/place.ts';

let place: Place;
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.remove());

function failure(name: string, root = place.dir): AddonsError {
  try {
    locateScript(root, name);
  } catch (error) {
    if (error instanceof AddonsError) return error;
  }
  throw new Error('it was found');
}

describe('a script of an add-on', () => {
  test('is found by its name, also behind a link', () => {
    const path = place.script('url', 'echo');
    symlinkSync('url', join(place.dir, 'health'));
    expect(locateScript(place.dir, 'url')).toBe(path);
    expect(locateScript(place.dir, 'health')).toBe(join(place.dir, 'health'));
    expect(hasScript(place.dir, 'url')).toBe(true);
  });

  test('that is missing is named, with a next step', () => {
    symlinkSync('nowhere', join(place.dir, 'dangling'));
    for (const name of ['url', 'dangling']) {
      const error = failure(name);
      expect(error.code).toBe('script-not-found');
      expect(error.message).toContain(`${join(place.dir, name)} does not exist`);
      expect(error.hint).toBeTruthy();
      expect(error.details.script).toBe(name);
      expect(hasScript(place.dir, name)).toBe(false);
    }
  });

  test('of an add-on that is not a directory is missing', () => {
    const file = place.script('file', '');
    expect(failure('url', file).code).toBe('script-not-found');
    expect(hasScript(file, 'url')).toBe(false);
  });

  test('that is a directory is refused', () => {
    mkdirSync(join(place.dir, 'url'));
    expect(failure('url').message).toContain('is not a regular file');
    expect(hasScript(place.dir, 'url')).toBe(false);
  });

  test('that is not executable says which command helps, ready to be pasted', () => {
    const root = join(place.dir, "it's here");
    mkdirSync(root);
    writeFileSync(join(root, 'url'), '');
    expect(failure('url', root)).toMatchObject({ code: 'script-not-found' });
    expect(failure('url', root).hint).toBe(`Run: chmod +x '${place.dir}/it'\\''s here/url'`);
    expect(hasScript(root, 'url')).toBe(false);
    chmodSync(join(root, 'url'), 0o755);
    expect(locateScript(root, 'url')).toBe(join(root, 'url'));
  });
});
