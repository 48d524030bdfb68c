-- ARGV: prefix, a piece of a dump. Restores the keys of all whole commands in it, each with the prefix before its name:
-- "bytes used number of keys". Nothing but RESTORE and ECHO is taken: a dump is data, and this runs as administrator.
local prefix, text = ARGV[1], ARGV[2]
local at, keys = 1, 0

-- The number behind this letter, and where the next line begins. Nothing where the piece ends before.
local function header(letter, from)
  local line_end = text:find('\r\n', from, true)
  if not line_end then
    if #text - from > 20 then error('this is no dump of this add-on') end
    return nil
  end
  local number = text:sub(from, line_end - 1):match('^%' .. letter .. '(%d+)$')
  if not number then error('this is no dump of this add-on') end
  return tonumber(number), line_end + 2
end

-- The words of the command at this place, and where the next begins.
local function command(from)
  local count, next_at = header('*', from)
  if not count then return nil end
  local words = {}
  for i = 1, count do
    local length, start = header('$', next_at)
    if not length then return nil end
    next_at = start + length + 2
    if next_at > #text + 1 then return nil end
    words[i] = text:sub(start, start + length - 1)
  end
  return words, next_at
end

while at <= #text do
  local words, next_at = command(at)
  if not words then break end
  if words[1] == 'RESTORE' and #words == 6 and words[5] == 'REPLACE' and words[6] == 'ABSTTL' then
    redis.call('RESTORE', prefix .. words[2], words[3], words[4], 'REPLACE', 'ABSTTL')
    keys = keys + 1
  elseif words[1] ~= 'ECHO' then
    error('this is no dump of this add-on')
  end
  at = next_at
end

return (at - 1) .. ' ' .. keys
