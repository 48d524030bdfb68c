-- ARGV: prefix, cursor. One portion of the keys with that prefix, as the RESTORE commands that make them again without it:
-- "next cursor\nnumber of commands\ncommands". A portion is small, so that others wait for milliseconds only.
local prefix, cursor = ARGV[1], ARGV[2]
local out, count, bytes, looked_at = {}, 0, 0, 0

local function command(...)
  local words = { ... }
  out[#out + 1] = '*' .. #words .. '\r\n'
  for _, word in ipairs(words) do
    out[#out + 1] = '$' .. #word .. '\r\n' .. word .. '\r\n'
  end
end

repeat
  local page = redis.call('SCAN', cursor, 'MATCH', prefix .. '*', 'COUNT', 1000)
  cursor = page[1]
  looked_at = looked_at + 1000
  for _, key in ipairs(page[2]) do
    local data = redis.call('DUMP', key)
    if data then
      local expiry = math.max(redis.call('PEXPIRETIME', key), 0)
      command('RESTORE', key:sub(#prefix + 1), string.format('%.0f', expiry), data, 'REPLACE', 'ABSTTL')
      count = count + 1
      bytes = bytes + #data
    end
  end
until cursor == '0' or bytes > 4000000 or looked_at >= 20000

return cursor .. '\n' .. count .. '\n' .. table.concat(out)
