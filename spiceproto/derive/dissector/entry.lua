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
