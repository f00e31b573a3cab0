import { createHash } from 'node:crypto';

/**
 * The two scripts. Both read the server's own clock, so replicas with wrong clocks still agree; both run as one step.
 *
 * A rate bucket is one string: the microsecond at which it will be empty. Microseconds count from 2026 and not from
 * 1970, because Lua has only floating point and close to zero it still resolves a hundredth of one.
 * A budget is `<period>:<used>`. Both expire by themselves when they are worthless.
 */
export interface Script {
  readonly source: string;
  /** SHA-1 in hexadecimal, the name by which the server remembers it. */
  readonly sha: string;
}

const EPOCH_2026_S = 1_767_225_600;

/** Periods of the calendar, as in `calendar.ts`: `kind` is 1 for days and 2 for months. */
export const PERIODS_LUA = `
local function days_before(year, month)
  local y = month <= 2 and year - 1 or year
  local era = math.floor(y / 400)
  local yoe = y - era * 400
  local doy = math.floor((153 * ((month + 9) % 12) + 2) / 5)
  return era * 146097 + yoe * 365 + math.floor(yoe / 4) - math.floor(yoe / 100) + doy - 719468
end
local function period_at(kind, seconds)
  local day = math.floor(seconds / 86400)
  if kind == 1 then return day end
  local month = math.floor(day / 30.436875)
  while days_before(1970 + math.floor((month + 1) / 12), (month + 1) % 12 + 1) <= day do month = month + 1 end
  while days_before(1970 + math.floor(month / 12), month % 12 + 1) > day do month = month - 1 end
  return month
end
local function end_of(kind, period)
  if kind == 1 then return (period + 1) * 86400 end
  return days_before(1970 + math.floor((period + 1) / 12), (period + 1) % 12 + 1) * 86400
end
`;

const READ_AND_WRITE = `
local function budget(kind, text, seconds)
  local period = period_at(kind, seconds)
  if not text then return period, 0 end
  local saved, used = string.match(text, '^(-?%d+):(.+)$')
  saved = tonumber(saved)
  used = tonumber(used)
  if not saved or not used then error('not a budget') end
  if saved > period then return saved, used end
  if saved < period then return period, 0 end
  return period, used
end
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = (seconds - ${EPOCH_2026_S}) * 1000000 + tonumber(time[2])
local function debt_of(text, most)
  if not text then return 0 end
  local empty_at = tonumber(text)
  if not empty_at then error('not a bucket') end
  return math.max(0, math.min(empty_at - now, most))
end
local function save_rate(key, debt)
  redis.call('SET', key, string.format('%.3f', now + debt), 'PX', math.ceil(debt / 1000) + 1)
end
local function save_budget(key, kind, period, used)
  local left = math.max(end_of(kind, period) - seconds, 1)
  redis.call('SET', key, string.format('%.0f:%.17g', period, used), 'PX', left * 1000)
end
`;

/*
 * Per key five arguments: kind (0 rate, 1 day, 2 month), units charged, units that fit in (rounding included), microseconds per unit or 0,
 * units at most in use; a shadow rule has its kind plus 10.
 * Reply: 1 or 0, then for each key a triple: fits (1 or 0), microseconds of debt or units in use as text, and for a budget
 * `<period>:<seconds until its end>`.
 */
const TAKE = `${PERIODS_LUA}${READ_AND_WRITE}
local texts = redis.call('MGET', unpack(KEYS))
local count = #KEYS
local reply = {1}
local after = {}
local periods = {}
for i = 1, count do
  local a = i * 5 - 5
  local kind = tonumber(ARGV[a + 1])
  local cost = tonumber(ARGV[a + 2])
  local capacity = tonumber(ARGV[a + 3])
  local unit = tonumber(ARGV[a + 4])
  local shadow = kind >= 10
  if shadow then kind = kind - 10 end
  local before, next, room
  if kind == 0 then
    before = debt_of(texts[i], tonumber(ARGV[a + 5]) * unit)
    next = before + cost * unit
    room = capacity * unit
  else
    periods[i], before = budget(kind, texts[i], seconds)
    next = before + cost
    room = capacity
  end
  local fits = next <= room
  if not fits and not shadow then reply[1] = 0 end
  reply[i * 3 - 1] = fits and 1 or 0
  reply[i * 3] = before
  after[i] = next
end
for i = 1, count do
  local kind = tonumber(ARGV[i * 5 - 4]) % 10
  local level = reply[i * 3]
  if reply[1] == 1 and reply[i * 3 - 1] == 1 then
    level = after[i]
    if tonumber(ARGV[i * 5 - 3]) > 0 then
      if kind == 0 then save_rate(KEYS[i], level) else save_budget(KEYS[i], kind, periods[i], level) end
    end
  end
  if kind == 0 then
    reply[i * 3] = string.format('%.3f', level)
    reply[i * 3 + 1] = 0
  else
    reply[i * 3] = string.format('%.17g', level)
    reply[i * 3 + 1] = string.format('%.0f:%.0f', periods[i], end_of(kind, periods[i]) - seconds)
  end
end
return reply
`;

/* Per key five arguments: kind, units to add or give back, unused or the period charged, microseconds per unit, units at most. */
const ADJUST = `${PERIODS_LUA}${READ_AND_WRITE}
local texts = redis.call('MGET', unpack(KEYS))
for i = 1, #KEYS do
  local a = i * 5 - 5
  local kind = tonumber(ARGV[a + 1]) % 10
  local delta = tonumber(ARGV[a + 2])
  local unit = tonumber(ARGV[a + 4])
  if kind == 0 then
    local most = tonumber(ARGV[a + 5]) * unit
    local debt = math.max(0, math.min(debt_of(texts[i], most) + delta * unit, most))
    if debt > 0 then save_rate(KEYS[i], debt) else redis.call('DEL', KEYS[i]) end
  else
    local period, used = budget(kind, texts[i], seconds)
    if delta > 0 or period == tonumber(ARGV[a + 3]) then
      save_budget(KEYS[i], kind, period, math.max(used + delta, 0))
    end
  end
end
return 1
`;

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

export const takeScript = script(TAKE);
export const adjustScript = script(ADJUST);
