// Preloaded with node --require: tells at the end how much memory the process had at most, in KiB.
process.on('exit', () => process.stderr.write(`\npeak ${process.resourceUsage().maxRSS}`));
