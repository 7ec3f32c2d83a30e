-- The interpreter of the schemas -------------------------------------------------------------------------------------
--
-- A context is {tvb, base, limit, reached}: offsets of pointers count from base, nothing is read from limit on, and
-- reached is the end of what was read. What is wrong with the bytes is thrown as {problem = text}.

local hooks = {}

local function fail(text, ...) error({problem = text:format(...)}, 0) end

local function plain(value) return type(value) == "userdata" and value:tonumber() or value end

local function find(values, path)
  for name in path:gmatch("[^.]+") do
    if type(values) ~= "table" then return nil end
    values = values[name]
  end
  return values
end

local function holds(condition, values)
  if not condition then return true end
  local value = find(values, condition[1])
  local found
  if type(condition[2]) == "number" then
    found = bit.band(value, condition[2]) ~= 0
  else
    found = condition[2][value] == true
  end
  return found ~= (condition.negated == true)
end

local function count_of(count, values, left, smallest)
  if type(count) == "number" then return count end
  if count == "*" then return math.floor(left / smallest) end
  if type(count) == "string" then return plain(values[count]) end
  if count.bits then return math.floor((values[count[1]] * count.bits + 7) / 8) * values[count[2]] end
  local product = 1
  for _, name in ipairs(count) do product = product * values[name] end
  return product
end

