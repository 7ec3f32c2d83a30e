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

-- What waits for the agent while its server moves: chunks of its device, each of which usually is one message.
local function show_chunks(tvb, data, note, tree)
  local at, stop = data.at, data.at + data.size
  while at + 8 <= stop do
    local size = tvb(at + 4, 4):le_uint()
    local part = tree:add(tvb(at, math.min(8 + size, stop - at)), "On its way to the agent")
    whole(tvb, at, 8, "migration.ChunkHeader", part)
    if size >= 20 and at + 8 + size <= stop and tvb(at + 24, 4):le_uint() == size - 20 then
      local number = tvb(at + 12, 4):le_uint()
      local row = message_row(note.agent, "client", number)
      part:add(F.agent, tvb(at + 8, size), row and row[1] or tostring(number))
      whole(tvb, at + 8, 20, "agent.MessageHeader", part)
      if row then whole(tvb, at + 28, size - 20, row[3], part) end
    end
    at = at + 8 + size
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
      local state = whole(tvb, body, length, inner[3], part)
      local device = state and state.agent_base
      if device and device.write_data_ptr then show_chunks(tvb, device.write_data_ptr, note, part) end
      texts[#texts] = texts[#texts] .. " " .. inner[1]
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
