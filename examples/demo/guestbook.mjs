// An app as any platform starts it: all it knows of its database is X_DB_URL.
import sqlite from 'node-sqlite3-wasm';

const url = new URL(process.env.X_DB_URL);
const database = new sqlite.Database(decodeURIComponent(url.pathname));
try {
  database.exec(
    'CREATE TABLE IF NOT EXISTS visits (id INTEGER PRIMARY KEY, pid INTEGER, at TEXT DEFAULT CURRENT_TIMESTAMP)',
  );
  database.run('INSERT INTO visits (pid) VALUES (?)', process.pid);
  const { id, pid, at } = database.get('SELECT * FROM visits ORDER BY id DESC');
  console.log(`guestbook: wrote a row and read it back: visit ${id}, by process ${pid}, at ${at} UTC`);
} finally {
  database.close();
}
