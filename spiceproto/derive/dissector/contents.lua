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
