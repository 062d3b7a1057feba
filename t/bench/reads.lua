-- What wrk asks for, and one line of what it measured. Arguments: a pattern of
-- paths, how many users there are, and a file with an ETag for each of the
-- first users ("-": none). In the pattern %d is a random user, %s a hundred of
-- them.
local pattern, users, tags = "/", 1, {}

function init(args)
    pattern, users = args[1], tonumber(args[2])
    if args[3] ~= "-" then
        for line in io.lines(args[3]) do tags[#tags + 1] = line end
        users = #tags
    end
    math.randomseed(1)
end

local function path_of(user)
    if pattern:find("%s", 1, true) then
        local ids = {} -- no one twice
        for i = 1, 100 do
            ids[i] = string.format("%07d", (user + i * 7919) % users + 1)
        end
        return (pattern:gsub("%%s", table.concat(ids, ",")))
    end
    return (pattern:gsub("%%(0?%d*)d", function(width)
        return string.format("%" .. width .. "d", user)
    end))
end

local tail = " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
local is_fixed

function request()
    if is_fixed == nil then is_fixed = not pattern:find("%", 1, true) end
    if is_fixed then return "GET " .. pattern .. tail end
    local user = math.random(users)
    if tags[user] then
        return "GET " .. path_of(user) .. " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            .. "If-None-Match: " .. tags[user] .. "\r\n\r\n"
    end
    return "GET " .. path_of(user) .. tail
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("measured %d %d %d %d %d %d\n", summary.requests,
        summary.duration, latency:percentile(50), latency:percentile(99),
        errors.status, errors.connect + errors.read + errors.write
            + errors.timeout))
end
