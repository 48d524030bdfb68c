-- ARGV: prefix, cursor. Removes one portion of the keys with that prefix: the next cursor.
local cursor, looked_at = ARGV[2], 0
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1] .. '*', 'COUNT', 1000)
  cursor = page[1]
  looked_at = looked_at + 1000
  for _, key in ipairs(page[2]) do
    redis.call('UNLINK', key)
  end
until cursor == '0' or looked_at >= 20000
return cursor
