-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- A dissector of the SPICE protocol for Wireshark and tshark, from 4.0 on.
--
--     tshark -X lua_script:spice.lua -r CAPTURE -Y spiceproto -T fields -e spiceproto.message
--
-- or put this file into the personal Lua plugin folder. It stands beside Wireshark's own dissector, which is called spice:
-- this protocol is called spiceproto, and so begin all its fields. A connection that begins with REDQ is taken on any
-- port, over TCP, TLS (with the secrets that Wireshark needs) and WebSocket. Ports 5900 to 5999 that Wireshark gives to
-- others are looked at first and passed on if they do not carry SPICE. Where the link stage is not in the capture, say
-- which channel it is:
--
--     tshark -d tcp.port==5900,spiceproto -o spiceproto.channel:display ...
--
-- Fields of a structure are named after it: spiceproto.draw.display_base.surface_id is in every drawing message. On each
-- message stand spiceproto.message (DRAW_COPY), spiceproto.constant (SPICE_MSG_DISPLAY_DRAW_COPY), spiceproto.type,
-- spiceproto.channel, spiceproto.sender; on link frames spiceproto.link; on messages inside AGENT_DATA spiceproto.agent.
--
-- What it cannot do: LZ4 and the picture codecs are not unpacked, only their headers and block sizes are shown; bytes of
-- SASL security layers stay closed; file descriptors of Unix sockets are not in captures.
--
-- The tables are made from the schemas of spiceproto; `spiceproto export lua` writes this file. Do not edit.

-- SCHEMA --

local LIMITS = {message = 64 * 2 ^ 20 + 18, unit = 100 * 2 ^ 20 + 20, link = 16384, sasl = 2 ^ 20, shown = 256, columns = 24}
-- Bytes of a message, of a joined agent message, of a link frame and of a SASL step above which the stream is taken for
-- broken; elements of an array that are shown; messages of a frame that are named in the information column.

local MAGIC = 0x51444552
local AUTH_SELECTION, MINI_HEADER = 0x1, 0x8
local SASL = 2
local CHANNEL = {}
for number, name in pairs(ENUMS.ChannelType) do CHANNEL[number] = name:lower() end

local spice = Proto("spiceproto", "SPICE (spiceproto)")

-- Fields -------------------------------------------------------------------------------------------------------------

local F = {
  message = ProtoField.string("spiceproto.message", "Message"),
  constant = ProtoField.string("spiceproto.constant", "Constant"),
  type = ProtoField.uint16("spiceproto.type", "Type"),
  size = ProtoField.uint32("spiceproto.size", "Size"),
  serial = ProtoField.uint64("spiceproto.serial", "Serial"),
  sub_list = ProtoField.uint32("spiceproto.sub_list", "Sub-message list"),
  channel = ProtoField.string("spiceproto.channel", "Channel"),
  channel_id = ProtoField.uint8("spiceproto.channel_id", "Channel id"),
  sender = ProtoField.string("spiceproto.sender", "Sender"),
  link = ProtoField.string("spiceproto.link", "Link stage"),
  agent = ProtoField.string("spiceproto.agent", "Agent message"),
  vsc = ProtoField.string("spiceproto.vsc", "Smartcard message"),
  migration = ProtoField.string("spiceproto.migration", "Migration data"),
  body = ProtoField.bytes("spiceproto.body", "Body"),
  tail = ProtoField.bytes("spiceproto.tail", "Bytes behind the message's fields"),
  wrapped = ProtoField.bytes("spiceproto.sasl_wrapped", "Inside the SASL security layer"),
  lost = ProtoField.bytes("spiceproto.lost", "Bytes without a known place"),
  capability = ProtoField.string("spiceproto.capability", "Capability"),
  lz4_block = ProtoField.uint32("spiceproto.lz4.block_size", "LZ4 block"),
  opus_config = ProtoField.uint8("spiceproto.opus.config", "Opus configuration", base.DEC, nil, 0xf8),
  opus_stereo = ProtoField.bool("spiceproto.opus.stereo", "Stereo", 8, nil, 0x04),
  opus_code = ProtoField.uint8("spiceproto.opus.code", "Opus frame code", base.DEC, nil, 0x03),
  opus_frames = ProtoField.uint8("spiceproto.opus.frames", "Opus frames"),
}
local E = {
  malformed = ProtoExpert.new("spiceproto.malformed", "Malformed SPICE message", expert.group.MALFORMED, expert.severity.ERROR),
  unknown = ProtoExpert.new("spiceproto.unknown", "Unknown SPICE message", expert.group.UNDECODED, expert.severity.WARN),
  unexpected = ProtoExpert.new("spiceproto.unexpected", "Unexpected value", expert.group.PROTOCOL, expert.severity.WARN),
}

