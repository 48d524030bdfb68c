-- ARGV: prefix of the new keys, prefix of the old. The old ones go and the new ones take their names, in one step.
local new, old = ARGV[1], ARGV[2]

local function each(prefix, act)
  local cursor = '0'
  repeat
    local page = redis.call('SCAN', cursor, 'MATCH', prefix .. '*', 'COUNT', 1000)
    cursor = page[1]
    for _, key in ipairs(page[2]) do
      act(key)
    end
  until cursor == '0'
end

each(old, function(key) redis.call('UNLINK', key) end)
each(new, function(key)
  -- SCAN may name one twice.
  if redis.call('EXISTS', key) == 1 then redis.call('RENAME', key, old .. key:sub(#new + 1)) end
end)
return 'OK'
