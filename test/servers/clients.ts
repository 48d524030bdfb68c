import mariadb from 'mariadb';
import pg from 'pg';
import { createClient } from 'redis';

/** One login over the ordinary package of the URL's scheme. */
export interface Login {
  write(key: string, value: string): Promise<void>;
  read(key: string): Promise<string | undefined>;
  /** All data of whatever owner that it can find out to exist: keys, or `database.table`. */
  everything(): Promise<string[]>;
  /** One statement, or a command's words between spaces; gives the answer as text, a row a line. */
  ask(statement: string): Promise<string>;
  close(): Promise<void>;
}

/** Rejects where the server does not answer or refuses the login. */
export async function logIn(url: string): Promise<Login> {
  const open = SCHEMES[new URL(url).protocol];
  if (!open) throw new Error(`no client for ${new URL(url).protocol}`);
  return await open(url);
}

/** What the work gives, over a login of its own. */
export async function withLogin<T>(url: string, work: (login: Login) => Promise<T>): Promise<T> {
  const login = await logIn(url);
  try {
    return await work(login);
  } finally {
    await login.close();
  }
}

export const writeTo = (url: string, key: string, value: string) => withLogin(url, (one) => one.write(key, value));
export const readFrom = (url: string, key: string) => withLogin(url, (one) => one.read(key));

/** Whether this URL is let in. What else may be wrong with the server is thrown. */
export async function isLetIn(url: string): Promise<boolean> {
  try {
    await (await logIn(url)).close();
    return true;
  } catch (error) {
    if (REFUSED.test(String(error))) return false;
    throw error;
  }
}

const REFUSED =
  /WRONGPASS|NOAUTH|password authentication failed|permission denied for database|Access denied|is not permitted to log in/;

const SCHEMES: Record<string, (url: string) => Promise<Login>> = {
  'redis:': redisLogin,
  'postgres:': postgresLogin,
  'postgresql:': postgresLogin,
  'mysql:': mariadbLogin,
  'mariadb:': mariadbLogin,
};

const PATIENCE = 10_000; // ms

async function redisLogin(url: string): Promise<Login> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: PATIENCE } });
  client.on('error', () => {}); // every call rejects with it, too
  await client.connect();
  try {
    await client.ping(); // the package goes on without a password where the server wants one
  } catch (error) {
    client.destroy();
    throw error;
  }
  const { username } = new URL(url);
  const prefix = username === 'default' ? '' : `${username}:`;
  const ask = async (statement: string) => lines(await client.sendCommand(statement.split(' ')));
  return {
    async write(key, value) {
      await client.set(prefix + key, value);
    },
    read: async (key) => (await client.get(prefix + key)) ?? undefined,
    async everything() {
      const ways = ['KEYS *', 'SCAN 0 COUNT 1000', 'RANDOMKEY', 'PUBSUB CHANNELS'].map((way) =>
        ask(way).catch(() => ''),
      );
      return (await Promise.all(ways)).join(' ').split(/\s+/).filter(Boolean);
    },
    ask,
    async close() {
      if (client.isOpen) client.destroy();
    },
  };
}

async function postgresLogin(url: string): Promise<Login> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE });
  client.on('error', () => {});
  await client.connect();
  return {
    ...sqlLogin(
      'INSERT INTO kv VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2',
      '$1',
      async (sql, values) => {
        const { rows } = await client.query(sql, values);
        return rows;
      },
    ),
    async everything() {
      const { rows } = await client.query<{ name: string }>(
        `SELECT current_database() || '.' || relname AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
         WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' AND relkind IN ('r', 'v', 'p')`,
      );
      return rows.map(({ name }) => name);
    },
    close: () => client.end(),
  };
}

async function mariadbLogin(url: string): Promise<Login> {
  const client = await mariadb.createConnection(`${url.replace(/^\w+:/, 'mariadb:')}?connectTimeout=${PATIENCE}`);
  client.on('error', () => {});
  return {
    ...sqlLogin('REPLACE INTO kv VALUES (?, ?)', '?', (sql, values) => client.query(sql, values)),
    async everything() {
      const tables: { name: string }[] = await client.query(
        `SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables
         WHERE table_schema <> 'information_schema'`,
      );
      const databases: Record<string, string>[] = await client.query('SHOW DATABASES');
      const names = databases.flatMap((row) => Object.values(row)).filter((name) => name !== 'information_schema');
      return [...tables.map(({ name }) => name), ...names];
    },
    close: () => client.end(),
  };
}

type Query = (sql: string, values?: string[]) => Promise<Record<string, unknown>[]>;

function sqlLogin(upsert: string, first: string, query: Query): Pick<Login, 'write' | 'read' | 'ask'> {
  return {
    async write(key, value) {
      await query('CREATE TABLE IF NOT EXISTS kv (name varchar(100) PRIMARY KEY, value text)');
      await query(upsert, [key, value]);
    },
    async read(key) {
      try {
        const [row] = await query(`SELECT value FROM kv WHERE name = ${first}`, [key]);
        return row && String(row.value);
      } catch (error) {
        if (/42P01|doesn't exist|does not exist/.test(String(error))) return undefined;
        throw error;
      }
    },
    ask: async (sql) => lines(await query(sql)),
  };
}

/** Rows stay in their order; a map, whose order means nothing, is sorted. */
const lines = (answer: unknown) =>
  Array.isArray(answer)
    ? answer.map(text).join('\n')
    : isMap(answer)
      ? Object.entries(answer).map(text).sort().join('\n')
      : text(answer);

const text = (answer: unknown): string =>
  Array.isArray(answer)
    ? answer.map(text).join(' ')
    : isMap(answer)
      ? Object.values(answer).map(text).join(' ')
      : String(answer);

const isMap = (answer: unknown): answer is object =>
  typeof answer === 'object' && answer !== null && !Buffer.isBuffer(answer) && !(answer instanceof Date);
