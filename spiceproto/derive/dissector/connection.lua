-- State of a connection ----------------------------------------------------------------------------------------------
--
-- A frame may be dissected any number of times and only the first time goes in order. So every protocol unit gets a note
-- when it is met first, with everything earlier units decide about it; later passes only read notes. The key of a note
-- is the frame and the number of the unit within the frame, which is the same in every pass.

local conversations = {}
local leaving = {} -- by session and channel: connections to the source of a migration
local stream_field = Field.new("tcp.stream")

function spice.init()
  conversations, leaving = {}, {}
end

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

-- A channel of a session, whichever server it is at.
local function channel_key(conv)
  return ("%s %s:%s"):format(tostring(conv.session), conv.channel, conv.channel_id)
end

-- What is under way on a channel that migrates with its state goes on at the destination.
local function migrate(conv, sender, name)
  if sender == "server" and name == "MIGRATE" then
    leaving[channel_key(conv)] = conv
  elseif sender == "client" and name == "MIGRATE_DATA" then
    local source = leaving[channel_key(conv)]
    if source and source ~= conv then
      conv.joiners, conv.agent_caps, conv.usb = source.joiners, source.agent_caps, source.usb
      leaving[channel_key(conv)] = nil
    end
  end
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
    conv.session = tvb(at + 16, 4):le_uint()
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
  if name == "MIGRATE" or name == "MIGRATE_DATA" then migrate(conv, sender, name) end
  if channel == "main" then
    if name == "INIT" and length >= 4 then conv.session = tvb(body, 4):le_uint() end
    if name == "MIGRATE_DATA" then note.agent = agent_table(conv) end
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
