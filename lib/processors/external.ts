import { AddonsError } from '../errors.ts';
import type { ChainHost } from './chain.ts';
import type { Processor } from './processor.ts';
export async function openExternal(_host: ChainHost, name: string): Promise<Processor> {
  throw new AddonsError('usage', `There is no processor "${name}".`);
}
