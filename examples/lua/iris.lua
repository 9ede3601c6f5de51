-- Fit a line to the petals of irises, tracked by print statements: Lua alone.
--
-- lua5.4 iris.lua fit|diverge|fail DATA FOLDER

-- to copy: texts, numbers, and the time -------------------------------------------------------------------------------

-- A text in quotes.
local function text(value)
  return '"' .. value:gsub('["\\]', "\\%0"):gsub("[\0-\31]", function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

-- A number of a series; JSON has no NaN and no infinities.
local function point(value)
  if value ~= value then return '"NaN"' end
  if value == math.huge then return '"Infinity"' end
  if value == -math.huge then return '"-Infinity"' end
  return ("%.17g"):format(value):gsub(",", ".") .. "" -- a host program may have set a locale with a decimal comma
end

-- The same as a property or parameter.
local function tagged(value)
  local found = point(value)
  return found:find('"') and '{"$float": ' .. found .. "}" or found
end

-- The moment in UTC; os.time() counts whole seconds since 1970.
local function now() return os.date("!%Y-%m-%dT%H:%M:%SZ") end

-- the experiment ------------------------------------------------------------------------------------------------------

-- The mean square of the errors, and its derivatives by slope and intercept.
local function fit(rows, slope, intercept)
  local loss, by_slope, by_intercept = 0.0, 0.0, 0.0
  for _, row in ipairs(rows) do
    local err = slope * row.length + intercept - row.width
    loss = loss + err * err
    by_slope = by_slope + 2 * err * row.length
    by_intercept = by_intercept + 2 * err
  end
  return loss / #rows, by_slope / #rows, by_intercept / #rows
end

-- The curve of the finite losses as SVG, on a logarithmic axis.
local function drawn(losses)
  local logs = {}
  for _, loss in ipairs(losses) do
    if loss - loss == 0 then logs[#logs + 1] = math.log(loss, 10) end
  end
  local low, high = math.min(table.unpack(logs)), math.max(table.unpack(logs))
  local points = {}
  for i, height in ipairs(logs) do
    points[i] = ("%.2f,%.2f"):format(300 * (i - 1) / #logs, 10 + 180 * (high - height) / (high - low))
  end
  return '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><polyline points="'
    .. table.concat(points, " ") .. '" fill="none" stroke="black"/></svg>\n'
end

local function save(path, content)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(content))
end

local function sha256(path)
  local pipe <close> = assert(io.popen("sha256sum < '" .. path:gsub("'", "'\\''") .. "'"))
  return pipe:read(64)
end

local variant, data, folder = table.unpack(arg)
local train, held_out = {}, {}
local index = -1 -- the header
for line in io.lines(data) do
  if index >= 0 then
    local length, width = line:match("^[^,]*,[^,]*,([^,]*),([^,]*)")
    local part = index % 5 == 0 and held_out or train
    part[#part + 1] = { length = tonumber(length), width = tonumber(width) }
  end
  index = index + 1
end
local rate, epochs = 0.02, 100
if variant == "diverge" then rate, epochs = 10.0, 150 end

local id = "lua-" .. variant
local begin = table.concat({
  '"runjson": "1.0", "project": "languages", "id": ' .. text(id),
  '"name": ' .. text("Petals of irises in Lua: " .. variant) .. ', "started_at": ' .. text(now()),
  '"tags": ["languages", ' .. text('say "hi" \\ 🦉\n\a') .. "]",
  '"parameters": {"rate": ' .. tagged(rate) .. ', "epochs": ' .. epochs .. ', "big": ' .. 9007199254740993
    .. ', "note": ' .. text('He said: "5 \\ 3"\n\tnaïve 🦉 \1') .. "}",
  '"source": {"language": "Lua", "script": "iris.lua"}',
  '"environment": {"version": ' .. text(_VERSION) .. "}",
}, ",\n ")

local stream = assert(io.open(folder .. "/" .. id .. ".run.jsonl", "wb"))
local function put(members)
  stream:write("{" .. members .. "}\n")
  stream:flush()
end

-- Each series keeps its values, steps and times for the document, as they were printed.
local columns = {}
local function log(kind, series, value, step)
  local time = os.time()
  put(('"step": %d, "time": %d, "%s": {"%s": %s}'):format(step, time, kind, series, value))
  local column = columns[series] or { values = {}, steps = {}, times = {} }
  columns[series] = column
  table.insert(column.values, value)
  table.insert(column.steps, step)
  table.insert(column.times, time)
end

local function column(series)
  local lists = {}
  for i, name in ipairs { "values", "steps", "times" } do
    lists[i] = ('"%s": [%s]'):format(name, table.concat(columns[series][name], ", "))
  end
  return ('"%s": {%s}'):format(series, table.concat(lists, ", "))
end

put((begin:gsub("\n", "")) .. ', "status": "running"')
local slope, intercept, losses = 0.0, 0.0, {}
local succeeded, message = pcall(function()
  for epoch = 1, epochs do
    local loss, by_slope, by_intercept = fit(train, slope, intercept)
    log("series", "train/loss", point(loss), epoch)
    losses[epoch] = loss
    if epoch % 10 == 0 then
      log("series", "validation/loss", point((fit(held_out, slope, intercept))), epoch)
      log("text", "log", text(("epoch %d: loss %.6g"):format(epoch, loss)), epoch)
    end
    if variant == "fail" and epoch == 50 then assert(io.open(folder .. "/no-such-checkpoint", "rb")) end
    slope = slope - rate * by_slope
    intercept = intercept - rate * by_intercept
  end
end)
local last
if succeeded then
  local model, path = ("%.17g %.17g\n"):format(slope, intercept), folder .. "/" .. id .. "-model.txt"
  save(folder .. "/" .. id .. "-loss.svg", drawn(losses))
  save(path, model)
  last = '"status": "succeeded", "properties": {"slope": ' .. tagged(slope) .. ', "intercept": ' .. tagged(intercept)
    .. '}, "images": {"loss": {"path": "' .. id .. '-loss.svg", "media_type": "image/svg+xml"}}, '
    .. ('"artifacts": {"model": {"path": "%s-model.txt", "bytes": %d, "sha256": "%s"}}')
      :format(id, #model, sha256(path))
else
  last = '"status": "failed", "error": {"type": "error", "message": ' .. text(message) .. "}"
end
last = last .. ', "ended_at": ' .. text(now())
put(last)
stream:close()

save(folder .. "/" .. id .. ".run.json", "{" .. table.concat({
  begin, '"series": {' .. column("train/loss") .. ", " .. column("validation/loss") .. "}",
  '"text": {' .. column("log") .. "}", last,
}, ",\n ") .. "}\n")
os.exit(succeeded)
