import { createHash } from 'node:crypto';

/**
 * The scripts. All read the server's own clock, so replicas with wrong clocks still agree; each runs as one step.
 *
 * A rate bucket is one number: the microsecond at which it will be empty. Microseconds count from 2026 and not from
 * 1970, because Lua has only floating point and close to zero it still resolves a hundredth of one.
 * A budget is `<period>:<used>`. Both expire by themselves when they are worthless.
 */
export interface Script {
  readonly source: string;
  /** SHA-1 in hexadecimal, the name by which the server remembers it. */
  readonly sha: string;
}

const EPOCH_2026_S = 1_767_225_600;

const CLOCK = `
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = (seconds - ${EPOCH_2026_S}) * 1000000 + time[2]
`;

/*
 * Rates that are all enforced, which is nearly every call: nothing in it but the arithmetic.
 * Per key three arguments, in microseconds: what is charged, what fits in, what may be in use at most.
 * Reply for each key: nanoseconds of debt afterwards; where the charge did not fit, -1 minus the debt. Something negative
 * means that nothing was charged.
 */
const TAKE_RATES = `${CLOCK}
local texts = redis.call('MGET', unpack(KEYS))
local count = #KEYS
local before, after, fits, allowed = {}, {}, {}, true
for i = 1, count do
  local debt = 0
  if texts[i] then
    debt = texts[i] - now
    local most = tonumber(ARGV[i * 3])
    if debt < 0 then debt = 0 elseif debt > most then debt = most end
  end
  before[i] = debt
  debt = debt + ARGV[i * 3 - 2]
  after[i] = debt
  if debt > tonumber(ARGV[i * 3 - 1]) then allowed = false else fits[i] = true end
end
for i = 1, count do
  if allowed then
    if after[i] > before[i] then
      redis.call('SET', KEYS[i], now + after[i], 'PX', math.floor(after[i] / 1000) + 2)
    end
    after[i] = after[i] * 1000
  elseif fits[i] then
    after[i] = before[i] * 1000
  else
    after[i] = -1 - before[i] * 1000
  end
end
return after
`;

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
local function debt_of(text, most)
  if not text then return 0 end
  return math.max(0, math.min(text - now, most))
end
local function budget(kind, text)
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
local function save_rate(key, debt)
  redis.call('SET', key, now + debt, 'PX', math.floor(debt / 1000) + 2)
end
local function save_budget(key, kind, period, used)
  local left = math.max(end_of(kind, period) - seconds, 1)
  redis.call('SET', key, string.format('%.0f:%.17g', period, used), 'PX', left * 1000)
end
`;

/*
 * Anything else: budgets, and rules in shadow mode.
 * Per key five arguments: kind (0 rate, 1 day, 2 month; plus 10 in shadow mode), and then, in microseconds for a rate and in
 * units for a budget, what is charged, what fits in, and for a rate what may be in use at most; the fifth is not used.
 * Reply: 1 or 0, then for each key a triple: fits (1 or 0), microseconds or units in use as text, and for a budget
 * `<period>:<seconds until its end>`.
 */
const TAKE = `${CLOCK}${PERIODS_LUA}${READ_AND_WRITE}
local texts = redis.call('MGET', unpack(KEYS))
local count = #KEYS
local reply = {1}
local after, periods = {}, {}
for i = 1, count do
  local a = i * 5 - 5
  local kind = tonumber(ARGV[a + 1])
  local shadow = kind >= 10
  if shadow then kind = kind - 10 end
  local before
  if kind == 0 then
    before = debt_of(texts[i], tonumber(ARGV[a + 4]))
  else
    periods[i], before = budget(kind, texts[i])
  end
  local fits = before + ARGV[a + 2] <= tonumber(ARGV[a + 3])
  if not fits and not shadow then reply[1] = 0 end
  reply[i * 3 - 1] = fits and 1 or 0
  reply[i * 3] = before
  after[i] = before + ARGV[a + 2]
end
for i = 1, count do
  local kind = tonumber(ARGV[i * 5 - 4]) % 10
  local level = reply[i * 3]
  if reply[1] == 1 and reply[i * 3 - 1] == 1 and after[i] > level then
    level = after[i]
    if kind == 0 then save_rate(KEYS[i], level) else save_budget(KEYS[i], kind, periods[i], level) end
  end
  reply[i * 3] = string.format('%.17g', level)
  reply[i * 3 + 1] = kind == 0 and 0 or string.format('%.0f:%.0f', periods[i], end_of(kind, periods[i]) - seconds)
end
return reply
`;

/*
 * Per key five arguments: kind, what is added or given back (microseconds or units), not used, for a rate what may be in use
 * at most, for a budget the period that was charged.
 */
const ADJUST = `${CLOCK}${PERIODS_LUA}${READ_AND_WRITE}
local texts = redis.call('MGET', unpack(KEYS))
for i = 1, #KEYS do
  local a = i * 5 - 5
  local kind = tonumber(ARGV[a + 1]) % 10
  local delta = tonumber(ARGV[a + 2])
  if kind == 0 then
    local most = tonumber(ARGV[a + 4])
    local debt = math.max(0, math.min(debt_of(texts[i], most) + delta, most))
    if debt > 0 then save_rate(KEYS[i], debt) else redis.call('DEL', KEYS[i]) end
  else
    local period, used = budget(kind, texts[i])
    if delta > 0 or period == tonumber(ARGV[a + 5]) then
      save_budget(KEYS[i], kind, period, math.max(used + delta, 0))
    end
  end
end
return 1
`;

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

export const takeRatesScript = script(TAKE_RATES);
export const takeScript = script(TAKE);
export const adjustScript = script(ADJUST);
