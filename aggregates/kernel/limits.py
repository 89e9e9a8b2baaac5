"""Every limit, with its reason. Served at `GET /v1/limits`; a test asserts each is enforced."""

from __future__ import annotations

BODY_BYTES_MAX = 1_000_000  # a 500-line cart with names is 100 kB; ten times that is a mistake
BATCH_BODY_BYTES_MAX = 4_000_000  # what Segment-compatible clients send at most, with slack
BATCH_MESSAGES_MAX = 500  # bounds one request's share of the writer
MESSAGE_BYTES_MAX = 32_000  # Segment's own limit for one message
CATALOG_PRODUCTS_MAX = 1_000  # one upsert stays well under the body limit
CART_LINES_MAX = 500  # pricing cost grows with rules times lines
QUANTITY_MAX = 100_000  # above it, quantity times price leaves exact 64-bit sums
QUANTITY_PLACES_MAX = 4  # weights and lengths sold by the tenth of a gram or millimetre
AMOUNT_MINOR_MAX = 10**12  # ten billion dollars: above it, a typing error
SIGNIFICANT_DIGITS_MAX = 15  # what an IEEE double carries without doubt
COUPONS_MAX = 20  # per request; how many apply is a site setting
JSON_DEPTH_MAX = 32  # parsers recurse; deeper is never data
TREE_DEPTH_MAX = 8  # what an author can still read
TREE_LEAVES_MAX = 200  # durable_rules holds 200 flat leaves (notes: 16 groups, 64 siblings)
STRING_LENGTH_MAX = 1_024  # names, codes, attribute values
HTML_LENGTH_MAX = 64_000  # one content block
IN_LIST_MAX = 1_000  # values of one `in` list
LIVE_RULES_MAX = 5_000  # measured: 5,000 rules decide in about 5 ms
LIVE_SEGMENTS_MAX = 500  # every decision evaluates all of them
LIVE_BLOCKS_MAX = 500  # as segments
LIVE_SLOTS_MAX = 500  # a slot without a block of its own shows nothing
SHARD_RULES_MAX = 250  # create_ruleset holds the GIL 16-27 ms for 250 rules
SHARD_LITERALS_MAX = 240  # durable_rules dies at 254 properties of a fact; ours are counted before
OCCURRED_YEARS_BACK_MAX = 10  # imports of order history; older is a clock fault
OCCURRED_AHEAD_MAX_S = 300  # client clocks drift; further ahead is flagged
WRITER_QUEUE_MAX = 2_000  # units waiting; beyond it the answer would come too late: 503
WRITER_BATCH_UNITS_MAX = 256  # one commit stays under about 20 ms
WRITER_BATCH_BYTES_MAX = 1_000_000  # the same, by size
MIN_POSITION_WAIT_S = 2.0  # longest wait of `min_position` before 503
IDEMPOTENCY_HOURS = 24  # how long an answer is kept for a repeated key
IDEMPOTENCY_KEY_LENGTH_MAX = 255  # a UUID has 36; longer ones carry data
PAGE_LIMIT_MAX = 200  # items of one list page
PAGE_LIMIT_DEFAULT = 50  # one screen of a list
HISTORY_DAYS_MAX = 400  # a year and a month, for "same month last year"
PRIORITY_MAX = 65_000  # rule priorities, as Adobe's sort order
COLLECT_KEY_PER_S = 500  # requests of one public key and process: a busy shop's pages
COLLECT_KEY_BURST = 2_000  # a campaign's first seconds
COLLECT_ANONYMOUS_PER_S = 10  # messages of one browser: a person does less
COLLECT_ANONYMOUS_BURST = 600  # a minute's worth kept while offline
SPOOL_BYTES_MAX = 1_000_000_000  # a streamed import under an Idempotency-Key waits on disk
