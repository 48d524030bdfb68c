import { erase } from '../disk.ts';
import { below, path } from '../files.ts';
import { linesOf } from '../journal.ts';
import { type Steps, step } from '../steps.ts';

// What happens to apps and servers without asking anybody.

export function* rename(from: string, to: string): Steps {
  yield* step(`mv ${from} ${to}`, (s) => {
    const ino = s.apps[from];
    if (!ino || s.apps[to]) return;
    s.apps[to] = ino;
    delete s.apps[from];
  });
}

export function* destroy(app: string): Steps {
  yield* step(`rm -rf ${app}`, (s) => {
    const ino = s.apps[app];
    if (!ino) return;
    for (const line of linesOf(s, ino)) s.ghost[`abandoned ${line.id}`] = 1;
    delete s.apps[app];
    erase(s, below.app(ino));
  });
}

export function* create(app: string, ino: number): Steps {
  yield* step(`mkdir ${app}`, (s) => {
    s.apps[app] = ino;
    s.files[path.addons(ino)] = [];
  });
}

export function* changeUrl(): Steps {
  for (let i = 0; i < 2; i++) {
    yield* step('url changes', (s) => {
      s.url++;
    });
  }
}
