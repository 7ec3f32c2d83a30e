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
