import { DEFAULT_DESCRIPTOR, type Descriptor, parseDescriptor } from '../addon/descriptor.ts';
import type { PackageManifest } from './manifest.ts';
import { readPackage } from './read-package.ts';

/** Verifies a package, and reads what its `addon.toml` says. Nothing is written. @throws {AddonsError} as `readPackage` */
export async function describePackage(file: string): Promise<{ manifest: PackageManifest; descriptor: Descriptor }> {
  const pieces: Uint8Array[] = [];
  const manifest = await readPackage(file, {
    directory: () => {},
    link: () => {},
    file: (path) => ({
      write: (piece) => {
        if (path === 'addon.toml') pieces.push(piece);
      },
      end: () => {},
    }),
  });
  const hasDescriptor = Object.hasOwn(manifest.content, 'addon.toml');
  const toml = Buffer.concat(pieces).toString();
  return { manifest, descriptor: hasDescriptor ? parseDescriptor(toml, `${file}: addon.toml`) : DEFAULT_DESCRIPTOR };
}
