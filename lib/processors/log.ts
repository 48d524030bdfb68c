import { valuesOf } from '../addon/processors.ts';
import type { ChainHost } from './chain.ts';
import type { Execution } from './execution.ts';
import { endingOf, outputLines, subjectOf } from './headline.ts';
import { eachAlone, type Processor, pointedTo } from './processor.ts';

/** Writes each execution to stderr, between a line that begins it and one that ends it. */
export const openLog = ({ tell }: ChainHost): Processor =>
  eachAlone((execution, config) => {
    valuesOf(config, {});
    tell({ type: 'execution', message: framed(execution) });
    return pointedTo(execution, 'in the log');
  });

/** No line of the output can be taken for a frame. */
const framed = (execution: Execution): string =>
  [
    `=====> begin ${execution.id}: ${subjectOf(execution)}`,
    ...outputLines(execution).map((line) => `       | ${line}`),
    `=====> end ${execution.id}: ${endingOf(execution)}`,
  ].join('\n');
