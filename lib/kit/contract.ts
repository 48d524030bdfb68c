import type { ScriptName } from '../addon/contract.ts';

/** One check as a row: what the contract says, and what must be so before it makes sense to look. */
export interface CheckRow {
  name: string;
  /** What an add-on must do, as a sentence that goes on after its name. */
  contract: string;
  /** Checks that must have passed. */
  needs?: readonly string[];
  /** Checks that must not have failed; they may have been skipped. */
  unless?: readonly string[];
  /** Optional scripts that it is about. */
  scripts?: readonly ScriptName[];
  /** Asks what only `idempotent = true` promises. */
  idempotent?: true;
}

/**
 * Every check, in the order in which they are done: the later ones are the rougher ones. The report, `--only`, its completion and
 * the documentation come from here.
 */
export const CHECKS = [
  { name: 'scripts', contract: 'has its five scripts as executable files, each with an interpreter that is installed' },
  { name: 'descriptor', contract: 'has no addon.toml, or a valid one', needs: ['scripts'] },
  {
    name: 'installable',
    contract: 'is files, directories, and links that stay among them',
    needs: ['descriptor'],
  },
  { name: 'enable', contract: 'sets itself up with enable', needs: ['installable'] },
  { name: 'enable-again', contract: 'may be enabled when it is enabled already', needs: ['enable'] },
  { name: 'health', contract: 'is healthy while it is enabled', needs: ['enable'], scripts: ['health'] },
  { name: 'provision', contract: 'prints one line, id;private, for a new resource', needs: ['enable'] },
  { name: 'url', contract: 'prints one line, a URL that parses', needs: ['provision'] },
  { name: 'url-stable', contract: 'prints the same URL as last time, unless something changed', needs: ['url'] },
  { name: 'app-names', contract: 'takes every name that an app may have', needs: ['provision'] },
  { name: 'ids', contract: 'never gives one id to two apps', needs: ['app-names'] },
  {
    name: 'urls',
    contract: 'gives each app a URL of its own, also when all are asked at once',
    needs: ['url-stable', 'ids'],
  },
  { name: 'login', contract: 'gives a URL that lets a client in', needs: ['url'] },
  { name: 'wrong-password', contract: 'refuses a wrong password', needs: ['login'] },
  {
    name: 'list',
    contract: 'lists every resource that exists and nothing else',
    needs: ['app-names'],
    scripts: ['list'],
  },
  { name: 'unprovision', contract: 'destroys a resource, which list then no longer names', needs: ['provision'] },
  { name: 'unprovision-again', contract: 'succeeds in destroying what is already gone', needs: ['unprovision'] },
  { name: 'unprovision-unknown', contract: 'succeeds in destroying what never was', needs: ['unprovision-again'] },
  { name: 'url-gone', contract: 'has no URL that works for a resource that is gone', needs: ['url', 'unprovision'] },
  { name: 'new-id', contract: 'never gives an id out again', needs: ['unprovision', 'ids'] },
  {
    name: 'provision-again',
    contract: 'finds the resource that the same operation made before',
    needs: ['unprovision'],
    idempotent: true,
  },
  {
    name: 'provision-killed',
    contract: 'finishes what a killed provision began, as one resource',
    needs: ['provision-again'],
    idempotent: true,
  },
  {
    name: 'unprovision-half',
    contract: 'destroys what a killed provision left, as soon as it printed its line',
    needs: ['unprovision-again', 'list'],
    unless: ['unprovision-unknown'],
    scripts: ['list'],
  },
  { name: 'concurrent', contract: 'serves 20 apps that come and go at once', needs: ['urls', 'unprovision'] },
  { name: 'dump', contract: 'dumps data, never nothing', needs: ['provision'], scripts: ['dump'] },
  { name: 'restore', contract: 'restores its own dump, and may do so again', needs: ['dump'], scripts: ['restore'] },
  { name: 'restore-empty', contract: 'refuses an empty dump', needs: ['restore'], scripts: ['restore'] },
  { name: 'restore-cut', contract: 'refuses a dump that was cut off', needs: ['restore'], scripts: ['restore'] },
  { name: 'rotate', contract: 'gives a resource a new private that works', needs: ['url'], scripts: ['rotate'] },
  { name: 'rotate-again', contract: 'may rotate again for the same operation', needs: ['rotate'], scripts: ['rotate'] },
  { name: 'umask', contract: 'works under a strict umask, too', needs: ['enable-again', 'url', 'unprovision'] },
  { name: 'modes', contract: 'keeps its files from other users, whatever the umask', needs: ['provision'] },
  { name: 'own-session', contract: 'leaves no process in the group of a script that ended', needs: ['provision'] },
  { name: 'unsafe-ids', contract: 'does no harm when it is given what is no id', needs: ['url', 'unprovision'] },
  {
    name: 'disable-in-use',
    contract: 'refuses to be disabled while a resource is there',
    needs: ['url', 'unprovision'],
  },
  { name: 'disable', contract: 'undoes enable', needs: ['unprovision'] },
  { name: 'disable-again', contract: 'may be disabled when it is disabled already', needs: ['disable'] },
  { name: 'nothing-left', contract: 'leaves no process, container or file behind', needs: ['disable'] },
  { name: 'enable-anew', contract: 'may be enabled and used anew, with new ids', needs: ['disable', 'new-id'] },
  { name: 'own-directory', contract: 'never changes its own scripts and files', needs: ['enable'] },
  { name: 'secrets', contract: 'never writes a private where people read', needs: ['provision'] },
  { name: 'arguments', contract: 'never passes a private on as an argument', needs: ['provision'] },
] as const satisfies readonly CheckRow[];

export type CheckName = (typeof CHECKS)[number]['name'];

export const CHECK_NAMES: readonly string[] = CHECKS.map(({ name }) => name);
