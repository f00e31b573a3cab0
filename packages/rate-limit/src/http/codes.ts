/**
 * The JSON-RPC error codes of refusals, in the one place where they would change. MCP has no code for a rate limit:
 * SEP-3304 proposes -32023, and codes from -32020 to -32099 are for the specification alone. Until it is final these are
 * outside the reserved range of JSON-RPC and equal to the HTTP status that says the same.
 */
export const RATE_LIMITED = 429;
export const OVERLOADED = 503;