local function named(values, number)
  if values.bits then
    local names = {}
    for _, one in ipairs(values.bits) do
      if bit.band(number, one[1]) ~= 0 then names[#names + 1] = one[2] end
    end
    return #names > 0 and table.concat(names, "|") or "0"
  end
  return values[number] or tostring(number)
end

local read, structure

local function integer(ctx, node, at, tree, member)
  local kind = node[1]
  local size = tonumber(kind:sub(2))
  if at + size > ctx.limit then fail("%s: the message ends inside the field", member[1]) end
  local range = ctx.tvb(at, size)
  local letter = kind:sub(1, 1)
  local value
  if size == 8 then
    if letter == "u" then value = range:le_uint64() elseif letter == "i" then value = range:le_int64() else value = range:uint64() end
  elseif letter == "u" then value = range:le_uint()
  elseif letter == "i" then value = range:le_int()
  else value = range:uint() end
  if tree then
    local big = letter == "U"
    local item = big and tree:add(member.field, range) or tree:add_le(member.field, range)
    if member.bits then
      item:append_text(" (" .. named(ENUMS[node.table], value) .. ")")
      for _, one in ipairs(member.bits) do item:add_le(one, range) end
    elseif node.fixed then
      item:append_text((" (%.4f)"):format(value / 16))
    end
    if member.expect and plain(value) ~= member.expect then
      item:add_proto_expert_info(E.unexpected, ("%s should be %d"):format(member[1], member.expect))
    end
  end
  return value, at + size
end

local function octets(ctx, node, at, tree, member, values)
  local size, behind
  if node[2] == "0" then
    local stop = at
    while stop < ctx.limit and ctx.tvb(stop, 1):uint() ~= 0 do stop = stop + 1 end
    if stop == ctx.limit then fail("%s: a string without its zero byte", member[1]) end
    size, behind = stop - at, stop + 1
  else
    size = count_of(node[2], values, ctx.limit - at, 1)
    if at + size > ctx.limit then fail("%s: %.0f bytes announced, %d left", member[1], size, ctx.limit - at) end
    behind = at + size
  end
  if tree and size > 0 then
    local range = ctx.tvb(at, size)
    if node[1] == "text" then tree:add_packet_field(member.field, range, ENC_UTF_8) else tree:add(member.field, range) end
  end
  return {at = at, size = size}, behind
end

local function array(ctx, node, at, tree, member, values)
  local left = ctx.limit - at
  local count = count_of(node[2], values, left, node.smallest)
  if count * node.smallest > left then fail("%s: %.0f elements announced, %d bytes left", member[1], count, left) end
  local start, list = at, nil
  if tree and count > 0 then list = tree:add(ctx.tvb(at, left), ("%s: %d elements"):format(member[1], count)) end
  for index = 1, count do
    if index > LIMITS.shown and node.size then
      at = start + count * node.size
      break
    end
    local _
    _, at = read(ctx, node[3], at, index <= LIMITS.shown and list or nil, member, values)
  end
  if list then
    list:set_len(at - start)
    if count > LIMITS.shown then list:append_text((", the first %d shown"):format(LIMITS.shown)) end
  end
  return {count = count}, at
end

local function pointer(ctx, node, at, tree, member, values)
  if at + 4 > ctx.limit then fail("%s: the message ends inside the field", member[1]) end
  local range = ctx.tvb(at, 4)
  local offset = range:le_uint()
  if tree then tree:add_le(member.offset, range) end
  if offset == 0 then return nil, at + 4 end
  local target = ctx.base + offset
  if target >= ctx.limit then fail("%s: offset %d leads out of the message", member[1], offset) end
  local value, reached = read(ctx, node[2], target, tree, member, values)
  if reached > ctx.reached then ctx.reached = reached end
  return value, at + 4
end

function read(ctx, node, at, tree, member, values)
  local kind = node[1]
  if kind == "struct" then
    local item
    if tree and at < ctx.limit then item = tree:add(member.field, ctx.tvb(at, ctx.limit - at)) end
    local value, behind = structure(ctx, node[2], at, item)
    if item then item:set_len(behind - at) end
    return value, behind
  elseif kind == "bytes" or kind == "text" then return octets(ctx, node, at, tree, member, values)
  elseif kind == "array" then return array(ctx, node, at, tree, member, values)
  elseif kind == "pointer" then return pointer(ctx, node, at, tree, member, values)
  elseif kind == "handle" then return nil, at end
  return integer(ctx, node, at, tree, member)
end

function structure(ctx, name, at, tree)
  local values = {[0] = STRUCTURES[name]}
  for _, member in ipairs(STRUCTURES[name]) do
    if not (member.when and values[member[1]] ~= nil) and holds(member.when, values) then
      values[member[1]], at = read(ctx, member[2], at, tree, member, values)
    end
  end
  if tree and hooks[name] then hooks[name](ctx, values, tree) end
  return values, at
end

local function context(tvb, at, size) return {tvb = tvb, base = at, limit = at + size, reached = at} end

-- One structure that fills `size` bytes from `at` on. Problems become expert information; returns values or nil.
local function whole(tvb, at, size, name, tree)
  local ctx = context(tvb, at, size)
  local ok, values, behind = pcall(structure, ctx, name, at, tree)
  if not ok then
    local text = type(values) == "table" and values.problem or tostring(values)
    tree:add_proto_expert_info(E.malformed, text)
    return nil
  end
  if behind < ctx.reached then behind = ctx.reached end
  if behind < ctx.limit then tree:add(F.tail, tvb(behind, ctx.limit - behind)) end
  return values
end

-- Values in a line ---------------------------------------------------------------------------------------------------

local function member_of(members, name)
  for _, member in ipairs(members) do
    if member[1] == name then return member end
  end
end

local function show(tvb, value, member)
  if type(value) ~= "table" then
    local values = member and ENUMS[member[2].table]
    return values and named(values, value) or tostring(value)
  end
  if value.count and not value[0] then return "[" .. value.count .. "]" end
  if value.size and not value[0] then
    if value.size > 0 and value.size <= 64 then
      local text = tvb(value.at, value.size):raw():gsub("%z+$", "")
      if text:find("^[%g ]+$") then return "'" .. text .. "'" end
    end
    return value.size .. " bytes"
  end
  if value.top then return ("(%d,%d)-(%d,%d)"):format(value.left, value.top, value.right, value.bottom) end
  if value.x and value.y then return ("(%s,%s)"):format(tostring(value.x), tostring(value.y)) end
  return "{}"
end

local function line(tvb, values, paths)
  local parts = {}
  if paths then
    for _, path in ipairs(paths) do
      local owner, name = path:match("^(.*)%.([^.]+)$")
      local holder = owner and find(values, owner) or not owner and values or nil
      local value = type(holder) == "table" and holder[name or path]
      if value ~= nil and value ~= false then
        local member = holder[0] and member_of(holder[0], name or path)
        parts[#parts + 1] = (name or path) .. "=" .. show(tvb, value, member)
      end
    end
  else
    for _, member in ipairs(values[0]) do
      local value = values[member[1]]
      if value ~= nil and type(value) ~= "table" then parts[#parts + 1] = member[1] .. "=" .. show(tvb, value, member) end
    end
  end
  return table.concat(parts, " ")
end
