import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

/** A network bridge of this machine that one engine has for itself. */
export interface Bridge {
  /** Name of the network interface. */
  name: string;
  /** What all its addresses begin with: `198.18.6`. */
  prefix: string;
  /** What those of further networks of the engine begin with: `198.18.7`. */
  further: string;
}

/**
 * Makes a bridge with a /24 that nobody uses, the next one being the engine's as well. The range is the one kept for
 * benchmarks (RFC 2544): neither Docker's own networks nor a user's lie there. The kernel refuses a second interface of
 * one name, so two engines that draw the same number cannot both have it.
 */
export function makeBridge(): Bridge {
  for (let attempt = 0; attempt < 50; attempt++) {
    const [high, low] = [randomInt(18, 20), 2 * randomInt(0, 128)];
    const bridge = { name: `at-198-${high}-${low}`, prefix: `198.${high}.${low}`, further: `198.${high}.${low + 1}` };
    if (interfacesOf(bridge).length > 0) continue;
    try {
      ip('link', 'add', 'name', bridge.name, 'type', 'bridge');
    } catch {
      continue;
    }
    ip('addr', 'add', `${bridge.prefix}.1/24`, 'dev', bridge.name);
    ip('link', 'set', bridge.name, 'up');
    return bridge;
  }
  throw new Error('No network bridge could be made for a Docker engine of the tests');
}

/** Removes it and those of the engine's further networks, which an engine leaves where they are. */
export function removeBridges(bridge: Bridge): void {
  for (const name of interfacesOf(bridge)) ip('link', 'delete', name);
}

/** Names of this machine's network interfaces with an address of the engine. */
export function interfacesOf({ prefix, further }: Pick<Bridge, 'prefix' | 'further'>): string[] {
  const addresses = ip('-o', 'addr', 'show').split('\n');
  return addresses
    .filter((line) => line.includes(` inet ${prefix}.`) || line.includes(` inet ${further}.`))
    .map((line) => line.trim().split(/\s+/)[1] ?? '');
}

const ip = (...args: string[]) =>
  execFileSync('busybox', ['ip', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
