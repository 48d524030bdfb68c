// Counts its visits in the database that X_DB_URL names, and answers on the socket that the hook chose.
import { createServer } from 'node:http';
import sqlite from 'node-sqlite3-wasm';

const database = new sqlite.Database(decodeURIComponent(new URL(process.env.X_DB_URL).pathname));
database.exec('CREATE TABLE IF NOT EXISTS visits (at TEXT DEFAULT CURRENT_TIMESTAMP)');

const server = createServer((_request, response) => {
  database.exec('INSERT INTO visits DEFAULT VALUES');
  const { count } = database.get('SELECT count(*) AS count FROM visits');
  response.end(`You are visitor ${count}.\n`);
}).listen(process.env.SOCKET);

process.on('SIGTERM', () => {
  server.close(() => database.close());
});
