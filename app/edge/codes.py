"""What each code of a problem means, for `/docs/problems`. A code never changes its meaning.

A test reads the source for codes that are raised and finds each of them here.
"""

from __future__ import annotations

MEANINGS: dict[str, str] = {
    # Keys and allowances
    "missing_key": "No key was sent. Send it as `Authorization: Bearer <key>`.",
    "unknown_scheme": "Authorization is not Bearer, or not Basic on an event route.",
    "invalid_key": "The key is unknown, revoked or unreadable.",
    "missing_scope": "The key is valid and lacks the scope of this route.",
    "unknown_scope": "A new key names a scope that does not exist.",
    "key_unknown": "No key of this site has this id.",
    "own_key": "A key cannot revoke itself.",
    "too_many_requests": "The allowance of this key or browser is used up; see Retry-After.",
    # Reading a request
    "no_such_route": "There is nothing at this path.",
    "method_not_allowed": "The path exists and takes other methods; see Allow.",
    "malformed_json": "The body is not JSON; the detail says where.",
    "not_json_number": "The body holds NaN or Infinity, which JSON does not have.",
    "number_out_of_range": "A number is larger than a double holds.",
    "lone_surrogate": "A string holds half of a surrogate pair.",
    "not_utf8": "The body is not UTF-8.",
    "malformed_gzip": "The body is not the gzip that its Content-Encoding says.",
    "unsupported_encoding": "The body's Content-Encoding is not gzip.",
    "body_cut_short": "The body ended before its Content-Length.",
    "body_too_large": "The body is longer than the route takes; `limit` says how long.",
    "invalid_header": "A header cannot be read.",
    "invalid_input": "The document is readable and wrong in the places of `errors`.",
    "invalid_limit": "`limit` is not a number that a page can have.",
    "invalid_cursor": "The cursor is not one that this service gave.",
    "not_a_position": "A position is a whole number from 0 on.",
    # Values of a document
    "required": "The field is missing.",
    "not_null": "The field may be left out, not null.",
    "unknown_field": "No field has this name here.",
    "wrong_type": "The value is of another JSON type than the field takes.",
    "wrong_length": "The text or list has a length that the field does not take.",
    "too_long": "The text or list is longer than the field takes.",
    "too_short": "The text or list is shorter than the field takes.",
    "not_one_of": "The value is none of those the field takes.",
    "out_of_range": "The number is smaller or larger than the field takes.",
    "wrong_pattern": "The text does not look as the field needs it.",
    "invalid_value": "The value cannot be; the detail says why.",
    "nul_in_string": "A string holds the character NUL.",
    "too_deep": "The document nests deeper than is read.",
    "reserved_name": "The name is one that the service uses itself.",
    "not_money": "An amount is a decimal string such as 12.50.",
    "not_a_number": "A decimal is asked for.",
    "too_many_digits": "The amount has more digits than its currency, or than a number holds.",
    "negative_amount": "An amount is not negative here.",
    "amount_too_large": "The amount is beyond what any order is.",
    "unknown_currency": "The code is no currency of ISO 4217.",
    "invalid_site": "A site's name is 1 to 64 of a-z, 0-9 and hyphens.",
    "invalid_name": "The name is empty or too long.",
    # Repeating and reading one's own writes
    "invalid_idempotency_key": "An Idempotency-Key is 1 to 255 visible ASCII characters.",
    "idempotency_key_reused": "The Idempotency-Key was used before with another body.",
    "in_progress": "The first request with this Idempotency-Key is still running.",
    "not_caught_up": "`min_position` is not reached yet; `position` says how far it is.",
    # The service itself
    "site_unknown": "No site has this name.",
    "projection_unknown": "No followed projection has this name.",
    "not_ready": "A check of /readyz failed; `checks` says which.",
    "database_unavailable": "The database is down or locked. Nothing was written; try again.",
    "unexpected_error": "An error of the service. It is logged and nothing was half-done.",
}