local function abbreviation(structure, member)
  local module, class = structure:match("^(%w+)%.(.+)$")
  class = class:gsub("(%l)(%u)", "%1_%2"):gsub("(%u)(%u%l)", "%1_%2"):lower()
  return "spiceproto." .. module .. "." .. class .. "." .. member:lower()
end

local INTEGERS = {
  u1 = ProtoField.uint8, u2 = ProtoField.uint16, u4 = ProtoField.uint32, u8 = ProtoField.uint64,
  i1 = ProtoField.int8, i2 = ProtoField.int16, i4 = ProtoField.int32, i8 = ProtoField.int64,
}

local all, by_name = {}, {}
for _, field in pairs(F) do all[#all + 1] = field end

local function register(abbr, make)
  if not by_name[abbr] then
    by_name[abbr] = make()
    all[#all + 1] = by_name[abbr]
  end
  return by_name[abbr]
end

-- The Wireshark field of a member: `field` for its value, `offset` for a pointer, `bits` for the bits of flags.
local function fields_of(member, node, abbr)
  local kind = node[1]
  local name, doc = member[1], member.doc
  if kind == "pointer" then
    member.offset = register(abbr .. ".offset", function() return ProtoField.uint32(abbr .. ".offset", name .. " offset", base.DEC, nil, nil, doc) end)
    fields_of(member, node[2], abbr)
  elseif kind == "array" then
    fields_of(member, node[3], abbr)
  elseif kind == "struct" then
    member.field = register(abbr, function() return ProtoField.none(abbr, name, doc) end)
  elseif kind == "bytes" then
    member.field = register(abbr, function() return ProtoField.bytes(abbr, name, base.NONE, doc) end)
  elseif kind == "text" then
    member.field = register(abbr, function() return ProtoField.string(abbr, name, base.NONE, doc) end)
  elseif kind ~= "handle" then
    local values = ENUMS[node.table]
    local make = INTEGERS[kind:lower()]
    if values and values.bits then
      member.field = register(abbr, function() return make(abbr, name, base.HEX, nil, nil, doc) end)
      member.bits = {}
      for _, bit in ipairs(values.bits) do
        local bit_abbr = abbr .. "." .. bit[2]:lower()
        member.bits[#member.bits + 1] = register(bit_abbr, function()
          return ProtoField.bool(bit_abbr, bit[2], 8 * tonumber(kind:sub(2)), nil, bit[1])
        end)
      end
    elseif values then
      member.field = register(abbr, function() return make(abbr, name, base.DEC, values, nil, doc) end)
    else
      member.field = register(abbr, function() return make(abbr, name, base.DEC, nil, nil, doc) end)
    end
  end
end

for structure, members in pairs(STRUCTURES) do
  for _, member in ipairs(members) do fields_of(member, member[2], abbreviation(structure, member[1])) end
end
spice.fields = all
spice.experts = {E.malformed, E.unknown, E.unexpected}

local channel_names = {{1, "none", 0}}
for number = 1, #CHANNEL do channel_names[number + 1] = {number + 1, CHANNEL[number], number} end
spice.prefs.channel = Pref.enum("Channel where the link stage is missing", 0,
  "What connections are taken for that do not begin with REDQ and that Decode As gives to this protocol", channel_names, false)
spice.prefs.mini_header = Pref.bool("Mini headers where the link stage is missing", true, "Off for 18-byte message headers")

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

-- What is inside the bytes -------------------------------------------------------------------------------------------

local function inside(ctx, data, name, tree)
  if data.size == 0 then return end
  local item = tree:add(ctx.tvb(data.at, data.size), name)
  local ok, values = pcall(structure, context(ctx.tvb, data.at, data.size), name, data.at, item)
  if not ok then item:add_proto_expert_info(E.malformed, type(values) == "table" and values.problem or tostring(values)) end
  return item
end

local function lz4_blocks(ctx, data, tree)
  local item = inside(ctx, data, "codec.Lz4Header", tree)
  local at, stop, count = data.at + 2, data.at + data.size, 0
  while item and at + 4 <= stop and count < LIMITS.shown do
    local size = ctx.tvb(at, 4):uint()
    item:add(F.lz4_block, ctx.tvb(at, math.min(4 + size, stop - at)), size)
    at, count = at + 4 + size, count + 1
  end
end

hooks["image.Image"] = function(ctx, values, tree)
  local kind = ENUMS.ImageType[values.descriptor.type]
  if values.quic then inside(ctx, values.quic.data, "codec.QuicHeader", tree)
  elseif values.lz_rgb then inside(ctx, values.lz_rgb.data, kind == "LZ_RGB" and "codec.LzHeader" or "codec.GlzHeader", tree)
  elseif values.lz_plt then inside(ctx, values.lz_plt.data, "codec.LzHeader", tree)
  elseif values.lz4 then lz4_blocks(ctx, values.lz4.data, tree)
  elseif values.jpeg_alpha then
    local both, jpeg = values.jpeg_alpha.data, values.jpeg_alpha.jpeg_size
    if jpeg < both.size then inside(ctx, {at = both.at + jpeg, size = both.size - jpeg}, "codec.LzHeader", tree) end
  elseif values.zlib_glz and values.zlib_glz.data.size > 0 then
    local data = values.zlib_glz.data
    local ok, glz = pcall(function() return ctx.tvb(data.at, data.size):uncompress("GLZ stream") end)
    if ok and glz and glz:len() > 0 then
      inside({tvb = glz:tvb()}, {at = 0, size = glz:len()}, "codec.GlzHeader", tree)
    end
  end
  tree:append_text((": %s %dx%d"):format(kind or values.descriptor.type, values.descriptor.width, values.descriptor.height))
end

local OPUS_MODES = {"SILK narrow", "SILK medium", "SILK wide", "hybrid super-wide", "hybrid full", "CELT narrow", "CELT wide", "CELT super-wide", "CELT full"}

local function opus_name(config)
  if config < 12 then return OPUS_MODES[1 + math.floor(config / 4)], ({10, 20, 40, 60})[1 + config % 4] end
  if config < 16 then return OPUS_MODES[4 + math.floor((config - 12) / 2)], ({10, 20})[1 + config % 2] end
  return OPUS_MODES[6 + math.floor((config - 16) / 4)], ({2.5, 5, 10, 20})[1 + config % 4]
end

local function opus(tvb, at, size, tree)
  if size < 1 then return end
  local toc = tvb(at, 1):uint()
  local mode, ms = opus_name(math.floor(toc / 8))
  local item = tree:add(tvb(at, size), ("Opus packet: %s band, %s ms frames"):format(mode, tostring(ms)))
  item:add(F.opus_config, tvb(at, 1))
  item:add(F.opus_stereo, tvb(at, 1))
  item:add(F.opus_code, tvb(at, 1))
  local code = toc % 4
  if code == 3 then
    if size > 1 then item:add(F.opus_frames, tvb(at + 1, 1), tvb(at + 1, 1):uint() % 64) end
  else
    item:add(F.opus_frames, tvb(at, 1), code == 0 and 1 or 2)
  end
end

local function caps(tvb, at, values, channel, tree)
  local words = {common = values.num_common_caps, [channel or "?"] = values.num_channel_caps}
  local from = at + values.caps_offset
  for _, group in ipairs({"common", channel or "?"}) do
    for index = 0, math.min(words[group], 32) - 1 do
      local range = tvb(from, 4)
      local word = range:le_uint()
      for number = 0, 31 do
        if bit.band(word, bit.lshift(1, number)) ~= 0 then
          local known = CAPS[group] and CAPS[group][index * 32 + number]
          tree:add(F.capability, range, group .. " " .. (known or tostring(index * 32 + number)))
        end
      end
      from = from + 4
    end
  end
end

-- State of a connection ----------------------------------------------------------------------------------------------
--
-- A frame may be dissected any number of times and only the first time goes in order. So every protocol unit gets a note
-- when it is met first, with everything earlier units decide about it; later passes only read notes. The key of a note
-- is the frame and the number of the unit within the frame, which is the same in every pass.

local conversations = {}
local stream_field = Field.new("tcp.stream")

function spice.init() conversations = {} end

local function place(address, port) return tostring(address) .. "/" .. port end

local function conversation(pinfo)
  local streams = {stream_field()}
  local last = streams[#streams]
  local a, b = place(pinfo.src, pinfo.src_port), place(pinfo.dst, pinfo.dst_port)
  local key = last and tostring(last.value) or (a < b and a .. " " .. b or b .. " " .. a)
  return conversations[key], key
end

local function new_conversation(key, client, frame)
  local made = {
    first = frame, client = client, notes = {}, wants = {}, kept = {}, rest = {client = "", server = ""},
    stage = {client = "link", server = "link"}, caps = {}, serial = {client = 0, server = 0}, joiners = {},
    agent_caps = {client = 0, server = 0},
  }
  conversations[key] = made
  return made
end

local function both(conv, bits) return bit.band(conv.caps.client or 0, conv.caps.server or 0, bits) == bits end

local function le(text, at, size)
  local number = 0
  for index = size - 1, 0, -1 do number = number * 256 + (text:byte(at + index + 1) or 0) end
  return number
end

-- Units inside a byte stream that comes in pieces: agent messages, webdav chunks, usbredir packets.
local UNITS = {
  agent = {head = 20, length = function(head) return le(head, 16, 4) end},
  webdav = {head = 10, length = function(head) return le(head, 8, 2) end},
  usbredir = {head = 12, length = function(head) return le(head, 4, 4) end},
  usbredir64 = {head = 16, length = function(head) return le(head, 4, 4) end},
}

local function join(joiner, data)
  local units, at = {}, 0
  while at < #data and not joiner.lost do
    local kind = UNITS[joiner.kind]
    if joiner.have == 0 then joiner.from = at end
    local need = joiner.size or kind.head
    local take = math.min(need - joiner.have, #data - at)
    joiner.parts[#joiner.parts + 1] = data:sub(at + 1, at + take)
    joiner.have, at = joiner.have + take, at + take
    if joiner.have == need and not joiner.size then
      joiner.size = kind.head + kind.length(table.concat(joiner.parts))
      if joiner.size > LIMITS.unit then joiner.lost = true end
    end
    if joiner.have == joiner.size then
      local raw = table.concat(joiner.parts)
      units[#units + 1] = {raw = raw, at = joiner.from, size = #raw, kind = joiner.kind}
      if joiner.seen then joiner.seen(joiner, raw) end
      joiner.parts, joiner.have, joiner.size, joiner.from = {}, 0, nil, nil
    end
  end
  if joiner.have > 0 then joiner.from = nil end
  return units
end

local function new_joiner(kind, seen) return {kind = kind, parts = {}, have = 0, seen = seen} end

local function agent_table(conv)
  local common = bit.band(conv.agent_caps.client, conv.agent_caps.server)
  return "agent" .. (bit.band(common, 0x40) ~= 0 and "_selection" or "") .. (bit.band(common, 0x20000) ~= 0 and "_serial" or "")
end

local function forget_agent(conv)
  conv.joiners.client, conv.joiners.server = nil, nil
  conv.agent_caps = {client = 0, server = 0}
end

local function feed(conv, sender, kind, data)
  local joiner = conv.joiners[sender]
  if not joiner then
    joiner = new_joiner(kind, kind == "usbredir" and function(self, raw)
      if le(raw, 0, 4) ~= 0 then return end -- after both hellos ids may have 64 bits: capability 5
      conv.usb = conv.usb or {}
      conv.usb[sender] = #raw >= 80 and bit.band(le(raw, 76, 4), 0x20) ~= 0
      if conv.usb.client and conv.usb.server then
        for _, one in pairs(conv.joiners) do one.kind = "usbredir64" end
      end
    end or nil)
    conv.joiners[sender] = joiner
  end
  return join(joiner, data)
end

-- Where units of the stream end --------------------------------------------------------------------------------------

local LINK = {reply = "LINK_REPLY", mess = "LINK_MESS"}

local function magic(tvb, at) return tvb:len() - at >= 4 and tvb(at, 4):le_uint() == MAGIC end

-- The kind of the next unit and its size, or nil if more bytes are needed to know them.
local function measure(conv, sender, tvb, at)
  local have = tvb:len() - at
  local stage = conv.stage[sender]
  local function sized(offset, base_size, limit, big)
    if have < offset + 4 then return nil end
    local range = tvb(at + offset, 4)
    local size = big and range:uint() or range:le_uint()
    if size > limit then return have, "lost" end
    return base_size + size
  end
  local function frame(offset, base_size, limit, kind, big)
    local size, lost = sized(offset, base_size, limit, big)
    if not size then return nil end
    return lost or kind, size
  end
  if stage == "lost" then return "lost", have end
  if stage == "link" or (stage == "answer" and magic(tvb, at)) then
    if have >= 4 and not magic(tvb, at) then return "lost", have end
    return frame(12, 16, LIMITS.link, sender == "client" and "LINK_MESS" or "LINK_REPLY")
  elseif stage == "auth" then
    if both(conv, AUTH_SELECTION) then return "LINK_AUTH_MECHANISM", 4 end
    return "LINK_ENCRYPTED_TICKET", 128
  elseif stage == "ticket" then return "LINK_ENCRYPTED_TICKET", 128
  elseif stage == "answer" and conv.mechanism == SASL then return frame(0, 4, LIMITS.sasl, "SASL_MECHANISM_LIST")
  elseif stage == "answer" or stage == "result" then return "LINK_RESULT", 4
  elseif stage == "sasl_start" then
    local first, lost = sized(0, 4, LIMITS.sasl)
    if not first or lost then return lost, first end
    return frame(first, first + 4, LIMITS.sasl, "SASL_START")
  elseif stage == "sasl_step" then
    return frame(0, sender == "server" and 5 or 4, LIMITS.sasl, sender == "server" and "SASL_CHALLENGE" or "SASL_RESPONSE")
  elseif stage == "wrapped" then return frame(0, 4, LIMITS.message, "SASL_WRAPPED", true) end
  if conv.sasl and conv.wrapped == nil then
    if have < 2 then return nil end
    conv.wrapped = tvb(at, 2):uint() == 0 -- no message has the type 0, and no wrapped packet is as long as 64 KiB
  end
  if conv.wrapped then return frame(0, 4, LIMITS.message, "SASL_WRAPPED", true) end
  if conv.mini then return frame(2, 6, LIMITS.message, "message") end
  return frame(10, 18, LIMITS.message, "message")
end

-- What a unit changes for those after it -----------------------------------------------------------------------------

local function common_caps(tvb, at, size, counts)
  if size < counts + 12 then return 0 end
  local words, offset = tvb(at + counts, 4):le_uint(), tvb(at + counts + 8, 4):le_uint()
  if words == 0 or offset + 4 > size then return 0 end
  return tvb(at + offset, 4):le_uint()
end

local function begin_messages(conv)
  conv.mini = both(conv, MINI_HEADER)
  conv.stage.client = "message"
end

local STEPS = {}

function STEPS.LINK_MESS(conv, tvb, at, size)
  conv.stage.client = "auth"
  if size >= 34 then
    conv.channel = CHANNEL[tvb(at + 20, 1):uint()] or "?"
    conv.channel_id = tvb(at + 21, 1):uint()
    conv.caps.client = common_caps(tvb, at + 16, size - 16, 6)
  end
end

function STEPS.LINK_REPLY(conv, tvb, at, size)
  local wrong = size < 20 or tvb(at + 16, 4):le_uint() ~= 0
  conv.stage.server = wrong and "lost" or "answer"
  conv.caps.server = common_caps(tvb, at + 16, size - 16, 166)
end

function STEPS.LINK_AUTH_MECHANISM(conv, tvb, at)
  conv.mechanism = tvb(at, 4):le_uint()
  conv.sasl = conv.mechanism == SASL
  conv.stage.client = conv.sasl and "sasl_start" or "ticket"
end

function STEPS.LINK_ENCRYPTED_TICKET(conv) begin_messages(conv) end

function STEPS.LINK_RESULT(conv, tvb, at)
  conv.stage.server = tvb(at, 4):le_uint() == 0 and "message" or "lost"
  if conv.mini == nil then begin_messages(conv) end
end

function STEPS.SASL_MECHANISM_LIST(conv) conv.stage.server = "sasl_step" end
function STEPS.SASL_START(conv) conv.stage.client = "sasl_step" end

function STEPS.SASL_CHALLENGE(conv, tvb, at, size)
  if tvb(at + size - 1, 1):uint() == 0 then return end
  conv.stage.server = "result"
  begin_messages(conv)
end

function STEPS.lost(conv, tvb, at, size, sender) conv.stage[sender] = "lost" end

local function message_row(channel, sender, number)
  return MESSAGES[channel] and MESSAGES[channel][sender][number]
end

-- The note of one message, and what it changes.
local function note_message(conv, sender, tvb, at, size)
  local head = conv.mini and 6 or 18
  local number = tvb(at + (conv.mini and 0 or 8), 2):le_uint()
  local channel = conv.channel
  conv.serial[sender] = conv.serial[sender] + 1
  local row = message_row(channel, sender, number)
  local note = {mini = conv.mini, channel = channel, channel_id = conv.channel_id, serial = conv.serial[sender], number = number}
  local name, body = row and row[1], at + head
  local length = size - head
  if channel == "main" then
    if name == "AGENT_DATA" and length > 0 then
      note.units = feed(conv, sender, "agent", tvb(body, length):raw())
      for _, unit in ipairs(note.units) do
        unit.table = agent_table(conv)
        if le(unit.raw, 4, 4) == 6 then conv.agent_caps[sender] = le(unit.raw, 24, 4) end
      end
    elseif name == "AGENT_DISCONNECTED" or name == "AGENT_CONNECTED" or name == "AGENT_CONNECTED_TOKENS" then
      forget_agent(conv)
    end
  elseif channel == "webdav" or channel == "usbredir" then
    if name == "DATA" and length > 0 then
      note.units = feed(conv, sender, channel, tvb(body, length):raw())
    elseif name == "COMPRESSED_DATA" and length > 0 then
      if tvb(body, 1):uint() == 0 and length > 1 then
        note.units = feed(conv, sender, channel, tvb(body + 1, length - 1):raw())
        note.skip = 1
      else
        feed(conv, sender, channel, "")
        conv.joiners[sender].lost = true
      end
    end
  elseif channel == "playback" or channel == "record" then
    if name == "MODE" and length >= 6 then conv.audio = ENUMS.AudioDataMode[tvb(body + 4, 2):le_uint()] end
    if name == "DATA" then note.opus = conv.audio == "OPUS" end
  end
  if note.units then -- what stands in one piece is shown where it stands
    for _, unit in ipairs(note.units) do
      if unit.at then unit.raw = nil end
    end
  end
  return note
end

-- The tree -----------------------------------------------------------------------------------------------------------

local function show_unit(tvb, at, note, unit, sender, tree, texts)
  local source, from = tvb, at + (unit.at or 0)
  if not unit.at then source, from = ByteArray.new(unit.raw, true):tvb("Joined from pieces"), 0 end
  local function head(name)
    local item = tree:add(source(from, unit.size), name)
    local ok = pcall(structure, context(source, from, unit.size), name, from, item)
    return item, ok
  end
  if unit.kind == "webdav" then
    head("webdav.MuxChunk")
  elseif unit.kind == "agent" then
    local item = head("agent.MessageHeader")
    local number = source(from + 4, 4):le_uint()
    local row = message_row(unit.table, sender, number)
    item:add(F.agent, source(from, unit.size), row and row[1] or tostring(number))
    item:set_text(row and "Agent message " .. row[2] or "Agent message " .. number)
    texts[#texts + 1] = row and row[1] or tostring(number)
    if row then
      local values = whole(source, from + 20, unit.size - 20, row[3], item)
      if values then texts[#texts] = row[1] .. " " .. line(source, values, row[4]) end
    else
      item:add_proto_expert_info(E.unknown, "agent message " .. number)
    end
  else
    local item = head("usbredir.UsbredirHeader")
    local skip = UNITS[unit.kind].head
    if source(from, 4):le_uint() == 0 then
      whole(source, from + skip, unit.size - skip, "usbredir.UsbredirHello", item)
    elseif unit.size > skip then
      item:add(F.body, source(from + skip, unit.size - skip))
    end
  end
end

local show_body

local function sub_messages(tvb, body, limit, offset, note, sender, tree, texts)
  if body + offset + 2 > limit then return end
  local count = tvb(body + offset, 2):le_uint()
  for index = 1, math.min(count, LIMITS.shown) do
    local slot = body + offset + 2 + 4 * (index - 1)
    if slot + 4 > limit then return end
    local at = body + tvb(slot, 4):le_uint()
    if at + 6 > limit then return end
    local number, size = tvb(at, 2):le_uint(), tvb(at + 2, 4):le_uint()
    if at + 6 + size > limit then return end
    local item = tree:add(tvb(at, 6 + size), "Sub-message")
    item:add_le(F.type, tvb(at, 2))
    item:add_le(F.size, tvb(at + 2, 4))
    show_body({channel = note.channel, number = number}, sender, tvb, at + 6, size, item, tvb(at, 2), texts)
  end
end

function show_body(note, sender, tvb, body, length, item, name_range, texts)
  local row = message_row(note.channel, sender, note.number)
  local name = row and row[1] or "unknown " .. note.number
  item:add(F.message, name_range, name):set_generated()
  item:add(F.channel, name_range, note.channel or "?"):set_generated()
  if note.channel_id then item:add(F.channel_id, name_range, note.channel_id):set_generated() end
  item:add(F.sender, name_range, sender):set_generated()
  if not row then
    item:add_proto_expert_info(E.unknown, ("%s message %d from the %s"):format(note.channel or "?", note.number, sender))
    if length > 0 then item:add(F.body, tvb(body, length)) end
    item:append_text(" " .. name)
    texts[#texts + 1] = name
    return
  end
  item:add(F.constant, name_range, row[2]):set_generated()
  item:append_text(" " .. row[2])
  local values = whole(tvb, body, length, row[3], item)
  local text = values and line(tvb, values, row[4]) or "(malformed)"
  if text ~= "" then
    item:append_text(" " .. text)
    text = " " .. text
  end
  texts[#texts + 1] = row[1] .. text
  if note.units then
    for _, unit in ipairs(note.units) do show_unit(tvb, body + (note.skip or 0), note, unit, sender, item, texts) end
  end
  if not values then return end
  if note.opus and values.data then opus(tvb, values.data.at, values.data.size, item) end
  if row[1] == "MIGRATE_DATA" and length >= 8 then
    local inner = message_row("migration", sender, tvb(body, 4):le_uint())
    if inner then
      local part = item:add(tvb(body, length), "Migration data")
      part:add(F.migration, tvb(body, 4), inner[1])
      whole(tvb, body, length, inner[3], part)
    end
  elseif note.channel == "smartcard" and row[1] == "DATA" then
    local inner = message_row("vsc", sender, values.type)
    if inner then
      local part = item:add(tvb(body, length), inner[2])
      part:add(F.vsc, tvb(body, 4), inner[1])
      whole(tvb, values.data.at, values.data.size, inner[3], part)
      texts[#texts] = texts[#texts] .. " " .. inner[1]
    end
  elseif row[1] == "LIST" then
    sub_messages(tvb, body, body + length, 0, note, sender, item, texts)
  end
end

local function show_message(note, sender, tvb, at, size, tree, texts)
  local item = tree:add(spice, tvb(at, size), ("SPICE %s #%s"):format(note.channel or "?", note.serial))
  local head = note.mini and 6 or 18
  if note.mini then
    item:add(F.serial, tvb(at, 0), UInt64.new(note.serial)):set_generated()
    item:add_le(F.type, tvb(at, 2))
    item:add_le(F.size, tvb(at + 2, 4))
  else
    item:add_le(F.serial, tvb(at, 8))
    item:add_le(F.type, tvb(at + 8, 2))
    item:add_le(F.size, tvb(at + 10, 4))
    item:add_le(F.sub_list, tvb(at + 14, 4))
    local list = tvb(at + 14, 4):le_uint()
    if list ~= 0 then sub_messages(tvb, at + 18, at + size, list, note, sender, item, texts) end
  end
  show_body(note, sender, tvb, at + head, size - head, item, tvb(at + (note.mini and 0 or 8), 2), texts)
end

local FRAMES = {
  LINK_AUTH_MECHANISM = "link.LinkAuthMechanism", LINK_ENCRYPTED_TICKET = "link.LinkEncryptedTicket",
  LINK_RESULT = "link.LinkResult", SASL_MECHANISM_LIST = "link.SaslMechanismList", SASL_START = "link.SaslStart",
  SASL_CHALLENGE = "link.SaslChallenge", SASL_RESPONSE = "link.SaslResponse",
}

local function show_frame(note, sender, tvb, at, size, tree, texts)
  local kind = note.kind
  local item = tree:add(spice, tvb(at, size), "SPICE " .. kind)
  texts[#texts + 1] = kind
  if kind == "lost" then
    item:add(F.lost, tvb(at, size))
    item:add_proto_expert_info(E.unknown, "bytes that no stage of the protocol has")
    return
  end
  item:add(F.link, tvb(at, size), kind):set_generated()
  item:add(F.sender, tvb(at, 0), sender):set_generated()
  if kind == "SASL_WRAPPED" then
    item:add(F.wrapped, tvb(at + 4, size - 4))
    return
  end
  local values
  if kind == "LINK_MESS" or kind == "LINK_REPLY" then
    whole(tvb, at, 16, "link.LinkHeader", item)
    if size == 16 then return end
    local name = kind == "LINK_MESS" and "link.LinkMess" or size == 20 and "link.LinkError" or "link.LinkReply"
    values = whole(tvb, at + 16, size - 16, name, item)
    if values and values.caps then
      local channel = kind == "LINK_MESS" and CHANNEL[values.channel_type] or note.channel
      if channel then item:add(F.channel, tvb(at, 0), channel):set_generated() end
      pcall(caps, tvb, at + 16, values, channel, item)
    end
  else
    values = whole(tvb, at, size, FRAMES[kind], item)
  end
  if values then
    local text = line(tvb, values, nil)
    texts[#texts] = kind .. (text ~= "" and " " .. text or "")
    item:append_text(" " .. text)
  end
end

-- Entry points -------------------------------------------------------------------------------------------------------

local ONE_MORE = DESEGMENT_ONE_MORE_SEGMENT

-- How often something happened in this frame since Wireshark began to dissect it; survives calls, not passes.
local function tally(pinfo, name, add)
  local key = "spiceproto." .. name
  local number = tonumber(pinfo.private[key]) or 0
  if add then pinfo.private[key] = tostring(number + 1) end
  return number
end

-- The client is who sends the link message. Where its magic is wrong the reply is what begins the connection here: it is
-- longer than a link message without many capabilities, and does not say that those begin at byte 18.
local function client_of(tvb, pinfo)
  local source, target = place(pinfo.src, pinfo.src_port), place(pinfo.dst, pinfo.dst_port)
  if magic(tvb, 0) then
    local size = tvb:len() >= 16 and tvb(12, 4):le_uint() or 0
    local reply = size == 4 or size >= 178 and tvb:len() >= 34 and tvb(30, 4):le_uint() ~= 18
    return reply and target or source
  end
  return pinfo.src_port < pinfo.dst_port and target or source -- the lower port is the server's
end

-- Everything in `tvb`. Returns how many bytes were used and how many more the next unit wants.
local function stream(conv, tvb, pinfo, tree)
  local sender = place(pinfo.src, pinfo.src_port) == conv.client and "client" or "server"
  local at, texts = 0, {}
  local wants
  while at < tvb:len() do
    local key = pinfo.number .. "/" .. tally(pinfo, "unit")
    local note = conv.notes[key]
    if not note then
      wants = conv.wants[key]
      if wants then break end
      local kind, size = measure(conv, sender, tvb, at)
      if not kind or size > tvb:len() - at then
        -- Never the few bytes a header lacks: Wireshark would then keep more than one unit in a joined segment, and show
        -- the first ones again with the last.
        wants = kind and size - (tvb:len() - at) or ONE_MORE
        conv.wants[key] = wants
        break
      end
      if kind == "message" then note = note_message(conv, sender, tvb, at, size) else note = {channel = conv.channel} end
      note.kind, note.size = kind, size
      if STEPS[kind] then STEPS[kind](conv, tvb, at, size, sender) end
      conv.notes[key] = note
    end
    tally(pinfo, "unit", true)
    local show_one = note.kind == "message" and show_message or show_frame
    show_one(note, sender, tvb, at, note.size, tree, texts)
    at = at + note.size
  end
  if #texts > 0 then
    pinfo.cols.protocol = "SPICE"
    local text = table.concat(texts, ", ", 1, math.min(#texts, LIMITS.columns))
    if #texts > LIMITS.columns then text = text .. (", and %d more"):format(#texts - LIMITS.columns) end
    if tally(pinfo, "column", true) == 0 then
      pinfo.cols.info = (sender == "client" and "C: " or "S: ") .. text
    else
      pinfo.cols.info:append(", " .. text)
    end
  end
  return at, wants
end

local function adopt(tvb, pinfo, forced)
  local conv, key = conversation(pinfo)
  if conv then return pinfo.number >= conv.first and conv or nil end -- later passes treat earlier frames as the first did
  if magic(tvb, 0) then return new_conversation(key, client_of(tvb, pinfo), pinfo.number) end
  if forced and spice.prefs.channel ~= 0 then
    conv = new_conversation(key, client_of(tvb, pinfo), pinfo.number)
    conv.stage = {client = "message", server = "message"}
    conv.mini, conv.channel = spice.prefs.mini_header, CHANNEL[spice.prefs.channel]
    return conv
  end
end

-- Over TCP and TLS Wireshark joins the segments.
local function segmented(conv, tvb, pinfo, tree)
  local at, wants = stream(conv, tvb, pinfo, tree)
  if wants then
    pinfo.desegment_offset = at
    pinfo.desegment_len = wants
    if tally(pinfo, "column") == 0 then pinfo.cols.protocol = "SPICE" end
  end
  return tvb:len()
end

-- Over WebSocket nobody does: what is left over waits here for the next frame.
local function framed(conv, tvb, pinfo, tree)
  local sender = place(pinfo.src, pinfo.src_port) == conv.client and "client" or "server"
  local key = pinfo.number .. "/" .. tally(pinfo, "call", true)
  local rest = conv.kept[key]
  local first = rest == nil
  if first then rest = conv.rest[sender] conv.kept[key] = rest end
  local raw
  if rest ~= "" or first then raw = rest .. tvb:range():raw() end
  if rest ~= "" then tvb = ByteArray.new(raw, true):tvb("SPICE from several frames") end
  local at = stream(conv, tvb, pinfo, tree)
  if first then conv.rest[sender] = raw:sub(at + 1) end
end

local others = {} -- port -> the dissector that had it before

function spice.dissector(tvb, pinfo, tree)
  if tvb:len() == 0 then return 0 end
  local conv = adopt(tvb, pinfo, true)
  if conv then return segmented(conv, tvb, pinfo, tree) end
  local other = others[pinfo.match_uint]
  if other then return other:call(tvb, pinfo, tree) end
  return 0
end

spice:register_heuristic("tcp", function(tvb, pinfo, tree)
  local conv = adopt(tvb, pinfo)
  if not conv then return false end
  pinfo.conversation = spice
  segmented(conv, tvb, pinfo, tree)
  return true
end)

spice:register_heuristic("tls", function(tvb, pinfo, tree)
  local conv = adopt(tvb, pinfo)
  if not conv then return false end
  segmented(conv, tvb, pinfo, tree)
  return true
end)

spice:register_heuristic("ws", function(tvb, pinfo, tree)
  local conv = adopt(tvb, pinfo)
  if not conv then return false end
  framed(conv, tvb, pinfo, tree)
  return true
end)

local tcp_ports = DissectorTable.get("tcp.port")
for port = 5900, 5999 do
  local other = tcp_ports:get_dissector(port)
  if other then
    others[port] = other
    tcp_ports:add(port, spice)
  end
end
tcp_ports:add_for_decode_as(spice)
DissectorTable.get("tls.port"):add_for_decode_as(spice)
